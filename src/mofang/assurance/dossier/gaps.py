"""gaps.xlsx: what is missing, from whom, for the person who runs after it."""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any

from mofang.assurance.dossier.archive import repack
from mofang.assurance.dossier.material import Dossier
from mofang.i18n import Text

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = (("number", 12), ("clause", 34), ("gap", 46), ("who", 24), ("state", 18), ("done", 26))
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def render_gaps(dossier: Dossier, language: str = "zh") -> bytes:
    """The gap list as XLSX; equal material gives equal bytes."""
    from openpyxl import Workbook

    book = Workbook()
    sheet: Any = book.active
    declared = datetime.fromisoformat(dossier.as_of)
    book.properties.creator, book.properties.created = dossier.provider, declared
    book.properties.title = f"{_say(dossier.project, language)} {_say(dossier.words['gaps'], language)}"
    sheet.title = _say(dossier.words["gaps"], language)[:31]
    _fill(sheet, dossier, language)
    _style(sheet, len(dossier.gaps))
    buffer = io.BytesIO()
    book.save(buffer)
    stamp = rf"\g<1>{declared:%Y-%m-%dT%H:%M:%SZ}".encode()
    return repack(buffer.getvalue(), {"docProps/core.xml": lambda part: _MODIFIED.sub(stamp, part)})


def _say(text: Text, language: str) -> str:
    return text["en" if language == "en" else "zh"]


def _fill(sheet: Any, dossier: Dossier, language: str) -> None:
    words = dossier.words
    rows = [
        [f"{_say(dossier.project, language)}　{_say(words['gaps'], language)}"],
        [f"{_say(words['as_of'], language)} {dossier.as_of}　{_say(dossier.standard, language)}"],
        [_say(words[name], language) for name, _width in COLUMNS],
    ]
    for gap in dossier.gaps:
        state = words[f"conclusion_{gap.state}"]
        texts = (gap.title, gap.what, gap.who, state)
        title, what, who, said = (_say(text, language) for text in texts)
        rows.append([gap.number, f"{gap.clause} {title}", what, who, said, ""])
    rows.append([_say(words["disclaimer"], language)])
    for number, row in enumerate(rows, 1):
        for column, text in enumerate(row, 1):
            cell = sheet.cell(number, column)
            # A text that starts with "=" must stay a text, or a spreadsheet would run it.
            cell.value, cell.data_type = text, "s"


def _style(sheet: Any, count: int) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    side = Side(style="thin", color="FFB9C2CD")
    sheet["A1"].font = Font(name="SimHei", size=15, bold=True, color="FF16324F")
    sheet["A2"].font = Font(name="SimSun", size=10, color="FF4D5867")
    for column, (_name, width) in enumerate(COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
        for row in range(3, count + 4):
            cell = sheet.cell(row, column)
            cell.border = Border(left=side, right=side, top=side, bottom=side)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(name="SimHei" if row == 3 else "SimSun", size=10.5, bold=row == 3)
            if row == 3:
                cell.fill = PatternFill("solid", fgColor="FFEEF1F4")
    last = sheet.cell(count + 4, 1)
    last.font = Font(name="SimSun", size=9, color="FF4D5867")
    sheet.freeze_panes = "A4"
    sheet.auto_filter.ref = f"A3:{get_column_letter(len(COLUMNS))}{count + 3}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "3:3"
