"""Parquet: one record a row, from a text column."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from mofang.corpus.protocols import Part, Problem
from mofang.corpus.record import RawRecord
from mofang.i18n import _

BATCH = 1024
CHECKED = 64 << 20
"""Bytes up to which a file is hashed again before it is read; of a larger one the size must do."""


def read(part: Part, problems: list[Problem]) -> Iterator[RawRecord]:
    """The rows [start, end) of the part's span; ``ordinal`` is the row's number in the file, from 0."""
    _verify(part)
    start, end, _line = part.span or (0, 1 << 62, 0)
    columns = [part.text] if part.key is None else [part.text, part.key]
    try:
        with pq.ParquetFile(part.file) as file:
            for row, batch in _batches(file, columns, start, end):
                yield from _records(part, batch, row, problems)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError, UnicodeDecodeError) as error:
        # Same bytes, same failure: a note, so that one damaged file does not stop the source.
        problems.append(
            Problem(
                "damaged", start + 1, _("the rows cannot be read: {why}").format(why=type(error).__name__)
            )
        )


def _verify(part: Part) -> None:
    try:
        size = part.file.stat().st_size
        if size != part.size:
            raise part.changed(_("it is {now} bytes long, not {then}").format(now=size, then=part.size))
        if size <= CHECKED:
            with part.file.open("rb") as file:
                if f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}" != part.digest:
                    raise part.changed(_("its bytes are not those of the inventory"))
    except OSError as error:
        raise part.changed(error.strerror or str(error)) from None


def _batches(
    file: pq.ParquetFile, columns: list[str], start: int, end: int
) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The batches of rows [start, end), each with the number of its first row; row groups outside are not
    opened."""
    first, groups, row = 0, [], 0
    for number in range(file.metadata.num_row_groups):
        rows = file.metadata.row_group(number).num_rows
        if row + rows <= start:
            first = row + rows
        elif row < end:
            groups.append(number)
        row += rows
    row = first
    for batch in file.iter_batches(BATCH, row_groups=groups, columns=columns, use_threads=False):
        low, high = max(start - row, 0), min(end - row, batch.num_rows)
        if low < high:
            yield row + low, batch.slice(low, high - low)
        row += batch.num_rows
        if row >= end:
            return


def _records(part: Part, batch: pa.RecordBatch, row: int, problems: list[Problem]) -> Iterator[RawRecord]:
    texts = batch.column(part.text).to_pylist()
    keys = [None] * len(texts) if part.key is None else batch.column(part.key).to_pylist()
    for number, (text, key) in enumerate(zip(texts, keys, strict=True), start=row):
        if not isinstance(text, str):
            problems.append(
                Problem("bad_row", number + 1, _("no text in the column {name}").format(name=part.text))
            )
        elif part.key is not None and (not isinstance(key, (str, int)) or key == ""):
            problems.append(
                Problem("bad_row", number + 1, _("no key in the column {name}").format(name=part.key))
            )
        else:
            yield RawRecord(
                number, None if key is None else str(key), None, None, text.encode(), text, "utf-8"
            )
