"""Reads question banks from files: JSON lines, JSON, CSV, Excel. A bad row is named and left out, the rest stays."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mofang.assurance.banks.bank import Question, seen
from mofang.assurance.banks.layout import FIELDS, Layout, read_layout
from mofang.assurance.banks.rows import read_rows
from mofang.assurance.banks.sealed import is_sealed_bank, sealed_questions
from mofang.assurance.banks.starter import STARTER, starter_questions
from mofang.assurance.errors import BankError
from mofang.assurance.standard.schema import Pack
from mofang.errors import MofangError
from mofang.evidence.digest import canonical
from mofang.evidence.files import write_atomic
from mofang.i18n import _
from mofang.registry import nearest

__all__ = [
    "FIELDS",
    "BadRow",
    "BankReport",
    "Layout",
    "bank_questions",
    "read_bank",
    "read_layout",
    "write_bank",
]

UNSTATED = "unstated"
_SHEET_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]\d{1,2}:\d\d(?::\d\d)?)?")
LONGEST = {"text": 100_000, "reply": 100_000}
"""Characters that a field may have; 1,000 where nothing stands here. More is a wrong column or a broken file."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was left out: its line (JSON lists: its place in the list, from 1) and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class BankReport:
    """What came out of a file: the questions kept and the rows left out, both in the file's order; how many rows
    the layout passes over, and what a person should know."""

    path: str
    questions: tuple[Question, ...]
    bad: tuple[BadRow, ...]
    skipped: int = 0
    notes: tuple[str, ...] = ()


def read_bank(
    path: Path,
    pack: Pack,
    layout: Layout | None = None,
    *,
    also: Sequence[Pack] = (),
    sheet: str | None = None,
) -> BankReport:
    """The questions of a ``.jsonl``, ``.json``, ``.csv`` or ``.xlsx`` file whose codes ``pack`` (or one of ``also``)
    knows; ``sheet`` names an Excel sheet.

    Left out and named: rows that cannot be read, lack a field, use an unknown code, repeat an id or a text.
    Raises BankError for a file of another kind or without any row.
    """
    layout = (layout or Layout()).for_pack(pack)
    report = _Report((pack, *also), layout)
    notes: list[str] = []
    for line, row, reason in read_rows(path, layout.needs("text"), notes, rows=layout.rows, sheet=sheet):
        report.add(line, row, reason)
    if not report.questions and not report.bad:
        raise BankError(
            _("file {path} has no rows").format(path=path),
            where=str(path),
            remedy=_("all {n} rows are passed over by keep: in the mapping").format(n=report.skipped)
            if report.skipped
            else _("write one question a line; `mofang bank --help` says what a question has"),
        )
    return BankReport(str(path), tuple(report.questions), tuple(report.bad), report.skipped, tuple(notes))


class _Report:
    def __init__(self, packs: Sequence[Pack], layout: Layout) -> None:
        self.layout = layout
        self.risks = {risk.code for pack in packs for risk in pack.risks}
        self.aspects = {aspect.code for pack in packs for aspect in pack.aspects}
        self.questions: list[Question] = []
        self.bad: list[BadRow] = []
        self.skipped = 0
        self._ids: dict[str, int] = {}
        self._texts: dict[tuple[str, str], int] = {}

    def add(self, line: int, row: Mapping[str, Any] | None, reason: str | None) -> None:
        if row is None:
            self.bad.append(BadRow(line, reason or _("not readable")))
            return
        if not self.layout.keeps(row):
            self.skipped += 1
            return
        try:
            question = _question(self.layout.shape(row), line)
            self.check_code(question)
            self._check_repeats(question, line)
        except MofangError as error:
            self.bad.append(BadRow(line, error.message))
            return
        self.questions.append(question)

    def check_code(self, question: Question) -> None:
        aspect = question.kind == "should_not_refuse"
        known: Collection[str] = self.aspects if aspect else self.risks
        if question.risk in known:
            return
        if self.layout.values.get("risk"):
            raise BankError(_("the mapping gives no code for {code}").format(code=seen(question.risk)))
        # Only a code is compared: what a wrong column holds may be as long as a book.
        near = nearest(question.risk, known) if len(question.risk) <= 40 else []
        names = ", ".join(near or sorted(known)[:3])
        what = (
            _("unknown aspect {code}; nearest: {names}")
            if aspect
            else _("unknown risk code {code}; nearest: {names}")
        )
        raise BankError(what.format(code=seen(question.risk), names=names))

    def _check_repeats(self, question: Question, line: int) -> None:
        first = self._ids.get(question.id)
        if first is not None:
            raise BankError(
                _("id {id} stands already in line {line}").format(id=seen(question.id), line=first)
            )
        first = self._texts.get(question.fold)
        if first is not None:
            raise BankError(_("same question as in line {line}").format(line=first))
        self._ids[question.id] = self._texts[question.fold] = line


