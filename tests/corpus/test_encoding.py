"""Encodings are judged on whole documents of real Chinese."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.corpus.encoding import decode


def fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def test_simplified_passages_come_back_from_gb18030_and_utf_8(simplified: list[str]) -> None:
    for text in simplified[:200]:
        assert decode(text.encode("gb18030")) == (text, "gb18030", ())
        assert decode(text.encode()) == (text, "utf-8", ())


def test_traditional_passages_come_back_from_big5(traditional: list[str]) -> None:
    known = [text for text in traditional if fits(text, "big5")][:200]
    assert len(known) > 50
    for text in known:
        assert decode(text.encode("big5")) == (text, "big5hkscs", ())


def test_traditional_passages_come_back_from_gb18030(traditional: list[str]) -> None:
    for text in traditional[:200]:
        assert decode(text.encode("gb18030")) == (text, "gb18030", ())


@pytest.mark.parametrize("length", [4, 10, 30])
def test_short_beginnings_are_told_apart(simplified: list[str], traditional: list[str], length: int) -> None:
    wrong = 0
    for text in simplified[:200]:
        wrong += decode(text[:length].encode("gb18030")).text != text[:length]
    for text in [text for text in traditional if fits(text[:length], "big5")][:200]:
        wrong += decode(text[:length].encode("big5")).text != text[:length]
    assert wrong <= {4: 60, 10: 12, 30: 1}[length]


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
    ],
)
def test_a_byte_order_mark_decides(mark: bytes, encoding: str) -> None:
    assert decode(mark + "模坊ab".encode(encoding)) == ("模坊ab", encoding, ())


def test_a_byte_order_mark_of_a_cut_file_is_flagged() -> None:
    assert decode(codecs.BOM_UTF16_LE + b"\x61\x00\x62").flags == ("undecodable",)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_broken_byte_keeps_the_rest_and_flags_it(simplified: list[str], encoding: str) -> None:
    raw = simplified[0].encode(encoding) + b"\xff\xff"
    found = decode(raw)
    assert found.flags == ("undecodable",)
    assert found.encoding == encoding
    assert found.text.rstrip("\ufffd") == simplified[0]


def test_an_empty_document_is_text() -> None:
    assert decode(b"") == ("", "utf-8", ())


def test_a_picture_is_flagged_and_a_stray_nul_is_not() -> None:
    png = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000100000001008060000001ff3ff61")
    assert decode(png).flags == ("undecodable",)
    assert decode(b"\x00" * 500).flags == ("undecodable",)
    assert decode(("正文" * 100 + "\x00").encode()).flags == ()


@given(st.binary(max_size=300))
def test_no_bytes_at_all_make_it_fail(raw: bytes) -> None:
    found = decode(raw)
    found.text.encode("utf-8")
    assert found.flags in ((), ("undecodable",))


@given(st.text(max_size=200))
def test_utf_8_is_always_itself(text: str) -> None:
    assert decode(codecs.BOM_UTF8 + text.encode()).text == text
