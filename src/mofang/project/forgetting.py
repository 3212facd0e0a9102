"""``mofang forget``: a source, a record or a person's data leaves every artifact, and the tombstone says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mofang.corpus.forget import Request, Touched, touched
from mofang.errors import MofangError
from mofang.evidence.digest import Digest
from mofang.evidence.leaves import LEAVES
from mofang.evidence.tombstones import Tombstone
from mofang.evidence.withdrawal import withdraw
from mofang.evidence.workspace import Workspace
from mofang.i18n import _
from mofang.project.withdrawn import records_text

DOCUMENTS = ("text/html", "application/vnd.openxmlformats-officedocument", "application/json")
"""Media types of what a dossier is printed into: these may quote a text that a leaf held."""
SEARCHED = ("application/vnd.apache.parquet", LEAVES)
"""Media types that are searched record by record and leaf by leaf; every other artifact is searched as it is."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was withdrawn. ``tombstone`` is None for a look ahead; ``documents`` are files outside the workspace that
    were made from it and that the next run writes anew."""

    request: Request
    records: int
    artifacts: int
    leaves: int
    tombstone: Tombstone | None
    documents: tuple[Path, ...]

    def wire(self) -> dict[str, Any]:
        stone = self.tombstone
        return {
            "records": self.records,
            "artifacts": self.artifacts,
            "leaves": self.leaves,
            "statement": stone.statement if stone else None,
            "downstream": [dict(step) for step in stone.downstream] if stone else [],
            "documents": [str(path) for path in self.documents],
        }


def forget(
    ws: Workspace, request: Request, *, reason: str, dossier: Path, dry_run: bool = False
) -> Forgotten:
    """Withdraw everything that ``request`` touches. Raises MofangError where nothing is touched.

    Tables that hold text go whole and are made again, without the records, by the next run; of segments of leaves
    only the leaves that are meant. Documents printed from them go too.
    """
    found = touched(ws, request)
    quoting = tuple(_quoting(ws, found, request))
    if not found and not quoting:
        raise MofangError(
            _("nothing in this workspace is touched by that request"),
            where=str(ws.path),
            remedy=_("check the name; mofang explain finds records by id, file or text"),
        )
    records = sum(len(ids) for ids in found.records.values())
    leaves = sum(len(numbers) for numbers in found.leaves.values())
    artifacts = (*found.artifacts, *quoting)
    printed = tuple(sorted(path for path in dossier.glob("*") if path.is_file())) if quoting else ()
    if dry_run:
        return Forgotten(request, records, len(artifacts), leaves, None, printed)
    with ws.lock("forget"):
        stone = withdraw(
            ws, artifacts=artifacts, leaves=found.leaves, reason=reason, request=_said(request, found)
        )
    return Forgotten(request, records, len(artifacts), leaves, stone, printed)


def _said(request: Request, found: Touched) -> dict[str, str]:
    """The request as the tombstone keeps it: a person's value becomes an HMAC there."""
    if request.source is not None:
        return {"kind": "source", "source": request.source}
    said = {"record": records_text(found.records)} if found.records else {}
    if request.value is not None:
        return {"kind": "person", "value": request.value, **said}
    return {"kind": "record", **said}


def _quoting(ws: Workspace, found: Touched, request: Request) -> Iterator[Digest]:
    """Documents that were printed from leaves or tables that are meant, and any that hold the value itself."""
    seen: set[Digest] = set()
    waiting = [*found.artifacts, *found.leaves]
    while waiting:
        for statement in ws.ledger.consumers(waiting.pop()):
            for subject in ws.ledger.subjects(statement):
                if subject.digest in seen:
                    continue
                seen.add(subject.digest)
                waiting.append(subject.digest)
                if _printed(subject.name, subject.media_type) and ws.objects.has(subject.digest):
                    yield subject.digest
    if request.value is not None:
        for recorded in ws.ledger.statements():
            for subject in ws.ledger.subjects(recorded.id):
                if (
                    subject.digest in seen
                    or subject.media_type in SEARCHED
                    or not ws.objects.has(subject.digest)
                ):
                    continue
                if _holds(ws, subject.digest, request.value):
                    seen.add(subject.digest)
                    yield subject.digest


def _printed(name: str, media_type: str) -> bool:
    return name in ("html", "evidence_html", "docx") and media_type.startswith(DOCUMENTS)


def _holds(ws: Workspace, digest: Digest, value: str) -> bool:
    return value.encode() in ws.objects.get(digest)
