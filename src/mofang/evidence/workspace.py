"""The workspace: the folder ``.mofang`` with everything that is known, and its one lock.

objects/  artifacts     chain, head    statements     refs/   names         keys/   public keys
format    "1"           ledger.sqlite  an index       lock    who writes    work/   journals of running jobs
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mofang.evidence import files
from mofang.evidence.chain import Chain
from mofang.evidence.digest import Digest
from mofang.evidence.errors import StatementError, WorkspaceError
from mofang.evidence.keys import PUBLIC_KEY, Keyring, SigningKey, signing_key
from mofang.evidence.leaves import parse_ref
from mofang.evidence.ledger import Ledger
from mofang.evidence.lock import Lock
from mofang.evidence.objects import ObjectStore
from mofang.evidence.refs import Refs
from mofang.evidence.statements import GENESIS, PROVENANCE, ROTATION, Statement, Subject
from mofang.evidence.tombstones import TOMBSTONE
from mofang.i18n import _

FOLDER = ".mofang"
FORMAT = 1
PROVENANCE_FIELDS = frozenset(
    {"key", "kind", "version", "mode", "params", "inputs", "counts", "notes"}
    | {"node", "run", "started", "finished", "versions"}
)


class Workspace:
    """An open workspace: its folder ``path`` and the parts ``objects``, ``refs``, ``chain``, ``ledger``,
    ``keys``."""

    def __init__(self, path: Path, writable: bool = False) -> None:
        self.path = path
        self.writable = writable
        self.objects = ObjectStore(path / "objects")
        self.chain = Chain(path)
        self.keys = Keyring(path / "keys")
        self.ledger = Ledger(path, self.chain, self.objects)
        self.refs = Refs(path / "refs", self.chain, self.objects, self._writing)
        self._lock = Lock(path / "lock")

    # Opening

    @classmethod
    def create(cls, path: Path) -> Workspace:
        """A new workspace in the folder ``path`` (as ``path/.mofang``), with a chain that begins by naming
        the user's key. It appears whole or not at all. Raises WorkspaceError if one is there."""
        folder = path if path.name == FOLDER else path / FOLDER
        if folder.exists():
            raise WorkspaceError(
                _("there is a workspace here already"),
                where=str(folder),
                remedy=_("use it, or choose another folder"),
            )
        key = signing_key()
        files.make_folder(folder.parent)
        files.sweep(folder.parent)
        draft = folder.with_name(f".mofang-{os.getpid()}-{secrets.token_hex(6)}.tmp")
        try:
            created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            lay_out(draft, key, name=secrets.token_hex(16), created=created)
            with files.reported(folder):
                files.place(draft, folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return cls(folder, writable=True)

    @classmethod
    def open(cls, path: Path, writable: bool = False) -> Workspace:
        """The workspace at ``path``: the folder itself or the one that holds it. Raises WorkspaceError."""
        folder = path if (path / "format").is_file() else path / FOLDER
        mark = folder / "format"
        content = files.read_whole(mark)
        if content is None:
            raise WorkspaceError(
                _("no workspace here"), where=str(path), remedy=_("begin one with: mofang init")
            )
        text = content.decode("utf-8", errors="replace").strip()
        if text != str(FORMAT):
            raise WorkspaceError(
                _("the workspace has format {found}; this program knows format {known}").format(
                    found=text[:20] or '""', known=FORMAT
                ),
                where=str(mark),
                remedy=_("use a newer version of Mofang"),
            )
        return cls(folder, writable)

    @classmethod
    def find(cls, start: Path, writable: bool = False) -> Workspace:
        """The workspace of ``start`` or of the nearest folder above it. Raises WorkspaceError."""
        start = start.absolute()
        for folder in (start, *start.parents):
            if (folder / FOLDER / "format").is_file():
                return cls.open(folder, writable)
        raise WorkspaceError(
            _("no workspace here or in any folder above"),
            where=str(start),
            remedy=_("begin one with: mofang init"),
        )

    # Writing

    @contextmanager
    def lock(self, purpose: str, wait: float = 0.0) -> Iterator[None]:
        """Hold the workspace for writing, waiting at most ``wait`` seconds. What a crash left is mended
        first. A thread that holds it may take it again. Raises WorkspaceBusy naming the holder."""
        if not self.writable:
            raise WorkspaceError(
                _("this workspace is open for reading only"), where=str(self.path), remedy=None
            )
        with self._lock.held_for(purpose, wait) as outermost:
            if not outermost:
                yield
                return
            try:
                self._mend()
                yield
            finally:
                self.ledger.end()

    def _mend(self) -> None:
        self.objects.sweep()
        for folder in (self.path, self.path / "keys", *(self.path / "refs").glob("*/")):
            files.sweep(folder)
        self.chain.repair()
        self.ledger.begin()
        if self.ledger.statements(TOMBSTONE):
            from mofang.evidence.withdrawal import finish  # built on top of the workspace

            finish(self)

    def record(
        self, predicate_type: str, subjects: Iterable[Subject], predicate: Mapping[str, Any]
    ) -> Digest:
        """Declare a fact: the one door for statements other than provenance. The subjects' bytes and the
        statement are on the disk when this returns the statement's id. Needs the lock."""
        if predicate_type == PROVENANCE:
            raise StatementError(_("provenance is recorded by runs only"), where=predicate_type)
        return self._record(Statement(predicate_type, tuple(subjects), predicate))

    def provenance(self, subjects: Iterable[Subject], predicate: Mapping[str, Any]) -> Digest:
        """Record what a job made, with all of PROVENANCE_FIELDS; called by runs only. Needs the lock."""
        missing = PROVENANCE_FIELDS - set(predicate)
        if missing:
            raise StatementError(_("provenance lacks {fields}").format(fields=", ".join(sorted(missing))))
        for value in predicate["inputs"].values():
            for each in value if isinstance(value, list) else [value]:
                parse_ref(each)
        return self._record(Statement(PROVENANCE, tuple(subjects), predicate))

    def _record(self, statement: Statement) -> Digest:
        self._writing()
        key = self.signing_key()
        id = self.objects.put(statement.payload())
        self.objects.settle([id, *(subject.digest for subject in statement.subjects)])
        self.ledger.add(self.chain.append(statement, key), statement)
        return id

    def _writing(self) -> None:
        if not self._lock.mine():
            raise WorkspaceError(
                _("the workspace is not locked for writing"),
                where=str(self.path),
                remedy=_("take the lock first: with ws.lock(purpose)"),
            )

    # Reading

    def statement(self, id: Digest) -> Statement:
        """The statement called ``id``. Raises ObjectMissing, ObjectDamaged, StatementError."""
        return Statement.parse(self.objects.get(id), str(id))

    def signing_key(self) -> SigningKey:
        """The private key that signs this workspace now. Raises KeyFileError if it is not the user's."""
        return signing_key(self.signer())

    def signer(self) -> str:
        """The id of the key that signs this workspace now. Raises ChainBroken for an empty chain."""
        last = self.chain.newest()
        if last.type == ROTATION:
            return str(self.statement(last.statement).predicate["new"])
        return last.seal.keyid

    def work(self, name: str) -> Path:
        """The scratch folder ``work/<name>``, made if absent: for journals of jobs that are not finished."""
        if not name or name.startswith(".") or set(name) & set("/\\\0"):
            raise WorkspaceError(_("not a name for a work folder: {name}").format(name=repr(name)))
        return files.make_folder(self.path / "work" / name)

    def __repr__(self) -> str:
        return f"Workspace({str(self.path)!r})"


def lay_out(folder: Path, key: SigningKey, *, name: str, created: str) -> None:
    """The first files of a workspace: its chain begins with a statement that names the key."""
    for part in ("objects", "refs", "keys", "work"):
        files.make_folder(folder / part)
    files.write_atomic(folder / "format", b"%d\n" % FORMAT)
    Keyring(folder / "keys").add(key.public)
    objects = ObjectStore(folder / "objects")
    pem = objects.put(key.public.pem())
    predicate = {"format": FORMAT, "keyid": key.keyid, "workspace": name, "created": created}
    statement = Statement(GENESIS, (Subject("public-key", pem, PUBLIC_KEY),), predicate)
    objects.settle([pem, objects.put(statement.payload())])
    Chain(folder).append(statement, key)
