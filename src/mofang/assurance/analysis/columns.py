"""Segments as arrays: a hundred thousand verdicts are read once, however many figures count them.

Arrow reads the lines; a leaf that was withdrawn has none of the fields and stays as a row that nobody can score. What
was read is kept while the file under the digest is untouched.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mofang.evidence.digest import Digest
from mofang.evidence.leaves import marked, read_leaves
from mofang.evidence.objects import ObjectStore

if TYPE_CHECKING:
    from numpy.typing import NDArray

Inputs = Mapping[str, Digest | list[Digest]]

FAIL, UNSCORED, PASS, ABSENT = 0, 1, 2, 3
"""Verdicts as numbers, the most cautious first: of two words on one answer the smaller one stands."""

WORDS: tuple[str | None, ...] = ("fail", "unscored", "pass", None)

STRAY = (
    "prose",
    "not_json",
    "several",
    "other_fields",
    "wrong_case",
    "other_word",
    "judge_refused",
    "unparseable",
)
"""Reasons of unscored verdicts that say: the judge spoke, but not in its vocabulary."""

_VERDICT = {
    "item": "string",
    "of": "string",
    "kind": "string",
    "risk": "string",
    "judge": "string",
    "verdict": "string",
    "refused": "bool",
    "reason": "string",
    "repeat": "int64",
}
_QUESTION = {
    "id": "string",
    "of": "string",
    "kind": "string",
    "risk": "string",
    "cluster": "string",
    "text": "string",
}
_BLOCK = 16 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A column of words: ``codes`` (n, -1 for none) into ``words``."""

    codes: NDArray[Any]
    words: tuple[str, ...]

    def code(self, word: str) -> int:
        """The code of ``word``; -2 where it does not occur."""
        return self.words.index(word) if word in self.words else -2

    def among(self, words: Sequence[str]) -> NDArray[Any]:
        """(n,) whether the row has one of these words."""
        import numpy as np

        return np.isin(self.codes, [self.code(word) for word in words if word in self.words])


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """n verdicts as columns. ``word`` is FAIL, UNSCORED or PASS; ``readable`` is False for withdrawn leaves, whose other
    columns are empty; ``refused`` 1, 0, or -1 where the judge does not ask; ``of`` refers to what was judged."""

    item: Coded
    kind: Coded
    risk: Coded
    judge: Coded
    word: NDArray[Any]
    refused: NDArray[Any]
    repeat: NDArray[Any]
    stray: NDArray[Any]
    readable: NDArray[Any]
    of: Any

    def __len__(self) -> int:
        return len(self.word)


@dataclass(frozen=True, slots=True, eq=False)
class Questions:
    """Questions as columns. ``leaf`` is the number of each in its segment; a ``catalogue`` leaves the texts out, and its
    ``of`` refers to the leaf that has the text."""

    ids: tuple[str, ...]
    kind: Coded
    risk: Coded
    cluster: tuple[str, ...]
    of: tuple[str, ...]
    leaf: tuple[int, ...]
    catalogue: bool
    place: Mapping[str, int]


def verdicts(objects: ObjectStore, inputs: Inputs, name: str = "verdicts") -> Verdicts:
    """All verdicts of one input, segment after segment. Raises ObjectMissing, LeafError."""
    digests = _digests(inputs, name)
    return _verdicts(objects, digests, states(objects, digests))


def questions(objects: ObjectStore, inputs: Inputs, name: str = "questions") -> Questions:
    """The questions (or their catalogue) of one input."""
    digests = _digests(inputs, name)
    return _questions(objects, digests, states(objects, digests))


def clusters(objects: ObjectStore, inputs: Inputs) -> NDArray[Any]:
    """For every verdict the number of the template its question stems from; a question without one, and an item that is
    no question, stands for itself."""
    judged, asked = _digests(inputs, "verdicts"), _digests(inputs, "questions")
    return _clusters(objects, judged, asked, states(objects, judged + asked))


def pack(objects: ObjectStore, digest: Digest) -> Mapping[str, Any]:
    """The wire form of a standard's pack."""
    return _pack(objects, digest, states(objects, [digest]))


@functools.lru_cache(maxsize=8)
def _pack(objects: ObjectStore, digest: Digest, _state: object) -> Mapping[str, Any]:
    found: Mapping[str, Any] = objects.json(digest)
    return found


def _digests(inputs: Inputs, name: str) -> tuple[Digest, ...]:
    given = inputs.get(name, [])
    return tuple(given) if isinstance(given, list) else (given,)


