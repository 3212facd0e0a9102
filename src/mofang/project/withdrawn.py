"""What has been withdrawn by request: read back from the tombstones, so that a later run leaves it out too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mofang.evidence.tombstones import tombstones
from mofang.evidence.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Whole sources by id, and single records (hex ids) by source."""

    sources: frozenset[str] = frozenset()
    records: Mapping[str, frozenset[str]] = field(default_factory=dict)


def withdrawn(ws: Workspace) -> Withdrawn:
    """Everything the workspace's tombstones asked to leave out."""
    sources: set[str] = set()
    records: dict[str, frozenset[str]] = {}
    for tombstone in tombstones(ws):
        request = tombstone.request
        if request["kind"] == "source":
            sources.add(request["source"])
        for source, ids in records_from(request.get("record", "")).items():
            records[source] = records.get(source, frozenset()) | ids
    return Withdrawn(frozenset(sources), records)


def records_text(records: Mapping[str, tuple[str, ...]]) -> str:
    """Record ids by source in one line, as a tombstone's request holds them: ``source:id,id;source:id``."""
    return ";".join(f"{source}:{','.join(sorted(ids))}" for source, ids in sorted(records.items()))


def records_from(text: str) -> dict[str, frozenset[str]]:
    """The record ids behind :func:`records_text`."""
    parts = (part.partition(":") for part in text.split(";") if part)
    return {source: frozenset(ids.split(",")) for source, _colon, ids in parts}
