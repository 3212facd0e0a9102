"""Finding records in a dataset's tables: by id, by file, by text. Reads shard after shard, a few columns at
a time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from mofang.corpus import tables
from mofang.evidence.digest import Digest
from mofang.evidence.objects import ObjectStore

Place = tuple[str, int, int]
"""Source id, number of the shard, row in it."""


class Lookup:
    """One dataset opened for questions."""

    def __init__(self, objects: ObjectStore, dataset: Digest) -> None:
        self.objects = objects
        self.manifest: Mapping[str, Any] = objects.json(dataset)
        self._tables = {name: table["shards"] for name, table in self.manifest["tables"].items()}
        self._files: dict[tuple[str, int], frozenset[str]] = {}
        shards = [
            (source, n) for source, each in sorted(self._tables["text"].items()) for n in range(len(each))
        ]
        decided = [(s, n) for s, n in shards if n < len(self._tables["decisions"].get(s, ()))]
        self._shards = [place for place in decided if objects.has(self._text(*place))]
        self.gone = len(decided) - len(self._shards)
        """Shards that are no longer in the workspace, since something in them was withdrawn."""

    def source(self, source_id: str) -> Mapping[str, Any]:
        """A source as declared."""
        return next(source for source in self.manifest["sources"] if source["id"] == source_id)

    def row(self, table: str, source_id: str, shard: int, row: int) -> dict[str, Any]:
        """One row of a table."""
        found = tables.read(self.objects, Digest(self._tables[table][source_id][shard]))
        rows: list[dict[str, Any]] = found.slice(row, 1).to_pylist()
        return rows[0]

    def by_id(self, prefix: str) -> list[Place]:
        """Records whose id begins with these hex digits."""
        low, high = (pa.scalar(bytes.fromhex(prefix.ljust(32, digit)), pa.binary()) for digit in "0f")

        def wanted(found: pa.Table) -> Any:
            ids = found.column("record_id").cast(pa.binary())
            return pc.and_(pc.greater_equal(ids, low), pc.less_equal(ids, high))

        return self._places(["record_id"], wanted)

    def by_text(self, piece: str) -> list[Place]:
        """Records whose repaired text holds ``piece``; blanks and newlines in it match any."""
        words = [re.escape(word) for word in piece.split()]
        pattern = r"\s*".join(words)
        if len(words) == 1:
            return self._places(
                ["text"], lambda found: pc.match_substring(found.column("text"), piece.strip())
            )
        return self._places(["text"], lambda found: pc.match_substring_regex(found.column("text"), pattern))

    def by_file(self, name: str, line: int | None) -> list[Place]:
        """Records of a file; with ``line`` (from 1), the one that stands there. A document is one record
        throughout."""
        places: list[Place] = []
        for source_id, shard, path in self._matching(name):
            found = tables.read(self.objects, self._text(source_id, shard), ["path", "ordinal", "key"])
            wanted = pc.equal(found.column("path"), path)
            if line is not None and not _is_document(path):
                wanted = pc.and_(wanted, pc.equal(found.column("ordinal"), line - 1))
            places += [(source_id, shard, row) for row in pc.indices_nonzero(wanted).to_pylist()]
        return places

    def text_shards(self) -> list[Digest]:
        """Every text shard."""
        return [
            Digest(digest) for _source, shards in sorted(self._tables["text"].items()) for digest in shards
        ]

    def unread(self, name: str) -> list[Mapping[str, str]]:
        """Files of this name that the inventory left unread, with the code of the reason."""
        return [
            entry
            for source in self.manifest["sources"]
            for entry in source["unread"]
            if _means(name, entry["path"], source)
        ]

    def duplicates(self, record_id: bytes) -> tuple[bytes | None, int]:
        """The representative of a record if it is a duplicate, and how many records it represents."""
        double, others = None, 0
        for digest in self._tables["duplicates"][""]:
            for batch in tables.batches(self.objects, Digest(digest), ["record_id", "duplicate_of"]):
                others += pc.sum(pc.equal(batch.column("duplicate_of"), record_id)).as_py() or 0
                mine = batch.filter(pc.equal(batch.column("record_id"), record_id))
                double = mine.column("duplicate_of")[0].as_py() if mine.num_rows else double
        return double, others

    def _places(self, columns: list[str], wanted: Any) -> list[Place]:
        places: list[Place] = []
        for source_id, shard in self._shards:
            rows = pc.indices_nonzero(
                wanted(tables.read(self.objects, self._text(source_id, shard), columns))
            )
            places += [(source_id, shard, row) for row in rows.to_pylist()]
        return places

    def _matching(self, name: str) -> Iterator[tuple[str, int, str]]:
        for source_id, shard in self._shards:
            for path in sorted(self._paths(source_id, shard)):
                if _means(name, path, self.source(source_id)):
                    yield source_id, shard, path

    def _paths(self, source_id: str, shard: int) -> frozenset[str]:
        if (source_id, shard) not in self._files:
            found = tables.read(self.objects, self._text(source_id, shard), ["path"]).column("path")
            self._files[source_id, shard] = frozenset(pc.unique(found).to_pylist())
        return self._files[source_id, shard]

    def _text(self, source_id: str, shard: int) -> Digest:
        return Digest(self._tables["text"][source_id][shard])


def _means(name: str, path: str, source: Mapping[str, Any]) -> bool:
    """Whether somebody who writes ``name`` may mean this file of this source."""
    known = (path, f"{source['id']}/{path}", f"{source['path'].rstrip('/')}/{path}", source["path"])
    return (
        name in known[:3]
        or (name == known[3] and path == name.rpartition("/")[2])
        or path.endswith(f"/{name}")
    )


def _is_document(path: str) -> bool:
    return not path.lower().endswith((".jsonl", ".ndjson", ".parquet"))
