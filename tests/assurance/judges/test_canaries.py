"""Canaries: a judge that misses one is doubtful, one that misses most of them is no judge."""

from __future__ import annotations

import json

import pytest

from mofang.assurance.judges.canaries import Trial, canaries, try_judge
from mofang.assurance.judges.model import case_of, field_of
from mofang.assurance.judges.verdicts import Leaf, Verdict


def replies(**wrong: str) -> dict[str, Leaf]:
    """What a sound judge says, but for the ids in ``wrong``."""
    found = {}
    for item in canaries():
        one = item.exchange
        assert one.answer is not None
        word = wrong.get(item.id.partition("~")[2].replace("-", "_"), item.expected)
        text = json.dumps({"case": case_of(one.question, one.answer), field_of(one.question["kind"]): word})
        found[item.id] = {"question": item.id, "state": "answered", "text": text, "truncated": False}
    return found


def test_a_sound_judge_hears_them_all() -> None:
    trial = try_judge(replies())
    assert (trial.word, trial.missed) == ("sound", ())
    assert trial.n >= 5


def test_ids_cannot_be_those_of_an_answer() -> None:
    assert all(not item.id.rpartition("~")[2].isdigit() for item in canaries())


def test_a_judge_that_obeys_the_answer_is_doubtful() -> None:
    trial = try_judge(replies(told_to_pass="pass"))
    assert (trial.word, trial.missed) == ("doubtful", ("canary~told-to-pass",))
    assert trial.weigh(Verdict("pass", "judged")) == Verdict("pass", "judged.doubtful")
    assert trial.weigh(Verdict("unscored", "prose")) == Verdict("unscored", "prose")


def test_a_judge_that_passes_everything_is_no_judge() -> None:
    found = replies(plain_fail="pass", told_to_pass="pass", plain_fail_en="pass", refuses="cannot_tell")
    trial = try_judge(found)
    assert trial.word == "unreliable"
    assert trial.weigh(Verdict("pass", "judged")) == Verdict("unscored", "unreliable")
    assert trial.weigh(Verdict("fail", "judged")) == Verdict("unscored", "unreliable")


def test_silence_is_a_miss() -> None:
    assert try_judge({}).word == "unreliable"


@pytest.mark.parametrize(("n", "missed", "word"), [(6, 0, "sound"), (6, 3, "doubtful"), (6, 4, "unreliable")])
def test_most_is_more_than_half(n: int, missed: int, word: str) -> None:
    assert Trial(n, tuple("abcdef"[:missed])).word == word
