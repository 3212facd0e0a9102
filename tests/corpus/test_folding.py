"""Folding: equal texts get equal keys, and every folded character knows where it came from."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mofang.corpus.folding import fold, text_key

ODD = st.text(
    st.one_of(st.characters(codec="utf-8"), st.sampled_from(" \n\u3000\u200bＡaＢ虚构，,😀")), max_size=40
)


def test_keys_ignore_width_blanks_and_invisible_characters() -> None:
    assert text_key("ＡＢＣ，（１）") == text_key("ABC,(1)")
    assert text_key("甲 乙\n丙\u3000") == text_key("甲\u200b乙丙")
    assert text_key("甲乙") != text_key("乙甲")
    assert text_key("a") != text_key("A")
    assert len(text_key("")) == 16


@given(ODD, st.lists(st.integers(0, 40), max_size=5))
def test_blanks_put_anywhere_change_no_key(text: str, places: list[int]) -> None:
    spaced = text
    for place in places:
        spaced = spaced[:place] + " \u200b\u3000" + spaced[place:]
    assert text_key(spaced) == text_key(text)


@given(ODD)
def test_the_map_leads_back_to_the_character(text: str) -> None:
    folded, where = fold(text)
    assert len(folded) == len(where)
    assert list(where) == sorted(set(where.tolist()))
    for character, place in zip(folded, where.tolist(), strict=True):
        assert character == " " or fold(text[place])[0] == character


@given(ODD)
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold(text)[0]
    assert fold(once)[0] == once


def test_blanks_stay_between_ascii_only() -> None:
    assert fold("the  rapist 虚 构 a 甲")[0] == "the rapist虚构a甲"
    assert fold(" a\u200b b ")[0] == "a b"
    assert fold("a\u200bb")[0] == "ab"
    assert fold("")[0] == ""


def test_characters_beyond_the_first_plane_keep_their_places() -> None:
    folded, where = fold("😀 Ａ𠀀")
    assert (folded, where.tolist()) == ("😀a𠀀", [0, 2, 3])
