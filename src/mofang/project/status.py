"""What a project's workspace holds: the last run, what is stale, names, sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mofang.evidence.statements import PROVENANCE
from mofang.evidence.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Name:
    """A ref: its full name, what it points to, and whether that is here."""

    name: str
    digest: str
    present: bool


@dataclass(frozen=True, slots=True)
class Status:
    """The workspace in figures. ``bytes`` by part of the folder; ``newest`` is when the last job ended."""

    path: Path
    statements: int
    objects: int
    bytes: dict[str, int]
    names: tuple[Name, ...]
    newest: str | None
    holder: str | None

    def wire(self) -> dict[str, Any]:
        return {
            "workspace": str(self.path),
            "statements": self.statements,
            "objects": self.objects,
            "bytes": self.bytes,
            "names": [{"name": n.name, "digest": n.digest, "present": n.present} for n in self.names],
            "newest": self.newest,
            "holder": self.holder,
        }


def status(ws: Workspace) -> Status:
    """Take stock of a workspace; takes no lock."""
    statements = ws.ledger.statements()
    runs = [recorded for recorded in statements if recorded.type == PROVENANCE]
    newest = str(ws.statement(runs[-1].id).predicate["finished"]) if runs else None
    names = tuple(
        Name(f"{ref.kind}/{ref.name}", str(ref.digest), ref.digest is not None and ws.objects.has(ref.digest))
        for ref in ws.refs.list()
    )
    sizes = {
        part: sum(_sizes(ws.path / part)) for part in ("objects", "chain", "ledger.sqlite", "refs", "work")
    }
    return Status(
        ws.path, len(statements), sum(1 for _d in ws.objects), sizes, names, newest, _holder(ws.path / "lock")
    )


def _holder(lock: Path) -> str | None:
    """Who writes at the moment, as the lock file says it."""
    return (lock.read_text("utf-8", "replace").strip() or None) if lock.is_file() else None


def _sizes(path: Path) -> Iterator[int]:
    if path.is_file():
        yield path.stat().st_size
    for inner in path.rglob("*") if path.is_dir() else ():
        if inner.is_file():
            yield inner.stat().st_size
