"""The analysis as a job, and its metrics by name. Cheap to import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mofang.compute.graph import Node, Refs
from mofang.compute.kinds import JobKind, register_kind
from mofang.evidence.figures import register_metric

register_kind(
    JobKind(
        "assurance.analyse",
        1,
        "pure",
        "mofang.assurance.analysis.tasks:analyse_verdicts",
        ("analysis", "figures"),
    )
)

for _metric, _module in (
    ("kind_rates", "rates"),
    ("risk_bounds", "rates"),
    ("stratified_rate", "rates"),
    ("repeat_rates", "rates"),
    ("vote_pattern", "voices"),
    ("judge_confusion", "voices"),
    ("corrected_rate", "voices"),
    ("paired_change", "change"),
):
    register_metric(_metric, 1, f"mofang.assurance.analysis.{_module}:{_metric}")


def plan_analysis(
    *,
    standard: str,
    questions: str,
    answers: str,
    verdicts: Sequence[str],
    as_of: str,
    assessment: str,
    judges: Mapping[str, str],
    margin: str = "0.01",
    traffic: Mapping[str, str] | None = None,
    banks: Sequence[str] = (),
    alone: tuple[str, Sequence[str]] | None = None,
    guard: tuple[str, Sequence[str]] | None = None,
    inspection: str | None = None,
    inspected: Mapping[str, str] | None = None,
    suffix: str = "",
) -> list[Node]:
    """The node ``assurance.analyse``. All are output references (``"node:output"``).

    ``questions`` and ``banks`` are catalogues, so that every figure can be checked by somebody from whom the texts are
    withheld; ``verdicts`` one segment for each judge, people's among them. ``alone`` and ``guard``: answers and
    verdicts of those targets. ``judges`` names to identities, ``traffic`` risk to share (decimal strings). ``inspected``
    are the inspection's ``pairs``, ``leaks`` and ``lookups``. ``suffix`` tells
    apart analyses under several standards (``assurance.analyse/ID``)."""
    inputs: dict[str, Refs] = {
        "standard": standard,
        "questions": questions,
        "answers": answers,
        "verdicts": tuple(verdicts),
    }
    if banks:
        inputs["banks"] = tuple(banks)
    for name, target in (("alone", alone), ("guard", guard)):
        if target is not None:
            inputs |= {"answers_alone" if name == "alone" else "guard": target[0]}
            inputs |= {f"verdicts_{name}": tuple(target[1])}
    if inspection is not None:
        inputs |= {"inspection": inspection, **(inspected or {})}
    params: dict[str, Any] = {
        "as_of": as_of,
        "assessment": assessment,
        "traffic": dict(traffic or {}),
        "margin": margin,
        "judges": dict(judges),
    }
    name = f"assurance.analyse/{suffix}" if suffix else "assurance.analyse"
    return [Node(name, "assurance.analyse", params, inputs)]
