"""The rows of a bank file as mappings, whatever its form: JSON lines, JSON, CSV, Excel. A bad row is named."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mofang.assurance.banks.bank import brief
from mofang.assurance.errors import BankError
from mofang.evidence.files import reported
from mofang.i18n import _

Rows = Iterator[tuple[int, Mapping[str, Any] | None, str | None]]
"""Line (JSON lists: place in the list, from 1), the row, or None and why it cannot be read."""

SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv", ".xlsx", ".xlsm")
_MARK = b"\xef\xbb\xbf"


def read_rows(
    path: Path, wanted: Sequence[str], notes: list[str], *, rows: str | None = None, sheet: str | None = None
) -> Rows:
    """The rows of ``path``. ``wanted``: columns that a table must have; ``rows``: where a JSON file keeps its
    list; ``sheet``: name or number of an Excel sheet. What a person should know goes into ``notes``. Raises
    BankError for a file of another kind, or without the columns."""
    suffix = path.suffix.lower()
    if suffix in (".jsonl", ".ndjson"):
        return _json_lines(path)
    if suffix == ".json":
        return _json_list(path, rows)
    if suffix == ".csv":
        return _csv_rows(path, wanted, notes)
    if suffix in (".xlsx", ".xlsm"):
        from mofang.assurance.banks.sheet import sheet_rows

        return sheet_rows(path, wanted, notes, sheet)
    raise _other_kind(path)


def _other_kind(path: Path) -> BankError:
    if path.suffix.lower() in (".xls", ".et"):
        return BankError(
            _("{path} is in the old Excel format").format(path=path.name),
            where=str(path),
            remedy=_("open it and save it as .xlsx"),
        )
    if path.suffix.lower() == ".sealed":
        return BankError(
            _("{path} is a sealed bank").format(path=path.name),
            where=str(path),
            remedy=_(
                "open it first, which is recorded: mofang bank open {name} --out bank.jsonl --by NAME"
            ).format(name=path.name),
        )
    return BankError(
        _("{path} is not a bank file").format(path=path),
        where=str(path),
        remedy=_("save the bank as .jsonl, .json, .csv or .xlsx"),
    )


class NoColumn(BankError):
    """A table lacks a column that is needed."""


def no_column(
    path: Path, line: int, missing: Sequence[str], header: Sequence[str], others: Sequence[str] = ()
) -> NoColumn:
    """The error for a table that lacks columns; ``others`` are the workbook's other sheets."""
    remedy = _("name the column: mofang bank import {name} --map text=COLUMN --out bank.jsonl")
    sheets = (
        _("; or read another sheet with --sheet: {names}").format(names=", ".join(others)) if others else ""
    )
    return NoColumn(
        _("there is no column {name}; the first line has: {names}").format(
            name=", ".join(missing), names=_shown(header)
        ),
        where=f"{path}:{line}",
        remedy=remedy.format(name=path.name) + sheets,
    )


def _shown(header: Sequence[str]) -> str:
    """The headings; a file without any begins with a question, which is not printed."""
    names = (name if brief(name) else _("a text of {n} characters").format(n=len(name)) for name in header)
    return ", ".join(names)[:200].encode("utf-8", "replace").decode()


def _json_lines(path: Path) -> Rows:
    with reported(path), path.open("rb") as file:
        for line, raw in enumerate(file, start=1):
            if line == 1:
                raw = raw.removeprefix(_MARK)
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


def _json_list(path: Path, place: str | None) -> Rows:
    try:
        with reported(path):
            content = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BankError(_("not JSON in UTF-8: {why}").format(why=error), where=str(path)) from error
    found = list(_lists(content, place.split(".") if place else []))
    if not found and isinstance(content, list):  # a layout for the wrapped form reads the bare list too
        found = [content]
    if not found:
        raise BankError(
            _("the JSON file holds no list of questions"),
            where=str(path),
            remedy=_("name the key of the list with rows: in a mapping file"),
        )
    for number, row in enumerate((row for part in found for row in part), start=1):
        yield (number, row, None) if isinstance(row, dict) else (number, None, _("not a JSON object"))


def _lists(content: Any, steps: list[str]) -> Iterator[list[Any]]:
    """Every list that a path leads to; ``*`` stands for every member."""
    if not steps:
        if isinstance(content, list):
            yield content
        return
    members: Sequence[Any] = []
    if steps[0] == "*":
        members = list(content.values()) if isinstance(content, dict) else content
        members = members if isinstance(members, list) else []
    elif isinstance(content, dict) and steps[0] in content:
        members = [content[steps[0]]]
    for member in members:
        yield from _lists(member, steps[1:])


def _csv_rows(path: Path, wanted: Sequence[str], notes: list[str]) -> Rows:
    with reported(path):
        raw = path.read_bytes()
    text = _text(raw, notes)
    reader = _reader(text, wanted)
    header = next(reader, None)
    if header is None:
        return
    missing = [name for name in wanted if name not in header]
    if missing:
        raise no_column(path, 1, missing, header)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, None, _("not CSV: {why}").format(why=error)
            continue
        if any(cells):
            yield (line, *_named(header, cells))


def _text(raw: bytes, notes: list[str]) -> str:
    """The text of a CSV file. Bytes that are no UTF-8 survive as surrogates, so that one bad row does not
    cost the others; a file in another encoding, as Excel saves it, is read as that."""
    try:
        return raw.removeprefix(_MARK).decode("utf-8")
    except UnicodeDecodeError:
        pass
    if not _mostly_utf8(raw):
        from mofang.corpus.encoding import decode

        found = decode(raw)
        if not found.flags:
            notes.append(
                _("the file is in {encoding}, not UTF-8; it was read as that").format(encoding=found.encoding)
            )
            return found.text
    return raw.removeprefix(_MARK).decode("utf-8", errors="surrogateescape")


def _mostly_utf8(raw: bytes) -> bool:
    """Whether more of the lines beyond ASCII are UTF-8 than are not: then it is a UTF-8 file with bad lines."""
    balance = 0
    for line in raw.split(b"\n"):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
            balance += 1
        except UnicodeDecodeError:
            balance -= 1
    return balance >= 0


def _reader(text: str, wanted: Sequence[str]) -> Any:
    """A CSV reader with the delimiter under which the first line holds the wanted columns; a comma at a pinch."""
    first = text.partition("\n")[0].rstrip("\r")
    for delimiter in (",", "\t", ";"):
        header = next(csv.reader([first], delimiter=delimiter), [])
        if all(name in header for name in wanted):
            break
    else:
        delimiter = ","
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _named(header: list[str], cells: list[str]) -> tuple[Mapping[str, Any] | None, str | None]:
    if any("\udc80" <= c <= "\udcff" for cell in cells for c in cell):
        return None, _("not UTF-8")
    if len(cells) != len(header):
        return None, _("{n} cells where the first line has {m}").format(n=len(cells), m=len(header))
    return dict(zip(header, cells, strict=True)), None
