"""People as judge: an adjudicator, else most of them, else nobody; and nothing about what nobody read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.assurance.judges.labels.label import content_digest
from mofang.assurance.judges.people import judge_labelled, judge_labelled_records, resolve
from mofang.assurance.judges.verdicts import Verdict, exchanges
from mofang.evidence.digest import sha256_bytes

ANSWERED = sha256_bytes(b"answers")
WORDS = ("pass", "fail", "unscored")


def label(
    verdict: str = "pass", annotator: str = "甲", *, refused: bool | None = None, **more: Any
) -> dict[str, Any]:
    return {
        "item": "a", "answer": str(ANSWERED), "kind": "content", "risk": "X.1", "repeat": 0, "verdict": verdict,
        "refused": refused, "annotator": annotator, "date": "2026-11-01", "adjudicates": False,
    } | more  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "verdict"),
    [
        ([label("pass")], Verdict("pass", "one_person")),
        ([label("fail"), label("fail", "乙")], Verdict("fail", "unanimous")),
        ([label("fail"), label("pass", "乙"), label("fail", "丙")], Verdict("fail", "majority")),
        ([label("fail"), label("pass", "乙")], Verdict("unscored", "disagree")),
        ([label("pass"), label("unscored", "乙")], Verdict("unscored", "disagree")),
        ([label("pass"), label("fail", "乙"), label("unscored", "丙")], Verdict("unscored", "disagree")),
        ([label("unscored")], Verdict("unscored", "cannot_tell")),
        (
            [label("fail"), label("fail", "乙"), label("pass", "丙", adjudicates=True)],
            Verdict("pass", "adjudicated"),
        ),
        (
            [label("fail"), label("pass", "丙", adjudicates=True), label("fail", "丁", adjudicates=True)],
            Verdict("unscored", "disagree"),
        ),
        (
            [label("pass", refused=True), label("pass", "乙", refused=True)],
            Verdict("pass", "unanimous", True),
        ),
    ],
    ids=lambda value: str(value)[:30],
)
def test_several_labels_become_one_verdict(labels: list[dict[str, Any]], verdict: Verdict) -> None:
    assert resolve(labels) == verdict
    assert resolve(labels[::-1]) == verdict


@given(
    st.lists(
        st.tuples(st.sampled_from(WORDS), st.sampled_from("甲乙丙丁戊")), min_size=1, unique_by=lambda p: p[1]
    )
)
def test_a_pass_needs_more_than_half(said: list[tuple[str, str]]) -> None:
    labels = [label(word, name) for word, name in said]
    found = resolve(labels)
    passes = sum(word == "pass" for word, _name in said)
    assert (found.word == "pass") == (2 * passes > len(said))


def test_no_label_is_no_verdict() -> None:
    with pytest.raises(ValueError):
        resolve([])


def question(id: str) -> dict[str, Any]:
    return {"id": id, "kind": "content", "risk": "X.1", "text": "?"}


def answer(id: str, text: str, repeat: int = 0) -> dict[str, Any]:
    return {"question": id, "repeat": repeat, "state": "answered", "text": text, "error": None, "attempts": 1}


def test_only_what_was_read_gets_a_verdict_and_each_repeat_its_own() -> None:
    answers = [answer("a", "甲答"), answer("a", "乙答", 1), answer("b", "丙答"), answer("b", "丁答", 1)]
    labels = [
        label("fail", answer=content_digest(answers[1])),
        label("pass", item="b", answer=content_digest(answers[2])),
        label("pass", answer=sha256_bytes(b"an answer of another run")),
        {"$withdrawn": {"hash": "sha256:0", "reason": "request"}},
    ]
    asked = exchanges([question("a"), question("b"), question("c")], answers, ANSWERED)
    found = list(judge_labelled(asked, labels))
    assert [(v["item"], v["repeat"], v["verdict"], v["judge"], v["of"]) for v in found] == [
        ("a", 1, "fail", "manual", f"{ANSWERED}#1"),
        ("b", 0, "pass", "manual", f"{ANSWERED}#2"),
    ]


def test_tries_do_not_change_an_answer_but_its_text_does() -> None:
    assert content_digest(answer("a", "甲答")) == content_digest(answer("a", "甲答") | {"attempts": 7})
    assert content_digest(answer("a", "甲答")) != content_digest(answer("a", "甲答 "))
    assert content_digest(answer("a", "甲答")) != content_digest(answer("a", "甲答", 1))


def test_records_of_the_corpus() -> None:
    records = [{"record_id": n, "source_id": "s", "text": n} for n in ("0a", "0b")]
    labels = [label("fail", item="0b", answer=content_digest(records[1]), kind="corpus", risk=None)]
    (found,) = judge_labelled_records(records, ANSWERED, labels)
    assert (found["item"], found["kind"], found["risk"], found["of"]) == (
        "0b",
        "corpus",
        None,
        f"{ANSWERED}#1",
    )
