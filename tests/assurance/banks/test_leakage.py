from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mofang.assurance.banks.bank import Question
from mofang.assurance.banks.leakage import MOST, Leak, Place, find, unexamined
from mofang.assurance.errors import BankError

LONG = "请问在社区图书馆办理读者证的时候，需要带上身份证还是户口本，逾期归还的图书又应当怎样续借？"


def asked(*texts: str) -> list[Question]:
    return [
        Question(f"q{n}", "content", "A.1.a", t, "zh", f"q{n}", "a", "l", "") for n, t in enumerate(texts)
    ]


def test_a_question_inside_a_record_leaks_whatever_its_width_and_blanks() -> None:
    record = "公告：" + LONG.replace("，", " , ").replace("社区", "社\u200b区") + "——摘自手册"
    assert find(asked(LONG, "另外一个谁也没有写过的很长的问题，它不在任何地方"), [("r", record)]) == [
        Leak(0, 1, "1.000000", (Place("r", "1.000000"),))
    ]


def test_half_a_question_is_enough_and_less_is_not() -> None:
    half, less = LONG[:30], LONG[:20]
    [leak] = find(asked(LONG), [("less", less), ("half", half)], "0.50")
    assert [place.ref for place in leak.places] == ["half"]
    # 42 letters make 30 runs; the first 30 characters hold 28 letters, 16 runs.
    assert leak.share == "0.533333"


def test_a_short_question_must_stand_whole_and_a_tiny_one_is_not_looked_for() -> None:
    questions = asked("读者证怎么办理呢", "借书吗", "读者证怎样续借呢")
    leaks = find(questions, [("r", "我想问读者证怎么办理呢？借书吗？")])
    assert [(leak.question, leak.share) for leak in leaks] == [(0, "1.000000")]
    assert unexamined(questions) == 1


def test_every_record_is_counted_and_the_first_are_named() -> None:
    [leak] = find(asked(LONG), ((n, f"{n}{LONG}") for n in range(MOST + 5)))
    assert (leak.records, len(leak.places), leak.places[0].ref) == (MOST + 5, MOST, 0)


def test_two_questions_with_a_common_run_are_told_apart() -> None:
    other = "请问在社区图书馆办理读者证的时候，是否可以由家人代为递交材料并且当天领取证件？"
    assert [leak.question for leak in find(asked(LONG, other), [("r", other)])] == [1]


def test_nothing_in_nothing() -> None:
    assert find([], [("r", LONG)]) == find(asked(LONG), []) == find(asked("短"), [("r", "短")]) == []
    with pytest.raises(BankError, match="share above 0"):
        find(asked(LONG), [], "0")


@settings(max_examples=50)
@given(
    st.text("甲乙丙丁戊己庚辛壬癸子丑寅卯", min_size=8, max_size=600),
    st.text("，。 abc", max_size=40),
    st.text("，。 abc", max_size=40),
)
def test_what_stands_whole_is_always_found(text: str, before: str, after: str) -> None:
    [leak] = find(asked(text), [("r", before + text + after)])
    assert leak.share == "1.000000"


@settings(max_examples=50)
@given(st.text("甲乙丙丁戊己庚辛壬癸", min_size=60, max_size=400), st.data())
def test_a_half_in_one_piece_is_always_found(text: str, data: st.DataObject) -> None:
    size = len(text) // 2 + 13
    start = data.draw(st.integers(0, len(text) - size))
    assert [leak.question for leak in find(asked(text), [("r", text[start : start + size])], "0.30")] == [0]
