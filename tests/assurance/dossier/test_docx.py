"""The Word report."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from docx import Document
from lxml import etree

from mofang.assurance.dossier.docx import render_docx
from mofang.assurance.dossier.material import Dossier


def _part(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name).decode()


def test_equal_material_gives_equal_bytes(dossier: Dossier, word: bytes) -> None:
    assert render_docx(dossier) == word


def test_the_file_holds_no_clock(word: bytes) -> None:
    data = word
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist()[0] == "[Content_Types].xml"
        assert "docProps/thumbnail.jpeg" not in archive.namelist()
    properties = Document(io.BytesIO(data)).core_properties
    assert str(properties.created) == str(properties.modified) == "2026-11-01 00:00:00+00:00"
    assert properties.author == "上海示例科技有限公司"


def test_every_figure_stated_is_bound_once_per_place(dossier: Dossier, word: bytes) -> None:
    body = _part(word, "word/document.xml")
    names = re.findall(r'w:name="(mf_[^"]+)"', body)
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"mf_[0-9a-f]{20}_\d+", name) and len(name) <= 40 for name in names)
    prefixes = {name.split("_")[1] for name in names}
    assert prefixes == {id.removeprefix("sha256:")[:20] for id in dossier.stated}


def test_bookmark_numbers_are_unique_and_closed(word: bytes) -> None:
    body = _part(word, "word/document.xml")
    starts = re.findall(r'<w:bookmarkStart [^>]*w:id="(\d+)"', body)
    ends = re.findall(r'<w:bookmarkEnd [^>]*w:id="(\d+)"', body)
    assert sorted(starts) == sorted(ends)
    assert len(starts) == len(set(starts))


ORDER = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore numPr pBdr shd tabs spacing ind contextualSpacing jc "
    "outlineLvl rPr sectPr",
    "rPr": "rStyle rFonts b bCs i iCs color spacing kern sz szCs lang",
    "tblPr": "tblStyle tblW jc tblBorders tblLayout tblCellMar tblLook",
    "tcPr": "tcW gridSpan vMerge tcBorders shd",
    "numPr": "ilvl numId",
}
"""The order of children that the schema asks for (ECMA-376 part 1, annex A), as far as we use them."""


PARTS = [f"word/{name}.xml" for name in ("document", "styles", "footer1", "header1")]


@pytest.mark.parametrize("part", PARTS)
def test_children_stand_in_the_order_that_the_schema_asks_for(word: bytes, part: str) -> None:
    for parent in etree.fromstring(_part(word, part).encode()).iter():
        order = ORDER.get(etree.QName(parent).localname, "").split()
        names = [etree.QName(child).localname for child in parent]
        if order and not set(names) - set(order):
            assert names == sorted(names, key=order.index), etree.tostring(parent)
        elif order and part != "word/styles.xml":
            raise AssertionError(f"{parent.tag} holds {names}")


def test_chinese_faces_and_language_are_set(word: bytes) -> None:
    styles = _part(word, "word/styles.xml")
    assert 'w:eastAsia="SimSun"' in styles
    assert 'w:eastAsia="SimHei"' in styles
    assert '<w:lang w:val="en-US" w:eastAsia="zh-CN"/>' in styles


def test_header_footer_contents_and_numbering(dossier: Dossier, word: bytes) -> None:
    data = word
    document = Document(io.BytesIO(data))
    section = document.sections[0]
    assert dossier.words["disclaimer"]["zh"] in "".join(p.text for p in section.footer.paragraphs)
    assert "草稿" in section.header.paragraphs[0].text
    body, footer = _part(data, "word/document.xml"), _part(data, "word/footer1.xml")
    assert 'TOC \\o "1-2"' in body
    assert " PAGE " in footer
    assert " NUMPAGES " in footer
    headings = [p.text for p in document.paragraphs if p.style is not None and p.style.name == "Heading 1"]
    assert headings[:3] == ["摘要", "总体情况", "语料安全"]


def test_one_language_at_a_time(dossier: Dossier) -> None:
    english = Document(io.BytesIO(render_docx(dossier, "en")))
    headings = [p.text for p in english.paragraphs if p.style is not None and p.style.name == "Heading 2"]
    assert headings[0] == "Verify sources after collection"


def test_control_characters_in_a_narrative_do_not_break_the_file(assessment: Any) -> None:
    data = render_docx(assessment.dossier({"corpus": "甲\x0b乙\x00丙"}))
    assert "甲乙丙" in "".join(p.text for p in Document(io.BytesIO(data)).paragraphs)
