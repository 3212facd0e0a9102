"""Label sheets as people send them: any order of columns, Chinese encodings, formulas, damage."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from mofang.assurance.judges.labels.errors import LabelError
from mofang.assurance.judges.labels.sheets import FORMULA, read_sheet

TABLE = "标注人,题目编号,判定,日期,备注\n甲,q1,合格,2026-11-01,\n,,,,\n乙,q2,不合格,2026-11-02,见说明\n"
CELLS = [
    {"annotator": "甲", "item": "q1", "verdict": "合格", "date": "2026-11-01", "note": ""},
    {"annotator": "乙", "item": "q2", "verdict": "不合格", "date": "2026-11-02", "note": "见说明"},
]


def workbook(path: Path, rows: list[list[Any]], title: str = "标注") -> Path:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = title
    for row in rows:
        page.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_the_encodings_that_spreadsheets_write(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(TABLE.encode(encoding))
    rows = read_sheet(file)
    assert [dict(row.cells) for row in rows] == CELLS
    assert [row.line for row in rows] == [2, 4]


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_other_delimiters_and_line_ends(tmp_path: Path, delimiter: str) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(TABLE.replace(",", delimiter).replace("\n", "\r\n").encode())
    assert [dict(row.cells) for row in read_sheet(file)] == CELLS


def test_jsonl_and_its_broken_lines(tmp_path: Path) -> None:
    lines = [json.dumps(CELLS[0]), "{", "[1]", "", json.dumps({"item": "q3", "refused": True, "else": 1})]
    file = tmp_path / "a.jsonl"
    file.write_text("\n".join(lines), "utf-8")
    rows = read_sheet(file)
    assert [(row.line, row.flaw is None) for row in rows] == [(1, True), (2, False), (3, False), (5, True)]
    assert rows[3].cells == {"item": "q3", "refused": "yes"}


def test_excel_with_dates_numbers_and_other_columns(tmp_path: Path) -> None:
    file = workbook(
        tmp_path / "a.xlsx",
        [
            ["题目编号", "问卷", "Verdict ", "标注人", "日期"],
            [7, "任意", "合格", "甲", datetime.datetime(2026, 11, 1, 8, 30)],
            [None, None, None, None, None],
            ["q2", None, "ＦＡＩＬ", "乙", datetime.date(2026, 11, 2)],
        ],
    )
    rows = read_sheet(file)
    assert [dict(row.cells) for row in rows] == [
        {"item": "7", "verdict": "合格", "annotator": "甲", "date": "2026-11-01"},
        {"item": "q2", "verdict": "ＦＡＩＬ", "annotator": "乙", "date": "2026-11-02"},
    ]


def test_excel_with_formulas(tmp_path: Path) -> None:
    file = workbook(
        tmp_path / "a.xlsx", [["item", "verdict"], ["q1", '=IF(A2="q1","pass","fail")'], ["q2", "pass"]]
    )
    assert [row.cells["verdict"] for row in read_sheet(file)] == [FORMULA, "pass"]


def test_the_sheet_called_labels_is_read_wherever_it_stands(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["说明"])
    page = book.create_sheet("标注")
    page.append(["item", "verdict"])
    page.append(["q1", "pass"])
    book.save(tmp_path / "a.xlsx")
    assert [row.cells["item"] for row in read_sheet(tmp_path / "a.xlsx")] == ["q1"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xls", b"x", "not a label sheet"),
        ("a.docx", b"x", "not a label sheet"),
        ("a.xlsx", b"not a zip", "no Excel workbook"),
        ("a.xlsx", b"PK\x03\x04 broken", "no Excel workbook"),
        ("a.csv", b"item,verdict,verdict\n", "stands twice"),
        ("a.csv", b"question,answer\n1,2\n", "names no columns"),
        ("a.csv", b"item,note\n1,2\n", "names no columns"),
        ("a.csv", b'item,verdict\nq1,"pass\n', "not CSV"),
        ("a.csv", b"item,verdict\n\xff\xff\xfe\x00\x81,pass\n", "encoding"),
    ],
)
def test_files_that_are_no_sheets(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(LabelError, match=said) as caught:
        read_sheet(file)
    assert str(file) in str(caught.value.where)


def test_a_row_with_too_many_cells_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("item,verdict\nq1,pass,and,more\nq2,pass\nq3\n", "utf-8")
    assert [(row.line, row.flaw is None) for row in read_sheet(file)] == [(2, False), (3, True), (4, True)]
