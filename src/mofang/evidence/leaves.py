"""Leaf segments: records as lines of one artifact, under a Merkle root. ``sha256:…#17`` is the 18th record.

A line is one RFC 8785 object; the root is over the lines' bytes. A leaf can be taken out without touching the
root: its line then holds its leaf hash, the reason, and what may stay readable.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from mofang.evidence import merkle
from mofang.evidence.digest import Digest, canonical
from mofang.evidence.errors import DigestError, LeafError
from mofang.evidence.objects import ObjectStore
from mofang.i18n import _

LEAVES = "application/vnd.mofang.leaves+jsonl"
WITHDRAWN = "$withdrawn"
WITHHELD = "$withheld"
MARKS = (WITHDRAWN, WITHHELD)

Leaf = Mapping[str, Any]

_FLAT = frozenset({str, int, bool, type(None)})
_LARGEST = 2**53 - 1
_ENCODE = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False
).encode
_DECODE = json.JSONDecoder().raw_decode


@dataclass(frozen=True, slots=True)
class Segment:
    """A leaf segment: the artifact's digest, the Merkle root over its leaves, their number."""

    digest: Digest
    root: Digest
    count: int


def write_leaves(objects: ObjectStore, records: Iterable[Leaf]) -> Segment:
    """File ``records`` as a segment. Raises LeafError for a record that poses as a withdrawn one."""
    return _write(objects, (leaf_line(_plain(record)) for record in records))


def leaf_line(record: Leaf) -> bytes:
    """The record in canonical form (RFC 8785). Raises DigestError.

    Most leaves are flat objects of texts and whole numbers; for those the encoder of the standard library writes
    the same bytes, several times faster."""
    for name, value in record.items():
        if type(value) not in _FLAT or not name.isascii() or (type(value) is int and abs(value) > _LARGEST):
            return canonical(record)
    try:
        return _ENCODE(record).encode()
    except UnicodeEncodeError:
        return canonical(record)


def read_leaves(objects: ObjectStore, digest: Digest) -> Iterator[dict[str, Any]]:
    """The records in order; a withdrawn or withheld one is ``{"$withdrawn" or "$withheld": {...}}``."""
    for index, line in enumerate(_lines(objects, digest)):
        yield _parsed(line, digest, index)


def read_leaf(objects: ObjectStore, digest: Digest, index: int) -> dict[str, Any]:
    """One record. Raises LeafError if the segment is shorter."""
    line = next(islice(_lines(objects, digest), index, None), None) if index >= 0 else None
    if line is None:
        raise LeafError(
            _("segment {digest} has no leaf {index}").format(digest=digest.short, index=index),
            where=leaf_ref(digest, index),
        )
    return _parsed(line, digest, index)


def leaf_ref(digest: Digest, index: int) -> str:
    """``sha256:…#17``."""
    return f"{digest}#{index}"


def parse_ref(text: str) -> tuple[Digest, int | None]:
    """Digest and leaf number of ``sha256:…#17``; no number without ``#``. Raises DigestError."""
    digest, mark, number = text.partition("#")
    if not mark:
        return Digest(digest), None
    if not (number.isascii() and number.isdigit()):
        raise DigestError(
            _("not a reference to a leaf: {text}").format(text=text[:120]),
            remedy=_("write the digest, # and the number of the leaf"),
        )
    return Digest(digest), int(number)


def marked(leaf: Leaf) -> str | None:
    """The mark of a redacted leaf (``$withdrawn`` or ``$withheld``), None for a readable one."""
    return WITHDRAWN if WITHDRAWN in leaf else WITHHELD if WITHHELD in leaf else None


def leaf_hashes(objects: ObjectStore, digest: Digest) -> Iterator[bytes]:
    """The Merkle leaf hash of every line, redacted ones included."""
    for index, line in enumerate(_lines(objects, digest)):
        yield _hash(line, digest, index)


def merkle_root(objects: ObjectStore, digest: Digest) -> Digest:
    """The root over a segment's leaves, computed from its bytes."""
    return Digest.of(merkle.tree_hash(leaf_hashes(objects, digest)))


