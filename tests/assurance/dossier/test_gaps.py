"""The gap list as a spreadsheet."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import load_workbook

from mofang.assurance.dossier.gaps import render_gaps
from mofang.assurance.dossier.material import Dossier


def _sheet(data: bytes) -> Any:
    return load_workbook(io.BytesIO(data)).active


def test_equal_material_gives_equal_bytes(assessment: Any) -> None:
    assert render_gaps(assessment.dossier()) == render_gaps(assessment.dossier())


def test_each_gap_has_a_row_with_who_brings_it(dossier: Dossier) -> None:
    rows = list(_sheet(render_gaps(dossier)).iter_rows(values_only=True))
    assert rows[2] == ("条款号", "条款", "缺什么", "由谁提供", "状态", "完成情况（填写）")
    assert rows[3] == ("5.1 c)", "SRC-5 来源可追溯", "来源 news 的授权合同", "合规负责人", "待文件", None)
    assert len(rows) == 3 + len(dossier.gaps) + 1
    assert rows[-1][0] == dossier.words["disclaimer"]["zh"]


def test_english_when_asked(dossier: Dossier) -> None:
    rows = list(_sheet(render_gaps(dossier, "en")).iter_rows(values_only=True))
    assert rows[3][2] == "Licence contract of source news"


def test_a_text_never_becomes_a_formula(assessment: Any) -> None:
    attack = '=HYPERLINK("http://example.invalid","x")'
    assessment.findings["gaps"][0]["what"] = {"zh": attack, "en": attack}
    cell = _sheet(render_gaps(assessment.dossier())).cell(4, 3)
    assert (cell.value, cell.data_type) == (attack, "s")


def test_no_gaps_leave_an_empty_list(assessment: Any) -> None:
    assessment.findings["gaps"] = []
    assert _sheet(render_gaps(assessment.dossier())).max_row == 4
