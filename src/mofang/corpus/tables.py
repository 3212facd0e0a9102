"""The Parquet tables of a dataset: their schemas, and how they are written so that equal rows make equal
bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mofang.compute.kinds import Output
from mofang.evidence.digest import Digest
from mofang.evidence.objects import ObjectStore

PARQUET = "application/vnd.apache.parquet"
ROWS = 4096
"""Rows of a row group, always."""

_ID = pa.binary(16)


def _schema(name: str, *fields: tuple[str, pa.DataType]) -> pa.Schema:
    return pa.schema([pa.field(field, kind) for field, kind in fields], metadata={"mofang.schema": name})


def _spans(*named: tuple[str, pa.DataType]) -> pa.DataType:
    return pa.list_(pa.struct([*named]))


_SPAN = (("start", pa.int32()), ("end", pa.int32()))

TEXT = _schema(
    "mofang.text/1",
    ("record_id", _ID),
    ("source_id", pa.string()),
    ("path", pa.string()),
    ("ordinal", pa.int64()),
    ("key", pa.string()),
    ("byte_start", pa.int64()),
    ("byte_end", pa.int64()),
    ("file_digest", pa.string()),
    ("raw_digest", pa.string()),
    ("encoding", pa.string()),
    ("text", pa.string()),
    ("edits", _spans(("code", pa.string()), *_SPAN)),
    ("flags", pa.list_(pa.string())),
)
"""Repaired text, the only table that holds any. byte_start and byte_end are null where a file has no byte
order of its records (Parquet); key is null unless the source names one."""
KEYS = _schema(
    "mofang.keys/1", ("record_id", _ID), ("text_key", _ID), ("chars", pa.int32()), ("bytes", pa.int32())
)
PII = _schema(
    "mofang.pii/1",
    ("record_id", _ID),
    ("findings", _spans(("kind", pa.string()), *_SPAN, ("digest", pa.string()))),
)
SCREEN = _schema(
    "mofang.screen/1",
    ("record_id", _ID),
    ("findings", _spans(("term", pa.string()), ("risk", pa.string()), *_SPAN)),
)
DUPLICATES = _schema("mofang.duplicates/1", ("record_id", _ID), ("duplicate_of", _ID))
DECISIONS = _schema(
    "mofang.decisions/1",
    ("record_id", _ID),
    ("decision", pa.string()),
    ("reasons", pa.list_(pa.struct([("code", pa.string()), ("rule", pa.string()), ("detail", pa.string())]))),
)
PUBLISHED = _schema(
    "mofang.published/1",
    ("record_id", _ID),
    ("source_id", pa.string()),
    ("path", pa.string()),
    ("ordinal", pa.int64()),
    ("licence", pa.string()),
    ("origin", pa.string()),
    ("method", pa.string()),
    ("contract", pa.string()),
    ("text", pa.string()),
)


def schema_id(schema: pa.Schema) -> str:
    """The id a schema carries, such as ``mofang.text/1``."""
    return str(schema.metadata[b"mofang.schema"].decode())


class TableWriter:
    """Writes one table into the store, in row groups of ROWS whatever the size of what is appended.

    Use as a context manager; :attr:`output` is there after a clean end.
    """

    def __init__(
        self, objects: ObjectStore, schema: pa.Schema, counts: Mapping[str, int] | None = None
    ) -> None:
        self.schema = schema
        self.counts = counts or {}
        self.rows = 0
        self._waiting: list[pa.Table] = []
        self._blob = objects.create()

    def __enter__(self) -> TableWriter:
        self._sink = self._blob.__enter__()
        self._writer = pq.ParquetWriter(
            self._sink.path, self.schema, compression="zstd", compression_level=3, store_schema=False
        )
        said = {"schema": schema_id(self.schema), **{name: str(n) for name, n in sorted(self.counts.items())}}
        self._writer.add_key_value_metadata({f"mofang.{name}": value for name, value in said.items()})
        return self

    def append(self, table: pa.Table) -> None:
        """Add rows whose columns are those of the schema."""
        self._waiting.append(table.replace_schema_metadata(self.schema.metadata))
        if sum(part.num_rows for part in self._waiting) >= ROWS:
            whole = pa.concat_tables(self._waiting)
            full = whole.num_rows // ROWS * ROWS
            self._write(whole.slice(0, full))
            self._waiting = [whole.slice(full)]

    def _write(self, table: pa.Table) -> None:
        if table.num_rows:
            self._writer.write_table(table.cast(self.schema).combine_chunks(), row_group_size=ROWS)
            self.rows += table.num_rows

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._waiting:
            self._write(pa.concat_tables(self._waiting))
        self._writer.close()
        self._blob.__exit__(kind, error, trace)
        if kind is None:
            self.output = Output(self._sink.digest, PARQUET, self.rows)


def write(objects: ObjectStore, schema: pa.Schema, columns: Sequence[Any], **counts: int) -> Output:
    """One table of whole columns (lists or arrays, in the schema's order). ``counts`` go into the file's
    metadata."""
    arrays = [
        column if isinstance(column, (pa.Array, pa.ChunkedArray)) else pa.array(column, field.type)
        for column, field in zip(columns, schema, strict=True)
    ]
    with TableWriter(objects, schema, counts) as writer:
        writer.append(pa.Table.from_arrays(arrays, schema=schema))
    return writer.output


def read(objects: ObjectStore, digest: Digest, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of a table. Meant for one shard; a table that grows with the corpus is read with
    :func:`batches`."""
    with pq.ParquetFile(objects.path(digest)) as file:
        return file.read(columns, use_threads=False)


def batches(objects: ObjectStore, digest: Digest, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """A table bit by bit."""
    with pq.ParquetFile(objects.path(digest)) as file:
        yield from file.iter_batches(ROWS, columns=columns, use_threads=False)


def metadata(objects: ObjectStore, digest: Digest) -> dict[str, str]:
    """The schema id (``schema``) and counts that a table's file carries."""
    found = pq.read_metadata(objects.path(digest)).metadata or {}
    return {key.decode()[7:]: value.decode() for key, value in found.items() if key.startswith(b"mofang.")}


def nested(kind: pa.DataType, rows: Sequence[Sequence[tuple[Any, ...]]]) -> pa.Array:
    """A column of lists of structs, from a list of tuples for each row."""
    offsets = [0]
    for row in rows:
        offsets.append(offsets[-1] + len(row))
    fields = list(kind.value_type)
    flat = [element for row in rows for element in row]
    columns = list(zip(*flat, strict=True)) if flat else [()] * len(fields)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, fields, strict=True)]
    return pa.ListArray.from_arrays(
        pa.array(offsets, pa.int32()), pa.StructArray.from_arrays(arrays, fields=fields), type=kind
    )


def rows(objects: ObjectStore, digest: Digest) -> int:
    """Number of rows of a table, from its footer."""
    return int(pq.read_metadata(objects.path(digest)).num_rows)
