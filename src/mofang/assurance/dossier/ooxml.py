"""The parts of a Word document that python-docx has no words for: bookmarks, fields, fonts, numbering,
properties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

LATIN, SONG, HEI = "Times New Roman", "SimSun", "SimHei"
"""Typefaces every Chinese office has; readers without them fall back to their own."""
NUMBERING = 90
_CUSTOM = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_FORMAT = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"


def element(tag: str, **attributes: str) -> Any:
    """A ``w:`` element with ``w:`` attributes."""
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def set_fonts(style: Any, east: str, latin: str = LATIN) -> None:
    """Typefaces of a style by script; theme faces, which would win, are taken out."""
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for name, face in (("ascii", latin), ("hAnsi", latin), ("cs", latin), ("eastAsia", east)):
        fonts.set(qn(f"w:{name}"), face)


def set_language(document: Document, latin: str, east: str) -> None:
    """The language of text by script: it decides the shape of Chinese punctuation where a face is
    substituted."""
    defaults = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for old in defaults.findall(qn("w:lang")):
        defaults.remove(old)
    defaults.append(element("lang", val=latin, eastAsia=east))


def clear_tabs(style: Any) -> None:
    """Take a style's own tab stops out."""
    properties = style.element.get_or_add_pPr()
    for tabs in properties.findall(qn("w:tabs")):
        properties.remove(tabs)


def bookmark(paragraph: Paragraph, run: Any, name: str, number: int) -> None:
    """Wrap a run in a bookmark."""
    start = element("bookmarkStart", id=str(number), name=name)
    run._r.addprevious(start)
    run._r.addnext(element("bookmarkEnd", id=str(number)))


def add_field(paragraph: Paragraph, instruction: str, result: str = "1", dirty: bool = False) -> None:
    """A complex field with a result to show until the reader's program computes its own."""
    begin = element("fldChar", fldCharType="begin")
    if dirty:
        begin.set(qn("w:dirty"), "true")
    text = element("instrText")
    text.set(qn("xml:space"), "preserve")
    text.text = f" {instruction} "
    for part in (begin, text, element("fldChar", fldCharType="separate")):
        paragraph.add_run()._r.append(part)
    paragraph.add_run(result)
    paragraph.add_run()._r.append(element("fldChar", fldCharType="end"))


def link(paragraph: Paragraph, anchor: str, text: str) -> None:
    """A link to a bookmark of the same document."""
    hyperlink = element("hyperlink", anchor=anchor, history="1")
    run = paragraph.add_run(text)
    hyperlink.append(run._r)
    paragraph._p.append(hyperlink)


def shade(cell: _Cell, colour: str) -> None:
    """Fill a cell with ``RRGGBB``."""
    cell._tc.get_or_add_tcPr().append(element("shd", val="clear", color="auto", fill=colour))


def frame(table: Table, colour: str = "B9C2CD") -> None:
    """Thin lines round and inside a table, and a little air in its cells."""
    borders = element("tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        borders.append(element(side, val="single", sz="4", space="0", color=colour))
    margins = element("tblCellMar")
    for side, twips in (("top", "50"), ("left", "90"), ("bottom", "50"), ("right", "90")):
        margins.append(element(side, w=twips, type="dxa"))
    # The schema wants borders, layout, margins, look in this order.
    layout = table._tbl.tblPr.find(qn("w:tblLayout"))
    layout.addprevious(borders)
    layout.addnext(margins)


def repeat_header(table: Table) -> None:
    """Print the first row again on every page that the table reaches."""
    table.rows[0]._tr.get_or_add_trPr().append(element("tblHeader"))


def keep_rows_whole(table: Table) -> None:
    for row in table.rows:
        properties = row._tr.get_or_add_trPr()
        properties.insert(0, element("cantSplit"))


def keep_on_one_page(table: Table) -> None:
    """Tie the rows of a short table together."""
    for row in table.rows[:-1]:
        for cell in row.cells:
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.keep_with_next = True


def _level(n: int, style: str) -> str:
    text = ".".join(f"%{k + 1}" for k in range(n + 1))
    return (
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:pStyle w:val="{style}"/>'
        f'<w:suff w:val="space"/><w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>'
        '<w:pPr><w:ind w:left="0" w:firstLine="0"/></w:pPr></w:lvl>'
    )


def number_headings(document: Document, styles: Sequence[str]) -> None:
    """Number the heading styles ``1``, ``1.1``, ``1.1.1`` as one outline."""
    levels = "".join(_level(n, document.styles[style].style_id) for n, style in enumerate(styles))
    numbering = document.part.numbering_part.element
    outline = element("abstractNum", abstractNumId=str(NUMBERING))
    outline.append(element("multiLevelType", val="multilevel"))
    outline.extend(parse_xml(f"<w:levels {nsdecls('w')}>{levels}</w:levels>"))
    first = numbering.find(qn("w:num"))
    if first is None:
        numbering.append(outline)
    else:
        first.addprevious(outline)
    numbering.append(
        parse_xml(
            f'<w:num {nsdecls("w")} w:numId="{NUMBERING}"><w:abstractNumId w:val="{NUMBERING}"/></w:num>'
        )
    )
    for n, style in enumerate(styles):
        numbered = document.styles[style].element.get_or_add_pPr().get_or_add_numPr()
        numbered.get_or_add_ilvl().val, numbered.get_or_add_numId().val = n, NUMBERING


def set_custom_properties(document: Document, properties: Mapping[str, str]) -> None:
    """Named texts in the document's own properties, where other programs keep them."""
    rows = "".join(
        f'<property fmtid="{_FORMAT}" pid="{n}" name="{escape(name)}">'
        f"<vt:lpwstr>{escape(text)}</vt:lpwstr></property>"
        for n, (name, text) in enumerate(properties.items(), 2)
    )
    blob = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
        f'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">{rows}</Properties>'
    ).encode()
    package = document.part.package
    part = Part(PackURI("/docProps/custom.xml"), _CUSTOM, blob, package)
    package.relate_to(part, RELATIONSHIP_TYPE.CUSTOM_PROPERTIES)


def drop_thumbnail(document: Document) -> None:
    """Take out the picture of another document that the blank template carries."""
    relations = document.part.package.rels
    for name in [
        name for name, relation in relations.items() if relation.reltype == RELATIONSHIP_TYPE.THUMBNAIL
    ]:
        del relations[name]
