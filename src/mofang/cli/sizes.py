"""Numbers as people read them, and how wide a text stands on a terminal."""

from __future__ import annotations

import unicodedata


def human_size(count: int) -> str:
    """Bytes as B, kB, MB or GB, powers of ten."""
    size = float(count)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def columns(text: str) -> int:
    """The columns that ``text`` takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
