"""The fact tables of the report: who, what was assessed, and what the corpus is to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mofang.assurance.dossier.wording import Wording, both, joined
from mofang.assurance.phrases import say
from mofang.evidence.digest import Digest
from mofang.i18n import Text

PROVIDER = ("uscc", "product", "service", "address", "contact")


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a fact table; ``code`` marks digests and names that are set in a fixed-width face."""

    label: Text
    value: Text
    code: bool = False


def project_facts(findings: Mapping[str, Any], digest: Digest, words: Wording) -> tuple[Fact, ...]:
    """Project, provider, standard, declared date and the findings themselves."""
    project, standard = findings.get("project") or {}, findings["standard"]
    provider = project.get("provider") or {}
    number = " ".join(str(standard[name]) for name in ("number", "id", "version") if standard.get(name))
    return _filled(
        Fact(words["project"], both(project.get("title") or project.get("name"))),
        Fact(words["provider"], both(provider.get("name"))),
        *(Fact(words[name], both(provider.get(name))) for name in PROVIDER),
        Fact(words["standard"], joined([both(standard["title"]), both(f"({number})")], " ", " ")),
        Fact(words["as_of"], both(findings["as_of"])),
        Fact(words["draw"], both(findings.get("assessment"))),
        Fact(words["findings"], both(digest), code=True),
    )


def service_facts(findings: Mapping[str, Any], words: Wording) -> tuple[Fact, ...]:
    """The model that answered, how surely it is known, where it runs, how it was asked and judged."""
    service = findings.get("service") or {}
    identity, parameters = service.get("identity") or {}, service.get("parameters") or {}
    said = ", ".join(f"{name} {parameters[name]}" for name in sorted(parameters))
    judges = [words.term("judge", name) for name in findings.get("judges") or ()]
    return _filled(
        Fact(words["model"], both(service.get("model"))),
        Fact(words["version"], both(service.get("version"))),
        Fact(words["endpoint"], both(service.get("endpoint"))),
        Fact(words["identity_level"], words.term("identity", str(identity.get("level") or ""))),
        Fact(words["identity_digest"], both(identity.get("digest")), code=True),
        Fact(words["location"], words.term("location", str(service.get("location") or ""))),
        Fact(words["service_digest"], both(service.get("digest")), code=True),
        Fact(words["frozen_service"], _frozen(service.get("frozen"))),
        Fact(words["system_prompt"], both(service.get("system_prompt_digest")), code=True),
        Fact(words["parameters"], both(said), code=True),
        Fact(words["judges"], joined(judges, "、", ", ")),
    )


def corpus_facts(corpus: Mapping[str, Any], words: Wording) -> tuple[Fact, ...]:
    """The corpus's declared role, and the sources that could not be read."""
    left_out = ", ".join(corpus.get("left_out") or ())
    return _filled(
        Fact(words["corpus_role"], words.term("role", str(corpus.get("role") or "none"))),
        Fact(words["left_out"], {"zh": left_out, "en": left_out}),
    )


def _frozen(frozen: Mapping[str, Any] | None) -> Text:
    if frozen is None:
        return both(None)
    facts = {name: str(frozen[name]) for name in ("name", "as_of")}
    if not frozen["differs"]:
        return say("frozen_same", **facts)
    return say("frozen_differs", parts=", ".join(frozen["differs"]), **facts)


def _filled(*rows: Fact) -> tuple[Fact, ...]:
    return tuple(row for row in rows if row.value["zh"])
