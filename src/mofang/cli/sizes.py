"""Numbers as people read them."""

from __future__ import annotations


def human_size(count: int) -> str:
    """Bytes as B, kB, MB or GB, powers of ten."""
    size = float(count)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
