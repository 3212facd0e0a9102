"""Features: the same text has the same ones alone and among others; what should not count does not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.assurance.judges.classifier import features
from mofang.assurance.judges.classifier.features import BATCH_CHARACTERS, Counts, batches, is_pair


def found(text: str) -> list[tuple[int, int]]:
    counted = features.count(features.read([text]))
    return list(zip(counted.features.tolist(), counted.counts.tolist(), strict=True))


def of(counted: Counts, row: int) -> list[tuple[int, int]]:
    begin, end = counted.ends()[row : row + 2]
    return list(zip(counted.features[begin:end].tolist(), counted.counts[begin:end].tolist(), strict=True))


@given(st.lists(st.text(max_size=30), max_size=8))
def test_a_text_has_its_features_whatever_stands_beside_it(texts: list[str]) -> None:
    counted = features.count(features.read(texts))
    assert [of(counted, n) for n in range(len(texts))] == [found(text) for text in texts]


@given(st.lists(st.text(max_size=20), min_size=1, max_size=6))
def test_every_text_has_a_place(texts: list[str]) -> None:
    places = features.read(texts)
    assert np.unique(places.rows).tolist() == list(range(len(texts)))
    assert (np.diff(places.begins()) > 0).all()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＡＢＣ１２", "abc12"),
        ("Apple  pie", "apple pie"),
        ("苹\u200b果", "苹果"),
        ("苹 果\n", "苹果"),
        ("ÉCOLE", "école"),
    ],
)
def test_width_case_blanks_and_hidden_characters_do_not_count(one: str, other: str) -> None:
    assert found(one) == found(other)


@pytest.mark.parametrize(
    ("one", "other"), [("ab cd", "abcd"), ("苹果", "果苹"), ("好！", "好!?"), ("ab", "ba")]
)
def test_words_order_and_marks_count(one: str, other: str) -> None:
    assert found(one) != found(other)


def test_a_word_is_one_token_and_a_chinese_character_is_one() -> None:
    singles = [feature for feature, _n in found("green apple 苹果") if not feature & 1]
    assert len(singles) == 4
    assert len([1 for feature, _n in found("green apple 苹果") if feature & 1]) == 5  # with both ends


@pytest.mark.parametrize("text", ["", "   ", "\u3000\n", "\u200b"])
def test_a_text_of_blanks_has_none(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("text", ["\ud800", "\x00", "😀" * 3, "\ufffe", "a" * 300])
def test_odd_texts_are_read(text: str) -> None:
    assert features.read([text, "苹果"]).n == 2


def test_pairs_are_told_from_singles() -> None:
    counted = features.count(features.read(["苹果"]))
    assert sorted(is_pair(counted.features).tolist()) == [False, False, True, True, True]


def test_the_same_features_for_ever() -> None:
    """Stored classifiers name features by these numbers: other numbers need another VERSION."""
    assert features.VERSION == 1
    assert [feature for feature, _n in found("新鲜 apple")] == GOLDEN


GOLDEN = [247495068, 255937830, 514341263, 2120035921, 2475040417, 2649357448, 3327980785]


def test_batches_cover_all_texts_once() -> None:
    texts = ["苹" * n for n in (10, BATCH_CHARACTERS + 5, 3, BATCH_CHARACTERS - 8, 7, 9)]
    parts = list(batches(texts))
    assert [text for part in parts for text in texts[part]] == texts
    assert len(parts) == 4
    assert list(batches([])) == []


def test_read_all_is_read() -> None:
    texts = ["今天的苹果很新鲜"] * 3 + [""] + ["the pears are ripe"] * 2
    whole, joined = features.read(texts), features.read_all(texts)
    assert (whole.rows == joined.rows).all()
    assert (whole.singles == joined.singles).all()
    assert (whole.pairs == joined.pairs).all()
