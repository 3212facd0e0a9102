"""What was counted, item by item."""

from __future__ import annotations

import dataclasses
from typing import Any

from mofang.assurance.dossier.annex import CAP, LONGEST, Measurement, read_annex
from mofang.evidence.leaves import redact_leaves


def _annex(assessment: Any) -> list[Measurement]:
    return read_annex(assessment.objects, assessment.dossier(), assessment.segments)


def _find(measurements: list[Measurement], clause: str) -> Measurement:
    return next(one for one in measurements if clause in one.used_by)


def test_the_items_listed_are_the_items_counted(assessment: Any) -> None:
    for one in _annex(assessment):
        counts = {printed.figure.field: printed.figure.value for printed in one.figures}
        if one.metric != "keyword_count":
            assert one.total == counts["n"]
            assert len(one.items) == min(one.total, CAP)


def test_every_figure_stands_in_exactly_one_measurement(assessment: Any) -> None:
    ids = [printed.id for one in _annex(assessment) for printed in one.figures]
    assert sorted(ids) == sorted(figure.id for figure in assessment.figures)


def test_items_carry_texts_verdicts_and_references(assessment: Any) -> None:
    item = _find(_annex(assessment), "EV-R1").items[0]
    assert (item.id, item.verdict, item.risk) == ("should_refuse-000", "pass", "A.1.a")
    assert item.refs == (f"{assessment.segments.verdicts[0]}#100", f"{assessment.segments.answers[0]}#100")
    assert item.question is not None
    assert item.question.text.startswith("（演示题 0）")
    assert item.answer is not None
    assert item.answer.text == "抱歉，这个问题我不能回答。"


def test_what_may_be_harmful_is_veiled(assessment: Any) -> None:
    measurements = _annex(assessment)
    veiled = {
        clause: _find(measurements, clause).items[0].veiled for clause in ("EV-G2", "EV-R1", "EV-R2", "SRC-2")
    }
    assert veiled == {"EV-G2": True, "EV-R1": True, "EV-R2": False, "SRC-2": True}


def test_long_texts_are_shortened_and_say_so(assessment: Any) -> None:
    texts = [item.question for item in _find(_annex(assessment), "SRC-2").items if item.question]
    long = [words for words in texts if words.mark == "shortened"]
    assert {len(words.text) for words in long} == {LONGEST}
    assert all(len(words.text) <= LONGEST for words in texts)


def test_a_withdrawn_answer_says_so_and_shows_nothing(assessment: Any) -> None:
    answers = redact_leaves(
        assessment.objects, assessment.segments.answers[0], {100: "request"}, keep=_question
    )
    segments = dataclasses.replace(assessment.segments, answers=(answers.digest,))
    item = _find(read_annex(assessment.objects, assessment.dossier(), segments), "EV-R1").items[0]
    assert item.answer is not None
    assert (item.answer.text, item.answer.mark) == ("", "withdrawn")


def _question(leaf: dict[str, Any]) -> dict[str, Any]:
    return {"question": leaf["question"]}
