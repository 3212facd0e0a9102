"""One shard read: records named, repaired and laid out as the text and keys tables. A pure function of the
files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from mofang.compute.kinds import Output
from mofang.corpus import tables
from mofang.corpus.folding import text_key
from mofang.corpus.normalise import normalise
from mofang.corpus.protocols import Part, Problem
from mofang.corpus.readers import read
from mofang.corpus.record import RawRecord, RecordNames, raw_digest
from mofang.evidence.objects import ObjectStore
from mofang.i18n import _

BOILERPLATE = "boilerplate"

_FOOTER = re.compile(
    r"版权所有|未经.{0,6}(?:授权|许可).{0,8}转载|ICP备|公网安备|责任编辑|All Rights Reserved|Copyright|©"
    r"|关于我们|联系我们|友情链接|网站地图|返回(?:首页|顶部)|[上下]一[篇页]|Skip to content|Privacy Policy",
    re.IGNORECASE,
)
_SHORT_LINE = 60


class ShardTable:
    """The columns of a shard's text and keys tables, while they grow."""

    def __init__(self, source_id: str) -> None:
        self.source_id = source_id
        self.text: dict[str, list[Any]] = {field.name: [] for field in tables.TEXT}
        self.keys: dict[str, list[Any]] = {field.name: [] for field in tables.KEYS}
        self.seen: set[bytes] = set()

    def add(self, record: RawRecord, part: Part, name: bytes, raw: str) -> None:
        """Repair ``record`` and append it under the id ``name``."""
        self.seen.add(name)
        text, edits = normalise(record.text)
        flags = (*record.flags, BOILERPLATE) if _is_boilerplate(text) else record.flags
        row = (
            *(
                name,
                self.source_id,
                part.path,
                record.ordinal,
                record.key,
                record.byte_start,
                record.byte_end,
            ),
            *(part.digest, raw, record.encoding, text, (*record.edits, *edits), flags),
        )
        for column, value in zip(self.text.values(), row, strict=True):
            column.append(value)
        measures = (name, text_key(text), len(text), len(record.raw))
        for column, measured in zip(self.keys.values(), measures, strict=True):
            column.append(measured)

    def write(self, objects: ObjectStore, counts: Mapping[str, int]) -> dict[str, Output]:
        columns = dict(self.text)
        edits = tables.nested(tables.TEXT.field("edits").type, columns.pop("edits"))
        arrays = [
            edits if field.name == "edits" else pa.array(columns[field.name], field.type)
            for field in tables.TEXT
        ]
        return {
            "text": tables.write(objects, tables.TEXT, arrays, **counts),
            "keys": tables.write(objects, tables.KEYS, list(self.keys.values())),
        }


def read_parts(
    source: Mapping[str, Any], item: Mapping[str, Any], root: Path, withdrawn: frozenset[bytes]
) -> tuple[ShardTable, dict[str, int], list[dict[str, str]]]:
    """The table of a shard ``item`` (see ``sharding.Piece.wire``), its counts, and notes on what could not
    be read.

    ``source`` holds id, text and key. Counts: files, records, problems, withdrawn, repeated (a record named
    twice)."""
    table = ShardTable(source["id"])
    counts = {"files": 0, "problems": 0, "withdrawn": 0, "repeated": 0}
    notes: list[dict[str, str]] = []
    for entry in item["files"]:
        part = _part(entry, source, root)
        problems: list[Problem] = []
        for record, name, raw in _named(read(entry["reader"], part, problems), source["id"], part):
            if name in withdrawn:
                counts["withdrawn"] += 1
            elif name in table.seen:
                problems.append(
                    Problem("repeated", record.ordinal + 1, _("the same record stands here twice"))
                )
                counts["repeated"] += 1
            else:
                table.add(record, part, name, raw)
        counts["files"] += 1
        counts["problems"] += len(problems)
        notes += [{"code": p.code, "where": f"{part.path}:{p.place}", "message": p.message} for p in problems]
    counts["records"] = len(table.seen)
    return table, counts, notes


def _named(
    records: Iterable[RawRecord], source_id: str, part: Part
) -> Iterator[tuple[RawRecord, bytes, str]]:
    names = RecordNames(source_id, part.path)
    for record in records:
        raw = raw_digest(record.raw)
        yield record, names.id(record.ordinal, record.key, raw), raw


def _part(entry: Mapping[str, Any], source: Mapping[str, Any], root: Path) -> Part:
    span = entry.get("span")
    return Part(
        root=root,
        path=entry["path"],
        size=entry["size"],
        digest=entry["sha256"],
        text=source["text"],
        key=source["key"],
        span=(span[0], span[1], span[2]) if span else None,
        span_digest=entry.get("span_sha256"),
    )


def _is_boilerplate(text: str) -> bool:
    """Whether more than half of the lines are short footers or navigation."""
    lines = [line for line in text.split("\n") if line.strip()]
    short = [line for line in lines if len(line) <= _SHORT_LINE]
    if 2 * len(short) <= len(lines):
        return False
    return 2 * sum(1 for line in short if _FOOTER.search(line)) > len(lines)
