"""Rows of an Excel sheet (.xlsx) as text: dates as dates, merged cells filled down, formulas by their stored value."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mofang.assurance.banks.rows import Rows, no_column
from mofang.assurance.errors import BankError
from mofang.evidence.files import reported
from mofang.i18n import _

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

MOST_BYTES = 512 << 20
"""Unpacked, a workbook may be as large; a larger one is a mistake or a trap."""
HEADER_ROWS = 10
"""The header is looked for in so many rows: sheets often begin with a title."""

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
Cells = list[str]


class _Fault(str):
    """Stands in a cell that has no value to give, and says why."""


def sheet_rows(path: Path, wanted: Sequence[str], notes: list[str], sheet: str | None) -> Rows:
    """The rows under the header of one sheet (name, or number from 1; default the first). Raises BankError for
    a file that is no .xlsx, one with a password, an unknown or empty sheet, or a missing column."""
    _refuse(path)
    with reported(path):
        book = _opened(path, values=False)
        try:
            name = _chosen(path, book, sheet, notes)
            others = [found.title for found in book.worksheets if found.title != name]
            merged = _merged(path, book, name)
            table = _cells(book, name)
            formulas = sum(
                1 for _line, row in table for cell in row if isinstance(cell, _Fault) and cell == "formula"
            )
        finally:
            book.close()
        if formulas:
            table = _computed(path, name, table)
            notes.append(
                _("{n} cells hold formulas; the values stored with them were read").format(n=formulas)
            )
    if merged:
        notes.append(
            _("{n} merged areas: their value was taken for each of their rows").format(n=len(merged))
        )
        table = _filled(table, merged)
    yield from _under_header(path, name, table, wanted, notes, others)


def _refuse(path: Path) -> None:
    """Says what a file is that is no workbook we read."""
    with reported(path):
        raw = path.read_bytes()
    if raw.startswith(_COMPOUND):
        if _ENCRYPTED in raw:
            raise BankError(
                _("the workbook is protected by a password"),
                where=str(path),
                remedy=_("open it, take the password off and save it"),
            )
        raise BankError(
            _("{path} is in the old Excel format").format(path=path.name),
            where=str(path),
            remedy=_("open it and save it as .xlsx"),
        )
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
            known = "xl/workbook.xml" in archive.namelist()
    except zipfile.BadZipFile:
        raise _no_workbook(path) from None
    if not known:
        raise _no_workbook(path)
    if size > MOST_BYTES:
        raise BankError(
            _("the workbook unpacks to {n} MB, more than {most}").format(n=size >> 20, most=MOST_BYTES >> 20),
            where=str(path),
            remedy=_("save the sheet alone as .csv"),
        )


def _no_workbook(path: Path) -> BankError:
    return BankError(
        _("this is not an Excel workbook, whatever its name says"),
        where=str(path),
        remedy=_("open it and save it as .xlsx, or rename it to what it is, such as .csv"),
    )


def _opened(path: Path, *, values: bool) -> Workbook:
    import warnings

    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it remarks on styles and extensions that hold no values
        try:
            return load_workbook(path, read_only=True, data_only=values)
        except OSError:
            raise
        except Exception as error:
            raise BankError(
                _("the workbook cannot be read: {why}").format(why=type(error).__name__),
                where=str(path),
                remedy=_("open it and save it again, or save the sheet as .csv"),
            ) from error


def _chosen(path: Path, book: Workbook, sheet: str | None, notes: list[str]) -> str:
    names = [found.title for found in book.worksheets]
    if sheet is None:
        if len(names) > 1:
            notes.append(
                _("sheet {name} was read; the file also has: {others}").format(
                    name=names[0], others=", ".join(names[1:])
                )
            )
        return names[0]
    if sheet in names:
        return sheet
    if sheet.isdigit() and 0 < int(sheet) <= len(names):
        return names[int(sheet) - 1]
    raise BankError(
        _("there is no sheet {name}").format(name=sheet),
        where=str(path),
        remedy=_("the file has: {names}").format(names=", ".join(names)),
    )


def _cells(book: Workbook, name: str) -> list[tuple[int, Cells]]:
    """Number and cells of every row; a row without any value is an empty list."""
    sheet: Any = book[name]
    sheet.reset_dimensions()  # what other programs write there is not to be trusted
    table = []
    for number, row in enumerate(sheet.rows, start=1):
        cells = [_said(cell) for cell in row]
        while cells and cells[-1] == "":
            cells.pop()
        table.append((number, cells))
    return table


def _said(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return _Fault("formula")
    if cell.data_type == "e":
        return _Fault(str(value))
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        whole = (value.hour, value.minute, value.second) == (0, 0, 0)
        return value.date().isoformat() if whole else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _computed(path: Path, name: str, table: list[tuple[int, Cells]]) -> list[tuple[int, Cells]]:
    """The table with the stored value of each formula; one that nobody ever computed stays a fault."""
    book = _opened(path, values=True)
    try:
        stored = dict(_cells(book, name))
    finally:
        book.close()
    return [
        (n, [_stored(cell, stored.get(n, []), at) for at, cell in enumerate(cells)]) for n, cells in table
    ]


def _stored(cell: str, row: Cells, at: int) -> str:
    if not isinstance(cell, _Fault) or cell != "formula":
        return cell
    return row[at] if at < len(row) and row[at] else cell


def _merged(path: Path, book: Workbook, name: str) -> list[tuple[int, int, int, int]]:
    """First row, first column, last row, last column of each merged area; openpyxl tells it only to those who
    read a workbook whole."""
    place = getattr(book[name], "_worksheet_path", None)
    if place is None:
        return []
    with zipfile.ZipFile(path) as archive:
        raw = archive.read(place)
    return [
        (int(top), _column(left), int(bottom), _column(right))
        for left, top, right, bottom in _MERGED.findall(raw[max(raw.rfind(b"mergeCells count"), 0) :] or raw)
    ]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _filled(
    table: list[tuple[int, Cells]], merged: list[tuple[int, int, int, int]]
) -> list[tuple[int, Cells]]:
    """The table with the value of a merged area in each of its rows, in the area's first column."""
    rows = dict(table)
    for top, left, bottom, _right in merged:
        first = rows.get(top, [])
        value = first[left] if left < len(first) else ""
        for number in range(top + 1, min(bottom, len(table)) + 1):
            cells = rows[number]
            if value and any(cells):  # a merged title over empty rows makes no rows
                cells += [""] * (left + 1 - len(cells))
                cells[left] = value
    return table


