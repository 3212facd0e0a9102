"""Lexicons: what people bring is read, and every bad line is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from mofang.corpus.errors import LexiconError
from mofang.corpus.lexicon import demo_file, parse_lexicon, read_lexicon, term_id


def test_columns_with_and_without_header_comma_and_tab() -> None:
    plain = parse_lexicon("甲词,A.1.a,high,why\n乙词,A.1.b\n".encode(), "x.csv")
    headed = parse_lexicon("risk\tterm\tseverity\nA.1.b\t乙词\t\nA.1.a\t甲词\thigh\n".encode(), "x.txt")
    assert plain.digest == headed.digest
    assert {(t.term, t.risk, t.severity) for t in plain.terms} == {
        ("甲词", "A.1.a", "high"),
        ("乙词", "A.1.b", ""),
    }
    assert plain.by_risk() == {"A.1.a": 1, "A.1.b": 1}


def test_a_spreadsheet_saved_in_gbk_is_read() -> None:
    text = "term,risk\n虚构禁语甲,A.1.a\n的确是我们的国家,A.1.b\n"
    assert (
        parse_lexicon(text.encode("gb18030"), "x").digest
        == parse_lexicon(text.encode("utf-8-sig"), "x").digest
    )


def test_bad_lines_are_named_and_the_rest_is_kept() -> None:
    lines = [
        "甲词,A.1.a,2026-11-01",
        ",A.1.a",
        "乙词,",
        "甲 词,A.1.b",
        "丙词,A 1",
        '"丁,词",A.2.a,',
        "戊词,A.2.a,1 May",
    ]
    raw = "\r\n".join(["term,risk,added", *lines, "己" * 200_000 + ",A.1.a"])
    found = parse_lexicon(raw.encode(), "x.csv")
    assert [t.term for t in sorted(found.terms, key=lambda t: t.term)] == ["丁,词", "甲词"]
    assert [row.line for row in found.bad] == [3, 4, 5, 6, 8, 9]
    assert "A.1.a" in found.bad[2].why
    assert found.demo is False


@pytest.mark.parametrize("raw", [b"", b"# only a comment\n", b"term,risk\n", b"one,\n"])
def test_a_lexicon_without_terms_is_an_error(raw: bytes) -> None:
    with pytest.raises(LexiconError) as error:
        parse_lexicon(raw, "words.csv")
    assert "words.csv" in (error.value.where or "")
    assert error.value.remedy


def test_a_picture_is_no_lexicon(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    with pytest.raises(LexiconError, match="not a text file"):
        read_lexicon(tmp_path / "x.csv")


def test_a_missing_lexicon_is_named(tmp_path: Path) -> None:
    with pytest.raises(LexiconError) as error:
        read_lexicon(tmp_path / "none.csv")
    assert error.value.where == str(tmp_path / "none.csv")


def test_ids_do_not_depend_on_spelling() -> None:
    assert term_id("ＶＰＮ 词") == term_id("vpn词")
    assert term_id("甲词") != term_id("乙词")
    assert len(term_id("甲词")) == 13


def test_the_built_in_lexicon_is_marked_as_demonstration() -> None:
    found = read_lexicon(demo_file())
    assert found.demo is True
    assert (len(found.terms), found.bad) == (44, ())
    assert set(found.by_risk()) == {*(f"A.1.{c}" for c in "abcdefgh"), *(f"A.2.{c}" for c in "abcdefghi")}
