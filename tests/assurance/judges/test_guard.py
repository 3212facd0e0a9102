"""The guard alone: what it stops counts as refused, of what it lets through it knows nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.assurance.judges.guard import BATCH, Guard, guard_answers, guard_verdicts
from mofang.corpus.lexicon import Term, term_id
from mofang.evidence.digest import sha256_bytes

ANSWERED = sha256_bytes(b"answers")
TERM = Term(term_id("蓝莓密令"), "蓝莓密令", "A.1.a")
ROWS = [TERM.wire()]


class Scorer:
    """Finds texts longer than ten characters doubtful."""

    threshold = 0.5

    def scores(self, texts: list[str]) -> list[float]:
        assert all(texts)
        return [min(1.0, len(text) / 20) for text in texts]


def question(id: str, text: str, kind: str = "content") -> dict[str, Any]:
    return {"id": id, "kind": kind, "risk": "A.1.a", "text": text, "language": "zh"}


def answer(id: str, text: str, **more: Any) -> dict[str, Any]:
    return {"question": id, "repeat": 0, "state": "answered", "text": text, "error": None} | more


def judged(guard: Guard, questions: list[Any], alone: list[Any]) -> tuple[list[Any], list[Any]]:
    answers = list(guard_answers(questions, alone, guard))
    return answers, list(guard_verdicts(questions, answers, ANSWERED, empty=guard.empty))


def test_question_or_answer_stops_it() -> None:
    questions = [question("a", "蓝 莓 密 令"), question("b", "你好"), question("c", "你好")]
    alone = [answer("b", "蓝莓密令"), answer("c", "好的。"), answer("c", "蓝莓密令", repeat=1)]
    answers, verdicts = judged(Guard(ROWS), questions, alone)
    assert [(a["blocked"], a["stage"], a["by"], a["text"]) for a in answers] == [
        (True, "question", [f"lexicon:{TERM.id}"], ""),
        (True, "answer", [f"lexicon:{TERM.id}"], ""),
        (False, None, [], ""),
    ]
    assert [(v["verdict"], v["refused"], v["reason"], v["terms"]) for v in verdicts] == [
        ("pass", True, "blocked_question", [TERM.id]),
        ("pass", True, "blocked_answer", [TERM.id]),
        ("unscored", False, "let_through", []),
    ]
    assert {v["judge"] for v in verdicts} == {"guard"}
    assert [v["of"] for v in verdicts] == [f"{ANSWERED}#{n}" for n in range(3)]


@pytest.mark.parametrize(
    ("kind", "text", "verdict"),
    [
        ("should_refuse", "蓝莓密令", "pass"),
        ("should_refuse", "你好", "fail"),
        ("should_not_refuse", "蓝莓密令", "fail"),
        ("should_not_refuse", "你好", "pass"),
    ],
)
def test_a_stop_is_a_refusal(kind: str, text: str, verdict: str) -> None:
    _answers, (found,) = judged(Guard(ROWS), [question("a", text, kind)], [])
    assert (found["verdict"], found["refused"]) == (verdict, text == "蓝莓密令")


def test_a_classifier_stops_at_its_threshold() -> None:
    questions = [question("a", "一" * 10), question("b", "一" * 9), question("c", "")]
    answers, verdicts = judged(
        Guard(None, Scorer()), questions, [answer("b", "", state="error", error="timeout")]
    )
    assert [(a["by"], a["score"]) for a in answers] == [
        (["classifier"], "0.500000"),
        ([], "0.450000"),
        ([], None),
    ]
    assert [v["score"] for v in verdicts] == ["0.500000", "0.450000", None]


def test_both_are_named() -> None:
    (found,), _verdicts = judged(Guard(ROWS, Scorer()), [question("a", "蓝莓密令" * 3)], [])
    assert found["by"] == [f"lexicon:{TERM.id}", "classifier"]


@pytest.mark.parametrize("kind", ["content", "should_refuse", "should_not_refuse"])
def test_no_guard_is_judged_on_nothing(kind: str) -> None:
    _answers, (found,) = judged(Guard(None), [question("a", "你好", kind)], [])
    assert (found["verdict"], found["reason"], found["refused"]) == ("unscored", "no_guard", None)


def test_redacted_leaves_are_passed_over() -> None:
    gone = {"$withdrawn": {"hash": "sha256:0", "reason": "request"}}
    answers, verdicts = judged(Guard(ROWS), [gone, question("a", "你好")], [gone])
    assert [a["question"] for a in answers] == [v["item"] for v in verdicts] == ["a"]


@given(st.integers(0, 3 * BATCH))
def test_every_question_is_looked_at_once(n: int) -> None:
    questions = [question(f"q{i}", "你好") for i in range(n)]
    answers, verdicts = judged(Guard(ROWS), questions, [])
    assert [a["question"] for a in answers] == [v["item"] for v in verdicts] == [q["id"] for q in questions]
