"""Repair changes what is broken, says where, and leaves Chinese alone."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.corpus.normalise import FIXERS, Edit, normalise

ODD = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from(
            "\r\n\t \u3000\u00a0\u200b\u200c\u200d\ufeff\u0301e\u1100\u1161Ａ１（，。\u0627\u2028👩\x00"
        ),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("before", "after", "edits"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd", [Edit("newline", 1, 7)]),
        ("零\u200b宽\ufeff", "零宽", [Edit("control", 1, 2), Edit("control", 3, 4)]),
        ("ＡＢ１２ｃ", "AB12c", [Edit("width", 0, 5)]),
        ("cafe\u0301", "café", [Edit("nfc", 3, 5)]),
        ("\u3000\u3000甲  乙 丙 \n丁\t", " 甲 乙 丙\n丁", None),
        ("a\n\n\n\nb", "a\n\nb", [Edit("blank_lines", 1, 5)]),
        ("👩\u200d👧", "👩\u200d👧", []),
        ("می\u200cخواهم", "می\u200cخواهم", []),
        ("", "", []),
    ],
)
def test_what_is_repaired(before: str, after: str, edits: list[Edit] | None) -> None:
    found, made = normalise(before)
    assert found == after
    if edits is not None:
        assert made == edits


def test_chinese_punctuation_is_left_alone() -> None:
    text = "（），。！？“”‘’：；《》、——……「」『』·％＠＃１".replace("１", "")
    assert normalise(text) == (text, [])


def test_real_passages_keep_every_chinese_character(simplified: list[str], traditional: list[str]) -> None:
    for text in simplified[:300] + traditional[:300]:
        found, _edits = normalise(text)
        assert [c for c in found if "\u4e00" <= c <= "\u9fff"] == [
            c for c in text if "\u4e00" <= c <= "\u9fff"
        ]


@given(ODD)
def test_repairing_twice_changes_nothing(text: str) -> None:
    once, _edits = normalise(text)
    assert normalise(once) == (once, [])
    assert unicodedata.is_normalized("NFC", once)


@given(ODD)
def test_edits_say_whether_and_in_which_order(text: str) -> None:
    once, edits = normalise(text)
    assert bool(edits) == (once != text)
    codes = [edit.code for edit in edits]
    assert codes == sorted(codes, key=FIXERS.index)
    assert all(0 <= edit.start < edit.end <= len(text) + 2 * len(text) for edit in edits)


@given(ODD)
def test_outside_of_the_edits_of_a_single_fixer_nothing_changed(text: str) -> None:
    once, edits = normalise(text)
    if len({edit.code for edit in edits}) != 1:
        return
    kept = [
        text[a.end : b.start]
        for a, b in zip([Edit("", 0, 0), *edits], [*edits, Edit("", len(text), 0)], strict=True)
    ]
    at = 0
    for part in kept:
        at = once.index(part, at) + len(part)
