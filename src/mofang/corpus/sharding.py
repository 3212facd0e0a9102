"""Files into shards whose borders stay put.

Whether a shard ends after a file depends on that file's own name and size class, so adding or changing one
file changes the shard it falls into and no other (content-defined chunking, with names for content)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mofang.corpus.measuring import Span

TARGET = 16 << 20
"""Bytes of a shard, on average; none but a single big file passes twice as much."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A file, or a span of one, as one element of a shard."""

    path: str
    reader: str
    size: int
    digest: str
    span: Span | None = None

    def wire(self) -> dict[str, Any]:
        """The piece as the reading job finds it in its parameters."""
        found: dict[str, Any] = {
            "path": self.path,
            "reader": self.reader,
            "size": self.size,
            "sha256": self.digest,
        }
        if self.span is not None:
            found["span"] = [self.span.start, self.span.end, self.span.line]
            if self.span.digest:
                found["span_sha256"] = self.span.digest
        return found


def group(pieces: Sequence[Piece]) -> Iterator[tuple[Piece, ...]]:
    """The shards of ``pieces`` (in order of path), each of about TARGET bytes."""
    run: list[Piece] = []
    for piece in pieces:
        if piece.span is not None or piece.size >= TARGET:
            yield from _bounded(run)
            yield (piece,)
            run = []
            continue
        run.append(piece)
        if _draw(piece.path) * TARGET < _size_class(piece.size) << 64:
            yield from _bounded(run)
            run = []
    yield from _bounded(run)


def _bounded(run: Sequence[Piece]) -> Iterator[tuple[Piece, ...]]:
    """Split a run that grew past twice the target at the file whose name draws lowest, and its halves
    likewise."""
    if not run:
        return
    if len(run) == 1 or sum(piece.size for piece in run) <= 2 * TARGET:
        yield tuple(run)
        return
    cut = min(range(1, len(run)), key=lambda n: _draw(run[n].path))
    yield from _bounded(run[:cut])
    yield from _bounded(run[cut:])


def _draw(path: str) -> int:
    """A number in [0, 2**64) that belongs to the name."""
    return int.from_bytes(hashlib.sha256(path.encode()).digest()[:8], "big")


def _size_class(size: int) -> int:
    """The size rounded to a power of two: most edits leave it alone, so they leave the shard's border
    alone."""
    return 1 << max(size, 1).bit_length() >> 1
