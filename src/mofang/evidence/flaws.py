"""What is wrong with a chain: every entry held against its predecessor, its payload, its signatures and its
seal."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from mofang.evidence import files
from mofang.evidence.digest import Digest, sha256_bytes
from mofang.evidence.entries import Entry
from mofang.evidence.errors import (
    DigestError,
    KeyFileError,
    ObjectDamaged,
    ObjectMissing,
    StatementError,
    StorageError,
)
from mofang.evidence.keys import Keyring, PublicKey
from mofang.evidence.objects import ObjectStore
from mofang.evidence.statements import GENESIS, PAYLOAD_TYPE, ROTATION, Signature, Statement, pae
from mofang.i18n import _


class Flaw(NamedTuple):
    """Entry number, what kind of fault, and the fault in words.

    Kinds: json, number, prev, payload (missing or damaged), statement, type, key, signature, seal, genesis,
    torn, head, truncated."""

    n: int
    kind: str
    message: str


def declared_head(path: Path) -> tuple[int, Digest] | None:
    """Number and digest that a head file names; None where there is none or it cannot be read."""
    try:
        wire = json.loads(files.read_whole(path) or b"")
        return int(wire["n"]), Digest(wire["digest"])
    except (ValueError, KeyError, TypeError, RecursionError, DigestError):
        return None


def find_flaws(chain: Path, head: Path, objects: ObjectStore, keys: Keyring) -> Iterator[Flaw]:
    """The flaws of a chain file and its head file, entry by entry."""
    prev = ""
    sealer: str | None = None
    digests: list[Digest] = []
    known = functools.cache(keys.get)
    for n, line in enumerate(files.read_lines(chain)):
        try:
            entry = Entry.parse(line)
        except (ValueError, RecursionError) as error:
            yield Flaw(n, "json", _("the line cannot be read: {reason}").format(reason=error))
        else:
            yield from _misplaced(entry, n, prev)
            payload, statement, flaws = _payload(entry, n, objects)
            yield from flaws
            if n == 0:
                sealer = _named_key(statement, GENESIS, "keyid")
                if sealer is None:
                    yield Flaw(
                        0, "genesis", _("the chain does not begin with a statement that names its key")
                    )
            yield from _unsigned(entry, n, payload, known, sealer)
            sealer = _named_key(statement, ROTATION, "new") or sealer
        prev = sha256_bytes(line)
        digests.append(Digest(prev))
    yield from _headless(chain, head, digests)


def _misplaced(entry: Entry, n: int, prev: str) -> Iterator[Flaw]:
    if entry.n != n:
        yield Flaw(n, "number", _("it calls itself entry {number}").format(number=entry.n))
    if entry.prev != prev:
        yield Flaw(
            n, "prev", _("it does not follow the entry before it: that one was altered, removed or added")
        )


def _payload(entry: Entry, n: int, objects: ObjectStore) -> tuple[bytes | None, Statement | None, list[Flaw]]:
    payload = None
    try:
        payload = objects.get(entry.statement)
        statement = Statement.parse(payload, str(entry.statement))
    except (ObjectMissing, ObjectDamaged, StorageError) as error:
        return None, None, [Flaw(n, "payload", f"{error.message} ({error.where})")]
    except StatementError as error:
        return payload, None, [Flaw(n, "statement", f"{error.message} ({error.where})")]
    if statement.predicate_type == entry.type:
        return payload, statement, []
    wrong = _("the entry says type {entry}, its statement {statement}").format(
        entry=entry.type, statement=statement.predicate_type
    )
    return payload, statement, [Flaw(n, "type", wrong)]


def _named_key(statement: Statement | None, kind: str, field: str) -> str | None:
    if statement is None or statement.predicate_type != kind:
        return None
    named = statement.predicate.get(field)
    return named if isinstance(named, str) and named else None


def _unsigned(
    entry: Entry, n: int, payload: bytes | None, known: Callable[[str], PublicKey], sealer: str | None
) -> Iterator[Flaw]:
    if not entry.signatures:
        yield Flaw(n, "signature", _("nobody signed it"))
    if payload is not None:
        for signature in entry.signatures:
            words = _("the signature of key {keyid} does not hold")
            yield from _wrong(Flaw(n, "signature", words), signature, pae(PAYLOAD_TYPE, payload), known)
    if sealer is not None and entry.seal.keyid != sealer:
        words = _("it is sealed by key {keyid}, but the workspace's key was {sealer}")
        yield Flaw(n, "seal", words.format(keyid=entry.seal.keyid or '""', sealer=sealer))
    words = _("the seal of key {keyid} does not hold")
    yield from _wrong(Flaw(n, "seal", words), entry.seal, entry.sealed_bytes(), known)


def _wrong(
    flaw: Flaw, signature: Signature, message: bytes, known: Callable[[str], PublicKey]
) -> Iterator[Flaw]:
    try:
        key = known(signature.keyid)
    except (KeyFileError, StorageError) as error:
        yield Flaw(flaw.n, "key", f"{error.message} ({error.where})")
        return
    if not key.verify(message, signature):
        yield flaw._replace(message=flaw.message.format(keyid=signature.keyid))


def _headless(chain: Path, head: Path, digests: list[Digest]) -> Iterator[Flaw]:
    last = len(digests) - 1
    if last < 0:
        yield Flaw(0, "genesis", _("the chain is empty"))
    known = declared_head(head)
    if known is None:
        yield Flaw(
            max(last, 0),
            "head",
            _("the head file is missing or cannot be read: entries may be missing at the end"),
        )
    elif known[0] > last:
        yield Flaw(
            last + 1,
            "truncated",
            _("the chain ends at entry {last}, but the head file names entry {n}").format(
                last=last, n=known[0]
            ),
        )
    elif known[0] < 0 or digests[known[0]] != known[1]:
        yield Flaw(max(known[0], 0), "head", _("it is not the entry that the head file names"))
    if chain.is_file() and _torn(chain):
        yield Flaw(last + 1, "torn", _("a crash tore the last line; the next run drops it"))


def _torn(chain: Path) -> bool:
    with files.reported(chain), open(chain, "rb") as file:
        size = file.seek(0, 2)
        return files.whole_lines(file.fileno(), size) != size
