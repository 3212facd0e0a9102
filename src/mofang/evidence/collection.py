"""Collection 回收: freeing the space of what nothing refers to any more. What went is recorded before it
goes."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from mofang.evidence.digest import Digest
from mofang.evidence.errors import EvidenceError, ObjectMissing
from mofang.evidence.files import read_lines, reported
from mofang.evidence.pedigree import COLLECTION, REMOVALS, Pedigree, mentioned, mentioned_in, reach
from mofang.evidence.withdrawal import finish
from mofang.evidence.workspace import Workspace
from mofang.i18n import _


def collect(ws: Workspace, dry_run: bool) -> list[tuple[Digest, int]]:
    """What would go, or went: (digest, bytes), in order.

    Kept are all statements; whatever a ref names, with everything its lineage rests on and every artifact
    those mention; what a declared fact names; what a journal of an unfinished job mentions; and what is
    younger than the lock. Otherwise than in a dry run the list is recorded as a statement first; takes the
    lock (or uses the caller's)."""
    if dry_run:
        return _unused(ws)
    with ws.lock("gc"):
        finish(ws)
        found = _unused(ws)
        if found:
            said = {
                "recorded": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "removed": [digest for digest, _size in found],
                "bytes": sum(size for _digest, size in found),
            }
            ws.record(COLLECTION, (), said)
            for digest, _size in found:
                ws.objects.remove(digest)
        return found


def live(ws: Workspace) -> set[Digest]:
    """Every digest that must stay. Raises EvidenceError where the chain cannot be read."""
    pedigree = Pedigree(ws)
    if pedigree.unreadable:
        n, reason = pedigree.unreadable[0]
        raise EvidenceError(
            _("entry {n} of the chain cannot be read, so nobody can say what is in use: {reason}").format(
                n=n, reason=reason
            ),
            where=str(ws.path),
            remedy=_("see all that is wrong with: mofang verify"),
        )
    kept = reach(pedigree, [(ref.digest, ref.n) for ref in ws.refs.list() if ref.digest is not None])
    kept |= {entry.statement for entry in ws.chain.entries()}  # raises ChainBroken rather than overlook one
    for fact in pedigree.facts.values():
        if not fact.made_by_job and fact.type not in REMOVALS:
            named = mentioned(fact.statement.predicate) | {
                subject.digest for subject in fact.statement.subjects
            }
            kept |= named | {
                here for digest in named if (here := pedigree.standing(digest).digest) is not None
            }
    return kept | _journalled(ws)


def _unused(ws: Workspace) -> list[tuple[Digest, int]]:
    kept, since = live(ws), _locked_since(ws)
    found = []
    for digest in ws.objects:
        if digest not in kept:
            try:
                stat = ws.objects.path(digest).stat()
            except (ObjectMissing, FileNotFoundError):
                continue  # a run that goes on beside a dry run
            if since is None or stat.st_mtime < since:
                found.append((digest, stat.st_size))
    return found


def _locked_since(ws: Workspace) -> float | None:
    """When the lock that is held now was taken (POSIX time, whole seconds), None if nobody holds it."""
    path = ws.path / "lock"
    if not path.is_file():
        return None
    with reported(path):
        text = path.read_text(encoding="utf-8", errors="replace")
    try:
        return datetime.fromisoformat(json.loads(text)["since"]).timestamp()
    except (ValueError, KeyError, TypeError):
        return None


def _journalled(ws: Workspace) -> set[Digest]:
    found: set[Digest] = set()
    for path in sorted((ws.path / "work").rglob("*.jsonl")):
        for line in read_lines(path):
            found |= mentioned_in(line)
    return found
