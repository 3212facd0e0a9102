"""report.docx: the report as a Word document that people go on editing. Every figure is bound by a
bookmark."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

from docx import Document as new_document
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from mofang.assurance.dossier import ooxml
from mofang.assurance.dossier.archive import repack
from mofang.assurance.dossier.bound import PROPERTY
from mofang.assurance.dossier.docx_sections import write_sections
from mofang.assurance.dossier.docx_writer import Writer
from mofang.assurance.dossier.material import Dossier

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
BRAND, SOFT = RGBColor(0x16, 0x32, 0x4F), RGBColor(0x4D, 0x58, 0x67)


def render_docx(dossier: Dossier, language: str = "zh") -> bytes:
    """The report as DOCX in one language; equal material gives equal bytes."""
    document = new_document()
    _page(document)
    _styles(document)
    ooxml.set_language(document, "en-US", "zh-CN")
    ooxml.number_headings(document, ("Heading 1", "Heading 2"))
    writer = Writer(document, language)
    _head_and_foot(dossier, writer)
    write_sections(dossier, writer)
    _properties(dossier, writer)
    buffer = io.BytesIO()
    document.save(buffer)
    return repack(buffer.getvalue())


def _page(document: Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(24)
    section.top_margin, section.bottom_margin = Mm(26), Mm(24)
    section.header_distance, section.footer_distance = Mm(13), Mm(11)


def _styles(document: Document) -> None:
    _style(document, "Normal", ooxml.SONG, 10.5, after=4, line=1.35)
    _style(document, "Title", ooxml.HEI, 26, colour=BRAND, after=4)
    _style(document, "Subtitle", ooxml.SONG, 14, colour=SOFT, after=18)
    _style(document, "Heading 1", ooxml.HEI, 16, colour=BRAND, before=20, after=8)
    _style(document, "Heading 2", ooxml.HEI, 12, colour=BRAND, before=14, after=4)
    _style(document, "Heading 3", ooxml.HEI, 10.5, colour=RGBColor(0, 0, 0), before=8, after=3)
    for name in ("List Bullet", "List Number"):
        _style(document, name, ooxml.SONG, 10.5, after=2)
    for level in (1, 2):
        _contents_style(document, level)
    note = document.styles.add_style("Note", WD_STYLE_TYPE.PARAGRAPH)
    note.base_style = document.styles["Normal"]
    _style(document, "Note", ooxml.SONG, 9, colour=SOFT, after=4)
    cell = document.styles.add_style("Cell", WD_STYLE_TYPE.PARAGRAPH)
    cell.base_style = document.styles["Normal"]
    _style(document, "Cell", ooxml.SONG, 9, after=0, line=1.2)
    for name in ("Header", "Footer"):
        _style(document, name, ooxml.SONG, 8, colour=SOFT, after=0)
        ooxml.clear_tabs(document.styles[name])
    title = document.styles["Title"].element.get_or_add_pPr()
    for border in title.findall(qn("w:pBdr")):
        title.remove(border)


def _style(
    document: Document, name: str, east: str, size: float, *, colour: RGBColor | None = None,
    before: float = 0, after: float = 0, line: float | None = None,
) -> None:  # fmt: skip
    style: Any = document.styles[name]
    ooxml.set_fonts(style, east)
    style.font.size, style.font.italic = Pt(size), False
    style.font.bold = name.startswith(("Heading", "Title"))
    if colour is not None:
        style.font.color.rgb = colour
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    if line:
        style.paragraph_format.line_spacing = line


def _contents_style(document: Document, level: int) -> None:
    name = f"toc {level}"
    style: Any = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Normal"]
    _style(
        document,
        name,
        ooxml.HEI if level == 1 else ooxml.SONG,
        10.5 if level == 1 else 9.5,
        before=3 if level == 1 else 0,
        after=0,
    )
    style.paragraph_format.left_indent = Mm(6 * (level - 1))
    style.paragraph_format.tab_stops.add_tab_stop(Mm(162), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)


def _head_and_foot(dossier: Dossier, writer: Writer) -> None:
    section = writer.document.sections[0]
    head = section.header.paragraphs[0]
    head.paragraph_format.tab_stops.add_tab_stop(Mm(162), WD_TAB_ALIGNMENT.RIGHT)
    draft = f"\t{writer.say(dossier.words['draft'])}" if dossier.draft else ""
    head.add_run(f"{writer.say(dossier.project)}　{writer.say(dossier.title)}{draft}")
    foot = section.footer.paragraphs[0]
    foot.add_run(writer.say(dossier.words["disclaimer"]))
    pages = section.footer.add_paragraph(style="Footer")
    pages.alignment = WD_ALIGN_PARAGRAPH.CENTER
    ooxml.add_field(pages, "PAGE")
    pages.add_run(" / ")
    ooxml.add_field(pages, "NUMPAGES")


def _properties(dossier: Dossier, writer: Writer) -> None:
    core = writer.document.core_properties
    declared = datetime.fromisoformat(dossier.as_of).replace(tzinfo=UTC)
    core.created = core.modified = declared.replace(tzinfo=None)
    core.title = f"{writer.say(dossier.project)} {writer.say(dossier.title)}"
    core.author = core.last_modified_by = dossier.provider
    core.comments = writer.say(dossier.words["disclaimer"])
    core.language = "en" if writer.language == "en" else "zh-CN"
    core.revision = 1
    ooxml.drop_thumbnail(writer.document)
    ooxml.set_custom_properties(writer.document, {PROPERTY: dossier.findings})