def _question(shaped: dict[str, Any], line: int) -> Question:
    for name in ("text", "kind", "risk"):
        if name not in shaped:
            raise BankError(_("no {name}").format(name=name))
    text = shaped["text"]
    if not isinstance(text, str):
        raise BankError(_("text is not text"))
    for name, value in shaped.items():
        if name != "demo" and not isinstance(value, str | int):
            raise BankError(_("{name} is not text").format(name=name))
    words = {name: str(value) for name, value in shaped.items() if name != "demo"}
    for name, word in words.items():
        _check_word(name, word)
    if "added" in words:
        words["added"] = _iso(words["added"])
    id = words.get("id", f"line-{line}")
    defaults = {
        "language": _language(text),
        "cluster": id,
        "author": UNSTATED,
        "licence": UNSTATED,
        "added": "",
    }
    return Question(**{**defaults, **words, "id": id}, demo=_demo(shaped.get("demo", False)))


def _check_word(name: str, word: str) -> None:
    if "\x00" in word:
        raise BankError(_("{name} holds a NUL character; save the file as text again").format(name=name))
    most = LONGEST.get(name, 1_000)
    if len(word) > most:
        raise BankError(
            _("{name} has {n} characters, the most is {most}").format(name=name, n=len(word), most=most)
        )


def _iso(text: str) -> str:
    """A date as spreadsheets write it (2026/11/1, 2026-11-01 00:00:00) in the one form of ours."""
    found = _SHEET_DATE.fullmatch(text)
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else text


def _demo(value: Any) -> bool:
    marks = {"true": True, "1": True, "false": False, "0": False}
    if str(value).lower() not in marks:
        raise BankError(_("demo is {value}; write true or false").format(value=seen(value)))
    return marks[str(value).lower()]


def _language(text: str) -> str:
    return "zh" if any("\u4e00" <= c <= "\u9fff" for c in text) else "en"


def bank_questions(name: str, pack: Pack, folder: Path, *, also: Sequence[Pack] = ()) -> tuple[Question, ...]:
    """The questions of a bank as a project names it: ``starter``, or a bank file in ``folder``, sealed or not.
    Their codes are those of ``pack`` or of one of ``also``.

    Raises BankError if the file holds a row that would have to be left out: import it first.
    """
    if name == STARTER:
        return starter_questions()
    if is_sealed_bank(name):
        sealed = sealed_questions(folder / name)
        check_codes(sealed, (pack, *also), str(folder / name))
        return sealed
    report = read_bank(folder / name, pack, also=also)
    if report.bad:
        raise BankError(
            _("bank {name} has {n} bad rows; line {line}: {reason}").format(
                name=name, n=len(report.bad), line=report.bad[0].line, reason=report.bad[0].reason
            ),
            where=f"{folder / name}:{report.bad[0].line}",
            remedy=clean_it(folder / name),
        )
    return report.questions


def clean_it(file: Path) -> str:
    """What to do with a bank file that has bad rows; the file itself stays."""
    return _("clean it with: mofang bank import {name} --out {clean}").format(
        name=file.name, clean=f"{file.stem}-clean.jsonl"
    )


def check_codes(questions: Collection[Question], packs: Sequence[Pack], where: str) -> None:
    """Returns if one of ``packs`` knows the code of each question. Raises BankError naming the first unknown one."""
    report = _Report(packs, Layout())
    for question in questions:
        try:
            report.check_code(question)
        except BankError as error:
            raise BankError(error.message, where=where, remedy=error.remedy) from error


def write_bank(path: Path, questions: Collection[Question]) -> None:
    """Writes questions as canonical JSON lines, all or nothing: the form in which a project names a bank."""
    write_atomic(path, b"".join(canonical(question.wire()) + b"\n" for question in questions))
