"""How a reference is printed."""

from __future__ import annotations


def shortened(ref: str) -> str:
    """``sha256:<64>#3`` -> ``sha256:<12>#3``, which ``mofang show`` still finds; other references as they
    are."""
    head, mark, leaf = ref.partition("#")
    scheme, colon, digest = head.rpartition(":")
    return f"{scheme}{colon}{digest[:12]}{mark}{leaf}" if len(digest) == 64 else ref
