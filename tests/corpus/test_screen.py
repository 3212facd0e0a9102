"""Screening: a listed term is found in whatever dress, and never inside an unrelated word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.corpus.lexicon import Lexicon, Term, term_id
from mofang.corpus.screen import Screener


def screener(*terms: str) -> Screener:
    return Screener(Lexicon(tuple(Term(term_id(term), term, "A.1.a") for term in terms)))


def spans(found: Screener, text: str) -> list[str]:
    return [text[hit.start : hit.end] for hit in found.find(text)]


@pytest.mark.parametrize(
    "text",
    ["虚构禁语甲", "虚 构 禁 语 甲", "虚\u200b构禁\n语\u3000甲", "前虚构禁语甲后", "虚构\ufeff禁语甲"],
)
def test_a_chinese_term_is_found_in_any_dress(text: str) -> None:
    found = screener("虚构禁语甲").find(text)
    assert len(found) == 1
    assert found[0].term == term_id("虚构禁语甲")
    hit = text[found[0].start : found[0].end]
    assert (hit[0], hit[-1]) == ("虚", "甲")


@pytest.mark.parametrize(
    ("text", "count"),
    [("ＢＡＤword", 1), ("a badWORD.", 1), ("badwords", 0), ("mybadword", 0), ("叫badword的", 1)],
)
def test_ascii_terms_match_whole_words_in_any_case_and_width(text: str, count: int) -> None:
    assert len(screener("BadWord").find(text)) == count


def test_two_english_words_do_not_make_a_third() -> None:
    assert spans(screener("therapist"), "the rapist") == []
    assert spans(screener("the rapist"), "the   rapist") == ["the   rapist"]


def test_leftmost_then_longest_wins() -> None:
    found = screener("甲乙", "乙丙丁", "甲乙丙", "丁")
    assert spans(found, "甲乙丙丁甲乙") == ["甲乙丙", "丁", "甲乙"]


def test_a_longer_word_does_not_hide_a_term_inside() -> None:
    assert spans(screener("ab", "b甲", "甲乙"), "xab甲乙") == ["甲乙"]
    assert spans(screener("class", "甲"), "classes甲") == ["甲"]


def test_no_terms_no_hits() -> None:
    assert screener().find("虚构禁语甲") == []
    assert screener("甲").find("") == []


@given(
    st.lists(
        st.text("甲乙丙ab ", min_size=1, max_size=4).filter(lambda t: t.strip()), min_size=1, max_size=6
    ),
    st.text("甲乙丙ab \u200b，", max_size=30),
)
def test_hits_are_ordered_apart_and_spell_their_term(terms: list[str], text: str) -> None:
    different = {term_id(term): term for term in terms}
    found = screener(*different.values())
    end = 0
    for hit in found.find(text):
        assert end <= hit.start < hit.end <= len(text)
        assert term_id(text[hit.start : hit.end]) == hit.term
        end = hit.end


@given(st.text("甲乙丙丁", max_size=30))
def test_chinese_hits_agree_with_a_plain_search(text: str) -> None:
    terms = ("甲乙", "丙")
    expected, at = [], 0
    while at < len(text):
        hit = next((term for term in terms if text.startswith(term, at)), None)
        expected += [] if hit is None else [(at, at + len(hit))]
        at += len(hit) if hit else 1
    assert [(hit.start, hit.end) for hit in screener(*terms).find(text)] == expected
