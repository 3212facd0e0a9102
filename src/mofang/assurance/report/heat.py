"""The heat map: every risk and aspect by voice, with rate, one-sided bound and what both say about the rule.

A state never stands for a colour alone: each has its own mark and its own hatching, and the figures stand in
the cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from markupsafe import Markup

from mofang.assurance.dossier.figure_book import Printed
from mofang.assurance.dossier.picture import Scale
from mofang.assurance.dossier.values import threshold
from mofang.assurance.report.numbers import Numbers
from mofang.assurance.report.picture import scale_for, strip

MARKS = {
    "shown": "●", "plain": "◐", "few": "○", "not_met": "▽", "below": "▼", "open": "?", "bare": "·", "none": "–",
}  # fmt: skip
"""States of a cell: the bound shows the rule; only the plain rule is met; it is met, but so few items could not
show it; it is not met; it is not met and the other bound, too, lies on the wrong side; unscored items alone
decide; there is no rule; nobody judged."""
VOICES = ("keyword", "refusal", "classifier", "model", "manual")
KINDS = ("content", "should_refuse", "should_not_refuse")


@dataclass(frozen=True, slots=True)
class Cell:
    """One risk seen by one voice. ``joint``: the rule is shown for all risks at once; ``anchor`` is any figure
    of the cell."""

    judge: str
    state: str
    figures: Mapping[str, Printed]
    joint: bool
    picture: Markup

    @property
    def mark(self) -> str:
        return MARKS[self.state]

    @property
    def anchor(self) -> str:
        return next((self.figures[name].id for name in ("n", *self.figures) if name in self.figures), "")


@dataclass(frozen=True, slots=True)
class Row:
    """A risk or an aspect with a cell for every voice of its map; ``code`` as the pack writes it."""

    code: str
    short: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Map:
    """The rows of one kind of question in their groups, on one scale. ``rule`` is what is asked, "" where the
    pack has no rule; ``unasked`` are codes that no question of the kind was about and that stand in no row
    (content shows every risk)."""

    kind: str
    voices: tuple[str, ...]
    groups: tuple[tuple[str, tuple[Row, ...]], ...]
    rule: str
    scale: Scale
    states: tuple[str, ...]
    joint: bool
    unasked: tuple[str, ...]


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Voices in reading order: rules, classifier, model, people; unknown ones last, by name."""
    return tuple(sorted(set(names), key=lambda n: (VOICES.index(n) if n in VOICES else len(VOICES), n)))


def heat_maps(analysis: Mapping[str, Any], book: Numbers) -> tuple[Map, ...]:
    """A map for each kind that was asked. Raises MofangError for a figure that is not in the book."""
    rows = [*(analysis.get("risks") or ()), *(analysis.get("aspects") or ())]
    found = {kind: [row for row in rows if row["kind"] == kind] for kind in KINDS}
    return tuple(_map(kind, some, book) for kind, some in found.items() if some)


def _map(kind: str, rows: Sequence[Mapping[str, Any]], book: Numbers) -> Map:
    voices = in_order(judge for row in rows for judge in row["voices"])
    given = [
        (row, {judge: book.some(row["voices"].get(judge), row["code"]) for judge in voices}) for row in rows
    ]
    asked = [row for row, cells in given if kind == "content" or any(count(f, "n") for f in cells.values())]
    given = [(row, cells) for row, cells in given if row in asked]
    limits = [rule_of(figures) for _row, cells in given for figures in cells.values()]
    rule = next((limit for limit in limits if limit is not None), None)
    lows = [f["lower"].exact for _row, cells in given for f in cells.values() if "lower" in f]
    scale = scale_for(">=", [*lows, *([rule] if rule else [])])
    made = [
        Row(row["code"], row["code"].rpartition(".")[2], tuple(_cell(j, f, scale) for j, f in cells.items()))
        for row, cells in given
    ]
    groups = {row["code"]: str(row.get("group") or "") for row in rows}
    used = {cell.state for row in made for cell in row.cells}
    return Map(
        kind,
        voices,
        tuple((group, tuple(some)) for group, some in groupby(made, key=lambda row: groups[row.code])),
        "" if rule is None else f"≥ {threshold(rule, 'proportion')}",
        scale,
        tuple(state for state in MARKS if state in used),
        any(cell.joint for row in made for cell in row.cells),
        tuple(row["code"] for row in rows if row not in asked),
    )


def _cell(judge: str, figures: Mapping[str, Printed], scale: Scale) -> Cell:
    state, rule = state_of(figures), rule_of(figures)
    joint = word(figures, "simultaneous") == "yes"
    picture = strip(figures, rule, scale) if "rate" in figures else Markup("")
    return Cell(judge, state, figures, joint, picture)


def state_of(figures: Mapping[str, Printed]) -> str:
    """What the figures of a tally say about the rule: a key of :data:`MARKS`."""
    if not count(figures, "n") or "rate" not in figures:
        return "none"
    if "met" not in figures:
        return "bare"
    if word(figures, "open") == "yes":
        return "open"
    if word(figures, "met") != "yes":
        rule, upper = rule_of(figures), figures.get("upper")
        below = rule is not None and upper is not None and Decimal(upper.exact) < Decimal(rule)
        return "below" if below else "not_met"
    if word(figures, "shown") == "yes":
        return "shown"
    return "plain" if "needed" in figures else "few"


def rule_of(figures: Mapping[str, Printed]) -> str | None:
    """The rule's value that the figures were held against, None where there was none."""
    for one in figures.values():
        value = one.figure.params.get("value")
        return str(value) if value is not None else None
    return None


def count(figures: Mapping[str, Printed], name: str) -> int:
    return int(figures[name].figure.value) if name in figures else 0


def word(figures: Mapping[str, Printed], name: str) -> str:
    return str(figures[name].figure.value) if name in figures else ""
