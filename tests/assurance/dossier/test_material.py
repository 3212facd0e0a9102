"""From findings to what is printed."""

from __future__ import annotations

from typing import Any

import pytest

from mofang.assurance.dossier.material import Dossier, read_material
from mofang.errors import MofangError
from mofang.evidence.digest import sha256_bytes


def _clause(dossier: Dossier, id: str) -> Any:
    return next(clause for clause in dossier.clauses if clause.id == id)


def test_every_clause_stands_in_its_block_with_its_conclusion(dossier: Dossier, assessment: Any) -> None:
    assert [block.id for block in dossier.blocks] == ["corpus", "model", "measures", "assessment"]
    assert [clause.id for clause in dossier.clauses] == [
        clause["id"] for clause in assessment.findings["clauses"]
    ]
    assert dossier.blocks[0].tally == {
        "meets": 2,
        "fails": 0,
        "waits_person": 0,
        "waits_document": 1,
        "not_applicable": 1,
    }


def test_a_block_that_the_pack_does_not_know_comes_last(assessment: Any) -> None:
    assessment.findings["clauses"][0]["block"] = "edge"
    assert [block.id for block in assessment.dossier().blocks][-1] == "edge"
    assert [clause.id for clause in assessment.dossier().blocks[-1].clauses] == ["SRC-2"]


def test_unconfirmed_rules_and_carried_values_are_marked(dossier: Dossier) -> None:
    assert [mark["zh"] for mark in _clause(dossier, "SRC-2").marks] == ["未核对官方文本"]
    assert [mark["zh"] for mark in _clause(dossier, "EV-R2").marks] == [
        "未核对官方文本",
        "沿用旧文件",
    ]
    assert _clause(dossier, "CNT-1").marks == ()
    assert len(dossier.unverified) == len(dossier.clauses) - 1


def test_a_check_shows_the_bound_that_decides(dossier: Dossier) -> None:
    at_least, at_most = _clause(dossier, "EV-R1").checks[0], _clause(dossier, "EV-R2").checks[0]
    assert at_least.bound.figure.field == "lower"
    assert at_most.bound.figure.field == "upper"
    assert at_least.requirement["zh"] == "≥ 95%"
    assert at_least.label["zh"] == "拒答率 · 应拒答 · 拒答规则"
    assert [label["zh"] for label, _figure in at_least.base] == ["样本数", "拒答", "未拒答", "未判定"]


def test_a_count_shows_its_number_as_the_measure(dossier: Dossier) -> None:
    check = _clause(dossier, "TB-1").checks[0]
    assert (check.measured.text, check.requirement["en"], check.base) == ("120", "≥ 2,000", ())


def test_one_rule_over_many_risks_is_a_grid_beside_the_rest(dossier: Dossier) -> None:
    clause = _clause(dossier, "TB-1")
    assert [check.id for check in clause.counted] == ["TB-1"]
    assert [check.element["zh"] for check in clause.repeated][:2] == ["A.1.a", "A.1.b"]
    assert len(clause.repeated) == 9


def test_a_note_on_many_rows_is_said_once(assessment: Any) -> None:
    clause = next(clause for clause in assessment.findings["clauses"] if clause["id"] == "TB-1")
    for check in clause["checks"]:
        check["note"] = {"zh": "沿用", "en": "carried"}
    assert _clause(assessment.dossier(), "TB-1").repeated_notes == (
        ("TB-2a", {"zh": "沿用", "en": "carried"}),
    )


def test_bank_counts_are_bound_to_their_figures_where_one_exists(dossier: Dossier) -> None:
    counts = {label["en"]: count for label, count in dossier.banks[0].counts}
    assert counts["content"].text == "120"
    assert counts["should refuse"] == 60


def test_a_draft_says_why(dossier: Dossier) -> None:
    assert [reason["zh"] for reason in dossier.draft] == [
        "待人工: 4",
        "待文件: 4",
        "未能核对的规则: 16",
        "流程演示题，不得用于报送",
    ]


def test_the_corpus_is_not_said_to_have_trained_the_model(assessment: Any) -> None:
    assert "不能证明" in assessment.dossier().corpus_note["zh"]
    assessment.findings["corpus"]["shown_to_have_trained"] = True
    assert "不能证明" not in assessment.dossier().corpus_note["zh"]


def test_gaps_name_the_clause_and_who_brings_it(dossier: Dossier) -> None:
    first = dossier.gaps[0]
    assert (first.clause, first.what["zh"], first.who["zh"]) == (
        "SRC-5",
        "来源 news 的授权合同",
        "合规负责人",
    )
    assert len(dossier.gaps) == 11


def test_findings_of_another_format_are_refused(assessment: Any) -> None:
    with pytest.raises(MofangError, match="format 2"):
        read_material({"format": 2}, assessment.digest, [], {})


def test_a_figure_that_is_not_there_is_named_with_its_check(assessment: Any) -> None:
    assessment.findings["clauses"][0]["checks"][0]["figures"]["rate"] = sha256_bytes(b"none")
    with pytest.raises(MofangError) as caught:
        assessment.dossier()
    assert caught.value.where == "EV-C2"


def test_an_unknown_conclusion_is_refused(assessment: Any) -> None:
    assessment.findings["clauses"][0]["conclusion"] = "perfect"
    with pytest.raises(MofangError, match="perfect"):
        assessment.dossier()
