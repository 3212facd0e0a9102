"""The assurance section as jobs. Pure: the same arguments give the same nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from mofang.assurance.config import AssuranceConfig
from mofang.assurance.prepare import Given, Prepared
from mofang.compute.graph import Node, Refs
from mofang.compute.kinds import JobKind, register_kind
from mofang.evidence.digest import canonical, sha256_bytes
from mofang.evidence.figures import register_metric

TASKS = "mofang.assurance.tasks"

for _kind in (
    JobKind("assurance.given", 1, "pure", f"{TASKS}:take_given", ("given",)),
    JobKind("assurance.declare", 1, "pure", f"{TASKS}:declare_project", ("project",)),
    JobKind("assurance.draw", 1, "pure", f"{TASKS}:draw_questions", ("questions",)),
    JobKind("assurance.catalogue", 1, "pure", f"{TASKS}:catalogue", ("catalogue",)),
    JobKind("assurance.ask", 1, "observed", f"{TASKS}:ask_service", ("answers",)),
    JobKind("assurance.judge", 1, "pure", f"{TASKS}:judge_answers", ("verdicts",)),
    JobKind("assurance.sample_corpus", 1, "pure", f"{TASKS}:draw_records", ("sample", "frame")),
    JobKind("assurance.check_corpus", 1, "pure", f"{TASKS}:judge_records", ("verdicts",)),
    JobKind(
        "assurance.conclude",
        1,
        "pure",
        f"{TASKS}:conclude",
        ("findings", "figures", "conclusions", "results"),
    ),
):
    register_kind(_kind)

for _metric in (
    "pass_rate",
    "refusal_rate",
    "question_count",
    "keyword_count",
    "days_since_update",
    "document_attached",
    "clauses_without_result",
    "conclusion_count",
):
    register_metric(_metric, 1, f"mofang.assurance.metrics:{_metric}")


def plan(
    config: AssuranceConfig,
    prepared: Prepared,
    *,
    endpoint: Mapping[str, Any],
    identity: Mapping[str, Any],
    service: Mapping[str, Any],
    project: Mapping[str, Any],
    as_of: str,
    budget: Mapping[str, int | None] | None = None,
    role: str | None = None,
    published: Sequence[str] = (),
    dataset: str | None = None,
    ledger_counts: str | None = None,
    lexicon: str | None = None,
) -> list[Node]:
    """The nodes of an assessment, ``assurance.given/…`` to ``assurance.conclude``.

    ``prepared`` comes from :func:`mofang.assurance.prepare.prepare`. ``endpoint`` is the EndpointConfig on
    the wire: the asking task alone sees it. ``identity`` is the endpoint's Identity on the wire; it enters
    the key of the answers, and below ``weights`` so does the assessment, since such answers hold within one
    assessment only. ``service`` and ``project`` stand in the findings as they are. ``budget`` caps calls,
    tokens and minutes and enters no key. ``role`` is the corpus's role; ``published``, ``dataset``,
    ``ledger_counts`` and ``lexicon`` are output references of the corpus's nodes
    (``"corpus.publish/S:published"``, ``"corpus.manifest:dataset"``, …).
    """
    banks = tuple(f"assurance.given/bank/{bank.name}:given" for bank, _given in prepared.banks)
    lexicons: dict[str, Refs] = {} if lexicon is None else {"lexicon": lexicon}
    catalogues: dict[str, Refs] = {
        f"bank/{bank.name}": ref for (bank, _given), ref in zip(prepared.banks, banks, strict=True)
    }
    catalogues |= {"questions": "assurance.draw:questions", **lexicons}
    nodes = _given(prepared)
    nodes += _questions(config, prepared, banks, endpoint, identity, budget or {}, lexicons)
    corpus: dict[str, Refs] = {}
    if published:
        nodes += _corpus(prepared, published, lexicons)
        corpus = {
            "corpus_sample": "assurance.sample_corpus:sample",
            "frame": "assurance.sample_corpus:frame",
            "corpus_verdicts": "assurance.check_corpus:verdicts",
        }
    if dataset is not None and ledger_counts is not None:
        corpus |= {"dataset": dataset, "ledger_counts": ledger_counts}
    declared = {
        "as_of": as_of,
        "assessment": config.assessment,
        "service": dict(service),
        "facts": asdict(config.path),
        "role": role,
        "draws": [dict(draw) for draw in prepared.draws],
        "banks": [bank.wire() for bank, _given in prepared.banks],
        "judges": judge_identities(),
    }
    inputs: dict[str, Refs] = {
        "standard": "assurance.given/standard:given",
        "project": "assurance.declare:project",
        "attachments": "assurance.given/attachments:given",
        "banks": tuple(f"assurance.catalogue/bank/{bank.name}:catalogue" for bank, _given in prepared.banks),
        "questions": "assurance.catalogue/questions:catalogue",
        "answers": "assurance.ask:answers",
        "verdicts": "assurance.judge:verdicts",
        **({name: f"assurance.catalogue/{name}:catalogue" for name in lexicons}),
        **corpus,
    }
    # Names and contacts are an artifact, not parameters: statements stay, and hold no text.
    about = {"digest": sha256_bytes(canonical(dict(project)))}
    nodes.append(Node("assurance.declare", "assurance.declare", about, locations={"project": dict(project)}))
    nodes += [
        Node(f"assurance.catalogue/{name}", "assurance.catalogue", {}, {"of": ref})
        for name, ref in catalogues.items()
    ]
    return [*nodes, Node("assurance.conclude", "assurance.conclude", declared, inputs)]


def judge_identities() -> dict[str, str]:
    """The judges by name with the digest of how they decide: another judge is another job."""
    from mofang.assurance.judging import judges

    return {name: str(identity) for name, identity in judges().items()}


def _given(prepared: Prepared) -> list[Node]:
    given: dict[str, Given] = {"standard": prepared.standard, "attachments": prepared.attachments}
    given |= {f"bank/{bank.name}": stored for bank, stored in prepared.banks}
    return [Node(f"assurance.given/{name}", "assurance.given", one.wire()) for name, one in given.items()]


def _questions(
    config: AssuranceConfig,
    prepared: Prepared,
    banks: tuple[str, ...],
    endpoint: Mapping[str, Any],
    identity: Mapping[str, Any],
    budget: Mapping[str, int | None],
    lexicon: Mapping[str, Refs],
) -> list[Node]:
    drawn: dict[str, Refs] = {"questions": "assurance.draw:questions"}
    asked: dict[str, Any] = {"identity": dict(identity)}
    if identity["level"] != "weights":
        asked["assessment"] = config.assessment
    return [
        Node("assurance.draw", "assurance.draw", _seeded(prepared), {"banks": banks}),
        Node(
            "assurance.ask",
            "assurance.ask",
            asked,
            drawn,
            {"endpoint": dict(endpoint), "budget": dict(budget)},
        ),
        Node(
            "assurance.judge",
            "assurance.judge",
            {"judges": judge_identities()},
            {**drawn, "answers": "assurance.ask:answers", **lexicon},
        ),
    ]


def _corpus(prepared: Prepared, published: Sequence[str], lexicon: Mapping[str, Refs]) -> list[Node]:
    sampled: dict[str, Refs] = {"sample": "assurance.sample_corpus:sample"}
    return [
        Node(
            "assurance.sample_corpus",
            "assurance.sample_corpus",
            _seeded(prepared),
            {"published": tuple(published)},
            tolerant=True,
        ),
        Node(
            "assurance.check_corpus",
            "assurance.check_corpus",
            {"judges": judge_identities()},
            {**sampled, **lexicon},
        ),
    ]


def _seeded(prepared: Prepared) -> dict[str, Any]:
    made = prepared.commitment
    return {"seed": made.seed, "plan": dict(made.plan)}