def _under_header(
    path: Path,
    name: str,
    table: list[tuple[int, Cells]],
    wanted: Sequence[str],
    notes: list[str],
    others: Sequence[str],
) -> Iterator[tuple[int, Mapping[str, Any] | None, str | None]]:
    rows = [(number, cells) for number, cells in table if cells]
    if not rows:
        raise BankError(
            _("sheet {name} is empty").format(name=name),
            where=str(path),
            remedy=_("choose another with --sheet NAME"),
        )
    begin = next(
        (n for n, row in enumerate(rows[:HEADER_ROWS]) if all(one in row[1] for one in wanted)), None
    )
    if begin is None:
        missing = [one for one in wanted if one not in rows[0][1]]
        raise no_column(path, rows[0][0], missing, rows[0][1], others=others)
    line, header = rows[begin]
    if begin:
        notes.append(_("the header stands in row {n}; what is above it was passed over").format(n=line))
    for number, cells in rows[begin + 1 :]:
        yield (number, *_named(header, cells))


def _named(header: Cells, cells: Cells) -> tuple[Mapping[str, Any] | None, str | None]:
    if len(cells) > len(header):
        return None, _("{n} cells where the first line has {m}").format(n=len(cells), m=len(header))
    for at, cell in enumerate(cells):
        if isinstance(cell, _Fault):
            return None, _fault(cell, header[at])
    return dict(zip(header, [*cells, *[""] * (len(header) - len(cells))], strict=True)), None


def _fault(cell: _Fault, column: str) -> str:
    if cell == "formula":
        return _("{name} holds a formula without a stored value; paste it as a value").format(name=column)
    return _("{name} holds the error {error}").format(name=column, error=str(cell)[:12])
