"""The workspace's one lock. The kernel holds it (flock), so it ends with its process; the file says whose
it is."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from mofang.evidence import files
from mofang.evidence.digest import canonical
from mofang.evidence.errors import WorkspaceBusy
from mofang.i18n import _

_PAUSE = 0.05  # seconds between two attempts
_held: weakref.WeakSet[Lock] = weakref.WeakSet()


class Lock:
    """A lock over a file whose content is ``{host, pid, purpose, since}`` while somebody holds it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None
        self._thread = 0

    def mine(self) -> bool:
        """Whether this thread holds it through this object."""
        return self._handle is not None and self._thread == threading.get_ident()

    @contextmanager
    def held_for(self, purpose: str, wait: float = 0.0) -> Iterator[bool]:
        """Holds the lock; True for the outermost of nested holds. Raises WorkspaceBusy after ``wait``
        seconds."""
        if self.mine():
            yield False
            return
        self._take(purpose, wait)
        try:
            yield True
        finally:
            self._release()

    def _take(self, purpose: str, wait: float) -> None:
        deadline = time.monotonic() + wait
        with files.reported(self.path):
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                left = deadline - time.monotonic()
                if left <= 0:
                    holder = os.pread(handle, 4096, 0)
                    os.close(handle)
                    raise self._busy(holder) from None
                time.sleep(min(_PAUSE, left))
            except OSError as error:
                os.close(handle)
                raise files.storage_error(error, self.path) from error
        self._handle, self._thread = handle, threading.get_ident()
        _held.add(self)
        try:
            os.ftruncate(handle, 0)
            os.pwrite(handle, canonical(_holder(purpose)) + b"\n", 0)
        except OSError as error:
            self._release()
            raise files.storage_error(error, self.path) from error

    def _release(self) -> None:
        assert self._handle is not None
        handle, self._handle = self._handle, None
        _held.discard(self)
        os.ftruncate(handle, 0)
        os.close(handle)

    def _busy(self, content: bytes) -> WorkspaceBusy:
        try:
            holder = json.loads(content)
            message = _("the workspace is in use: {purpose}, process {pid} on {host}, since {since}").format(
                **holder
            )
        except (ValueError, KeyError, TypeError):
            message = _("the workspace is in use by another process")
        return WorkspaceBusy(
            message, where=str(self.path), remedy=_("wait until it has ended, then run again")
        )

    def leave_to_parent(self) -> None:
        """In a forked child: the lock is the parent's, and must not outlive it through the child's copy."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _holder(purpose: str) -> dict[str, str | int]:
    return {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "purpose": purpose,
        "since": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _after_fork() -> None:
    for lock in list(_held):
        lock.leave_to_parent()
    _held.clear()


os.register_at_fork(after_in_child=_after_fork)
