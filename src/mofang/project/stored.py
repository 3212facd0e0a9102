"""The banks of a project as artifacts. A large bank takes seconds to read and check, so what came of the same files
under the same standard is remembered; nothing of a question is."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mofang.assurance.banks.bank import Bank, refuse_shared_ids, store_bank
from mofang.assurance.banks.files import bank_questions
from mofang.assurance.banks.sealed import is_sealed_bank
from mofang.assurance.standard.schema import Pack
from mofang.evidence.digest import Digest, canonical, sha256_bytes, sha256_file
from mofang.evidence.files import make_folder, read_whole, write_atomic
from mofang.evidence.objects import ObjectStore
from mofang.evidence.workspace import Workspace

MEMORY = "banks.json"
READING = 1
"""To be raised when the same file would be read differently; the version of Mofang counts as well."""


def stored_banks(
    ws: Workspace,
    names: Sequence[str],
    pack: Pack,
    folder: Path,
    *,
    also: Sequence[Pack] = (),
    record: bool,
    rehash: bool = False,
) -> list[Bank]:
    """The banks in the order of ``names``, filed in the workspace with ``record``; codes may be those of ``pack`` or of
    one of ``also``. Raises BankError."""
    memory = ws.path / "work" / MEMORY
    packs = (pack, *also)
    key = _key(names, packs, folder)
    known = None if rehash else _remembered(memory, key)
    if known is not None and (not record or all(ws.objects.has(bank.digest) for bank in known)):
        return known
    questions = {name: bank_questions(name, pack, folder, also=also) for name in names}
    refuse_shared_ids(questions)
    with _store(ws, record) as objects:
        banks = [
            store_bank(objects.sealing(is_sealed_bank(name)), name, asked)
            for name, asked in questions.items()
        ]
    if record and key == _key(names, packs, folder):  # nobody wrote to a file meanwhile
        make_folder(memory.parent)
        write_atomic(memory, canonical({"key": key, "banks": [bank.wire() for bank in banks]}), durable=False)
    return banks


def _key(names: Sequence[str], packs: Sequence[Pack], folder: Path) -> Digest:
    """What the outcome of reading hangs on: the bytes of the files, the standards' codes, and how we read."""
    files = [[name, sha256_file(folder / name) if (folder / name).is_file() else None] for name in names]
    return sha256_bytes(canonical([files, [pack.digest for pack in packs], version("mofang"), READING]))


def _remembered(memory: Path, key: Digest) -> list[Bank] | None:
    try:
        found = json.loads(read_whole(memory) or b"{}")
        return [_bank(wire) for wire in found["banks"]] if found.get("key") == key else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # a memory that cannot be read is none


def _bank(wire: Mapping[str, Any]) -> Bank:
    return Bank(wire["name"], Digest(wire["digest"]), Digest(wire["root"]), wire["demo"], wire["counts"])


@contextmanager
def _store(ws: Workspace, record: bool) -> Iterator[ObjectStore]:
    """The workspace's objects, or a throw-away store where nothing may be written."""
    if record:
        yield ws.objects
        return
    with tempfile.TemporaryDirectory() as folder:
        yield ObjectStore(Path(folder))
