"""Web pages: the main content as plain text (Resiliparse), one record a page."""

from __future__ import annotations

from collections.abc import Iterator

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from mofang.corpus.encoding import decode
from mofang.corpus.normalise import Edit
from mofang.corpus.protocols import Part, Problem
from mofang.corpus.record import RawRecord
from mofang.i18n import _


def read(part: Part, problems: list[Problem]) -> Iterator[RawRecord]:
    """The page as one record. A page without any text is a problem, not a record."""
    raw = part.bytes()
    found = decode(raw)  # the declared charset is not asked: pages lie about it, bytes do not
    tree = HTMLTree.parse(found.text)
    text = extract_plain_text(tree, main_content=True, alt_texts=False, links=False)
    if not text.strip():
        text = extract_plain_text(tree, main_content=False, alt_texts=False, links=False)
    if not text.strip():
        problems.append(Problem("no_text", 1, _("the page holds no text")))
        return
    edits = (Edit("main_content", 0, len(found.text)),)
    yield RawRecord(0, None, 0, len(raw), raw, text, found.encoding, found.flags, edits)
