"""The only door for durable writes. A process may be killed at any point and leaves nothing half-written.

Whole files are written beside their place, flushed, and renamed into it; lists grow by one whole line at a
time. Each step passes :func:`fault`, which tests use to kill the process there:

    MOFANG_FAULT_COUNT=FILE   append the name of every point to FILE
    MOFANG_FAULT_AT=N         die at the N-th point of the process, as kill -9 would
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from mofang.evidence.errors import StorageError
from mofang.i18n import _

KILLED = 137
_TEMPORARY = re.compile(r"\.mofang-(\d+)-[0-9a-f]+\.tmp\Z")
_passed = {"process": 0, "points": 0}


def fault(point: str, torn: Callable[[], object] | None = None) -> None:
    """A point where the process may die. ``torn`` leaves what a kill in the middle of the step would."""
    at, count = os.environ.get("MOFANG_FAULT_AT"), os.environ.get("MOFANG_FAULT_COUNT")
    if at is None and count is None:
        return
    if _passed["process"] != os.getpid():
        _passed.update(process=os.getpid(), points=0)
    _passed["points"] += 1
    if count:
        with open(count, "a", encoding="utf-8") as names:
            names.write(point + "\n")
    if at and _passed["points"] == int(at):
        if torn is not None:
            torn()
        os._exit(KILLED)


@contextmanager
def reported(path: Path) -> Iterator[None]:
    """Turns what the file system says about ``path`` into a StorageError that names it and a way out."""
    try:
        yield
    except OSError as error:
        raise storage_error(error, path) from error


def storage_error(error: OSError, path: Path) -> StorageError:
    """The StorageError for what the system said about ``path`` (or about the file the error itself names)."""
    message, remedy = _explained(error.errno)
    return StorageError(
        message or _("the system refused: {reason}").format(reason=error.strerror or error),
        where=os.fspath(error.filename) if isinstance(error.filename, str) else str(path),
        remedy=remedy,
    )


def _explained(code: int | None) -> tuple[str | None, str | None]:
    if code in (errno.ENOSPC, errno.EDQUOT):
        return _("the disk is full"), _(
            "free some space and run the same command again; nothing is half-written"
        )
    if code in (errno.EACCES, errno.EPERM):
        return _("no permission"), _("check the owner and mode of this file and of its folders")
    if code == errno.EROFS:
        return _("the file system is read-only"), _("work on a copy in a folder that can be written")
    if code == errno.ENOENT:
        return _("no such file or folder"), _("check the path")
    if code == errno.ENOTDIR:
        return _("a file stands where a folder should be"), _("move that file away")
    if code == errno.EISDIR:
        return _("a folder stands where a file should be"), _("move that folder away")
    if code in (errno.EMFILE, errno.ENFILE):
        return _("too many open files"), _("raise the limit (ulimit -n) or use fewer workers")
    return None, None


class AtomicFile:
    """A file that appears whole or not at all.

        with AtomicFile(path) as file:
            file.write(b"...")        # or hand file.path, a file in the same folder, to another library

    On leaving, the bytes are on the disk under ``path``; on an error nothing has changed."""

    def __init__(self, path: Path, *, durable: bool = True, mode: int = 0o666) -> None:
        self.target = Path(path)
        self.path = self.target.with_name(f".mofang-{os.getpid()}-{secrets.token_hex(6)}.tmp")
        self._durable = durable
        self._mode = mode
        self.file: BinaryIO

    def __enter__(self) -> AtomicFile:
        with reported(self.target):
            fault(f"create {self.target.name}")
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, self._mode)
            self.file = os.fdopen(handle, "wb")
        return self

    def write(self, data: bytes) -> int:
        with reported(self.target):
            return self.file.write(data)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with reported(self.target):
                self.file.close()
                if kind is None:
                    place(self.path, self.target, durable=self._durable)
        finally:
            self.path.unlink(missing_ok=True)


def place(temporary: Path, target: Path, *, durable: bool = True) -> None:
    """Rename ``temporary`` to ``target`` in one file system; ``durable`` flushes bytes and name to the
    disk."""
    if durable:
        flush(temporary)
    fault(f"rename {target.name}")
    os.replace(temporary, target)
    if durable:
        flush(target.parent)
    fault(f"renamed {target.name}")


def flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_atomic(path: Path, data: bytes, *, durable: bool = True, mode: int = 0o666) -> None:
    """Put ``data`` at ``path`` whole, in place of what was there. Raises StorageError."""
    with AtomicFile(path, durable=durable, mode=mode) as file:
        file.write(data)


def append_line(path: Path, line: bytes, fsync: bool = True) -> None:
    """Append ``line`` (without its newline) in one write. A torn line left by a crash is dropped first;
    where the line does not fit on the disk the file is left as it was. Raises StorageError."""
    if b"\n" in line:
        raise ValueError("a line holds no newline")
    with reported(path):
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)  # threads of one process share journals
            end = _drop_torn(handle, path)
            fault(f"append {path.name}", lambda: os.write(handle, line[: len(line) // 2 + 1]))
            _append(handle, line + b"\n", end)
            if fsync:
                os.fsync(handle)
        finally:
            os.close(handle)
    fault(f"appended {path.name}")


def _append(handle: int, data: bytes, end: int) -> None:
    try:
        written = os.write(handle, data)
        while written < len(data):
            written += os.write(handle, data[written:])
    except OSError:
        os.ftruncate(handle, end)
        raise


def drop_torn_line(path: Path) -> int:
    """Cut a last line without newline from ``path``; the number of bytes left. A missing file has none."""
    with reported(path):
        try:
            handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return 0
        try:
            return _drop_torn(handle, path)
        finally:
            os.close(handle)


def _drop_torn(handle: int, path: Path) -> int:
    size = os.fstat(handle).st_size
    if not size or os.pread(handle, 1, size - 1) == b"\n":
        return size
    end = whole_lines(handle, size)
    fault(f"mend {path.name}")
    os.ftruncate(handle, end)
    return end


def whole_lines(handle: int, size: int) -> int:
    """Where the last newline before ``size`` ends; 0 if there is none."""
    while size > 0:
        start = max(0, size - 65536)
        found = os.pread(handle, size - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        size = start
    return 0


def read_lines(path: Path) -> Iterator[bytes]:
    """The whole lines of ``path`` without their newlines; a torn last line is none. A missing file has
    none."""
    with reported(path):
        try:
            file = open(path, "rb")  # noqa: SIM115
        except FileNotFoundError:
            return
    with file:
        for line in file:
            if line.endswith(b"\n"):
                yield line[:-1]


def read_whole(path: Path) -> bytes | None:
    """The bytes of a file, None if there is none. Raises StorageError."""
    with reported(path):
        try:
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None


def make_folder(path: Path, mode: int = 0o777) -> Path:
    """``path`` as a folder, its parents too. Raises StorageError."""
    with reported(path):
        if not path.is_dir():
            path.mkdir(mode=mode, parents=True, exist_ok=True)
    return path


def remove_file(path: Path) -> bool:
    """Remove one file; False if it was not there. Raises StorageError."""
    with reported(path):
        fault(f"remove {path.name}")
        try:
            path.unlink()
        except FileNotFoundError:
            return False
    return True


def sweep(folder: Path) -> None:
    """Remove the temporary files and folders that dead processes left in ``folder``. Call it under the
    lock."""
    with reported(folder):
        for path in folder.iterdir() if folder.is_dir() else ():
            left = _TEMPORARY.match(path.name)
            if left and not _alive(int(left[1])):
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    remove_file(path)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        # A process that was killed and not yet waited for has a number still, and writes nothing any more.
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return True
