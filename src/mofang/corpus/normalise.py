"""Repair of text: newlines, invisible characters, full-width letters and digits, NFC, runs of spaces.

Chinese punctuation is left alone: （），。！？“”：；《》 are right as they are, and turning them into ASCII
is damage. Every fixer has a cheap gate, so text that needs nothing costs a few searches. Repairing twice
changes nothing.

An edit's span counts code points of the text as it stood before its own fixer ran; the fixers run in the
order of ``FIXERS``, so the edits of a record can be replayed on its source."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

FIXERS = ("newline", "control", "width", "nfc", "space", "blank_lines")


class Edit(NamedTuple):
    """What was repaired: a fixer's name and the span it changed."""

    code: str
    start: int
    end: int


_NEWLINE = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_HIDDEN = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f"
)
_CONTROL_GATE = re.compile(f"[{_HIDDEN}\u200c\u200d]")
# Joiners stay where writing needs them: between emoji, and in Arabic and Indic scripts.
_CONTROL = re.compile(
    f"(?:[{_HIDDEN}]|(?<![\u0600-\u0dff])[\u200c\u200d](?![\u2190-\u2bff\U0001f000-\U0001faff]))+"
)
_WIDTH = re.compile("[０-９Ａ-Ｚａ-ｚ]+")
_HALF = {
    code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}
_BLANK = " \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_SPACE = re.compile(f"[{_BLANK}]+(?=\n|\\Z)|[{_BLANK}]{{2,}}|[{_BLANK[1:]}]")
_ODD_BLANK = re.compile(f"[{_BLANK[1:]}]")
_BLANK_LINES = re.compile("\n{3,}")


def normalise(text: str) -> tuple[str, list[Edit]]:
    """``text`` repaired, and every edit in the order it was made."""
    edits: list[Edit] = []
    if _NEWLINE.search(text):
        found: list[Edit] = []
        text = _replace("newline", _NEWLINE, text, found, lambda match: "\n")
        edits.append(Edit("newline", found[0].start, found[-1].end))  # a file has one style: one edit says it
    if _CONTROL_GATE.search(text):
        text = _replace("control", _CONTROL, text, edits, lambda match: "")
    if _WIDTH.search(text):
        text = _replace("width", _WIDTH, text, edits, lambda match: match[0].translate(_HALF))
    if not unicodedata.is_normalized("NFC", text):
        composed = unicodedata.normalize("NFC", text)
        edits.append(Edit("nfc", *_difference(text, composed)))
        text = composed
    if "  " in text or " \n" in text or text.endswith(" ") or _ODD_BLANK.search(text):
        text = _replace("space", _SPACE, text, edits, _space)
    if "\n\n\n" in text:
        text = _replace("blank_lines", _BLANK_LINES, text, edits, lambda match: "\n\n")
    return text, edits


def _replace(
    code: str, pattern: re.Pattern[str], text: str, edits: list[Edit], new: Callable[[re.Match[str]], str]
) -> str:
    parts: list[str] = []
    end = 0
    for match in pattern.finditer(text):
        parts += (text[end : match.start()], new(match))
        end = match.end()
        edits.append(Edit(code, match.start(), end))
    return "".join((*parts, text[end:]))


def _space(match: re.Match[str]) -> str:
    """One space; none at the end of a line."""
    return "" if match.end() == len(match.string) or match.string[match.end()] == "\n" else " "


def _difference(before: str, after: str) -> tuple[int, int]:
    """The span of ``before`` outside of which it equals ``after``."""
    start = _common(before, after)
    rest = _common(before[start:][::-1], after[start:][::-1])
    return start, len(before) - rest


def _common(one: str, other: str) -> int:
    """Length of the common beginning, by halving."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
