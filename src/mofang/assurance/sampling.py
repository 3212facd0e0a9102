"""The corpus sample: records with the smallest seeded hashes, over all shards, read in one pass each for
ids and texts.

The first ``corpus_manual`` of the sample are the ones people read; a corpus smaller than the sample is
taken whole.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mofang.assurance.draw import Plan, corpus_sample_size, smallest
from mofang.evidence.digest import Digest
from mofang.evidence.objects import ObjectStore

Place = tuple[int, int]
"""A record's shard and row."""


def sample_corpus(
    objects: ObjectStore, published: Sequence[Digest], plan: Plan, seed: Digest
) -> tuple[list[dict[str, Any]], int]:
    """The sampled records (``record_id``, ``source_id``, ``text``) in the seeded order, and how many
    records there were. ``published``: the published tables, of any number of shards, in any order."""
    from mofang.corpus import tables

    total = sum(tables.rows(objects, digest) for digest in published)
    size = corpus_sample_size(total, plan)
    chosen = smallest(_places(objects, published), size, seed)
    texts = _records(objects, published, {place for _name, place in chosen})
    return [{"record_id": name, **texts[place]} for name, place in chosen], total


def _places(objects: ObjectStore, published: Sequence[Digest]) -> Iterator[tuple[str, Place]]:
    from mofang.corpus import tables

    for shard, digest in enumerate(published):
        row = 0
        for batch in tables.batches(objects, digest, ["record_id"]):
            for record in batch.column("record_id").to_pylist():
                yield record.hex(), (shard, row)
                row += 1


def _records(
    objects: ObjectStore, published: Sequence[Digest], wanted: set[Place]
) -> Mapping[Place, dict[str, Any]]:
    from mofang.corpus import tables

    found: dict[Place, dict[str, Any]] = {}
    rows_of: dict[int, list[int]] = {}
    for shard, row in sorted(wanted):
        rows_of.setdefault(shard, []).append(row)
    for shard, rows in rows_of.items():
        start = 0
        for batch in tables.batches(objects, published[shard], ["source_id", "text"]):
            end = start + batch.num_rows
            here = rows[bisect_left(rows, start) : bisect_left(rows, end)]
            picked = batch.take([row - start for row in here]).to_pylist() if here else []
            found.update(((shard, row), record) for row, record in zip(here, picked, strict=True))
            start = end
    return found