def states(objects: ObjectStore, digests: Sequence[Digest]) -> tuple[tuple[int, int, int], ...]:
    """What tells whether the files under these digests are the ones that were read."""
    # A file that was touched is read again: a check must not answer from memory.
    stats = [objects.path(digest).stat() for digest in digests]
    return tuple((stat.st_ino, stat.st_size, stat.st_mtime_ns) for stat in stats)


@functools.lru_cache(maxsize=16)
def _verdicts(objects: ObjectStore, digests: tuple[Digest, ...], _state: object) -> Verdicts:
    import numpy as np
    import pyarrow.compute as pc

    table = _table(objects, digests, _VERDICT)
    judge, word = _coded(table["judge"]), _coded(table["verdict"])
    readable = judge.codes >= 0
    found = np.full(len(readable), UNSCORED, np.int8)
    for number in (FAIL, PASS):
        found[readable & (word.codes == word.code(str(WORDS[number])))] = number
    return Verdicts(
        item=_coded(table["item"]),
        kind=_coded(table["kind"]),
        risk=_coded(table["risk"]),
        judge=judge,
        word=found,
        refused=pc.fill_null(pc.cast(table["refused"], "int8"), -1).to_numpy(),
        repeat=pc.fill_null(table["repeat"], 0).to_numpy(),
        stray=_coded(table["reason"]).among(STRAY),
        readable=readable,
        of=table["of"],
    )


@functools.lru_cache(maxsize=16)
def _questions(objects: ObjectStore, digests: tuple[Digest, ...], _state: object) -> Questions:
    table = _table(objects, digests, _QUESTION)
    leaves = tuple(n for n, valid in enumerate(table["id"].is_valid().to_pylist()) if valid)
    table = table.filter(table["id"].is_valid())
    ids = tuple(table["id"].to_pylist())
    return Questions(
        ids=ids,
        kind=_coded(table["kind"]),
        risk=_coded(table["risk"]),
        cluster=tuple(name or "" for name in table["cluster"].to_pylist()),
        of=tuple(ref or "" for ref in table["of"].to_pylist()),
        leaf=leaves,
        catalogue=table["text"].null_count == len(ids),
        place={id: n for n, id in enumerate(ids)},
    )


@functools.lru_cache(maxsize=16)
def _clusters(
    objects: ObjectStore, judged: tuple[Digest, ...], asked: tuple[Digest, ...], _state: object
) -> NDArray[Any]:
    import numpy as np

    found = _verdicts(objects, judged, states(objects, judged))
    known = _questions(objects, asked, states(objects, asked))
    numbers: dict[tuple[bool, str], int] = {}
    of_item = np.empty(len(found.item.words) + 1, np.int64)
    for code, item in enumerate(found.item.words):
        place = known.place.get(item)
        template = known.cluster[place] if place is not None else ""
        of_item[code] = numbers.setdefault((True, template) if template else (False, item), len(numbers))
    codes: NDArray[Any] = of_item[found.item.codes]
    # A withdrawn verdict has no item any more: each stands for itself.
    lost = found.item.codes < 0
    codes[lost] = len(numbers) + np.arange(int(lost.sum()))
    return codes


def _coded(column: Any) -> Coded:
    import pyarrow.compute as pc

    encoded = pc.dictionary_encode(column)
    encoded = encoded.combine_chunks() if hasattr(encoded, "combine_chunks") else encoded
    return Coded(
        pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False),
        tuple(encoded.dictionary.to_pylist()),
    )


def _table(objects: ObjectStore, digests: Sequence[Digest], fields: Mapping[str, str]) -> Any:
    import pyarrow as pa

    schema = pa.schema([pa.field(name, _type(kind)) for name, kind in fields.items()])
    tables = [_segment(objects, digest, schema) for digest in digests]
    return pa.concat_tables(tables).combine_chunks() if tables else schema.empty_table()


def _type(name: str) -> Any:
    import pyarrow as pa

    return {"string": pa.string(), "bool": pa.bool_(), "int64": pa.int64()}[name]


def _segment(objects: ObjectStore, digest: Digest, schema: Any) -> Any:
    import pyarrow as pa
    from pyarrow import json

    with objects.open(digest) as file:
        data = file.read()
    if not data:
        return schema.empty_table()
    options = json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    try:
        read = json.read_json(
            pa.BufferReader(data), json.ReadOptions(use_threads=False, block_size=_BLOCK), options
        )
        return read.select(schema.names)
    except pa.ArrowInvalid:
        # A line that Arrow does not take is read, or refused by number, by the reader of leaves.
        rows = [{} if marked(leaf) else leaf for leaf in read_leaves(objects, digest)]
        return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema)
