"""What a request to forget touches: a source, a record, or everything that holds a person's value.

Finds, and changes nothing; ``evidence.withdraw`` removes. Tables that hold text, hashes of text or keyed
digests of values (text, keys, pii, published) go as whole shards, and the next run makes them anew without
the records. Leaves are redacted one by one. Screening and decision tables stay: they hold ids, places and
codes only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mofang.corpus.errors import CorpusError
from mofang.evidence.digest import Digest
from mofang.evidence.leaves import LEAVES, marked, read_leaves, strings
from mofang.i18n import _

if TYPE_CHECKING:
    import pyarrow as pa

    from mofang.evidence.workspace import Workspace

_TEXT_TABLES = ("mofang.text/1", "mofang.published/1")
_ROW_TABLES = ("mofang.keys/1", "mofang.pii/1")


@dataclass(frozen=True, slots=True)
class Request:
    """One of: a source's id, a record's id (32 hex digits), or a value such as a name or a number."""

    source: str | None = None
    record: str | None = None
    value: str | None = None

    def __post_init__(self) -> None:
        if sum(part is not None for part in (self.source, self.record, self.value)) != 1:
            raise CorpusError(
                _("a request names a source, a record or a value"), remedy=_("give exactly one of the three")
            )
        if self.record is not None and not re.fullmatch("[0-9a-f]{32}", self.record):
            raise CorpusError(
                _("{record} is not a record id").format(record=self.record[:40]),
                remedy=_("give its 32 hex digits, as mofang explain prints them"),
            )
        if self.value is not None and len(self.value.strip()) < 2:
            raise CorpusError(
                _("the value is too short to search for"), remedy=_("give two characters or more")
            )


@dataclass(frozen=True, slots=True)
class Touched:
    """``artifacts`` to remove, ``leaves`` to redact (segment -> numbers), ``records`` to leave out (source
    -> ids)."""

    artifacts: tuple[Digest, ...]
    leaves: Mapping[Digest, tuple[int, ...]]
    records: Mapping[str, tuple[str, ...]]

    def __bool__(self) -> bool:
        return bool(self.artifacts or self.leaves or self.records)


def touched(ws: Workspace, request: Request) -> Touched:
    """Everything of the workspace that ``request`` touches, in every run that is still there."""
    blobs = list(_blobs(ws))
    parquet = [digest for digest, media_type in blobs if media_type == "application/vnd.apache.parquet"]
    tables = [(digest, _schema(ws, digest)) for digest in parquet]
    records = _records(ws, [digest for digest, schema in tables if schema in _TEXT_TABLES], request)
    ids = {bytes.fromhex(name) for names in records.values() for name in names}
    artifacts = tuple(
        digest
        for digest, schema in tables
        if schema in _TEXT_TABLES + _ROW_TABLES and _holds(ws, digest, ids)
    )
    leaves = {}
    for digest in (digest for digest, media_type in blobs if media_type == LEAVES):
        numbers = tuple(_leaves(ws, digest, request, {name.hex() for name in ids}))
        if numbers:
            leaves[digest] = numbers
    return Touched(
        artifacts, leaves, {source: tuple(sorted(names)) for source, names in sorted(records.items())}
    )


def _blobs(ws: Workspace) -> Iterator[tuple[Digest, str]]:
    """Every artifact that a statement is about and that is still there, once, with its media type."""
    from mofang.evidence.withdrawal import resolve

    seen: set[Digest] = set()
    for recorded in ws.ledger.statements():
        for subject in ws.ledger.subjects(recorded.id):
            digest = resolve(ws, subject.digest)
            if digest is not None and digest not in seen and ws.objects.has(digest):
                seen.add(digest)
                yield digest, subject.media_type


def _schema(ws: Workspace, digest: Digest) -> str:
    from mofang.corpus.tables import metadata

    return metadata(ws.objects, digest).get("schema", "")


def _records(ws: Workspace, tables: list[Digest], request: Request) -> dict[str, set[str]]:
    """The ids of the records that are meant, by source. Published texts count too: a value may stand there
    still."""
    from mofang.corpus.tables import batches

    records: dict[str, set[str]] = {}
    for digest in tables:
        for batch in batches(ws.objects, digest, ["record_id", "source_id", "text"]):
            chosen = batch.filter(_meant(batch, request))
            names = zip(
                chosen.column("source_id").to_pylist(), chosen.column("record_id").to_pylist(), strict=True
            )
            for source, name in names:
                records.setdefault(source, set()).add(name.hex())
    return records


def _meant(batch: pa.RecordBatch, request: Request) -> Any:
    import pyarrow.compute as pc

    if request.source is not None:
        return pc.equal(batch.column("source_id"), request.source)
    if request.record is not None:
        return pc.equal(batch.column("record_id"), bytes.fromhex(request.record))
    return pc.match_substring_regex(batch.column("text"), _pattern(request.value or ""), ignore_case=True)


def _pattern(value: str) -> str:
    """``value`` in RE2's and Python's common syntax; a number also where it is written in groups."""
    from mofang.corpus.normalise import normalise

    text = normalise(value.strip())[0]
    if re.fullmatch("[0-9]{3}[0-9 -]+[0-9Xx]", text):
        return "[ -]?".join(re.sub("[ -]", "", text))
    return r"\s*".join(re.escape(word) for word in text.split())


def _holds(ws: Workspace, digest: Digest, ids: set[bytes]) -> bool:
    import pyarrow as pa
    import pyarrow.compute as pc

    from mofang.corpus.tables import batches

    wanted = pa.array(sorted(ids), pa.binary(16))
    return any(
        pc.any(pc.is_in(batch.column("record_id"), value_set=wanted)).as_py()
        for batch in batches(ws.objects, digest, ["record_id"])
        if batch.num_rows
    )


def _leaves(ws: Workspace, digest: Digest, request: Request, ids: set[str]) -> Iterator[int]:
    """Numbers of the leaves that quote a record that is meant, or that hold the value."""
    pattern = None if request.value is None else re.compile(_pattern(request.value), re.IGNORECASE)
    for number, leaf in enumerate(read_leaves(ws.objects, digest)):
        if marked(leaf) is not None:
            continue
        own = request.source is not None and leaf.get("source_id") == request.source
        quotes = "text" in leaf and (own or leaf.get("record_id") in ids)
        if quotes or (pattern is not None and any(pattern.search(text) for text in strings(leaf))):
            yield number
