"""The provider's own words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.assurance.dossier.narrative import (
    Passage,
    Span,
    create_starters,
    narrative_digests,
    passages,
    read_narrative,
    starter,
)
from mofang.errors import MofangError
from mofang.evidence.digest import sha256_bytes

TITLE = {"zh": "语料安全", "en": "Corpus"}


def _line(text: str) -> tuple[Span, ...]:
    return (Span(text),)


def test_paragraphs_lists_bold_and_headings_are_read() -> None:
    markdown = (
        "# 概况\n语料来自**公开手册**。\n\n第一行\n第二行\n\n- 甲\n- 乙\n  接着乙\n\n1. 一\n2、二\n3) 三\n"
    )
    assert passages(markdown) == (
        Passage("h", (_line("概况"),)),
        Passage("p", ((Span("语料来自"), Span("公开手册", True), Span("。")),)),
        Passage("p", (_line("第一行第二行"),)),
        Passage("ul", (_line("甲"), _line("乙接着乙"))),
        Passage("ol", (_line("一"), _line("二"), _line("三"))),
    )


def test_latin_lines_join_with_a_space() -> None:
    assert passages("one\ntwo\n") == (Passage("p", (_line("one two"),)),)


def test_decimals_and_years_do_not_start_lists() -> None:
    assert passages("2.5 倍\n\n2026 年 11 月") == (
        Passage("p", (_line("2.5 倍"),)),
        Passage("p", (_line("2026 年 11 月"),)),
    )


def test_guidance_is_never_printed() -> None:
    assert passages(starter(TITLE)) == ()


@given(st.text())
def test_no_text_breaks_the_reader_and_no_printable_character_is_invented(text: str) -> None:
    read = "".join(span.text for passage in passages(text) for line in passage.lines for span in line)
    assert set(read) <= set(text) | {" "}


def test_starters_are_made_once_and_never_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "narrative"
    assert create_starters(folder, {"corpus": TITLE}) == [folder / "corpus.md"]
    (folder / "corpus.md").write_text("我们的文字", "utf-8")
    assert create_starters(folder, {"corpus": TITLE, "model": TITLE}) == [folder / "model.md"]
    assert read_narrative(folder) == {"corpus": "我们的文字", "model": starter(TITLE)}
    assert narrative_digests(folder)["corpus"] == sha256_bytes("我们的文字".encode())


def test_an_absent_folder_holds_no_texts(tmp_path: Path) -> None:
    assert read_narrative(tmp_path / "none") == {}
    assert narrative_digests(tmp_path / "none") == {}


def test_text_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "corpus.md").write_bytes("语料".encode("gb18030"))
    with pytest.raises(MofangError) as caught:
        read_narrative(tmp_path)
    assert caught.value.where == str(tmp_path / "corpus.md")


def test_a_byte_order_mark_and_windows_lines_are_read(tmp_path: Path) -> None:
    (tmp_path / "corpus.md").write_bytes("\ufeff甲\r\n\r\n乙\r\n".encode())
    assert passages(read_narrative(tmp_path)["corpus"]) == (
        Passage("p", (_line("甲"),)),
        Passage("p", (_line("乙"),)),
    )
