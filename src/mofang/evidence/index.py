"""The tables of the ledger, and how an entry of the chain becomes rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mofang.evidence.digest import Digest
from mofang.evidence.entries import Entry
from mofang.evidence.errors import DigestError, StorageError
from mofang.evidence.leaves import parse_ref
from mofang.evidence.statements import PROVENANCE, Statement
from mofang.i18n import _

VERSION = 1
TABLES = {
    "statement": ("n", "id", "type", "keyid"),
    "subject": ("statement", "position", "name", "digest", "media_type", "root"),
    "input": ("statement", "position", "name", "digest"),
    "action": ("key", "statement"),
}
SCHEMA = f"""
PRAGMA user_version = {VERSION};
CREATE TABLE indexed (n INTEGER NOT NULL, digest TEXT NOT NULL);
CREATE TABLE statement (n INTEGER PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL, keyid TEXT NOT NULL);
CREATE TABLE subject (statement TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL,
    digest TEXT NOT NULL, media_type TEXT NOT NULL, root TEXT,
    PRIMARY KEY (statement, position)) WITHOUT ROWID;
CREATE TABLE input (statement TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL,
    digest TEXT NOT NULL, PRIMARY KEY (statement, position)) WITHOUT ROWID;
CREATE TABLE action (key TEXT NOT NULL, statement TEXT NOT NULL, PRIMARY KEY (key, statement)) WITHOUT ROWID;
CREATE INDEX statement_id ON statement (id);
CREATE INDEX statement_type ON statement (type, n);
CREATE INDEX subject_digest ON subject (digest);
CREATE INDEX input_digest ON input (digest);
"""
_REFUSED = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_PERM,
}


def inputs_of(predicate: Mapping[str, Any]) -> Iterator[tuple[str, Digest]]:
    """The artifacts that a predicate names under ``inputs``: for each name a digest, a leaf reference or a
    list of those. What is no reference is passed over."""
    inputs = predicate.get("inputs")
    for name, value in sorted(inputs.items()) if isinstance(inputs, dict) else ():
        for text in value if isinstance(value, list) else [value]:
            with suppress(DigestError):
                yield name, parse_ref(str(text))[0]


def index_entry(db: sqlite3.Connection, entry: Entry, statement: Statement | None) -> None:
    """The rows of one entry; without its statement (lost or damaged) only what the entry itself says."""
    keyid = entry.signatures[0].keyid if entry.signatures else ""
    db.execute("DELETE FROM indexed")
    db.execute("INSERT INTO indexed VALUES (?, ?)", (entry.n, entry.digest))
    db.execute("INSERT INTO statement VALUES (?, ?, ?, ?)", (entry.n, entry.statement, entry.type, keyid))
    if statement is None:
        return
    id = entry.statement
    db.executemany(
        "INSERT OR IGNORE INTO subject VALUES (?, ?, ?, ?, ?, ?)",
        [(id, i, s.name, s.digest, s.media_type, s.root) for i, s in enumerate(statement.subjects)],
    )
    db.executemany(
        "INSERT OR IGNORE INTO input VALUES (?, ?, ?, ?)",
        [(id, i, name, digest) for i, (name, digest) in enumerate(inputs_of(statement.predicate))],
    )
    if statement.predicate_type == PROVENANCE and "key" in statement.predicate:
        db.execute("INSERT OR IGNORE INTO action VALUES (?, ?)", (str(statement.predicate["key"]), id))


def connect(path: Path, readonly: bool = False) -> sqlite3.Connection:
    """An open index file; write-ahead, so that readers see the last commit while a writer writes."""
    mode = "ro" if readonly else "rwc"
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    db = sqlite3.connect(uri, uri=True, timeout=30, check_same_thread=False)
    try:
        if not readonly:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
        version(db)
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db


def memory() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", check_same_thread=False)


def created(path: Path | None) -> sqlite3.Connection:
    """An index without entries, at ``path`` or in memory."""
    db = memory() if path is None else sqlite3.connect(path, check_same_thread=False)
    try:
        # The writer flushes the finished file and renames it into place; until then nothing is lost with it.
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA journal_mode = MEMORY")
        db.executescript(SCHEMA)
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db


def version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def indexed(db: sqlite3.Connection) -> tuple[int, str] | None:
    """Number and digest of the newest entry that ``db`` knows."""
    row = db.execute("SELECT n, digest FROM indexed").fetchone()
    return None if row is None else (row[0], row[1])


def rows(db: sqlite3.Connection, table: str) -> set[tuple[Any, ...]]:
    return set(db.execute(f"SELECT {', '.join(TABLES[table])} FROM {table}"))


def refused(error: sqlite3.DatabaseError, path: Path) -> StorageError | None:
    """The StorageError for an error that building the index anew would not mend; None for damage."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None or code & 0xFF not in _REFUSED:
        return None
    if code & 0xFF == sqlite3.SQLITE_FULL:
        remedy = _("free some space and run the same command again; nothing is half-written")
    else:
        remedy = _("check the owner and mode of this file and of its folders")
    return StorageError(
        _("the index cannot be written: {reason}").format(reason=error), where=str(path), remedy=remedy
    )
