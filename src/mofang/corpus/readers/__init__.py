"""Readers: a file's bytes to its records.

A reader is a module with ``read(part, problems) -> Iterator[RawRecord]``: ``plain`` (.txt, .md: one record a
file), ``web`` (.html: the main content), ``lines`` (.jsonl: one record a line), ``columns`` (.parquet: one
record a row). Loaded by name when a shard needs it, so that reading text files never loads an HTML parser.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from mofang.corpus.protocols import Part, Problem, Reader
from mofang.corpus.record import RawRecord


def read(name: str, part: Part, problems: list[Problem]) -> Iterator[RawRecord]:
    """The records of ``part`` by the reader called ``name``. What cannot be read is added to ``problems``.

    Raises ChangedFile when the bytes are not those of the inventory.
    """
    reader: Reader = importlib.import_module(f"mofang.corpus.readers.{name}")
    return reader.read(part, problems)
