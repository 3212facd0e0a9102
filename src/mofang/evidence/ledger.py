"""The ledger: an SQLite index over the chain. It proves nothing; deleted or damaged, it is built again.

A writer (under the workspace's lock) keeps ``ledger.sqlite`` in step with the chain. A reader takes no
lock: it uses the file where it is in step, and a copy in memory where it is not.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mofang.evidence import files, index
from mofang.evidence.chain import Chain
from mofang.evidence.digest import Digest
from mofang.evidence.entries import Entry
from mofang.evidence.errors import ChainBroken, ObjectDamaged, ObjectMissing, StatementError
from mofang.evidence.objects import ObjectStore
from mofang.evidence.statements import Statement, Subject
from mofang.i18n import _
from mofang.log import get as get_logger

if TYPE_CHECKING:
    from mofang.evidence.workspace import Workspace

logger = get_logger("evidence")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A statement in the chain: entry number, id, predicate type, and the key that signed first."""

    n: int
    id: Digest
    type: str
    keyid: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a job made: the statement that says so, its outputs by name, its counts and notes."""

    statement: Digest
    outputs: Mapping[str, Subject]
    counts: Mapping[str, int]
    notes: tuple[Mapping[str, Any], ...]


class Ledger:
    """The index of the workspace at ``folder``. Every question sees the newest entry of the chain."""

    def __init__(self, folder: Path, chain: Chain, objects: ObjectStore) -> None:
        self.path = folder / "ledger.sqlite"
        self._chain = chain
        self._objects = objects
        self._db: sqlite3.Connection | None = None
        self._head: Digest | None = None
        self._writing = False

    # For the writer, under the lock

    def begin(self) -> None:
        """Bring the file in step with the chain and keep it open for writing. Raises StorageError,
        ChainBroken."""
        self.close()
        self._writing = True
        try:
            if not self.path.exists():
                self.rebuild()
                return
            self._db = index.connect(self.path)
            if index.version(self._db) != index.VERSION or not self._follows(self._db):
                self.rebuild()
            else:
                self._catch_up(self._db)
        except sqlite3.DatabaseError as error:
            self._lost(error)

    def end(self) -> None:
        """Close the file, in a state that readers open without writing; answer as a reader from now on."""
        if self._db is not None:
            with suppress(sqlite3.DatabaseError):
                self._db.execute("PRAGMA journal_mode = DELETE")
        self.close()
        self._writing = False

    def add(self, entry: Entry, statement: Statement) -> None:
        """Index the newest entry. Called by the workspace after the chain has it."""
        db = self._current()
        try:
            files.fault("commit ledger")
            with db:
                index.index_entry(db, entry, statement)
            files.fault("committed ledger")
        except sqlite3.DatabaseError as error:
            self._lost(error)

    def rebuild(self) -> None:
        """Write the file anew from the chain; for the writer. Raises StorageError, ChainBroken."""
        self.close()
        fresh = self.path.with_name("ledger.new.sqlite")
        try:
            with files.reported(self.path):
                files.remove_file(fresh)
                with closing(index.created(fresh)) as db:
                    self._catch_up(db)
                for suffix in ("-wal", "-shm", "-journal"):
                    files.remove_file(self.path.with_name(self.path.name + suffix))
                files.place(fresh, self.path)
            self._db = index.connect(self.path)
        except sqlite3.DatabaseError as error:
            raise index.refused(error, self.path) or error from error

    def close(self) -> None:
        if self._db is not None:
            with suppress(sqlite3.DatabaseError):
                self._db.close()
        self._db = self._head = None

    # Questions

    def outputs_of(self, key: str) -> Provenance | None:
        """What the job with this action key made; of several statements the newest counts."""
        found = self._ask(
            "SELECT id FROM action JOIN statement ON id = action.statement WHERE key = ?"
            " ORDER BY n DESC LIMIT 1",
            key,
        )
        if not found:
            return None
        statement = Digest(found[0][0])
        predicate = self._objects.json(statement)["predicate"]
        outputs = {subject.name: subject for subject in self.subjects(statement)}
        return Provenance(statement, outputs, predicate.get("counts", {}), tuple(predicate.get("notes", ())))

    def producers(self, digest: Digest) -> list[Digest]:
        """The statements that have this artifact as a subject, oldest first."""
        return self._ids("subject", digest)

    def consumers(self, digest: Digest) -> list[Digest]:
        """The statements that name this artifact among their inputs, oldest first."""
        return self._ids("input", digest)

    def subject(self, digest: Digest) -> Subject | None:
        """The artifact as the newest statement about it names it."""
        rows = self._ask(
            "SELECT name, digest, media_type, root FROM subject JOIN statement ON id = subject.statement"
            " WHERE digest = ? ORDER BY n DESC, position LIMIT 1",
            digest,
        )
        return _subject(rows[0]) if rows else None

    def subjects(self, statement: Digest) -> list[Subject]:
        """The subjects of a statement in their order."""
        rows = self._ask(
            "SELECT name, digest, media_type, root FROM subject WHERE statement = ? ORDER BY position",
            statement,
        )
        return [_subject(row) for row in rows]

    def inputs(self, statement: Digest) -> list[tuple[str, Digest]]:
        """The inputs of a statement, (name, digest) in order; a name of several digests comes several
        times."""
        rows = self._ask("SELECT name, digest FROM input WHERE statement = ? ORDER BY position", statement)
        return [(name, Digest(digest)) for name, digest in rows]

    def statements(self, type: str | None = None) -> list[Recorded]:
        """The statements of the chain, or those of one predicate type, oldest first."""
        rows = self._ask(
            "SELECT n, id, type, keyid FROM statement WHERE ?1 IS NULL OR type = ?1 ORDER BY n", type
        )
        return [Recorded(n, Digest(id), kind, keyid) for n, id, kind, keyid in rows]

    def differences(self) -> list[str]:
        """The rows of ``ledger.sqlite`` held against an index built anew in memory, in words. A missing
        file, or one that only lags behind the chain, is no difference."""
        if not self.path.is_file():
            return []
        try:
            with closing(index.connect(self.path, readonly=True)) as db:
                if index.version(db) != index.VERSION:
                    return [_("ledger.sqlite has another schema")]
                at = index.indexed(db)
                found = {table: index.rows(db, table) for table in index.TABLES}
        except sqlite3.DatabaseError as error:
            return [_("ledger.sqlite cannot be read: {reason}").format(reason=error)]
        try:
            with closing(index.created(None)) as fresh:
                if at is not None and not self._catch_up(fresh, upto=at):
                    return [_("ledger.sqlite indexes an entry that the chain does not hold")]
                expected = {table: index.rows(fresh, table) for table in index.TABLES}
        except ChainBroken as error:
            return [_("ledger.sqlite cannot be compared: {reason}").format(reason=error.message)]
        return [line for table in index.TABLES for line in _compared(table, found[table], expected[table])]

    def _ids(self, table: str, digest: Digest) -> list[Digest]:
        rows = self._ask(
            f"SELECT {table}.statement, MIN(n) AS first FROM {table}"
            f" JOIN statement ON id = {table}.statement"
            f" WHERE {table}.digest = ? GROUP BY {table}.statement ORDER BY first",
            digest,
        )
        return [Digest(row[0]) for row in rows]

    def _ask(self, question: str, *values: str | None) -> list[Any]:
        try:
            return self._current().execute(question, values).fetchall()
        except sqlite3.DatabaseError as error:
            self._lost(error)
            return self._current().execute(question, values).fetchall()

    # Keeping in step

    def _current(self) -> sqlite3.Connection:
        if self._writing and self._db is not None:
            return self._db
        last = self._chain.last()
        head = None if last is None else last.digest
        if self._db is None or self._head != head:
            self.close()
            self._db = self._read_view(head)
            self._head = head
        return self._db

    def _read_view(self, head: Digest | None) -> sqlite3.Connection:
        """The file where it is in step with ``head``, else a copy of it, or of nothing, brought in step."""
        kept = False
        try:
            db = index.connect(self.path, readonly=True)
            try:
                if index.version(db) == index.VERSION and self._follows(db):
                    at = index.indexed(db)
                    kept = at is not None and at[1] == head
                    return db if kept else self._in_memory(db)
            finally:
                if not kept:
                    db.close()
        except sqlite3.DatabaseError as error:
            logger.info("%s cannot be used (%s); indexing in memory", self.path, error)
        return self._in_memory(None)

    def _in_memory(self, begun: sqlite3.Connection | None) -> sqlite3.Connection:
        if begun is None:
            db = index.created(None)
        else:
            db = index.memory()
            begun.backup(db)
        self._catch_up(db)
        return db

    def _follows(self, db: sqlite3.Connection) -> bool:
        """Whether what ``db`` indexes is the beginning of the chain."""
        at = index.indexed(db)
        if at is None:
            return True
        last = self._chain.last()
        if last is not None and last.n == at[0]:
            return last.digest == at[1]
        return any(entry.n == at[0] and entry.digest == at[1] for entry in self._chain.entries())

    def _catch_up(self, db: sqlite3.Connection, upto: tuple[int, str] | None = None) -> bool:
        """Index the entries that ``db`` lacks, up to ``upto``; False if that is not an entry of the chain."""
        at = index.indexed(db)
        last = self._chain.last()
        if at is not None and last is not None and at[0] == last.n:
            return True
        with db:
            for entry in self._chain.entries():
                if at is None or entry.n > at[0]:
                    index.index_entry(db, entry, self._statement(entry))
                if upto is not None and entry.n == upto[0]:
                    return entry.digest == upto[1]
        return upto is None

    def _statement(self, entry: Entry) -> Statement | None:
        try:
            return Statement.parse(self._objects.get(entry.statement), str(entry.statement))
        except (ObjectMissing, ObjectDamaged, StatementError) as error:
            logger.warning("entry %d of the chain is not indexed: %s", entry.n, error)
            return None

    def _lost(self, error: sqlite3.DatabaseError) -> None:
        """Go on with an index built anew. Raises StorageError where that would be refused as well."""
        if self._writing:
            hopeless = index.refused(error, self.path)
            if hopeless:
                raise hopeless from error
            logger.warning("%s is damaged (%s); it is built again", self.path, error)
            self.rebuild()
        else:
            self.close()
            self._head = self._chain.head()
            self._db = self._in_memory(None)

    def __del__(self) -> None:
        self.close()


def rebuild(ws: Workspace) -> None:
    """Write the ledger of ``ws`` anew from its chain."""
    with ws.lock("rebuild the ledger"):
        ws.ledger.rebuild()


def differences(ws: Workspace) -> list[str]:
    """:meth:`Ledger.differences` of ``ws``."""
    return ws.ledger.differences()


def _subject(row: tuple[str, str, str, str | None]) -> Subject:
    name, digest, media_type, root = row
    return Subject(name, Digest(digest), media_type, None if root is None else Digest(root))


def _compared(table: str, found: set[tuple[Any, ...]], expected: set[tuple[Any, ...]]) -> Iterator[str]:
    for row in sorted(found - expected, key=repr):
        words = _("ledger.sqlite has a row in {table} that the chain does not give: {row}")
        yield words.format(table=table, row=row)
    for row in sorted(expected - found, key=repr):
        yield _("ledger.sqlite lacks a row in {table}: {row}").format(table=table, row=row)