def redact_leaves(
    objects: ObjectStore,
    digest: Digest,
    reasons: Mapping[int, str],
    mark: str = WITHDRAWN,
    keep: Callable[[dict[str, Any]], Leaf] = lambda leaf: {},
) -> Segment:
    """A copy of the segment without the content of the leaves in ``reasons`` (leaf number -> reason): a new
    artifact under the same Merkle root. ``keep`` says which part of a leaf stays readable (nothing); that
    part is no longer proven by the root. A leaf that carries ``mark`` already stays as it is. Raises
    LeafError for a leaf that is not there."""
    if mark not in MARKS:
        raise ValueError(mark)
    missing = set(reasons)

    def lines() -> Iterator[bytes]:
        for index, line in enumerate(_lines(objects, digest)):
            missing.discard(index)
            if index in reasons:
                yield _redacted(line, digest, index, reasons[index], mark, keep)
            else:
                yield line

    segment = _write(objects, lines(), Digest.of(merkle.tree_hash(leaf_hashes(objects, digest))))
    if missing:
        raise LeafError(
            _("segment {digest} has no leaf {index}").format(digest=digest.short, index=min(missing)),
            where=leaf_ref(digest, min(missing)),
        )
    return segment


def _write(objects: ObjectStore, lines: Iterable[bytes], root: Digest | None = None) -> Segment:
    hashes: list[bytes] = []
    count = 0
    with objects.create() as writer:
        for line in lines:
            writer.write(line + b"\n")
            count += 1
            if root is None:
                hashes.append(merkle.leaf_hash(line))
    return Segment(writer.digest, root or Digest.of(merkle.tree_hash(hashes)), count)


def _lines(objects: ObjectStore, digest: Digest) -> Iterator[bytes]:
    with objects.open(digest) as file:
        for index, line in enumerate(file):
            if not line.endswith(b"\n"):
                raise _unreadable(digest, index, _("the line has no end"))
            yield line[:-1]


def _plain(record: Leaf) -> dict[str, Any]:
    if marked(record):
        raise LeafError(
            _("a record may not have a field {mark}").format(mark=marked(record)),
            remedy=_("rename the field; this name marks leaves that were withdrawn or withheld"),
        )
    return dict(record)


def _parsed(line: bytes, digest: Digest, index: int) -> dict[str, Any]:
    try:
        leaf = _decoded(line.decode())
    except (ValueError, RecursionError) as error:
        raise _unreadable(digest, index, str(error)) from error
    if not isinstance(leaf, dict):
        raise _unreadable(digest, index, _("not a JSON object"))
    return leaf


def _decoded(text: str) -> Any:
    """JSON as json.loads reads it, without the search for blanks that a canonical line does not have."""
    value, end = _DECODE(text) if text.startswith("{") else (None, -1)
    return value if end == len(text) else json.loads(text)


def _hash(line: bytes, digest: Digest, index: int) -> bytes:
    if not line.startswith((b'{"$withdrawn":', b'{"$withheld":')):
        return merkle.leaf_hash(line)
    leaf = _parsed(line, digest, index)
    try:
        return Digest(leaf[marked(leaf) or ""]["hash"]).raw
    except (KeyError, TypeError, DigestError) as error:
        raise _unreadable(digest, index, _("a redacted leaf without its hash")) from error


def _redacted(
    line: bytes, digest: Digest, index: int, reason: str, mark: str, keep: Callable[[dict[str, Any]], Leaf]
) -> bytes:
    leaf = _parsed(line, digest, index)
    if marked(leaf) == mark:
        return line
    hidden: dict[str, Any] = {"hash": Digest.of(_hash(line, digest, index)), "reason": reason}
    kept = {} if marked(leaf) else dict(keep(leaf))
    if kept:
        hidden["kept"] = kept
    return canonical({mark: hidden})


def _unreadable(digest: Digest, index: int, reason: str) -> LeafError:
    return LeafError(
        _("leaf {index} of {digest} cannot be read: {reason}").format(
            index=index, digest=digest.short, reason=reason
        ),
        where=leaf_ref(digest, index),
        remedy=_("check the workspace with: mofang verify"),
    )


def strings(value: Any) -> Iterator[str]:
    """Every text in a leaf, however deep it stands; names of fields are none."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)
