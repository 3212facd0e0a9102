"""Workspaces for the tests of the evidence room."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from journey import Journey, travel

from mofang.evidence.objects import ObjectStore
from mofang.evidence.workspace import Workspace


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder that waits for no disk, where the machine has one: these tests flush thousands of times."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if os.access(shared, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture
def tmp_path(memory: Path) -> Path:
    """pytest's fixture of this name, in memory."""
    folder = memory / "test"
    folder.mkdir()
    return folder


@pytest.fixture(autouse=True)
def key_in_memory(own_configuration: None, memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's key beside it."""
    (memory / "config").mkdir(mode=0o700)
    monkeypatch.setenv("MOFANG_CONFIG_HOME", str(memory / "config"))


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    """A new workspace."""
    return Workspace.create(tmp_path / "project")


@pytest.fixture
def journey(ws: Workspace) -> Journey:
    """A workspace in which a small assessment has been recorded."""
    return travel(ws)


@pytest.fixture
def objects(tmp_path: Path) -> ObjectStore:
    """An empty object store."""
    return ObjectStore(tmp_path / "objects")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB; skips where this user may not mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    if not _mounted("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)):
        pytest.skip("needs the right to mount a small disk")
    yield folder
    _mounted("umount", "-l", str(folder))


@pytest.fixture
def read_only(small_disk: Path) -> Iterator[Callable[[], None]]:
    """Makes ``small_disk`` read-only when called."""

    def remount() -> None:
        assert _mounted("mount", "-o", "remount,ro", str(small_disk))

    yield remount
    _mounted("mount", "-o", "remount,rw", str(small_disk))


@pytest.fixture
def in_child() -> Callable[..., int]:
    """Runs a function in a forked child and gives its exit status, 0 if it returned. ``killed_at`` is the
    number of the point where the child dies."""

    def run(work: Callable[[], object], killed_at: int | None = None) -> int:
        child = os.fork()
        if child == 0:
            try:
                if killed_at is not None:
                    os.environ["MOFANG_FAULT_AT"] = str(killed_at)
                work()
            except BaseException:  # noqa: BLE001 - whatever it is, the child must not go on as a test run
                os._exit(99)
            os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    return run


@pytest.fixture
def without_rights(in_child: Callable[..., int]) -> Callable[..., int]:
    """``in_child`` as a user to whom no file belongs."""

    def run(work: Callable[[], object]) -> int:
        def drop_and_work() -> None:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            work()

        return in_child(drop_and_work)

    return run


def _mounted(*command: str) -> bool:
    try:
        return os.geteuid() == 0 and subprocess.run(command, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False
