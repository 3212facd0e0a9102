"""Reads the figures bound in a document and compares them with figures computed again.

In Word a figure stands in a bookmark ``mf_<first 20 hex of its id>_<n>``, which editors keep when they
split, restyle or save the text anew; in HTML in ``<a class="figure" data-figure="…">``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from mofang.assurance.dossier.archive import read_member, read_members
from mofang.assurance.dossier.figure_book import prefix_of
from mofang.assurance.dossier.material import read_material
from mofang.assurance.dossier.values import shown
from mofang.errors import MofangError
from mofang.evidence.digest import Digest
from mofang.evidence.figures import Figure, recompute
from mofang.evidence.objects import ObjectStore
from mofang.i18n import _

PROPERTY = "MofangFindings"
"""The document property that names the findings a report was made from."""
LARGEST_HTML = 100_000_000
_NAME = re.compile(r"mf_([0-9a-f]{20})_\d+")
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SPACES = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "p": "\n"}
_NUMERAL = frozenset("0123456789")
_JOINER = frozenset(".,")


@dataclass(frozen=True, slots=True)
class BoundFigure:
    """A figure as a document states it: ``figure_prefix`` (20 hex digits of its id), the text, and the
    words around."""

    figure_prefix: str
    text: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a document departs from the evidence. ``what``: ``differs``, ``missing`` from the document,
    ``unknown`` to the evidence, or ``lost`` (cannot be computed any more; ``expected`` then says why)."""

    figure: str
    stated: str
    expected: str
    where: str
    what: str = "differs"


def check_document(path: Path, figures: Iterable[Figure], objects: ObjectStore) -> list[Difference]:
    """Every bound number of a DOCX or HTML report that differs from its figure computed again, and every
    figure that the report stated when it was made and no longer does. Empty when the document agrees.

    Raises MofangError for a file that cannot be read or that this program never wrote.
    """
    known = {prefix_of(figure.id): figure for figure in figures}
    stated, origin = read_bound_figures(path), read_findings(path)
    if not stated:
        raise MofangError(
            _("this document holds no figures of an assessment"),
            where=str(path),
            remedy=_("give a report made by: mofang run"),
        )
    expected: dict[str, str] = {}
    found = [one for one in (_compare(bound, known, expected, objects) for bound in stated) if one]
    if origin is not None and objects.has(origin):
        wanted = read_material(objects.json(origin), origin, known.values(), {}).stated
        present = {bound.figure_prefix for bound in stated}
        for figure in known.values():
            if figure.id in wanted and prefix_of(figure.id) not in present:
                found.append(Difference(figure.id, "", shown(figure.value, figure.field), "", "missing"))
    return found


def _compare(
    bound: BoundFigure, known: Mapping[str, Figure], expected: dict[str, str], objects: ObjectStore
) -> Difference | None:
    figure = known.get(bound.figure_prefix)
    if figure is None:
        return Difference(bound.figure_prefix, bound.text, "", bound.where, "unknown")
    if bound.figure_prefix not in expected:
        try:
            expected[bound.figure_prefix] = shown(recompute(objects, figure), figure.field)
        except MofangError as error:
            return Difference(figure.id, bound.text, error.message, bound.where, "lost")
    value = expected[bound.figure_prefix]
    return None if _plain(bound.text) == value else Difference(figure.id, bound.text, value, bound.where)


def _plain(text: str) -> str:
    # Editors turn digits into full-width ones and spaces into hard ones; the number stays the same.
    return "".join(unicodedata.normalize("NFKC", text).split())


def read_bound_figures(path: Path) -> list[BoundFigure]:
    """The figures of a DOCX or HTML document in reading order. Raises MofangError for anything else."""
    if _is_html(path):
        return _HtmlFigures(_html(path)).found
    return list(_docx_figures(_xml(read_member(path, "word/document.xml"), path)))


