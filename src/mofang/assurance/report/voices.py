"""Voices, targets, versions and estimators side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mofang.assurance.dossier.figure_book import Printed
from mofang.assurance.dossier.wording import both
from mofang.assurance.report.heat import KINDS, count, in_order, state_of, word
from mofang.assurance.report.numbers import Numbers
from mofang.i18n import Text

TARGETS = ("alone", "guard", "service")
WEIGHTINGS = ("equal", "bank", "traffic")
SPLIT = {"pass", "fail"}
Figures = Mapping[str, Printed]


@dataclass(frozen=True, slots=True)
class Rate:
    """The tally of one voice on one kind for one target."""

    kind: str
    target: str
    judge: str
    figures: Figures
    clustered: Figures
    stratified: Mapping[str, Figures]
    repeats: Figures

    @property
    def state(self) -> str:
        return state_of(self.figures)

    @property
    def estimates(self) -> tuple[tuple[str, Figures], ...]:
        """Every way to estimate the same rate, by name: each question alone, templates, weightings."""
        exact = {**self.figures}
        for name in ("lower", "upper", "shown"):
            if f"exact_{name}" in exact:
                exact[name] = exact[f"exact_{name}"]
        rows = [("each", exact), ("clustered", {**self.clustered})]
        rows += [(name, {**self.stratified.get(name, {})}) for name in WEIGHTINGS]
        if self.clustered and "rate" in self.figures:
            rows[1][1].setdefault("rate", self.figures["rate"])
        return tuple((name, figures) for name, figures in rows if figures)


@dataclass(frozen=True, slots=True)
class Pattern:
    """How often the voices spoke together in one way; ``votes`` in the order of the table's judges."""

    votes: tuple[str, ...]
    figures: Figures

    @property
    def split(self) -> bool:
        """Whether one voice says pass and another fail."""
        return set(self.votes) >= SPLIT

    @property
    def key(self) -> str:
        """The pattern as the script filters by it."""
        return ",".join(self.votes)


@dataclass(frozen=True, slots=True)
class Chorus:
    """The voices on one kind and target, patterns that differ first."""

    kind: str
    target: str
    judges: tuple[str, ...]
    patterns: tuple[Pattern, ...]

    @property
    def compared(self) -> bool:
        """Whether there is more than one voice to compare."""
        return len(self.judges) > 1 and bool(self.patterns)


@dataclass(frozen=True, slots=True)
class Change:
    """The same questions before and after: McNemar, and whether it is worse by more than the margin."""

    kind: str
    judge: str
    start: str
    end: str
    figures: Figures

    @property
    def decision(self) -> str:
        return word(self.figures, "decision") or "open"


@dataclass(frozen=True, slots=True)
class Judged:
    """A judge held against people's labels. ``usable`` None: nobody has labelled enough to say."""

    judge: str
    identity: str
    kind: str
    target: str
    against: str
    confusion: Figures
    usable: bool | None
    why: Text | None
    ppi: Figures
    rogan_gladen: Figures

    @property
    def labelled(self) -> bool:
        """Whether there is anything to hold the judge against."""
        return count(self.confusion, "n") > 0

    @property
    def corrected(self) -> tuple[tuple[str, Figures], ...]:
        rows = (("ppi", self.ppi), ("rogan_gladen", self.rogan_gladen))
        return tuple((name, figures) for name, figures in rows if "rate" in figures)


def rates(analysis: Mapping[str, Any], book: Numbers) -> tuple[Rate, ...]:
    """Every tally, by kind, target and voice."""
    found = [
        Rate(
            row["kind"],
            row["target"],
            row["judge"],
            book.some(row.get("figures"), row["kind"]),
            book.some(row.get("clustered"), row["kind"]),
            {name: book.some(given, name) for name, given in (row.get("stratified") or {}).items() if given},
            book.some(row.get("repeats"), row["kind"]),
        )
        for row in analysis.get("kinds") or ()
    ]
    order = in_order(one.judge for one in found)
    return tuple(
        sorted(found, key=lambda r: (_place(KINDS, r.kind), _place(TARGETS, r.target), order.index(r.judge)))
    )


def _place(names: Sequence[str], name: str) -> int:
    return names.index(name) if name in names else len(names)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Targets side by side for one kind: a row for each voice, a column for each target."""

    kind: str
    targets: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Rate | None, ...]], ...]


def matrices(found: Sequence[Rate]) -> tuple[Matrix, ...]:
    """The tallies as tables, one for each kind."""
    made = []
    targets = tuple(sorted({one.target for one in found}, key=lambda name: (_place(TARGETS, name), name)))
    for kind in sorted({one.kind for one in found}, key=lambda name: _place(KINDS, name)):
        by_place = {(one.judge, one.target): one for one in found if one.kind == kind}
        judges = in_order(judge for judge, _target in by_place)
        rows = tuple((judge, tuple(by_place.get((judge, target)) for target in targets)) for judge in judges)
        made.append(Matrix(kind, targets, rows))
    return tuple(made)


def choruses(analysis: Mapping[str, Any], book: Numbers) -> tuple[Chorus, ...]:
    """Vote patterns by kind and target."""
    made = []
    for row in analysis.get("voices") or ():
        judges = in_order(judge for pattern in row["patterns"] for judge in pattern["votes"])
        patterns = [
            Pattern(
                tuple(pattern["votes"].get(judge) or "none" for judge in judges),
                book.some(pattern["figures"], row["kind"]),
            )
            for pattern in row["patterns"]
        ]
        patterns.sort(key=lambda one: (not one.split, -count(one.figures, "n"), one.votes))
        made.append(Chorus(row["kind"], row["target"], judges, tuple(patterns)))
    made.sort(key=lambda one: (one.target != "service", _place(TARGETS, one.target), _place(KINDS, one.kind)))
    return tuple(made)


def changes(analysis: Mapping[str, Any], book: Numbers) -> tuple[Change, ...]:
    """Paired changes between two targets or versions."""
    found = [
        Change(row["kind"], row["judge"], row["from"], row["to"], book.some(row["figures"], row["kind"]))
        for row in analysis.get("paired") or ()
    ]
    order = in_order(one.judge for one in found)
    return tuple(sorted(found, key=lambda one: (_place(KINDS, one.kind), order.index(one.judge))))


def judged(analysis: Mapping[str, Any], book: Numbers) -> tuple[Judged, ...]:
    """Judges with their confusion tables, unusable ones first."""
    found = []
    for row in analysis.get("judges") or ():
        corrected = row.get("corrected") or {}
        found.append(
            Judged(
                row["judge"],
                str(row.get("identity") or ""),
                row["kind"],
                row["target"],
                str(row.get("against") or "manual"),
                book.some(row.get("confusion"), row["judge"]),
                row.get("usable"),
                both(row["why"]) if row.get("why") else None,
                book.some(corrected.get("ppi"), row["judge"]),
                book.some(corrected.get("rogan_gladen"), row["judge"]),
            )
        )
    order = in_order(one.judge for one in found)
    return tuple(
        sorted(found, key=lambda j: (j.usable is not False, order.index(j.judge), _place(KINDS, j.kind)))
    )
