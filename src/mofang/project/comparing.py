"""Two assessments held against each other, question by question: another model, prompt or guard, the same bank."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mofang.assurance.statistics.proportion import threshold
from mofang.errors import MofangError
from mofang.evidence.digest import Digest
from mofang.evidence.figures import METRICS, Figure
from mofang.evidence.leaves import marked, read_leaves
from mofang.evidence.workspace import Workspace
from mofang.i18n import _
from mofang.project.freezing import differences
from mofang.project.wiring import wire

KIND = "assessments"
_PLACE = re.compile(r"(.+)@(-?\d+)")

Record = Mapping[str, Mapping[str, str]]
"""What a run made: node -> output -> digest."""


@dataclass(frozen=True, slots=True)
class Change:
    """One kind of question by one judge: the figures of the metric ``paired_change`` by field."""

    kind: str
    judge: str
    figures: Mapping[str, Figure]

    def wire(self) -> dict[str, Any]:
        fields = {name: {"value": one.value, "figure": one.id} for name, one in self.figures.items()}
        return {"kind": self.kind, "judge": self.judge, "figures": fields}


@dataclass(frozen=True, slots=True)
class Compared:
    """Two assessments: the parts of the service that differ, and what changed."""

    before: str
    after: str
    parts: tuple[str, ...]
    changes: tuple[Change, ...]

    def wire(self) -> dict[str, Any]:
        return {
            "before": self.before,
            "after": self.after,
            "service_differs": list(self.parts),
            "changes": [change.wire() for change in self.changes],
        }


def ref_name(assessment: str) -> str:
    """The name under which a run of this assessment is kept."""
    return re.sub(r"[/\\\0\n]", "-", assessment).lstrip(".") or "-"


def compare(ws: Workspace, before: str, after: str, *, margin: str) -> Compared:
    """``before`` and ``after`` name assessments; ``NAME@1`` is the first run of one that had several, ``NAME@-2`` the one
    before the last. Raises MofangError for an unknown name, for assessments without a question in common, and for
    evidence that was withdrawn or collected."""
    wire()
    if not 0 < threshold(margin) < 1:
        raise MofangError(
            _("{text} is no margin").format(text=margin),
            where="--margin",
            remedy=_("write one between 0 and 1, such as 0.01"),
        )
    first, second = _record(ws, before), _record(ws, after)
    changes = tuple(_changes(ws, first, second, margin))
    if not changes:
        raise MofangError(
            _("{before} and {after} have no judged question in common").format(before=before, after=after),
            remedy=_("compare assessments that drew from the same bank with the same plan"),
        )
    return Compared(before, after, tuple(differences(_parts(ws, first), _parts(ws, second))), changes)


def declared_margin(ws: Workspace) -> str:
    """The margin that the project declares, the usual one where its file cannot be read now."""
    from mofang.assurance.config import AssuranceConfig
    from mofang.project.file import load

    try:
        config = load(ws.path.parent).project.assurance
    except MofangError:
        config = None
    default: str = AssuranceConfig("-", "-").margin
    return default if config is None else config.margin


def _record(ws: Workspace, name: str) -> Record:
    place = _PLACE.fullmatch(name)
    base, number = (place[1], int(place[2])) if place else (name, -1)
    log = [one.digest for one in ws.refs.log(KIND, ref_name(base)) if one.digest is not None]
    if not log:
        known = ", ".join(ref.name for ref in ws.refs.list(KIND)) or "-"
        raise MofangError(
            _("no assessment is called {name}").format(name=base),
            remedy=_("known: {names}").format(names=known),
        )
    index = number - 1 if number > 0 else len(log) + number
    if number == 0 or not 0 <= index < len(log):
        raise MofangError(
            _("{name} was run {n} times with different outcomes").format(name=base, n=len(log)),
            remedy=_("count from 1, or from the end: {name}@-1").format(name=base),
        )
    if not ws.objects.has(log[index]):
        raise MofangError(
            _("what {name} found is no longer here: it was collected or withdrawn").format(name=name),
            where=str(log[index]),
            remedy=_("compare a later run of it, such as {name}@-1").format(name=base),
        )
    record: Record = ws.objects.json(log[index])
    return record


def _changes(ws: Workspace, first: Record, second: Record, margin: str) -> Iterator[Change]:
    metric = METRICS.get("paired_change")
    for node in sorted(first.keys() & second.keys()):
        before, after = first[node].get("verdicts"), second[node].get("verdicts")
        if before is None or after is None or "corpus" in node or node.endswith(("/alone", "guard")):
            continue
        inputs: dict[str, Digest | list[Digest]] = {"before": Digest(before), "after": Digest(after)}
        questions = second.get("assurance.catalogue/questions", {}).get("catalogue")
        if questions is not None:
            inputs["questions"] = Digest(questions)
        for judge, kind in _spoken(ws, Digest(after)):
            params = {"judge": judge, "kind": kind, "margin": margin}
            fields = metric.load()(ws.objects, inputs, params)
            figures = {
                name: Figure(metric.id, metric.version, params, inputs, name, value)
                for name, value in fields.items()
            }
            if fields.get("n"):
                yield Change(kind, judge, figures)


def _spoken(ws: Workspace, verdicts: Digest) -> list[tuple[str, str]]:
    leaves = (leaf for leaf in read_leaves(ws.objects, verdicts) if marked(leaf) is None)
    return sorted({(leaf["judge"], leaf["kind"]) for leaf in leaves})


def _parts(ws: Workspace, record: Record) -> Mapping[str, Any]:
    digest = record.get("assurance.conclude", {}).get("findings")
    if digest is None or not ws.objects.has(Digest(digest)):
        return {}
    parts: Mapping[str, Any] = ws.objects.json(Digest(digest))["service"].get("parts", {})
    return parts