def read_findings(path: Path) -> Digest | None:
    """The findings that a document says it was made from."""
    if _is_html(path):
        match = re.search(
            r'<meta name="mofang-findings" content="(sha256:[0-9a-f]{64})">', _html(path)[:4000]
        )
        return Digest(match[1]) if match else None
    part = read_members(path, ["docProps/custom.xml"]).get("docProps/custom.xml")
    if part is None:
        return None
    for entry in _xml(part, path):
        text = "".join(entry.itertext()).strip()
        if entry.get("name") == PROPERTY and re.fullmatch(r"sha256:[0-9a-f]{64}", text):
            return Digest(text)
    return None


def _is_html(path: Path) -> bool:
    return path.suffix.lower() in (".html", ".htm")


def _html(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_HTML:
            raise MofangError(_("this file is larger than {n} bytes").format(n=LARGEST_HTML), where=str(path))
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MofangError(
            _("this file cannot be read: {reason}").format(reason=error), where=str(path)
        ) from error


def _xml(data: bytes, path: Path) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise MofangError(
            _("a part of this document is broken: {reason}").format(reason=error),
            where=str(path),
            remedy=_("open it in an office program and save it again"),
        ) from error
    if root.getroottree().docinfo.doctype:
        raise MofangError(_("a part of this document declares entities; it is not read"), where=str(path))
    return root


def _docx_figures(root: Any) -> Iterator[BoundFigure]:
    """Bookmarked stretches of the visible text. Struck-out text of tracked changes is not visible."""
    pieces: list[str] = []
    length = 0
    starts: dict[str, tuple[str, int]] = {}
    spans: list[tuple[str, int, int]] = []
    for node in _visible(root):
        tag = node.tag.removeprefix(_W)
        if tag == "bookmarkStart" and (match := _NAME.fullmatch(node.get(f"{_W}name", ""))):
            starts[node.get(f"{_W}id")] = (match[1], length)
        elif tag == "bookmarkEnd" and node.get(f"{_W}id") in starts:
            prefix, start = starts.pop(node.get(f"{_W}id"))
            spans.append((prefix, start, length))
        elif tag == "t" or tag in _SPACES:
            text = node.text or "" if tag == "t" else _SPACES[tag]
            pieces.append(text)
            length += len(text)
    # A bookmark that lost its end states nothing.
    spans += [(prefix, start, start) for prefix, start in starts.values()]
    text = "".join(pieces)
    for prefix, start, end in sorted(spans, key=lambda span: span[1:]):
        start, end = _whole_number(text, start, end)
        yield BoundFigure(prefix, text[start:end].strip(), _around(text, start, end))


def _visible(root: Any) -> Iterator[Any]:
    hidden = {f"{_W}del", f"{_W}moveFrom", f"{_W}instrText"}
    stack = [iter((root,))]
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
        elif isinstance(node.tag, str) and node.tag not in hidden:
            yield node
            stack.append(iter(node))


def _whole_number(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch widened over digits that touch it: what is typed beside a bookmark falls outside."""
    while start and _numeral(text[start - 1 : start], text[start - 2 : start - 1] if start > 1 else ""):
        start -= 1
    while end < len(text) and _numeral(text[end : end + 1], text[end + 1 : end + 2]):
        end += 1
    return start, end


def _numeral(character: str, beyond: str) -> bool:
    return character in _NUMERAL or (character in _JOINER and beyond in _NUMERAL)


def _around(text: str, start: int, end: int, reach: int = 24) -> str:
    return " ".join(text[max(start - reach, 0) : end + reach].split())


class _HtmlFigures(HTMLParser):
    """Collects ``<a class="figure" data-figure="…">``; ``where`` is the section's id."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[BoundFigure] = []
        self._open: list[str] | None = None
        self._figure = self._section = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("section", "article") and given.get("id"):
            self._section = given["id"] or ""
        if tag == "a" and given.get("class") == "figure" and given.get("data-figure"):
            self._figure, self._open = given["data-figure"] or "", []

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._open is not None:
            self.found.append(
                BoundFigure(prefix_of(self._figure), "".join(self._open).strip(), self._section)
            )
            self._open = None
