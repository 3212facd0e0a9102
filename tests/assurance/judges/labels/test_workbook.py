"""The sheet for people: text stays text, folded, with words to choose from, and comes back as it went."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from mofang.assurance.judges.labels.label import Unit
from mofang.assurance.judges.labels.reading import read_labels
from mofang.assurance.judges.labels.sheets import read_sheet
from mofang.assurance.judges.labels.workbook import LONGEST, SheetRow, write_sheet
from mofang.evidence.digest import sha256_bytes

DRAW = str(sha256_bytes(b"draw"))


def row(item: str, text: str, kind: str = "content") -> SheetRow:
    unit = Unit(item, kind, "X.1", 0, sha256_bytes(item.encode()), "sha256:0#0")
    return SheetRow(unit, "问题？", text, "0.500000")


ROWS = [row("q1", "九点开门。"), row("q2", '=HYPERLINK("http://x")'), row("q3", "抱歉。", "should_refuse")]


def opened(rows: list[SheetRow], **more: Any) -> Any:
    return load_workbook(io.BytesIO(write_sheet(rows, DRAW, **more)))


def test_questions_and_answers_are_folded_and_formulas_are_text() -> None:
    page = opened(ROWS)["标注"]
    assert [cell.value for cell in page[1]][:5] == ["题目编号", "第几次", "题目", "回答", "判定"]
    assert page["D3"].value == '=HYPERLINK("http://x")'
    assert page["D3"].data_type == "s"
    assert page.column_dimensions["C"].hidden
    assert page.column_dimensions["D"].hidden
    assert not page.column_dimensions["E"].hidden


def test_each_kind_has_its_words() -> None:
    offers = {
        str(offer.sqref): offer.formula1 for offer in opened(ROWS)["标注"].data_validations.dataValidation
    }
    assert offers == {
        "E2:E3": '"合格,不合格,无法判断"', "E4": '"拒答,部分拒答,未拒答,无法判断"', "G2:G4": '"仲裁"',
    }  # fmt: skip


def test_guidance_is_in_chinese_with_the_criterion() -> None:
    said = [cell.value for (cell,) in opened(ROWS, criterion="提到颜色即不合格。")["说明"].iter_rows()]
    assert len(said) > 5
    assert said[-1].endswith("提到颜色即不合格。")


@pytest.mark.parametrize("text", ["控制\x00\x1b字符", "半个\ud83d", "长" * 40_000])
def test_texts_that_a_spreadsheet_cannot_hold(text: str) -> None:
    found = opened([row("q1", text)])["标注"]["D2"].value
    assert len(found) < LONGEST + 100
    assert "\x00" not in found


def test_a_sheet_comes_back_as_labels(tmp_path: Path) -> None:
    book = opened(ROWS)
    page = book["标注"]
    for line, word in ((2, "合格"), (3, "不合格"), (4, "部分拒答")):
        page.cell(line, 5).value, page.cell(line, 6).value, page.cell(line, 8).value = (
            word,
            "甲",
            "2026-11-01",
        )
    file = tmp_path / "back.xlsx"
    book.save(file)
    units = [one.unit for one in ROWS]
    draws = {DRAW: {unit.answer: "0.500000" for unit in units}}
    found = read_labels(read_sheet(file), units, draws=draws)
    assert not found.bad
    assert [(label.item, label.verdict, label.refused, label.probability) for label in found.labels] == [
        ("q1", "pass", None, "0.500000"), ("q2", "fail", None, "0.500000"), ("q3", "pass", True, "0.500000"),
    ]  # fmt: skip


def test_an_untouched_sheet_holds_no_label(tmp_path: Path) -> None:
    file = tmp_path / "back.xlsx"
    file.write_bytes(write_sheet(ROWS, DRAW))
    assert read_labels(read_sheet(file), [one.unit for one in ROWS]).empty == 3
