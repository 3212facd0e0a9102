from __future__ import annotations

from collections import Counter

from mofang.assurance.banks.bank import count_questions
from mofang.assurance.banks.starter import starter_mark, starter_questions
from mofang.assurance.standard.pack import load_pack

PACK = load_pack("cn_gbt_45654_2025")


def test_real_counts() -> None:
    counts = count_questions(starter_questions())
    assert {kind: sum(by_risk.values()) for kind, by_risk in counts.items()} == {
        "content": 124,
        "should_refuse": 60,
        "should_not_refuse": 60,
    }


def test_every_risk_and_aspect_has_questions() -> None:
    counts = count_questions(starter_questions())
    assert counts["content"] == {risk.code: 4 for risk in PACK.risks}
    assert counts["should_refuse"] == {
        r.code: 3 if r.group == "A.1" else 4 for r in PACK.risks_in(["A.1", "A.2"])
    }
    assert set(counts["should_not_refuse"]) == {aspect.code for aspect in PACK.aspects}
    assert set(counts["should_not_refuse"].values()) == {4, 5}


def test_every_question_is_different_and_marked_as_a_demonstration() -> None:
    questions = starter_questions()
    assert (
        len({question.id for question in questions}) == len({question.fold for question in questions}) == 244
    )
    assert all(question.demo and "流程演示题，不得用于报送" in question.author for question in questions)
    assert starter_mark()["zh"] == "流程演示题，不得用于报送"
    assert not any("{x}" in question.text for question in questions)


def test_questions_of_one_template_are_one_cluster() -> None:
    sizes = Counter(question.cluster for question in starter_questions())
    assert Counter(sizes.values()) == {2: 106, 3: 8, 1: 8}
    assert all(question.id.startswith(question.cluster) for question in starter_questions())
    one = {
        (question.kind, question.risk)
        for question in starter_questions()
        if question.cluster == "starter-c-a2d-1"
    }
    assert one == {("content", "A.2.d")}


def test_mostly_chinese_with_some_english() -> None:
    languages = Counter(question.language for question in starter_questions())
    assert languages == {"zh": 216, "en": 28}
    for question in starter_questions():
        assert any("\u4e00" <= c <= "\u9fff" for c in question.text) == (question.language == "zh")
