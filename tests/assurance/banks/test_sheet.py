from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from mofang.assurance.banks import sheet
from mofang.assurance.banks.files import BankReport, Layout, read_bank
from mofang.assurance.errors import BankError
from mofang.assurance.standard.pack import load_pack

PACK = load_pack("cn_gbt_45654_2025")
HEADER = ["id", "kind", "risk", "text", "added"]


def book(path: Path, *rows: list[object], merge: tuple[str, ...] = (), extra: tuple[str, ...] = ()) -> Path:
    made = openpyxl.Workbook()
    table = made.active
    assert table is not None
    table.title = "题库"
    for row in rows:
        table.append(row)
    for area in merge:
        table.merge_cells(area)
    for name in extra:
        made.create_sheet(name).append(HEADER)
    made.save(path)
    return path


def read(path: Path, layout: Layout | None = None, sheet: str | None = None) -> BankReport:
    return read_bank(path, PACK, layout, sheet=sheet)


def test_numbers_dates_blank_rows_and_short_rows(tmp_path: Path) -> None:
    path = book(
        tmp_path / "bank.xlsx",
        HEADER,
        [1, "content", "A.1.a", "开放时间是什么时候？", date(2026, 11, 1)],
        [],
        [2.0, "content", "A.1.a", "=1+2 等于几？", datetime(2026, 11, 2)],
        ["3", "content", "A.1.a", 42],
        [4, "content", "A.1.a", None, None],
        [5, "content", "A.1.a", "多一格", None, None, "x"],
    )
    report = read(path)
    assert [(q.id, q.text, q.added) for q in report.questions] == [
        ("1", "开放时间是什么时候？", "2026-11-01"),
        ("3", "42", ""),
    ]
    # openpyxl writes a text with a leading = as a formula; Excel does too.
    assert [(bad.line, bad.reason) for bad in report.bad] == [
        (4, "text holds a formula without a stored value; paste it as a value"),
        (6, "no text"),
        (7, "7 cells where the first line has 5"),
    ]


def test_stored_values_of_formulas_are_read_with_a_note(tmp_path: Path) -> None:
    path = book(
        tmp_path / "bank.xlsx", HEADER, [1, "content", "A.1.a", '=A1&"题"'], [2, "content", "A.1.a", "好"]
    )
    _rewrite(path, "xl/worksheets/sheet1.xml", b"<v></v>", "<v>公式的值</v>".encode(), b"<v />")
    report = read(path)
    assert [q.text for q in report.questions] == ["公式的值", "好"]
    assert report.notes == ("1 cells hold formulas; the values stored with them were read",)


def _rewrite(path: Path, member: str, old: bytes, new: bytes, *others: bytes) -> None:
    """What a spreadsheet program leaves: openpyxl itself stores no values beside formulas."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    before = parts[member]
    for form in (old, *others):
        parts[member] = parts[member].replace(form, new)
    parts[member] = parts[member].replace(b'<c r="D2">', b'<c r="D2" t="str">')
    assert parts[member] != before
    with zipfile.ZipFile(path, "w") as archive:
        for name, raw in parts.items():
            archive.writestr(name, raw)


def test_merged_cells_are_filled_down_and_a_title_is_passed_over(tmp_path: Path) -> None:
    path = book(
        tmp_path / "bank.xlsx",
        ["题库（2026 年版）"],
        [],
        ["编号", "类别", "风险", "题目"],
        [1, "content", "A.1.a", "第一题"],
        [2, None, None, "第二题"],
        [3, "content", "A.2.d", "第三题"],
        merge=("A1:D1", "B4:B5", "C4:C5"),
    )
    layout = Layout({"id": "编号", "kind": "类别", "risk": "风险", "text": "题目"})
    report = read(path, layout)
    assert [(q.id, q.kind, q.risk) for q in report.questions] == [
        ("1", "content", "A.1.a"),
        ("2", "content", "A.1.a"),
        ("3", "content", "A.2.d"),
    ]
    assert report.notes == (
        "3 merged areas: their value was taken for each of their rows",
        "the header stands in row 3; what is above it was passed over",
    )


def test_sheets_are_chosen_by_name_or_number(tmp_path: Path) -> None:
    path = book(tmp_path / "bank.xlsx", HEADER, [1, "content", "A.1.a", "题"], extra=("说明", "2025"))
    assert read(path).notes == ("sheet 题库 was read; the file also has: 说明, 2025",)
    assert read(path, sheet="1").notes == ()
    with pytest.raises(BankError, match="has no rows"):
        read(path, sheet="说明")
    with pytest.raises(BankError, match="has no rows"):  # a name goes before a number
        read(path, sheet="2025")
    with pytest.raises(BankError, match="there is no sheet 9") as caught:
        read(path, sheet="9")
    assert caught.value.remedy == "the file has: 题库, 说明, 2025"


def test_an_empty_sheet_and_a_missing_column_are_named(tmp_path: Path) -> None:
    with pytest.raises(BankError, match="sheet 题库 is empty"):
        read(book(tmp_path / "empty.xlsx"))
    with pytest.raises(BankError, match="there is no column text; the first line has: 题, 类") as caught:
        read(book(tmp_path / "bank.xlsx", [], ["题", "类"], ["x", "y"]))
    assert caught.value.where == f"{tmp_path / 'bank.xlsx'}:2"


def test_error_cells_cost_their_row(tmp_path: Path) -> None:
    path = book(
        tmp_path / "bank.xlsx", HEADER, [1, "content", "A.1.a", "#N/A"], [2, "content", "A.1.a", "好"]
    )
    report = read(path)
    assert [bad.reason for bad in report.bad] == ["text holds the error #N/A"]
    assert [q.id for q in report.questions] == ["2"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"id,text\n1,x\n", "not an Excel workbook"),
        (b"", "not an Excel workbook"),
        (b"PK\x03\x04 cut off", "not an Excel workbook"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 64 + "Workbook".encode("utf-16-le"),
            "old Excel format",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
    ],
)
def test_files_that_are_no_workbook(tmp_path: Path, raw: bytes, said: str) -> None:
    path = tmp_path / "bank.xlsx"
    path.write_bytes(raw)
    with pytest.raises(BankError, match=said) as caught:
        read(path)
    assert caught.value.remedy


def test_other_archives_damaged_and_swollen_workbooks_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    path = tmp_path / "bank.xlsx"
    path.write_bytes(other.getvalue())
    with pytest.raises(BankError, match="not an Excel workbook"):
        read(path)
    broken = io.BytesIO()
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x")
    path.write_bytes(broken.getvalue())
    with pytest.raises(BankError, match="the workbook cannot be read"):
        read(path)
    book(path, HEADER, [1, "content", "A.1.a", "题"])
    monkeypatch.setattr(sheet, "MOST_BYTES", 100)
    with pytest.raises(BankError, match="unpacks to"):
        read(path)
