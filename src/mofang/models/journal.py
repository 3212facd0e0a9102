"""The journal of an asking: one answer a line, on its way to the disk the moment it is there.

A line is written in one go, so a killed process loses nothing that was handed over; a loss of power loses at most
what :meth:`Journal.sync` had not yet flushed. A torn last line is dropped. Where a question stands twice, the
newest line counts; a journal that is mostly old lines is written anew without them. In a sealed journal the texts
are encrypted (:mod:`mofang.evidence.sealing`), each under its question's id.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import mofang.log as log
from mofang.evidence import files, sealing
from mofang.evidence.errors import ObjectDamaged
from mofang.evidence.leaves import leaf_line
from mofang.models.asking import Answer, Key

logger = log.get("models")

# Canonical JSON sorts its fields, so what is asked for first stands before the text. A quote inside a string has
# a backslash before it: this can match nothing but the fields themselves.
_HEAD = re.compile(
    rb'"question":"((?:[^"\\]|\\.)*)",(?:"repeat":(\d{1,9}),)?"state":"(answered|error)",', re.DOTALL
)
_SEALED = "$sealed"
_WORTH = 1000
"""Old lines from which writing anew is worth it."""


class Journal:
    """The journal at ``path``, open for answers; one process at a time. ``sealed``: texts are encrypted."""

    def __init__(self, path: Path, *, sealed: bool = False) -> None:
        self.path = path
        self.sealed = sealed
        self._handle = -1
        self._end = 0
        self._unsynced = False

    def __enter__(self) -> Journal:
        files.make_folder(self.path.parent)
        files.drop_torn_line(self.path)
        with files.reported(self.path):
            self._handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
            fcntl.flock(self._handle, fcntl.LOCK_EX)
            self._end = os.fstat(self._handle).st_size
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.sync()
        finally:
            os.close(self._handle)
            self._handle = -1

    def add(self, answer: Answer) -> None:
        """Write one answer down. Raises StorageError; the journal is then as it was."""
        line = _line(answer.wire(), self.sealed)
        with files.reported(self.path):
            files.fault(
                f"append {self.path.name}", lambda: os.write(self._handle, line[: len(line) // 2 + 1])
            )
            try:
                written = os.write(self._handle, line)
                while written < len(line):
                    written += os.write(self._handle, line[written:])
            except OSError:
                os.ftruncate(self._handle, self._end)
                raise
        self._end += len(line)
        self._unsynced = True
        files.fault(f"appended {self.path.name}")

    def sync(self) -> None:
        """Wait until everything written is on the disk. May be called from another thread."""
        if self._unsynced and self._handle >= 0:
            self._unsynced = False
            with files.reported(self.path):
                os.fsync(self._handle)


def read_journal(path: Path) -> dict[Key, dict[str, Any]]:
    """The newest answer of each question and repeat, as leaves; lines that are none are passed over. Raises
    KeyFileError for a sealed journal whose key is not here."""
    leaves = (leaf for line in files.read_lines(path) for leaf in _leaf(line))
    return {(leaf["question"], leaf["repeat"]): leaf for leaf in map(_opened, leaves) if leaf is not None}


def read_states(path: Path) -> dict[Key, str]:
    """The newest state of each question and repeat, without reading the texts: quick on long journals."""
    found: dict[Key, str] = {}
    for line in files.read_lines(path):
        head = _HEAD.search(line) if line.endswith(b"}") else None
        if head is not None and b"\\" not in head[1]:
            found[head[1].decode("utf-8", "replace"), int(head[2] or 0)] = head[3].decode()
        else:
            found.update(((leaf["question"], leaf["repeat"]), leaf["state"]) for leaf in _leaf(line))
    return found


def compact(path: Path, live: int) -> None:
    """Write a journal anew that holds ``live`` newest lines and mostly older ones. For who holds the workspace's
    lock, while nobody has the journal open."""
    lines = sum(1 for _line in files.read_lines(path))
    if lines - live > max(_WORTH, live):
        newest = {
            (leaf["question"], leaf["repeat"]): line
            for line in files.read_lines(path)
            for leaf in _leaf(line)
        }
        files.write_atomic(path, b"".join(line + b"\n" for line in newest.values()))


def _leaf(line: bytes) -> Iterator[dict[str, Any]]:
    """The answer on a line, if it is one; of an older version it has no ``repeat``."""
    try:
        leaf = {"repeat": 0, **json.loads(line)}
        if leaf["state"] in ("answered", "error"):
            hash((leaf["question"], leaf["repeat"]))
            yield leaf
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        logger.warning("a line of the journal is no answer and is passed over (%s)", type(error).__name__)


def _line(wire: dict[str, Any], sealed: bool) -> bytes:
    if sealed and wire["text"]:
        hidden = sealing.sealed(wire["text"].encode(), _label(wire))
        wire |= {"text": "", _SEALED: base64.b64encode(hidden).decode("ascii")}
    return leaf_line(wire) + b"\n"


def _opened(leaf: dict[str, Any]) -> dict[str, Any] | None:
    """The leaf with its text readable; None where the sealed bytes have changed."""
    hidden = leaf.pop(_SEALED, None)
    if hidden is None:
        return leaf
    try:
        text = sealing.unsealed(base64.b64decode(hidden), _label(leaf), leaf["question"])
    except (ObjectDamaged, ValueError, TypeError) as error:
        logger.warning("a sealed line of the journal cannot be opened (%s)", type(error).__name__)
        return None
    return {**leaf, "text": text.decode()}


def _label(leaf: Mapping[str, Any]) -> str:
    return f"{leaf['question']}#{leaf['repeat']}"
