"""Withdrawal 撤回: taking artifacts and leaves out on request, for good, and saying so.

The tombstone is signed and on the disk before the first byte goes; what a crash left undone :func:`finish`
does. Whole artifacts disappear. Of a leaf segment a copy stays without the withdrawn leaves, under the same
Merkle root."""

from __future__ import annotations

import hmac
import re
import shutil
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from mofang.evidence import files
from mofang.evidence.digest import Digest
from mofang.evidence.errors import EvidenceError, ObjectDamaged, ObjectMissing
from mofang.evidence.keys import hmac_key
from mofang.evidence.leaves import LEAVES, redact_leaves
from mofang.evidence.lineage import descendants
from mofang.evidence.pedigree import Pedigree
from mofang.evidence.statements import Subject
from mofang.evidence.tombstones import TOMBSTONE, Tombstone, tombstoned, tombstones
from mofang.evidence.workspace import Workspace
from mofang.i18n import _
from mofang.log import get as get_logger

logger = get_logger("evidence")

PLAIN = ("kind", "source", "record", "received", "reference")
"""What a request may say as it is; every other value of it is kept as HMAC only."""

KEPT = ("id", "question", "item", "record_id", "source_id", "kind", "risk")
"""What stays readable of a withdrawn leaf, where it is a code: enough to count it, nothing to read."""

CODE = re.compile(r"[A-Za-z0-9._:/#+-]{0,100}\Z")


def withdraw(
    ws: Workspace,
    *,
    artifacts: Iterable[Digest] = (),
    leaves: Mapping[Digest, Iterable[int]] | None = None,
    reason: str,
    request: Mapping[str, str],
) -> Tombstone:
    """Take ``artifacts`` out whole and ``leaves`` (segment -> leaf numbers) out of their segments; the
    tombstone.

    ``request`` says who or what asked: ``kind`` (source, record, person), ``source``, ``record``,
    ``received`` and ``reference`` stand as given, any other value as an HMAC under the user's key. ``reason``
    is a short code or sentence and must not repeat such a value. Journals of unfinished jobs go too, since
    they may quote what is withdrawn. Asking again for what is gone gives the tombstone that took it.

    Takes the lock (or uses the caller's). Raises ObjectMissing for what was never here, EvidenceError for a
    statement, which stays, and for a reason that holds a personal value; LeafError for a leaf that does not
    exist."""
    _refuse_quotes(reason, request)
    asked = [Digest(digest) for digest in artifacts]
    asked_leaves = {Digest(digest): set(numbers) for digest, numbers in (leaves or {}).items()}
    with ws.lock("withdraw"):
        finish(ws)
        pedigree = Pedigree(ws)
        whole = {current for digest in asked if (current := _current(pedigree, digest)) is not None}
        parts = _parts(pedigree, asked_leaves, whole)
        replaced = {
            old: new for old, numbers in parts.items() if (new := _copy(ws, old, numbers, reason)) != old
        }
        if not whole and not replaced:
            return _earlier(ws, {*asked, *asked_leaves})
        gone = sorted({*whole, *replaced})
        said = {
            "request": sealed(request),
            "reason": reason,
            "recorded": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "removed": sorted(whole),
            "replaced": replaced,
            "leaves": {old: sorted(parts[old]) for old in replaced},
            "downstream": _downstream(pedigree, gone),
        }
        ws.record(
            TOMBSTONE,
            [*_subjects(pedigree, gone, {}), *_subjects(pedigree, sorted(replaced), replaced)],
            said,
        )
        finish(ws)
        return tombstones(ws)[-1]


def finish(ws: Workspace) -> int:
    """Remove whatever a tombstone speaks of and is still here: what :func:`withdraw` does last, and what is
    left to do after a crash. How many artifacts went. Needs the lock."""
    here = {digest: stone for digest, stone in tombstoned(ws).items() if ws.objects.has(digest)}
    newest = _newest(ws) if here else {}
    left = [digest for digest, stone in here.items() if not _anew(ws, newest, digest, stone)]
    if left:
        _clear_journals(ws)
        for digest in left:
            ws.objects.remove(digest)
    return len(left)


def resolve(ws: Workspace, digest: Digest) -> Digest | None:
    """What to read for ``digest`` today: itself; the copy that took its place when leaves were withdrawn;
    None if it was withdrawn whole. Whether the artifact is here is another question."""
    stone = tombstoned(ws).get(digest)
    if stone is None or (ws.objects.has(digest) and _anew(ws, _newest(ws), digest, stone)):
        return digest
    new = stone.replaced.get(digest)
    return None if new is None else resolve(ws, new)


def sealed(request: Mapping[str, str]) -> dict[str, str]:
    """``request`` as a tombstone holds it: values that may name a person as ``hmac-sha256:…`` under the
    user's key."""
    return {
        name: value if name in PLAIN else "hmac-sha256:" + person_code(value)
        for name, value in sorted(request.items())
    }


