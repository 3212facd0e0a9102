"""Exact duplicates 去重: records whose texts are equal when width and blanks do not count.

Works on key tables alone, never on text. Keys are dealt into parts by their first bytes and each part is
sorted, so memory depends on the size of a part and not of the corpus. The representative of a group is the
lowest record id, which makes the result the same in whatever order and grouping the key tables come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mofang.compute.kinds import Output
from mofang.corpus import tables
from mofang.evidence.digest import Digest
from mofang.evidence.objects import ObjectStore

PART = 1 << 20
"""Keys that are sorted at a time, about: 32 bytes each."""

_PAIR = np.dtype([("key", "V16"), ("id", "V16")])
Pairs = npt.NDArray[np.void]


def find_duplicates(objects: ObjectStore, keys: list[Digest], work: Path) -> tuple[Output, int]:
    """The duplicates table of all ``keys`` tables, and how many groups it has. ``work`` is for spilled
    parts."""
    rows = sum(tables.rows(objects, digest) for digest in keys)
    pairs = (pair for digest in sorted(keys) for pair in _pairs(objects, digest))
    groups = 0
    with tables.TableWriter(objects, tables.DUPLICATES) as writer:
        for part in _parts(pairs, rows, work):
            found, count = _duplicates(part)
            groups += count
            writer.append(found)
    return writer.output, groups


def _pairs(objects: ObjectStore, digest: Digest) -> Iterator[Pairs]:
    for batch in tables.batches(objects, digest, ["text_key", "record_id"]):
        pairs = np.empty(batch.num_rows, _PAIR)
        pairs["key"], pairs["id"] = _fixed(batch.column("text_key")), _fixed(batch.column("record_id"))
        yield pairs


def _fixed(array: pa.FixedSizeBinaryArray) -> Pairs:
    """The bytes of a 16-byte column without nulls."""
    data = np.frombuffer(array.buffers()[1], dtype=np.uint8)
    return data[array.offset * 16 : (array.offset + len(array)) * 16].view("V16")


def _parts(pairs: Iterable[Pairs], rows: int, work: Path) -> Iterator[Pairs]:
    """All pairs in parts of about PART, the parts in order of key; each part is whole groups."""
    count = 1
    while count * PART < rows and count < 256:
        count *= 2
    if count == 1:
        yield np.concatenate([np.empty(0, _PAIR), *pairs])
        return
    work.mkdir(parents=True, exist_ok=True)
    files = [(work / f"part-{n:03}").open("w+b") for n in range(count)]
    try:
        for chunk in pairs:
            first = chunk.view(np.uint8).reshape(-1, 32)[:, 0].astype(int) * count >> 8
            for n in np.unique(first):
                files[n].write(chunk[first == n].tobytes())
        for file in files:
            file.seek(0)
            yield np.frombuffer(file.read(), _PAIR)
    finally:
        for file in files:
            file.close()
            Path(file.name).unlink()


def _duplicates(part: Pairs) -> tuple[pa.Table, int]:
    """(record_id, duplicate_of) of one part, in the order of keys and ids, and its number of groups."""
    words = part.view(">u8").reshape(
        -1, 4
    )  # numpy compares no void; four big-endian words sort as the bytes do
    words = words[np.lexsort(words.T[::-1])]
    same = np.zeros(len(words), dtype=bool)
    same[1:] = (words[1:, :2] == words[:-1, :2]).all(axis=1)
    first = np.maximum.accumulate(np.where(same, 0, np.arange(len(words))))
    ids = np.ascontiguousarray(words[:, 2:])
    # One record can stand in two shards under one id (a key used twice); it is not a duplicate of itself.
    other = same & (ids != ids[first]).any(axis=1)
    return pa.table([_binary(ids[other]), _binary(ids[first][other])], schema=tables.DUPLICATES), len(
        np.unique(first[other])
    )


def _binary(ids: npt.NDArray[np.uint64]) -> pa.FixedSizeBinaryArray:
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(ids), [None, pa.py_buffer(ids.tobytes())])
