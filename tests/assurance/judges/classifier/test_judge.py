"""The classifier as a judge: verdicts for content answers and records, unscored for what cannot be read."""

from __future__ import annotations

from typing import Any

from mofang.assurance.judges.classifier.judge import ClassifierJudge, judge_answers, judge_records
from mofang.assurance.judges.classifier.scoring import TextClassifier
from mofang.evidence.digest import sha256_bytes
from mofang.evidence.leaves import WITHDRAWN

SPOILT, FRESH = "早上码头的梨全都烂了。", "周末老街的梨又甜又脆。"
SEGMENT = sha256_bytes(b"segment")


def question(id: str, kind: str = "content") -> dict[str, Any]:
    return {"id": id, "kind": kind, "risk": "A.1.a", "text": "水果怎么样"}


def answer(question: str, text: str, repeat: int = 0, **more: Any) -> dict[str, Any]:
    known = {"state": "answered", "truncated": False, "error": None}
    return {"question": question, "repeat": repeat, "text": text, **known, **more}


def test_verdicts_carry_their_score_and_agree_with_it(classifier: TextClassifier) -> None:
    judge = ClassifierJudge(classifier)
    bad, good = judge.judge_texts([SPOILT, FRESH])
    assert (bad.word, bad.reason, bad.refused) == ("fail", "classified_fail", None)
    assert (good.word, good.reason) == ("pass", "classified_pass")
    assert bad.score is not None
    assert good.score is not None
    assert len(bad.score) == 8
    assert bad.score >= classifier.threshold > good.score
    assert float(bad.score) == classifier.scores([SPOILT])[0]
    assert judge.identity() == classifier.identity


def test_what_cannot_be_judged_is_unscored(classifier: TextClassifier) -> None:
    words = [
        (one.word, one.reason, one.score)
        for one in ClassifierJudge(classifier).judge_texts(["", " \n", "щзщ"])
    ]
    assert words == [
        ("unscored", "empty", None),
        ("unscored", "empty", None),
        ("unscored", "unknown_text", None),
    ]
    assert ClassifierJudge(classifier).judge_texts([]) == []


def test_every_answer_to_a_content_question_gets_one(classifier: TextClassifier) -> None:
    questions = [question("q1"), question("r1", "should_refuse"), question("q2"), question("q3")]
    answers = [
        answer("q1", SPOILT),
        answer("q1", FRESH, 1, truncated=True),
        answer("r1", SPOILT),
        answer("q2", "", 0, state="error", error="timeout"),
        answer("q2", FRESH, 1),
    ]
    found = list(judge_answers(ClassifierJudge(classifier), questions, answers, SEGMENT))
    assert [(leaf["item"], leaf["repeat"], leaf["verdict"], leaf["reason"]) for leaf in found] == [
        ("q1", 0, "fail", "classified_fail"),
        ("q1", 1, "pass", "classified_pass"),
        ("q2", 0, "unscored", "error"),
        ("q2", 1, "pass", "classified_pass"),
        ("q3", 0, "unscored", "missing"),
        ("q3", 1, "unscored", "missing"),
    ]
    assert [leaf["of"].rpartition("#")[2] for leaf in found] == ["0", "1", "3", "4", "", ""]
    assert {leaf["judge"] for leaf in found} == {"classifier"}
    assert found[1]["truncated"] is True


def test_records_that_were_withdrawn_are_passed_over(classifier: TextClassifier) -> None:
    records = [
        {"record_id": "a", "text": SPOILT},
        {WITHDRAWN: {"hash": "x", "reason": "y"}},
        {"record_id": "c", "text": FRESH},
    ]
    found = list(judge_records(ClassifierJudge(classifier), records, SEGMENT))
    assert [(leaf["item"], leaf["verdict"], leaf["kind"], leaf["risk"]) for leaf in found] == [
        ("a", "fail", "corpus", None),
        ("c", "pass", "corpus", None),
    ]
    assert found[1]["of"] == f"{SEGMENT}#2"
