from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mofang.assurance.banks.bank import Question
from mofang.assurance.banks.letters import letters, shingles
from mofang.assurance.banks.likeness import MOST, Pair, near_duplicates
from mofang.errors import MofangError


def question(n: int, text: str, cluster: str | None = None) -> Question:
    return Question(f"q{n}", "content", "A.1.a", text, "zh", cluster or f"q{n}", "a", "l", "")


def asked(*texts: str) -> list[Question]:
    return [question(n, text) for n, text in enumerate(texts)]


def jaccard(a: str, b: str) -> Fraction:
    """The index by its definition, to hold the product against."""
    one, other = set(shingles(letters(a), 3)), set(shingles(letters(b), 3))
    return Fraction(len(one & other), len(one | other)) if one | other else Fraction(0)


def test_pairs_by_hand() -> None:
    pairs = near_duplicates(
        asked(
            "图书馆周末几点开门，需要带什么证件？",
            "天气怎么样",
            "图书馆周末几点开门，需要带何种证件？",
            "ＴＨＥ library，opens！",
            "the Library opens",
        )
    )
    # 16 letters, 14 runs each; two changed letters side by side touch 4 of them.
    assert pairs == [Pair(3, 4, "1.000000")]
    lower = near_duplicates(
        asked("图书馆周末几点开门，需要带什么证件？", "图书馆周末几点开门，需要带何种证件？"), "0.50"
    )
    assert lower == [Pair(0, 1, "0.555555")]


def test_width_case_blanks_and_punctuation_do_not_count() -> None:
    assert near_duplicates(asked("借书，需要 带证？", "借书需要带证")) == [Pair(0, 1, "1.000000")]


def test_questions_of_one_cluster_are_not_compared() -> None:
    same = [question(n, "怎样在第一窗口办理借书手续", "pattern") for n in range(3)]
    assert near_duplicates(same) == []
    assert near_duplicates([*same, question(9, "怎样在第一窗口办理借书手续")]) == [
        Pair(0, 3, "1.000000"), Pair(1, 3, "1.000000"), Pair(2, 3, "1.000000"),
    ]  # fmt: skip


def test_for_one_that_resembles_many_the_most_alike_are_named() -> None:
    base = "请问怎样办理图书馆的读者证和借阅手续"
    pairs = near_duplicates(asked(*[base + "一二三四五六七八"[:n] for n in range(8)]), "0.10")
    last = [pair for pair in pairs if pair.second == 7]
    assert len(last) == MOST
    assert [pair.first for pair in last] == [6, 5, 4]


@settings(max_examples=50)
@given(st.lists(st.text("甲乙丙丁ab ，", min_size=1, max_size=12), min_size=2, max_size=12))
def test_every_pair_above_the_share_is_found_and_no_other(texts: list[str]) -> None:
    texts = [text if text.strip() else "甲" for text in texts]
    limit = Fraction(3, 5)
    found = near_duplicates(asked(*texts), "0.60")
    want = {(i, j) for j in range(len(texts)) for i in range(j) if jaccard(texts[i], texts[j]) >= limit}
    got = {(pair.first, pair.second) for pair in found}
    assert got <= want
    assert {j for _i, j in got} == {j for _i, j in want}
    for pair in found:
        exact = jaccard(texts[pair.first], texts[pair.second])
        assert 0 <= exact - Fraction(pair.similarity) < Fraction(1, 10**6)
        assert exact >= max(
            (jaccard(texts[i], texts[pair.second]) for i, j in want - got if j == pair.second), default=0
        )


@pytest.mark.parametrize("least", ["0", "1.5", "-1", "x", ""])
def test_a_share_that_means_nothing_is_refused(least: str) -> None:
    with pytest.raises(MofangError, match=r"share above 0|not a decimal") as caught:
        near_duplicates(asked("a", "b"), least)
    assert caught.value.remedy


def test_nothing_to_compare() -> None:
    assert near_duplicates([]) == near_duplicates(asked("一题")) == []
    assert near_duplicates(asked("？？", "！！", "……")) == []
