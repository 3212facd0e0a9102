"""The chain: every statement of a workspace in one list, each entry naming the digest of the one before it.

``chain`` has one RFC 8785 line an entry; the entry's digest is that of its line without the newline. Besides
the statement's signatures every entry carries a *seal*: the workspace's signature over number, predecessor,
statement and signatures, so that nobody without the key can drop or reorder entries. ``head`` names the
newest entry, so that a chain cut short is noticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mofang.evidence import files
from mofang.evidence.digest import Digest, canonical
from mofang.evidence.entries import Entry
from mofang.evidence.errors import ChainBroken, ChainTruncated
from mofang.evidence.flaws import Flaw, declared_head, find_flaws
from mofang.evidence.keys import Keyring, SigningKey
from mofang.evidence.objects import ObjectStore
from mofang.evidence.statements import Signature, Statement
from mofang.i18n import _
from mofang.log import get as get_logger

logger = get_logger("evidence")


class Chain:
    """The files ``chain`` and ``head`` of the workspace at ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "chain"
        self.head_path = folder / "head"
        self._tail: tuple[tuple[int, ...], Entry] | None = None  # state of the file, and its newest entry

    def append(self, statement: Statement, key: SigningKey, signatures: tuple[Signature, ...] = ()) -> Entry:
        """One more entry; on the disk when this returns. The payload must be stored, the lock held."""
        last = self.last()
        n, prev = (0, "") if last is None else (last.n + 1, str(last.digest))
        entry = Entry.made(n, prev, statement, key, signatures)
        files.append_line(self.path, entry.line())
        self._write_head(entry)
        return entry

    def entries(self) -> Iterator[Entry]:
        """All entries in order. Raises ChainBroken at one that cannot be read or does not follow."""
        prev = ""
        for n, line in enumerate(files.read_lines(self.path)):
            entry = self._read(line, n)
            if entry.n != n or entry.prev != prev:
                raise self._broken(n, _("it does not follow the entry before it"))
            prev = entry.digest
            yield entry

    def last(self) -> Entry | None:
        """The newest entry, None in an empty chain. Raises ChainBroken."""
        with files.reported(self.path):
            try:
                state = self.path.stat()
            except FileNotFoundError:
                return None
        version = (state.st_ino, state.st_size, state.st_mtime_ns)
        if self._tail is None or self._tail[0] != version:
            line = _last_line(self.path)
            if line is None:
                return None
            self._tail = version, self._read(line, None)
        return self._tail[1]

    def head(self) -> Digest:
        """The digest of the newest entry. Raises ChainBroken for an empty chain."""
        return self.newest().digest

    def newest(self) -> Entry:
        """The newest entry. Raises ChainBroken for an empty chain."""
        last = self.last()
        if last is None:
            raise ChainBroken(
                _("the chain is empty"),
                where=str(self.path),
                remedy=_("restore it from a copy of the workspace"),
            )
        return last

    def repair(self) -> None:
        """What a writer does first, under the lock: drop a line that a crash tore, bring a late head up to
        date. Raises ChainTruncated or ChainBroken, and changes nothing, if head names an entry that is not
        there."""
        known = self.declared()
        last = self.last()
        if known is not None:
            self._compare(known, last)
        files.drop_torn_line(self.path)
        if last is not None and known != (last.n, last.digest):
            logger.warning("%s was behind the chain; now at entry %d", self.head_path, last.n)
            self._write_head(last)

    def declared(self) -> tuple[int, Digest] | None:
        """Number and digest that the head file names; None where there is none or it cannot be read."""
        return declared_head(self.head_path)

    def check(self, objects: ObjectStore, keys: Keyring) -> list[Flaw]:
        """Everything wrong with chain, head, payloads and signatures, entry by entry. Writes nothing."""
        return list(find_flaws(self.path, self.head_path, objects, keys))

    def _compare(self, known: tuple[int, Digest], last: Entry | None) -> None:
        n, digest = known
        if last is None or n > last.n:
            raise ChainTruncated(
                _("the chain ends at entry {last}, but the head file names entry {n}").format(
                    last=-1 if last is None else last.n, n=n
                ),
                where=str(self.path),
                remedy=_("entries were removed: restore the chain from a copy of the workspace"),
            )
        named = last if n == last.n else next((each for each in self.entries() if each.n == n), last)
        if named.digest != digest:
            raise self._broken(n, _("it is not the entry that the head file names"))

    def _write_head(self, entry: Entry) -> None:
        # Not flushed: a head that is behind after a power failure is brought up to date by the next writer.
        head = canonical({"n": entry.n, "digest": entry.digest}) + b"\n"
        files.write_atomic(self.head_path, head, durable=False)

    def _read(self, line: bytes, n: int | None) -> Entry:
        try:
            return Entry.parse(line)
        except (ValueError, RecursionError) as error:
            raise self._broken(n, str(error)) from error

    def _broken(self, n: int | None, reason: str) -> ChainBroken:
        return ChainBroken(
            _("entry {n} of the chain is damaged: {reason}").format(
                n=_("(the last)") if n is None else n, reason=reason
            ),
            where=str(self.path),
            remedy=_("see all that is wrong with: mofang verify; then restore the chain from a copy"),
        )


def _last_line(path: Path) -> bytes | None:
    """The last whole line without its newline."""
    with files.reported(path), open(path, "rb") as file:
        size = file.seek(0, 2)
        end = files.whole_lines(file.fileno(), size)
        if not end:
            return None
        start = files.whole_lines(file.fileno(), end - 1)
        file.seek(start)
        return file.read(end - 1 - start)
