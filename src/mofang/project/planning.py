"""The plan: every room's nodes, wired to one another. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from mofang.assurance.dossier.plan import plan_dossier
from mofang.assurance.plan import plan as plan_assurance
from mofang.compute.graph import Node, Refs
from mofang.corpus.plan import plan as plan_corpus
from mofang.evidence.digest import sha256_bytes
from mofang.project.file import Project
from mofang.project.identity import service_facts
from mofang.project.resolving import Assessment, Corpus, Resolved


def plan(resolved: Resolved) -> list[Node]:
    """Corpus, assessment and dossier of a resolved project, in the order of their dependence."""
    project = resolved.loaded.project
    nodes: list[Node] = []
    if resolved.corpus is not None:
        nodes += _corpus(project, resolved.corpus)
    if resolved.assessment is not None:
        nodes += _assessment(resolved, resolved.assessment)
        nodes += _dossier(resolved, resolved.assessment)
    return nodes


def _corpus(project: Project, corpus: Corpus) -> list[Node]:
    assert project.corpus is not None
    return plan_corpus(
        project.corpus,
        corpus.inventories,
        pii_key_id=sha256_bytes(corpus.hmac_key).hex[:16],
        hmac_key_hex=corpus.hmac_key.hex(),
        lexicon=corpus.lexicon,
        withdrawn=corpus.withdrawn.records,
        broken=corpus.broken,
    )


def _assessment(resolved: Resolved, assessment: Assessment) -> list[Node]:
    project, config = resolved.loaded.project, resolved.loaded.project.assurance
    assert config is not None
    endpoint, identity = project.models[config.model], assessment.identity
    corpus: dict[str, Any] = {}
    if resolved.corpus is not None and project.corpus is not None:
        corpus = {
            "role": project.corpus.role,
            "published": [f"corpus.publish/{one.source.id}:published" for one in resolved.corpus.inventories],
            "dataset": "corpus.manifest:dataset",
            "ledger_counts": "corpus.manifest:ledger_counts",
            "lexicon": None if resolved.corpus.lexicon is None else "corpus.lexicon:lexicon",
        }
    return plan_assurance(
        config,
        assessment.prepared,
        endpoint=endpoint.wire(),
        identity={"level": identity.level, "digest": identity.digest},
        service=service_facts(endpoint, identity),
        project=project_facts(project),
        as_of=project.as_of,
        budget=asdict(project.budget),
        **corpus,
    )


def _dossier(resolved: Resolved, assessment: Assessment) -> list[Node]:
    banks = assessment.prepared.banks
    inputs: dict[str, Refs] = {
        "standard": "assurance.given/standard:given",
        "findings": "assurance.conclude:findings",
        "figures": "assurance.conclude:figures",
        "questions": "assurance.draw:questions",
        "answers": "assurance.ask:answers",
        "verdicts": ("assurance.judge:verdicts",),
        "banks": tuple(f"assurance.given/bank/{bank.name}:given" for bank, _given in banks),
        "catalogues": tuple(f"assurance.catalogue/bank/{bank.name}:catalogue" for bank, _given in banks),
    }
    if resolved.corpus is not None:
        inputs["verdicts"] = ("assurance.judge:verdicts", "assurance.check_corpus:verdicts")
        inputs["sample"] = "assurance.sample_corpus:sample"
    loaded = resolved.loaded
    return plan_dossier(
        assessment.pack.dossier,
        inputs,
        narrative=assessment.narrative,
        folder=str(loaded.folder / loaded.project.dossier.narrative),
        language="zh",
    )


def project_facts(project: Project) -> Mapping[str, Any]:
    """The project as the findings print it."""
    return {"name": project.name, "title": dict(project.title), "provider": asdict(project.provider)}
