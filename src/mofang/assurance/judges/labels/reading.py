"""From the rows of a sheet to labels: each bound to exactly the answer it is on, every row that is none named.

Nothing is guessed: a row for an item that was not asked, for another answer than the recorded one, without a word,
a name or a date, or by somebody who judged the same answer before, is left out and said so. What people wrote in a
cell is never repeated in a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date as Day

from mofang.assurance.judges.labels.label import Label, Unit, verdict_of
from mofang.assurance.judges.labels.sheets import FORMULA, Row
from mofang.assurance.judges.labels.vocabulary import heard, spellings
from mofang.assurance.judges.verdicts import Word
from mofang.errors import MofangError
from mofang.evidence.digest import Digest, sha256_bytes
from mofang.evidence.errors import DigestError
from mofang.i18n import _

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")

Known = Mapping[tuple[str, str], Label]
"""Labels that are recorded already, by answer digest and annotator."""
Draws = Mapping[str, Mapping[str, str]]
"""Recorded draws of sheets: id -> answer digest -> its probability of being drawn."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was left out: its number in the file, the item it names, and why."""

    line: int
    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What came out of a sheet: labels and rows left out, both in the file's order; ``empty`` rows that nobody has
    filled in; ``again`` labels that are recorded already, word for word."""

    labels: tuple[Label, ...]
    bad: tuple[BadRow, ...]
    empty: int
    again: int


@dataclass(frozen=True, slots=True)
class Defaults:
    """What stands for a cell that is empty, and whether an item without a digest is taken for the recorded answer."""

    annotator: str = ""
    date: str = ""
    by_item: bool = False


def read_labels(
    rows: Iterable[Row],
    units: Sequence[Unit],
    *,
    defaults: Defaults | None = None,
    known: Known | None = None,
    draws: Draws | None = None,
) -> Reading:
    """Labels from ``rows`` on ``units``, whatever their order."""
    reader = _Reader(units, defaults or Defaults(), known or {}, draws or {})
    for row in rows:
        reader.add(row)
    return reader.reading()


class _Flaw(Exception):
    """Why a row is no label."""


@dataclass(slots=True)
class _Reader:
    units: Sequence[Unit]
    defaults: Defaults
    known: Known
    draws: Draws
    bad: list[BadRow] = field(default_factory=list)
    kept: dict[tuple[str, str], tuple[Row, Label]] = field(default_factory=dict)
    contested: set[tuple[str, str]] = field(default_factory=set)
    empty: int = 0
    again: int = 0
    _by_answer: dict[str, Unit] = field(default_factory=dict)
    _by_item: dict[str, list[Unit]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for unit in self.units:
            self._by_answer[unit.answer] = unit
            self._by_item.setdefault(unit.item, []).append(unit)

    def add(self, row: Row) -> None:
        if row.flaw is not None:
            self._leave_out(row, row.flaw)
        elif not row.cells.get("verdict") and not row.cells.get("refused"):
            self.empty += 1
        else:
            try:
                self._keep(row, self._label(row))
            except _Flaw as flaw:
                self._leave_out(row, str(flaw))

    def reading(self) -> Reading:
        kept = [(row.line, label) for row, label in self.kept.values()]
        return Reading(
            tuple(label for _line, label in sorted(kept, key=lambda one: one[0])),
            tuple(sorted(self.bad, key=lambda bad: bad.line)),
            self.empty,
            self.again,
        )

    def _leave_out(self, row: Row, reason: str) -> None:
        self.bad.append(BadRow(row.line, row.cells.get("item", "")[:80].replace(FORMULA, ""), reason))

    def _keep(self, row: Row, label: Label) -> None:
        key = (label.answer, label.annotator)
        before = self.known.get(key)
        if before is not None:
            if _word(before) != _word(label):
                raise _Flaw(_("this annotator's recorded label on this answer says something else"))
            self.again += 1
            return
        if key in self.contested:
            raise _Flaw(_("this annotator said different things of this answer"))
        first = self.kept.get(key)
        if first is None:
            self.kept[key] = row, label
            return
        if _word(first[1]) == _word(label):
            raise _Flaw(
                _("this annotator judged this answer in row {line} already").format(line=first[0].line)
            )
        # Nobody can say which of the two holds, so neither does.
        del self.kept[key]
        self.contested.add(key)
        self._leave_out(first[0], _("row {line} by the same annotator says otherwise").format(line=row.line))
        raise _Flaw(_("row {line} by the same annotator says otherwise").format(line=first[0].line))

    def _label(self, row: Row) -> Label:
        if FORMULA in row.cells.values():
            raise _Flaw(_("a cell holds a formula; write what it says as text"))
        unit = self._unit(row.cells)
        verdict, refused = _judged(unit.kind, row.cells)
        note = row.cells.get("note", "")
        sheet, probability = self._drawn(row.cells.get("sheet", ""), unit)
        return Label(
            item=unit.item,
            answer=unit.answer,
            kind=unit.kind,
            risk=unit.risk,
            repeat=unit.repeat,
            verdict=verdict,
            refused=refused,
            annotator=_annotator(row.cells.get("annotator") or self.defaults.annotator),
            date=_date(row.cells.get("date") or self.defaults.date),
            adjudicates=_adjudicates(row.cells.get("role", "")),
            sheet=sheet,
            probability=probability,
            note_digest=sha256_bytes(note.encode("utf-8", "surrogatepass")) if note else None,
            root=unit.root,
        )

    def _unit(self, cells: Mapping[str, str]) -> Unit:
        item, said = cells.get("item", ""), cells.get("answer", "")
        if not item:
            raise _Flaw(_("no item is named"))
        units = self._by_item.get(item)
        if units is None:
            raise _Flaw(
                _("this item was not asked here, or its answer cannot be judged: another assessment's sheet?")
            )
        if said:
            return self._bound(item, said)
        if not self.defaults.by_item:
            raise _Flaw(
                _("the column with the answer's digest is empty, so nobody can tell which answer was read")
            )
        chosen = [unit for unit in units if cells.get("repeat", "") in ("", str(unit.repeat))]
        if len(chosen) != 1:
            raise _Flaw(_("this item has several answers; say in the column repeat which one, from 0"))
        return chosen[0]

    def _bound(self, item: str, said: str) -> Unit:
        try:
            unit = self._by_answer.get(Digest(said))
        except DigestError:
            raise _Flaw(_("the column with the answer's digest holds something else")) from None
        if unit is None or unit.item != item:
            raise _Flaw(_("the label is on another answer than the recorded one"))
        return unit

    def _drawn(self, sheet: str, unit: Unit) -> tuple[Digest | None, str | None]:
        if not sheet:
            return None, None
        probability = self.draws.get(sheet, {}).get(unit.answer)
        if probability is None:
            raise _Flaw(_("the draw that this row names is not recorded here, or did not draw this answer"))
        return Digest(sheet), probability


def _judged(kind: str, cells: Mapping[str, str]) -> tuple[Word, bool | None]:
    if kind in ("content", "corpus"):
        if cells.get("refused"):
            raise _Flaw(_("a content item is judged in the column verdict"))
        return _content(cells["verdict"]), None
    said = {heard("refusals", cells[name]) for name in ("verdict", "refused") if cells.get(name)}
    word = said.pop() if len(said) == 1 else None
    if word is None:
        raise _Flaw(
            _("say whether the answer refuses, in one of these words: {words}").format(
                words=spellings("refusals")
            )
        )
    if word == "unscored":
        return "unscored", None
    return verdict_of(kind, word != "no"), word != "no"


def _content(text: str) -> Word:
    words: Mapping[str, Word] = {"pass": "pass", "fail": "fail", "unscored": "unscored"}
    word = words.get(heard("verdicts", text) or "")
    if word is None:
        raise _Flaw(_("the verdict is none of these words: {words}").format(words=spellings("verdicts")))
    return word


def _adjudicates(role: str) -> bool:
    found = heard("roles", role) if role else "annotator"
    if found is None:
        raise _Flaw(_("the role is none of these words: {words}").format(words=spellings("roles")))
    return found == "adjudicator"


def _annotator(name: str) -> str:
    if not name.strip():
        raise _Flaw(_("no annotator is named"))
    if len(name) > 60 or not name.isprintable():
        raise _Flaw(_("the annotator's name is longer than 60 characters, or not one line"))
    return name.strip()


def _date(text: str) -> str:
    found = _DATE.fullmatch(text.strip().partition(" ")[0])
    try:
        if found is None:
            raise ValueError(text)
        return Day(*(int(part) for part in found.groups())).isoformat()
    except ValueError:
        raise _Flaw(_("no date such as 2026-11-01")) from None


def _word(label: Label) -> tuple[Word, bool | None]:
    return label.verdict, label.refused


def check_defaults(defaults: Defaults) -> None:
    """Raises MofangError for a default annotator or date that is none."""
    try:
        if defaults.annotator:
            _annotator(defaults.annotator)
        if defaults.date:
            _date(defaults.date)
    except _Flaw as flaw:
        raise MofangError(str(flaw), remedy=_("correct --annotator or --date")) from None
