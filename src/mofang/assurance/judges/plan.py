"""The judges beside the rules as jobs: a model, people, the guard alone. Pure: same arguments, same nodes.

assurance.guard                questions, lexicon?, classifier?, answers_alone? -> answers, verdicts
assurance.ask_judge[/alone]    questions, answers, standard -> replies                      (observed)
assurance.read_judge[/alone]   questions, answers, replies -> verdicts, summary
assurance.people[/alone]       labels, questions, answers -> verdicts
assurance.people_corpus        labels, sample -> verdicts
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mofang.compute.graph import Node, Refs
from mofang.compute.kinds import JobKind, register_kind
from mofang.evidence.digest import Digest

TASKS = "mofang.assurance.judges.tasks"

for _kind in (
    JobKind("assurance.guard", 1, "pure", f"{TASKS}:guard_alone", ("answers", "verdicts")),
    JobKind("assurance.ask_judge", 1, "observed", f"{TASKS}:ask_judge", ("replies",)),
    JobKind("assurance.read_judge", 1, "pure", f"{TASKS}:read_judge", ("verdicts", "summary")),
    JobKind("assurance.people", 1, "pure", f"{TASKS}:people", ("verdicts",)),
    JobKind("assurance.people_corpus", 1, "pure", f"{TASKS}:people_corpus", ("verdicts",)),
):
    register_kind(_kind)


@dataclass(frozen=True, slots=True)
class ModelJudge:
    """A model that judges. ``endpoint``: its EndpointConfig on the wire, from
    :func:`~mofang.assurance.judges.model.judge_endpoint`; ``identity``: that endpoint's Identity (``level``, ``digest``);
    ``digest``: the judge's, rubric and prompt included (:func:`judge_identity`); ``relation``: how it is related to the
    judged service."""

    endpoint: Mapping[str, Any]
    identity: Mapping[str, Any]
    digest: Digest
    relation: str | None = None


@dataclass(frozen=True, slots=True)
class GuardParts:
    """What the guard alone consists of: references of the lexicon's rows and of the classifier's artifact, None for
    what it does not have."""

    lexicon: str | None = None
    classifier: str | None = None


def judge_identity(pack: Mapping[str, Any], endpoint: Digest) -> Digest:
    """The digest of a model as judge by the rubric of ``pack`` (on the wire); ``endpoint`` is the digest of the
    endpoint's identity."""
    from mofang.assurance.judges.canaries import canaries_digest
    from mofang.assurance.judges.model import identity
    from mofang.assurance.judges.rubric import rubric_of

    return identity(rubric_of(pack), endpoint, canaries_digest())


def judge_calls(answers: int) -> int:
    """Requests that a model as judge takes at most for so many answers, without second tries."""
    from mofang.assurance.judges.canaries import canaries

    return answers + len(canaries())


def plan_judges(
    *,
    questions: str,
    answers: Mapping[str, str],
    standard: str,
    assessment: str,
    model: ModelJudge | None = None,
    labels: str | None = None,
    sample: str | None = None,
    guard: GuardParts | None = None,
    budget: Mapping[str, int | None] | None = None,
    sealed: bool = False,
) -> list[Node]:
    """The nodes of the judges that there are.

    ``answers``: target (``service``, ``alone``) -> reference of its answers; the nodes of a target other than
    ``service`` end in its name. ``standard``, ``labels``, ``sample``: references of the pack, the list of labels and the
    corpus sample. ``sealed``: the judge's replies are sealed at rest."""
    nodes = [] if guard is None else [_guard(guard, questions, answers.get("alone"))]
    for target, ref in answers.items():
        read: dict[str, Refs] = {"questions": questions, "answers": ref}
        tail = "" if target == "service" else f"/{target}"
        if model is not None:
            nodes += _model(model, tail, read, standard, assessment, budget or {}, sealed)
        if labels is not None:
            nodes.append(_people(f"assurance.people{tail}", "assurance.people", {"labels": labels, **read}))
    if labels is not None and sample is not None:
        inputs: dict[str, Refs] = {"labels": labels, "sample": sample}
        nodes.append(_people("assurance.people_corpus", "assurance.people_corpus", inputs))
    return nodes


def _model(
    judge: ModelJudge,
    tail: str,
    read: Mapping[str, Refs],
    standard: str,
    assessment: str,
    budget: Mapping[str, int | None],
    sealed: bool,
) -> list[Node]:
    asked: dict[str, Any] = {"judge": judge.digest, "identity": dict(judge.identity)}
    if judge.identity["level"] != "weights":
        asked["assessment"] = assessment
    locations = {"endpoint": dict(judge.endpoint), "budget": dict(budget), "sealed": sealed}
    ask = f"assurance.ask_judge{tail}"
    told = {"judge": judge.digest, "relation": judge.relation}
    return [
        Node(ask, "assurance.ask_judge", asked, {**read, "standard": standard}, locations),
        Node(
            f"assurance.read_judge{tail}",
            "assurance.read_judge",
            told,
            {**read, "replies": f"{ask}:replies", "standard": standard},
        ),
    ]


def _people(name: str, kind: str, inputs: Mapping[str, Refs]) -> Node:
    from mofang.assurance.judges.people import identity

    return Node(name, kind, {"judge": identity()}, inputs)


def _guard(guard: GuardParts, questions: str, alone: str | None) -> Node:
    from mofang.assurance.judges.guard import identity

    optional = {"lexicon": guard.lexicon, "classifier": guard.classifier, "answers_alone": alone}
    inputs: dict[str, Refs] = {"questions": questions}
    inputs |= {name: ref for name, ref in optional.items() if ref is not None}
    return Node("assurance.guard", "assurance.guard", {"judge": identity()}, inputs)
