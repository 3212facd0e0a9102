"""Every check that rests on a sample: what the clause's plain rule says, what the bound says, how many each
asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from mofang.assurance.dossier.checks_view import CheckView, view_check
from mofang.assurance.dossier.figure_book import Printed
from mofang.assurance.dossier.wording import both
from mofang.assurance.report.heat import word
from mofang.assurance.report.numbers import Numbers
from mofang.assurance.report.picture import interval, scale_for
from mofang.assurance.report.wording import Words
from mofang.i18n import Text

SAMPLED = ("pass_rate", "refusal_rate")


@dataclass(frozen=True, slots=True)
class Decision:
    """One check of a clause. ``counted`` is the count that is held against ``wanted`` (the plain rule) and
    ``needed`` (the bound), unscored items already at their worst; ``impossible`` says that no count of so few
    items could show the rule."""

    clause: str
    title: Text
    check: CheckView
    figures: Mapping[str, Printed]
    counted: Printed | None
    marks: tuple[Text, ...]
    picture: Markup

    @property
    def measured(self) -> bool:
        return self.counted is not None

    @property
    def impossible(self) -> bool:
        return self.measured and "needed" not in self.figures

    @property
    def apart(self) -> bool:
        """Whether the two ways differ: met by the rule, not shown by the bound."""
        return self.check.plain == "met" and self.check.shown == "not_shown"


def decisions(findings: Mapping[str, Any], words: Words, book: Numbers) -> tuple[Decision, ...]:
    """The sampled checks in the order of the clauses; those that wait for somebody among them."""
    rows = list(_rows(findings, words, book))
    drawn = []
    for op in (">=", "<="):
        some = [row.check.value for row in rows if row.check.op == op]
        scale = scale_for(op, [*some, *_values(rows, op)])
        drawn.append((op, scale))
    scales = dict(drawn)
    return tuple(
        replace(
            row,
            picture=interval(
                row.figures, row.check.op, row.check.value, scales[row.check.op], row.check.plain
            ),
        )
        if row.measured and row.check.op in scales
        else row
        for row in rows
    )


def _rows(findings: Mapping[str, Any], words: Words, book: Numbers) -> Iterator[Decision]:
    for clause in findings["clauses"]:
        for check in clause["checks"]:
            if check["metric"] in SAMPLED:
                figures = book.some(check["figures"], check["id"])
                counted = figures.get("worst") if word(figures, "n") not in ("", "0") else None
                view = view_check(check, clause, words, book)
                yield Decision(
                    clause["id"], both(clause["title"]), view, figures, counted,
                    _marks(clause, check, words), Markup(""),
                )  # fmt: skip


def _marks(clause: Mapping[str, Any], check: Mapping[str, Any], words: Words) -> tuple[Text, ...]:
    marks = [] if clause.get("confirmed_by") else [words["unconfirmed"]]
    if clause.get("carry_over") or check.get("carry_over"):
        marks.append(words["carry_over"])
    return tuple(marks)


def _values(rows: Sequence[Decision], op: str) -> list[str]:
    names = ("rate", "lower" if op == ">=" else "upper", "wilson_low", "wilson_high")
    return [
        row.figures[name].exact
        for row in rows
        if row.check.op == op and row.measured
        for name in names
        if name in row.figures
    ]
