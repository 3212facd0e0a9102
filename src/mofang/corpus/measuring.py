"""Reading a file once to know it: its digest, and where a big one may be cut."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mofang.corpus.sharding import TARGET
from mofang.evidence.files import write_atomic

BLOCK = 1 << 20
ROWS = 4096
"""Rows of a Parquet shard, unless its row groups are so large that reading their beginnings again would cost
more."""
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Span:
    """A cut of a big file: bytes [start, end) whose first line is ``line`` (from 0), or rows [start, end)."""

    start: int
    end: int
    line: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """What one reading of a file found. ``broken`` says why it cannot be opened, when it cannot."""

    size: int
    digest: str
    spans: tuple[Span, ...] = ()
    columns: tuple[str, ...] = ()
    broken: str = ""


def measure(path: Path, reader: str) -> Measure:
    """Read the file at ``path`` for ``reader``. Raises OSError when it cannot be read at all."""
    if reader == "lines":
        return _lines(path)
    whole = hashlib.sha256()
    size = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            whole.update(block)
            size += len(block)
    digest = f"sha256:{whole.hexdigest()}"
    return _columns(path, size, digest) if reader == "columns" else Measure(size, digest)


def _lines(path: Path) -> Measure:
    """Cut after the first line end past every TARGET bytes, so that a cut never divides a record."""
    whole, part = hashlib.sha256(), hashlib.sha256()
    spans: list[Span] = []
    start = position = line = first = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if position + len(block) - start >= TARGET and not block.endswith(b"\n"):
                block += file.readline()
            whole.update(block)
            part.update(block)
            position += len(block)
            line += block.count(b"\n")
            if position - start >= TARGET:
                spans.append(Span(start, position, first, f"sha256:{part.hexdigest()}"))
                start, first, part = position, line, hashlib.sha256()
    if spans and position > start:
        spans.append(Span(start, position, first, f"sha256:{part.hexdigest()}"))
    return Measure(position, f"sha256:{whole.hexdigest()}", tuple(spans) if len(spans) > 1 else ())


def _columns(path: Path, size: int, digest: str) -> Measure:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            names = tuple(file.schema_arrow.names)
            rows = file.metadata.num_rows
            largest = max(
                (file.metadata.row_group(n).num_rows for n in range(file.metadata.num_row_groups)), default=0
            )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        return Measure(size, digest, broken=str(error).splitlines()[0][:200])
    step = max(ROWS, largest // 16)
    spans = tuple(Span(start, min(start + step, rows)) for start in range(0, rows, step))
    return Measure(size, digest, spans, names)


class MeasureCache:
    """Earlier measures by path, good while size, modification time and inode are the same."""

    def __init__(self, entries: Mapping[str, Any]) -> None:
        self.entries = entries
        self.kept: dict[str, Any] = {}

    @classmethod
    def load(cls, path: Path | None, entries: Mapping[str, Any] | None = None) -> MeasureCache:
        """The cache in ``path``; a missing or unreadable one counts as empty, since it can be rebuilt."""
        if entries is not None or path is None or not path.is_file():
            return cls(entries or {})
        try:
            found = json.loads(path.read_bytes())
        except ValueError:
            return cls({})
        known = isinstance(found, dict) and found.get("format") == FORMAT
        return cls(found["files"] if known else {})

    def get(self, name: str, status: os.stat_result) -> Measure | None:
        entry = self.entries.get(name)
        if entry is None or entry["stamp"] != _stamp(status):
            return None
        self.kept[name] = entry
        found = dict(entry["measure"])
        spans = tuple(Span(**span) for span in found.pop("spans"))
        return Measure(**{**found, "columns": tuple(found["columns"])}, spans=spans)

    def put(self, name: str, status: os.stat_result, found: Measure) -> Measure:
        self.kept[name] = {"stamp": _stamp(status), "measure": asdict(found)}
        return found

    def save(self, path: Path | None) -> None:
        if path is None or self.kept == self.entries:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(
            path,
            json.dumps({"format": FORMAT, "files": self.kept}, ensure_ascii=False, sort_keys=True).encode(),
        )


def _stamp(status: os.stat_result) -> list[int]:
    return [status.st_size, status.st_mtime_ns, status.st_ino]