def person_code(value: str) -> str:
    """The HMAC-SHA256 (hex) under which a withdrawn personal value is remembered. Spaces at the ends and
    Unicode forms (NFKC) make no difference."""
    plain = unicodedata.normalize("NFKC", value).strip()
    return hmac.digest(hmac_key("withdrawal"), plain.encode(), "sha256").hex()


def kept_codes(leaf: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of KEPT that hold nothing but a code."""
    return {name: leaf[name] for name in KEPT if isinstance(leaf.get(name), str) and CODE.match(leaf[name])}


def _refuse_quotes(reason: str, request: Mapping[str, str]) -> None:
    if not reason.strip():
        raise EvidenceError(_("a withdrawal needs a reason"), remedy=_("say in a few words who asked for it"))
    for name, value in request.items():
        if name not in PLAIN and value.strip() and value.strip() in reason:
            raise EvidenceError(
                _(
                    "the reason repeats the personal value {name}; the reason is kept, the value must not be"
                ).format(name=name),
                remedy=_("give a reason without it"),
            )


def _current(pedigree: Pedigree, digest: Digest) -> Digest | None:
    """The bytes to take out for ``digest``, None if they are gone already."""
    if digest in pedigree.facts:
        raise EvidenceError(
            _("{digest} is a statement; statements stay, and hold no text").format(digest=digest.short),
            where=str(digest),
            remedy=_("withdraw the artifacts it is about"),
        )
    standing = pedigree.standing(digest)
    if standing.word == "missing":
        raise ObjectMissing(
            _("the workspace holds no artifact {digest}").format(digest=digest),
            where=str(digest),
            remedy=_("check the digest with: mofang show"),
        )
    return standing.digest


def _parts(
    pedigree: Pedigree, leaves: Mapping[Digest, set[int]], whole: set[Digest]
) -> dict[Digest, set[int]]:
    parts: dict[Digest, set[int]] = {}
    for digest, numbers in leaves.items():
        current = _current(pedigree, digest)
        if current is not None and current not in whole:
            parts.setdefault(current, set()).update(numbers)
    return parts


def _copy(ws: Workspace, segment: Digest, numbers: set[int], reason: str) -> Digest:
    if not ws.objects.check(segment):
        raise ObjectDamaged(
            _("the bytes of artifact {digest} have changed; a copy of them would not prove anything").format(
                digest=segment
            ),
            where=str(segment),
            remedy=_("restore it from a copy first, or withdraw the whole artifact"),
        )
    return redact_leaves(ws.objects, segment, dict.fromkeys(numbers, reason), keep=kept_codes).digest


def _earlier(ws: Workspace, asked: set[Digest]) -> Tombstone:
    found = [stone for digest, stone in tombstoned(ws).items() if digest in asked]
    found += [stone for stone in tombstones(ws) if asked & set(stone.replaced.values())]
    if not found:
        raise EvidenceError(
            _("there is nothing to withdraw"), remedy=_("name artifacts or leaves that are here")
        )
    return max(found, key=lambda stone: stone.n)


def _subjects(pedigree: Pedigree, digests: list[Digest], instead: Mapping[Digest, Digest]) -> list[Subject]:
    """The artifacts under the names they had; those in ``instead`` as the copy that takes their place."""
    found = []
    for digest in digests:
        was = pedigree.subject(digest)
        media_type = was.media_type if was else LEAVES if instead else "application/octet-stream"
        found.append(
            Subject(
                was.name if was else "artifact",
                instead.get(digest, digest),
                media_type,
                was.root if was else None,
            )
        )
    return found


def _downstream(pedigree: Pedigree, gone: list[Digest]) -> list[dict[str, str]]:
    steps = {step.digest: step for digest in gone for step in descendants(pedigree, digest)}
    return [
        {"digest": digest, "name": steps[digest].name, "node": steps[digest].node}
        for digest in sorted(set(steps) - set(gone))
    ]


def _newest(ws: Workspace) -> dict[Digest, int]:
    """The newest entry of every statement that declares something to be here."""
    return {each.id: each.n for each in ws.ledger.statements() if each.type != TOMBSTONE}


def _anew(ws: Workspace, newest: Mapping[Digest, int], digest: Digest, stone: Tombstone) -> bool:
    """Whether the artifact was made or declared again after it had been withdrawn."""
    return any(newest.get(id, -1) > stone.n for id in ws.ledger.producers(digest))


def _clear_journals(ws: Workspace) -> None:
    folder = ws.path / "work"
    names = sorted(folder.iterdir()) if folder.is_dir() else []
    if names:
        logger.info("removing %d journals of unfinished jobs: they may quote what is withdrawn", len(names))
    for path in names:
        with files.reported(path):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
