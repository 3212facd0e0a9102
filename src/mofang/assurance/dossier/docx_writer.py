"""Writes passages, tables and bound figures into a Word document, in one language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from mofang.assurance.dossier import ooxml
from mofang.assurance.dossier.figure_book import Printed
from mofang.assurance.dossier.narrative import Passage
from mofang.i18n import Text

WIDTH = 162
"""Millimetres between the margins."""
HEAD = "EEF1F4"
BOOKMARK = "mf_"

Piece = str | Printed
"""What a line is made of: words, or a figure that stays bound to its evidence."""


def bookmark_name(prefix: str, occurrence: int) -> str:
    """``mf_<20 hex>_<n>``: at most 40 characters, which is all that Word keeps."""
    return f"{BOOKMARK}{prefix}_{occurrence}"


class Writer:
    """A document being written. Numbers bookmarks and remembers the headings for the table of contents."""

    def __init__(self, document: Document, language: str) -> None:
        self.document = document
        self.language = language
        self.headings: list[tuple[int, str, str]] = []
        self._marks = 0
        self._occurrences: Counter[str] = Counter()

    def say(self, text: Text) -> str:
        return text["en" if self.language == "en" else "zh"]

    def heading(self, text: str, level: int) -> Paragraph:
        """A numbered heading that the table of contents lists."""
        paragraph: Paragraph = self.document.add_heading(level=level)
        run = paragraph.add_run(text)
        name = f"_Toc{len(self.headings) + 1:08d}"
        ooxml.bookmark(paragraph, run, name, self._mark())
        self.headings.append((level, text, name))
        return paragraph

    def small_heading(self, text: str) -> None:
        self.document.add_heading(text, level=3)

    def paragraph(self, *pieces: Piece, style: str = "Normal") -> Paragraph:
        paragraph = self.document.add_paragraph(style=style)
        self.write(paragraph, *pieces)
        return paragraph

    def write(
        self, paragraph: Paragraph, *pieces: Piece, bold: bool = False, colour: str | None = None
    ) -> None:
        """Append pieces to a paragraph; a figure's run is wrapped in its bookmark."""
        for piece in pieces:
            run = paragraph.add_run(piece.text if isinstance(piece, Printed) else clean(piece))
            if bold:
                run.bold = True
            if isinstance(piece, str) and piece.startswith("sha256:"):
                run.font.size, run.font.name = Pt(7.5), "Consolas"
            if colour:
                run.font.color.rgb = RGBColor.from_string(colour)
            if isinstance(piece, Printed):
                name = bookmark_name(piece.prefix, self._occurrences[piece.prefix])
                self._occurrences[piece.prefix] += 1
                ooxml.bookmark(paragraph, run, name, self._mark())

    def prose(self, passages: Sequence[Passage]) -> None:
        """The provider's own words."""
        styles = {"ul": "List Bullet", "p": "Normal", "h": "Heading 3", "ol": "Normal"}
        for passage in passages:
            for n, line in enumerate(passage.lines, 1):
                paragraph = self.document.add_paragraph(style=styles[passage.kind])
                if passage.kind == "ol":
                    paragraph.add_run(f"({n}) ")
                for span in line:
                    paragraph.add_run(clean(span.text)).bold = True if span.bold else None

    def table(self, widths: Sequence[int], head: Sequence[str] = ()) -> Table:
        """A framed table; ``widths`` in millimetres. With ``head`` it starts with a row that repeats on
        each page."""
        table: Table = self.document.add_table(rows=0, cols=len(widths))
        table.autofit = False
        ooxml.frame(table)
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        if head:
            cells = self.row(table, widths, *head)
            for cell in cells:
                ooxml.shade(cell, HEAD)
                for run in cell.paragraphs[0].runs:
                    run.bold = True
            ooxml.repeat_header(table)
        return table

    def row(
        self, table: Table, widths: Sequence[int], *contents: Piece | Sequence[Piece]
    ) -> tuple[_Cell, ...]:
        """A row of cells. A cell's content is one piece or a sequence of them; ``"\\n"`` starts a new
        paragraph."""
        cells = added(table)
        for cell, width, content in zip(cells, widths, contents, strict=True):
            cell.width = Mm(width)
            self.fill(cell, content)
        return cells

    def wide_row(self, table: Table, label: str, content: Sequence[Piece]) -> None:
        """A row of a label and one cell over the rest of the width."""
        cells = added(table)
        self.fill(cells[0], label)
        ooxml.shade(cells[0], HEAD)
        self.fill(cells[1].merge(cells[-1]), content)

    def fill(self, cell: _Cell, content: Piece | Sequence[Piece]) -> None:
        """Write into an empty cell."""
        paragraph = cell.paragraphs[0]
        _as_cell(paragraph)
        for piece in [content] if isinstance(content, (str, Printed)) else content:
            if piece == "":
                continue
            if piece == "\n":
                paragraph = _as_cell(cell.add_paragraph())
            else:
                self.write(paragraph, piece)

    def facts(self, rows: Sequence[tuple[str, str]]) -> None:
        """A two-column table of labels and values."""
        widths = (40, WIDTH - 40)
        table = self.table(widths)
        for label, value in rows:
            cells = self.row(table, widths, label, value)
            ooxml.shade(cells[0], HEAD)
        self.gap()

    def gap(self) -> None:
        """A little air after a table."""
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(2)
        paragraph.paragraph_format.line_spacing = Pt(6)

    def contents(self, before: Paragraph, title: str) -> None:
        """The table of contents before a paragraph: a field with entries already in it, so that it reads
        well even before a program has filled in the page numbers."""
        heading = before.insert_paragraph_before(title, style="Subtitle")
        heading.paragraph_format.space_before = Pt(6)
        numbers = Counter[int]()
        for n, (level, text, anchor) in enumerate(self.headings):
            paragraph = before.insert_paragraph_before(style=f"toc {level}")
            if n == 0:
                self._open_contents(paragraph)
            numbers[level] += 1
            if level == 1:
                numbers[2] = 0
            number = f"{numbers[1]}" if level == 1 else f"{numbers[1]}.{numbers[2]}"
            ooxml.link(paragraph, anchor, f"{number} {text}")
            paragraph.add_run("\t")
            ooxml.add_field(paragraph, f"PAGEREF {anchor} \\h", "")
        closing: Any = before.insert_paragraph_before()
        closing.add_run()._r.append(ooxml.element("fldChar", fldCharType="end"))

    def _open_contents(self, paragraph: Paragraph) -> None:
        begin = ooxml.element("fldChar", fldCharType="begin", dirty="true")
        text = ooxml.element("instrText")
        text.set(qn("xml:space"), "preserve")
        text.text = ' TOC \\o "1-2" \\h \\z \\u '
        for part in (begin, text, ooxml.element("fldChar", fldCharType="separate")):
            paragraph.add_run()._r.append(part)

    def right(self, cell: _Cell) -> None:
        for paragraph in cell.paragraphs:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT

    def _mark(self) -> int:
        self._marks += 1
        return self._marks


def _as_cell(paragraph: Paragraph) -> Paragraph:
    # By id: the library's own way looks through all styles, and a report has thousands of cells.
    paragraph._p.style = "Cell"
    return paragraph


def added(table: Any) -> tuple[_Cell, ...]:
    """The cells of a new last row."""
    return tuple(table.add_row().cells)


def clean(text: str) -> str:
    """Text without the control characters that XML cannot carry."""
    return "".join(character for character in text if character >= " " or character in "\t\n")
