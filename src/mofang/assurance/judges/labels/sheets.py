"""The rows of a label sheet that came back: CSV (UTF-8 or a Chinese encoding), Excel, JSON lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from mofang.assurance.judges.labels.errors import LabelError
from mofang.assurance.judges.labels.vocabulary import heard, words
from mofang.evidence.files import reported
from mofang.i18n import _

FORMULA = "\x00formula"
"""Stands in a cell that holds a formula: it is not what a person wrote."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row under its number in the file; ``cells`` by our name of the column. ``flaw`` says why it cannot be
    read."""

    line: int
    cells: Mapping[str, str]
    flaw: str | None = None


def read_sheet(path: Path) -> list[Row]:
    """The rows of a sheet that are not blank. Raises LabelError for a file of another kind, a damaged one, or one
    without the columns item and verdict (or refused)."""
    readers = {".csv": _csv_rows, ".xlsx": _xlsx_rows, ".jsonl": _json_rows, ".ndjson": _json_rows}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise LabelError(
            _("{file} is not a label sheet").format(file=path.name),
            where=str(path),
            remedy=_("save it as .xlsx, .csv or .jsonl"),
        )
    with reported(path):
        return [row for row in reader(path) if row.flaw or any(row.cells.values())]


def _csv_rows(path: Path) -> Iterator[Row]:
    text = _decoded(path.read_bytes(), path)
    first = text.partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str | None] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # Where the quotes went wrong nobody knows; what follows cannot be trusted to be rows.
            raise LabelError(
                _("not CSV: {why}").format(why=error),
                where=f"{path}:{line}",
                remedy=_("open the file in a spreadsheet and save it again as .xlsx"),
            ) from error
        if not columns:
            columns = _columns(cells, f"{path}:{line}")
        elif len(cells) > len(columns):
            yield Row(
                line, {}, _("{n} cells where the first line has {m}").format(n=len(cells), m=len(columns))
            )
        else:
            yield Row(line, _named(columns, cells))


def _decoded(raw: bytes, path: Path) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    from mofang.corpus.encoding import decode

    found = decode(raw)
    if found.flags:
        raise LabelError(
            _("the encoding of the file cannot be told"),
            where=str(path),
            remedy=_("save it as .xlsx, or as CSV in UTF-8"),
        )
    return found.text


def _xlsx_rows(path: Path) -> Iterator[Row]:
    import zipfile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise LabelError(
            _("the file is damaged or is no Excel workbook"),
            where=str(path),
            remedy=_("open it in a spreadsheet and save it again as .xlsx, without a password"),
        ) from error
    try:
        title = words()["titles"]["labels"]
        rows = book[title if title in book.sheetnames else book.sheetnames[0]].iter_rows()
        columns = _columns([_cell(cell) for cell in next(rows, ())], f"{path}:1")
        for line, cells in enumerate(rows, start=2):
            yield Row(line, _named(columns, [_cell(cell) for cell in cells]))
    finally:
        book.close()


def _cell(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if getattr(cell, "data_type", None) == "f":
        return FORMULA
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _json_rows(path: Path) -> Iterator[Row]:
    for line, raw in enumerate(path.read_bytes().splitlines(), start=1):
        if not raw.strip():
            continue
        try:
            found = json.loads(raw.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            yield Row(line, {}, _("not JSON in UTF-8"))
            continue
        if not isinstance(found, dict):
            yield Row(line, {}, _("not a JSON object"))
            continue
        named = {heard("columns", str(name)): _plain(value) for name, value in found.items()}
        yield Row(line, {name: value for name, value in named.items() if name is not None})


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value).strip()


def _columns(header: Sequence[str], where: str) -> list[str | None]:
    """Our name of each column; None for those that are not ours."""
    columns = [heard("columns", name) for name in header]
    for name in (one for one in columns if one is not None):
        if columns.count(name) > 1:
            raise LabelError(
                _("the column {name} stands twice").format(name=words()["columns"][name][0]), where=where
            )
    if "item" not in columns or not {"verdict", "refused"} & set(columns):
        raise LabelError(
            _("the first row names no columns item and verdict"),
            where=where,
            remedy=_("keep the headings of the sheet that `mofang label sheet` writes: {names}").format(
                names=_names(words()["headings"].values())
            ),
        )
    return columns


def _names(found: Iterable[str]) -> str:
    return ", ".join(found)


def _named(columns: Sequence[str | None], cells: Sequence[str]) -> dict[str, str]:
    return {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name is not None}
