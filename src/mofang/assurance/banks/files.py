"""Reads question banks from files: JSON lines, JSON, CSV. A bad row is named and left out, the rest stays."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from mofang.assurance.banks.bank import Question
from mofang.assurance.banks.starter import STARTER, starter_questions
from mofang.assurance.errors import BankError
from mofang.assurance.standard.schema import Pack
from mofang.errors import MofangError
from mofang.evidence.digest import canonical
from mofang.evidence.files import reported, write_atomic
from mofang.i18n import _
from mofang.registry import nearest

FIELDS = tuple(part.name for part in fields(Question))
UNSTATED = "unstated"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file's columns become question fields.

    ``columns``: field -> column. ``values``: field -> {value in the file: value meant}.
    ``constants``: field -> value for every row. ``rows``: the key under which a JSON file keeps its list.
    A field that is not named is read from the column of its own name.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    rows: str | None = None

    def __post_init__(self) -> None:
        for part in (self.columns, self.values, self.constants):
            for name in part:
                if name not in FIELDS:
                    raise BankError(
                        _("a question has no field {name}").format(name=name),
                        remedy=_("known: {names}").format(names=", ".join(nearest(name, FIELDS) or FIELDS)),
                    )

    def with_constants(self, constants: Mapping[str, Any]) -> Layout:
        return Layout(self.columns, self.values, {**self.constants, **constants}, self.rows)

    def shape(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The question fields that a file's row yields."""
        found: dict[str, Any] = {}
        for name in FIELDS:
            value = row.get(self.columns.get(name, name))
            if value is not None and value != "":
                found[name] = self.values.get(name, {}).get(str(value), value)
        return {**found, **self.constants}


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was left out: its line (JSON lists: its place in the list, from 1) and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class BankReport:
    """What came out of a file: the questions kept and the rows left out, both in the file's order."""

    path: str
    questions: tuple[Question, ...]
    bad: tuple[BadRow, ...]


def read_layout(path: Path) -> Layout:
    """A layout from a YAML file with ``columns``, ``values``, ``set`` and ``rows``. Raises BankError."""
    try:
        with reported(path):
            # Every scalar stays text: a date or a yes in a mapping means its letters.
            content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BankError(_("not YAML in UTF-8: {why}").format(why=error), where=str(path)) from error
    known = ("columns", "values", "set", "rows")
    if not isinstance(content, dict) or set(content) - set(known):
        raise BankError(
            _("a mapping file may hold {names}").format(names=", ".join(known)),
            where=str(path),
            remedy=_("example: columns: {text: prompt}  set: {kind: content, licence: CC-BY-4.0}"),
        )
    values = content.get("values") or {}
    parts = (
        content.get("columns") or {},
        values,
        content.get("set") or {},
        *getattr(values, "values", tuple)(),
    )
    if not all(isinstance(part, dict) for part in parts):
        raise BankError(_("columns, values and set must be mappings"), where=str(path))
    try:
        return Layout(parts[0], values, parts[2], content.get("rows"))
    except BankError as error:
        raise BankError(error.message, where=str(path), remedy=error.remedy) from error


def read_bank(path: Path, pack: Pack, layout: Layout | None = None) -> BankReport:
    """The questions of a ``.jsonl``, ``.json`` or ``.csv`` file whose codes ``pack`` knows.

    Left out and named: rows that cannot be read, lack a field, use an unknown code, repeat an id or a text.
    Raises BankError for a file of another kind or without any row.
    """
    layout = layout or Layout()
    report = _Report(pack, layout)
    for line, row, reason in _rows(path, layout):
        report.add(line, row, reason)
    if not report.questions and not report.bad:
        raise BankError(_("file {path} has no rows").format(path=path), where=str(path))
    return BankReport(str(path), tuple(report.questions), tuple(report.bad))


class _Report:
    def __init__(self, pack: Pack, layout: Layout) -> None:
        self.layout = layout
        self.risks = {risk.code for risk in pack.risks}
        self.aspects = {aspect.code for aspect in pack.aspects}
        self.questions: list[Question] = []
        self.bad: list[BadRow] = []
        self._ids: dict[str, int] = {}
        self._texts: dict[tuple[str, str], int] = {}

    def add(self, line: int, row: Mapping[str, Any] | None, reason: str | None) -> None:
        if row is None:
            self.bad.append(BadRow(line, reason or _("not readable")))
            return
        try:
            question = _question(self.layout.shape(row), line)
            self._check_code(question)
            self._check_repeats(question, line)
        except MofangError as error:
            self.bad.append(BadRow(line, error.message))
            return
        self.questions.append(question)

    def _check_code(self, question: Question) -> None:
        aspect = question.kind == "should_not_refuse"
        known: Collection[str] = self.aspects if aspect else self.risks
        if question.risk not in known:
            names = ", ".join(nearest(question.risk, known) or sorted(known)[:3])
            what = (
                _("unknown aspect {code}; nearest: {names}")
                if aspect
                else _("unknown risk code {code}; nearest: {names}")
            )
            raise BankError(what.format(code=question.risk, names=names))

    def _check_repeats(self, question: Question, line: int) -> None:
        first = self._ids.get(question.id)
        if first is not None:
            raise BankError(_("id {id} stands already in line {line}").format(id=question.id, line=first))
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
    id = words.get("id", f"line-{line}")
    defaults = {
        "language": _language(text),
        "cluster": id,
        "author": UNSTATED,
        "licence": UNSTATED,
        "added": "",
    }
    return Question(**{**defaults, **words, "id": id}, demo=_demo(shaped.get("demo", False)))


