"""The inspection of the banks as a job. Pure: the same arguments give the same nodes.

assurance.inspect    banks, questions?, answers?, replies?, published? -> inspection, pairs, leaks, lookups
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mofang.assurance.judges import refusal
from mofang.compute.graph import Node, Refs
from mofang.compute.kinds import JobKind, register_kind
from mofang.evidence.figures import register_metric

register_kind(
    JobKind(
        "assurance.inspect",
        1,
        "pure",
        "mofang.assurance.banks.tasks:inspect_banks",
        ("inspection", "pairs", "leaks", "lookups"),
    )
)

for _metric in (
    "near_duplicate_count",
    "leaked_question_count",
    "lookup_count",
    "pass_rate_without",
    "refusal_rate_without",
):
    register_metric(_metric, 1, f"mofang.assurance.banks.metrics:{_metric}")

THRESHOLDS: Mapping[str, str] = {"alike": "0.60", "leaked": "0.50"}
"""From which share on two questions are near-duplicates, and a question stands in the corpus."""


def plan_inspection(
    banks: Sequence[str],
    *,
    questions: str | None = None,
    answers: Sequence[str] = (),
    replies: str | None = None,
    published: Sequence[str] = (),
    thresholds: Mapping[str, str] | None = None,
) -> list[Node]:
    """The node ``assurance.inspect``.

    ``banks``: references of the banks as given. ``questions`` and ``answers``: the draw and what was answered to it,
    one reference per target; without them nothing is said of look-up. ``replies``: the declared curated replies.
    ``published``: the corpus's published tables; a shard that could not be made is named in the inspection.
    ``thresholds`` overrides THRESHOLDS, decimal strings."""
    given: dict[str, Refs | None] = {
        "banks": tuple(banks),
        "questions": questions,
        "answers": tuple(answers),
        "replies": replies,
        "published": tuple(published),
    }
    inputs: dict[str, Refs] = {name: refs for name, refs in given.items() if refs}
    # Refusals are no look-up: other rules of refusal are another inspection.
    params = {"thresholds": {**THRESHOLDS, **(thresholds or {})}, "refusal": refusal.identity()}
    return [Node("assurance.inspect", "assurance.inspect", params, inputs, tolerant=bool(published))]
