"""The provider's own words: ``narrative/<block or clause>.md`` in the project, made once, never overwritten.

Markdown subset: paragraphs, ``-`` and ``1.`` lists, ``**bold**``, ``#`` lines as small headings. HTML
comments are guidance to the writer and are never printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mofang.errors import MofangError
from mofang.evidence.digest import Digest, sha256_bytes
from mofang.evidence.files import make_folder, reported, write_atomic
from mofang.i18n import Text, _

Narrative = Mapping[str, str]
"""Markdown by block or clause id."""

LARGEST = 1_000_000
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,80}")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BULLET = re.compile(r"\s*[-*•]\s+(.*)")
_NUMBER = re.compile(r"\s*\d+(?:[.)]\s+|[、）]\s*)(.*)")
_HEADING = re.compile(r"#{1,6}\s+(.*)")
_BOLD = re.compile(r"\*\*(.+?)\*\*")


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text, bold or not."""

    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph (``p``), small heading (``h``), or list (``ul``, ``ol``) of ``lines``."""

    kind: str
    lines: tuple[tuple[Span, ...], ...]


def passages(markdown: str) -> tuple[Passage, ...]:
    """The printable passages of a text; empty where only guidance stands."""
    found: list[tuple[str, list[str]]] = []
    blank = True
    for line in _COMMENT.sub("", markdown.replace("\r\n", "\n")).split("\n"):
        kind, text = _line(line)
        if not text:
            blank = True
            continue
        if found and found[-1][0] == kind and kind in ("ul", "ol"):
            found[-1][1].append(text)
        elif found and kind == "p" and not blank and found[-1][0] != "h":
            found[-1][1][-1] = _continued(found[-1][1][-1], text)
        else:
            found.append((kind, [text]))
        blank = False
    return tuple(Passage(kind, tuple(_spans(text) for text in lines)) for kind, lines in found)


def read_narrative(folder: Path) -> dict[str, str]:
    """All texts of a folder by name; an absent folder has none. Raises MofangError for unreadable text."""
    if not folder.is_dir():
        return {}
    return {path.stem: decode(_bytes(path), str(path)) for path in _files(folder)}


def narrative_digests(folder: Path) -> dict[str, Digest]:
    """Digest of each text file of a folder, by name: what the plan knows of the narrative."""
    return {path.stem: sha256_bytes(_bytes(path)) for path in _files(folder)} if folder.is_dir() else {}


def decode(data: bytes, where: str) -> str:
    """A narrative file's text. Raises MofangError where it is too large or not UTF-8."""
    if len(data) > LARGEST:
        raise MofangError(
            _("a narrative text has more than {n} bytes").format(n=LARGEST),
            where=where,
            remedy=_("shorten it or attach it as a document"),
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MofangError(
            _("a narrative text is not UTF-8"), where=where, remedy=_("save it as UTF-8")
        ) from error


def create_starters(folder: Path, sections: Mapping[str, Text]) -> list[Path]:
    """Give each section without a file a short guide to start from; existing files stay as they are."""
    made = []
    for name, title in sections.items():
        path = folder / f"{name}.md"
        if not path.exists():
            make_folder(folder)
            write_atomic(path, starter(title).encode())
            made.append(path)
    return made


def starter(title: Text) -> str:
    """The text a new narrative file starts with: guidance only, so nothing of it is printed."""
    return (
        f"<!--\n{title['zh']} / {title['en']}\n\n"
        "在注释之外书写，写入报告“提供者说明”。写清：做了什么、由谁负责、依据哪份文件、在系统的何处可以看到。\n"
        "数字请引用报告中的测量表，不要另写。可用：段落、“- ”与“1. ”列表、**粗体**。\n\n"
        "Write outside this comment; it is printed as the provider's account. Say what is done, who answers\n"
        "for it, which document states it, and where it can be seen in the system. For numbers point to the\n"
        "report's tables.\n"
        "-->\n"
    )


def _files(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.glob("*.md") if path.is_file() and NAME.fullmatch(path.stem))


def _bytes(path: Path) -> bytes:
    with reported(path):
        return path.read_bytes()


def _line(line: str) -> tuple[str, str]:
    for kind, pattern in (("h", _HEADING), ("ul", _BULLET), ("ol", _NUMBER)):
        match = pattern.fullmatch(line)
        if match:
            return kind, match[1].strip()
    return "p", line.strip()


def _continued(before: str, after: str) -> str:
    # Chinese lines join without a space; a Latin word on either side of the break keeps one.
    return f"{before} {after}" if before[-1].isascii() and after[0].isascii() else before + after


def _spans(text: str) -> tuple[Span, ...]:
    parts = _BOLD.split(text)
    return tuple(Span(part, n % 2 == 1) for n, part in enumerate(parts) if part)