def _demo(value: Any) -> bool:
    marks = {"true": True, "1": True, "false": False, "0": False}
    if str(value).lower() not in marks:
        raise BankError(_("demo is {value!r}; write true or false").format(value=value))
    return marks[str(value).lower()]


def _language(text: str) -> str:
    return "zh" if any("\u4e00" <= c <= "\u9fff" for c in text) else "en"


_Rows = Iterator[tuple[int, Mapping[str, Any] | None, str | None]]


def _rows(path: Path, layout: Layout) -> _Rows:
    readers = {".jsonl": _json_lines, ".ndjson": _json_lines, ".json": _json_list, ".csv": _csv_rows}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise BankError(
            _("{path} is not a bank file").format(path=path),
            where=str(path),
            remedy=_("save the bank as .jsonl, .json or .csv"),
        )
    return reader(path, layout)


def _json_lines(path: Path, layout: Layout) -> _Rows:
    with reported(path), path.open("rb") as file:
        for line, raw in enumerate(file, start=1):
            if line == 1:
                raw = raw.removeprefix(b"\xef\xbb\xbf")
            if raw.strip():
                yield (line, *_parsed(raw))


def _parsed(raw: bytes) -> tuple[Mapping[str, Any] | None, str | None]:
    try:
        row = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        return None, _("not UTF-8 (byte {n} of the line)").format(n=error.start + 1)
    except (ValueError, RecursionError) as error:
        return None, _("not JSON: {why}").format(why=error)
    return (row, None) if isinstance(row, dict) else (None, _("not a JSON object"))


def _json_list(path: Path, layout: Layout) -> _Rows:
    try:
        with reported(path):
            content = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BankError(_("not JSON in UTF-8: {why}").format(why=error), where=str(path)) from error
    if layout.rows and isinstance(content, dict):
        content = content.get(layout.rows)
    if not isinstance(content, list):
        raise BankError(
            _("the JSON file holds no list of questions"),
            where=str(path),
            remedy=_("name the key of the list with rows: in a mapping file"),
        )
    for number, row in enumerate(content, start=1):
        yield (number, row, None) if isinstance(row, dict) else (number, None, _("not a JSON object"))


def _csv_rows(path: Path, layout: Layout) -> _Rows:
    # Bytes that are no UTF-8 survive as surrogates, so that one bad row does not cost the others.
    with reported(path):
        raw = path.read_bytes()
    text = raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="surrogateescape")
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader, None)
    if header is None:
        return
    wanted = layout.columns.get("text", "text")
    if wanted not in header and "text" not in layout.constants:
        raise BankError(
            _("there is no column {name}; the first line has: {names}").format(
                name=wanted, names=_shown(header)
            ),
            where=f"{path}:1",
            remedy=_("name the column with --map text=COLUMN; the file must be UTF-8"),
        )
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, None, _("not CSV: {why}").format(why=error)
            continue
        if cells:
            yield (line, *_named(header, cells))


def _named(header: list[str], cells: list[str]) -> tuple[Mapping[str, Any] | None, str | None]:
    if any("\udc80" <= c <= "\udcff" for cell in cells for c in cell):
        return None, _("not UTF-8")
    if len(cells) != len(header):
        return None, _("{n} cells where the first line has {m}").format(n=len(cells), m=len(header))
    return dict(zip(header, cells, strict=True)), None


def _shown(header: list[str]) -> str:
    return ", ".join(header)[:200].encode("utf-8", "replace").decode()


def bank_questions(name: str, pack: Pack, folder: Path) -> tuple[Question, ...]:
    """The questions of a bank as a project names it: ``starter``, or a bank file in ``folder``.

    Raises BankError if the file holds a row that would have to be left out: import it first.
    """
    if name == STARTER:
        return starter_questions()
    report = read_bank(folder / name, pack)
    if report.bad:
        raise BankError(
            _("bank {name} has {n} bad rows; line {line}: {reason}").format(
                name=name, n=len(report.bad), line=report.bad[0].line, reason=report.bad[0].reason
            ),
            where=f"{folder / name}:{report.bad[0].line}",
            remedy=_("clean it with: mofang bank import {name} --out bank.jsonl").format(name=name),
        )
    return report.questions


def write_bank(path: Path, questions: Collection[Question]) -> None:
    """Writes questions as canonical JSON lines, all or nothing: the form in which a project names a bank."""
    write_atomic(path, b"".join(canonical(question.wire()) + b"\n" for question in questions))
