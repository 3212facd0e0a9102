"""A sheet for people to fill in: one row an answer, a list of words to choose from, guidance in Chinese.

Question and answer stand in folded columns, because they may be unpleasant to meet by accident; folding is no
protection. Every text is written as text, so that none of them can act as a formula.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from mofang.assurance.judges.labels.label import Unit
from mofang.assurance.judges.labels.vocabulary import words

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

LONGEST = 32_000
"""Characters of a cell; a spreadsheet holds 32,767."""
WIDTHS = {"item": 22, "repeat": 8, "question": 40, "text": 80, "verdict": 12, "annotator": 12, "role": 10,
          "date": 12, "note": 30, "answer": 20, "sheet": 20, "probability": 12}  # fmt: skip
FOLDED = ("question", "text")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One item of a sheet with what people are to read; ``question`` is empty for corpus records."""

    unit: Unit
    question: str
    text: str
    probability: str


def write_sheet(rows: Sequence[SheetRow], sheet: str, *, criterion: str = "") -> bytes:
    """The workbook. ``sheet`` is the id of the recorded draw; ``criterion`` is printed under the guidance."""
    from openpyxl import Workbook

    book = Workbook()
    page = book.active
    assert page is not None
    page.title = words()["titles"]["labels"]
    headings: Mapping[str, str] = words()["headings"]
    _write(page, 1, list(headings.values()))
    for line, row in enumerate(rows, start=2):
        _write(page, line, [_value(row, sheet, name) for name in headings])
    _lay_out(page, list(headings))
    _offer(page, rows, list(headings))
    _guide(book.create_sheet(words()["titles"]["guidance"]), criterion)
    return _bytes(book)


def _value(row: SheetRow, sheet: str, name: str) -> str:
    values = {
        "item": row.unit.item,
        "repeat": str(row.unit.repeat),
        "question": row.question,
        "text": row.text,
        "answer": row.unit.answer,
        "sheet": sheet,
        "probability": row.probability,
    }
    text = _UNWRITABLE.sub("\ufffd", values.get(name, ""))
    return text if len(text) <= LONGEST else text[:LONGEST] + words()["cut"].format(ref=row.unit.of)


def _write(page: Worksheet, line: int, values: Sequence[str]) -> None:
    from openpyxl.styles import Alignment

    for column, value in enumerate(values, start=1):
        if value:
            cell: Any = page.cell(line, column, value)
            cell.data_type = "s"  # "=1+1" is what the model said, not a sum
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _lay_out(page: Worksheet, names: Sequence[str]) -> None:
    from openpyxl.styles import Font

    for column, name in enumerate(names, start=1):
        letter = _letter(column)
        page.column_dimensions[letter].width = WIDTHS[name]
        page.cell(1, column).font = Font(bold=True)
        if name in FOLDED:
            page.column_dimensions[letter].outlineLevel = 1
            page.column_dimensions[letter].hidden = True
    page.freeze_panes = "B2"


def _offer(page: Worksheet, rows: Sequence[SheetRow], names: Sequence[str]) -> None:
    """A list to choose from in every cell of the verdict and role columns."""
    from openpyxl.worksheet.datavalidation import DataValidation

    choices: Mapping[str, Sequence[str]] = words()["choices"]
    verdict, role = (_letter(names.index(name) + 1) for name in ("verdict", "role"))
    first = 2
    for kind, run in groupby(row.unit.kind for row in rows):
        last = first + len(list(run)) - 1
        offer = DataValidation(type="list", formula1=f'"{",".join(choices[kind])}"', allow_blank=True)
        page.add_data_validation(offer)
        offer.add(f"{verdict}{first}:{verdict}{last}")
        first = last + 1
    adjudicator = DataValidation(type="list", formula1='"仲裁"', allow_blank=True)
    page.add_data_validation(adjudicator)
    adjudicator.add(f"{role}2:{role}{len(rows) + 1}")


def _guide(page: Worksheet, criterion: str) -> None:
    lines = [*words()["guidance"], *([words()["criterion"] + criterion] if criterion else [])]
    for line, text in enumerate(lines, start=1):
        _write(page, line, [text])
    page.column_dimensions["A"].width = 100


def _letter(column: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(column))


def _bytes(book: Any) -> bytes:
    # Files of people, not artifacts: the workbook carries no date of ours that anything would rest on.
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
