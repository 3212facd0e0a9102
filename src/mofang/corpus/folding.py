"""Texts made comparable: width and case folded, blanks and invisible characters left out.

Works on whole arrays of code units; the tables are made once per process. :func:`compact` is for equality
(duplicates), :func:`fold` for finding terms, with a map from the folded characters back to the text."""

from __future__ import annotations

import functools
import hashlib
import unicodedata
from typing import Any

import numpy as np
import numpy.typing as npt

Units = npt.NDArray[Any]

_INVISIBLE = {
    *range(0x00, 0x09),
    *range(0x0E, 0x20),
    *range(0x7F, 0xA0),
    0xAD,
    0x61C,
    0x180E,
    0xFEFF,
    *range(0x200B, 0x2010),
} | {
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10),
}
_BLANK, _DROPPED = 1, 2


def text_key(text: str) -> bytes:
    """16 bytes that equal texts share when width, blanks and invisible characters do not count."""
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), dtype="<u2")
    width, _case, kind = _tables()
    return hashlib.sha256(width[units][kind[units] == 0].tobytes()).digest()[:16]


def fold(text: str) -> tuple[str, Units]:
    """``text`` folded in width and case, and the index in ``text`` of each folded character.

    Invisible characters go, and so do blanks, except one between two ASCII characters: 虚 构 is 虚构, but
    two words of English stay two."""
    points = _points(text)
    _width, case, kind = _tables()
    low = np.minimum(points, 0xFFFF) if points.dtype != np.uint16 else points
    kinds = kind[low]
    kept = kinds == 0
    if (kinds == _BLANK).any():
        kept |= _between_ascii(low, kinds)
    where = np.flatnonzero(kept)
    folded = case[low[where]]
    if points.dtype == np.uint16:
        return folded.tobytes().decode("utf-16-le", "surrogatepass"), where
    folded = np.where(points[where] > 0xFFFF, points[where], folded).astype("<u4")
    return folded.tobytes().decode("utf-32-le", "surrogatepass"), where


def _points(text: str) -> Units:
    """Code points: as 16-bit units while all fit, which is nearly always, else as 32-bit ones."""
    narrow = text.encode("utf-16-le", "surrogatepass")
    if len(narrow) == 2 * len(text):
        return np.frombuffer(narrow, dtype="<u2")
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def _between_ascii(points: Units, kinds: Units) -> Units:
    """True at the first blank of each run of blanks with ASCII on both sides."""
    found = np.zeros(len(points), dtype=bool)
    solid = np.flatnonzero(kinds == 0)
    before, after = solid[:-1], solid[1:]
    wide = (after - before > 1) & (points[before] < 0x80) & (points[after] < 0x80)
    blanks = np.flatnonzero(kinds == _BLANK)
    first = np.searchsorted(blanks, before[wide])
    first = first[first < len(blanks)]
    ends = after[wide][: len(first)]
    inside = blanks[first] < ends
    found[blanks[first][inside]] = True
    return found


@functools.cache
def _tables() -> tuple[Units, Units, Units]:
    """By code unit: width folded; width and case folded; and whether it is a blank (1) or invisible (2)."""
    width = np.arange(0x10000, dtype="<u2")
    width[0xFF01:0xFF5F] -= 0xFEE0
    case = width.copy()
    kind = np.zeros(0x10000, dtype=np.uint8)
    for code in range(0x10000):
        character = chr(code)
        lower = character.lower()
        if lower != character and len(lower) == 1:
            case[code] = ord(lower)
        if character.isspace() or unicodedata.category(character) == "Zs":
            kind[code] = _BLANK
    case[0xFF21:0xFF3B] = np.arange(ord("a"), ord("z") + 1)
    kind[list(_INVISIBLE)] = _DROPPED
    case[kind == _BLANK] = ord(" ")
    return width, case, kind
