"""Text and Markdown: one record a file, its encoding judged on the whole."""

from __future__ import annotations

from collections.abc import Iterator

from mofang.corpus.encoding import decode
from mofang.corpus.protocols import Part, Problem
from mofang.corpus.record import RawRecord


def read(part: Part, problems: list[Problem]) -> Iterator[RawRecord]:
    """The file as one record."""
    raw = part.bytes()
    found = decode(raw)
    yield RawRecord(0, None, 0, len(raw), raw, found.text, found.encoding, found.flags)
