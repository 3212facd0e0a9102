from __future__ import annotations

import json
import os
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mofang.evidence.errors import StorageError, WorkspaceBusy
from mofang.evidence.lock import Lock

InChild = Callable[..., int]


class Holder:
    """A forked process that holds a lock until it is killed or told to let go."""

    def __init__(self, path: Path, purpose: str) -> None:
        ready, told = os.pipe(), os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            with Lock(path).held_for(purpose):
                os.write(ready[1], b"x")
                os.read(told[0], 1)
            os._exit(0)
        assert os.read(ready[0], 1) == b"x"
        self._pipes = (*ready, *told)
        self._tell = told[1]

    def let_go(self) -> None:
        os.write(self._tell, b"x")
        self._ended()

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self._ended()

    def _ended(self) -> None:
        os.waitpid(self.pid, 0)
        for pipe in self._pipes:
            os.close(pipe)


def test_the_file_names_the_holder(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "lock")
    assert not lock.mine()
    with lock.held_for("run"):
        assert lock.mine()
        holder = json.loads(lock.path.read_text())
        assert (holder["pid"], holder["host"], holder["purpose"]) == (
            os.getpid(),
            socket.gethostname(),
            "run",
        )
        assert len(holder["since"]) == len("2026-11-01T00:00:00Z")
    assert not lock.mine()
    assert lock.path.read_text() == ""


def test_a_second_holder_is_told_who_is_first(tmp_path: Path) -> None:
    holder = Holder(tmp_path / "lock", "语料 run")
    with pytest.raises(WorkspaceBusy) as caught, Lock(tmp_path / "lock").held_for("forget"):
        pass
    holder.let_go()
    message = caught.value.message
    assert message.startswith(
        f"the workspace is in use: 语料 run, process {holder.pid} on {socket.gethostname()}, since 2"
    )
    assert caught.value.where == str(tmp_path / "lock")
    assert caught.value.exit_code == 2
    with Lock(tmp_path / "lock").held_for("forget") as outermost:
        assert outermost


def test_a_second_holder_may_wait(tmp_path: Path) -> None:
    holder = Holder(tmp_path / "lock", "run")
    letting_go = threading.Timer(0.15, holder.let_go)
    letting_go.start()
    with Lock(tmp_path / "lock").held_for("forget", wait=30):
        assert json.loads((tmp_path / "lock").read_text())["purpose"] == "forget"
    letting_go.join()


def test_a_dead_holder_holds_nothing(tmp_path: Path) -> None:
    holder = Holder(tmp_path / "lock", "run")
    holder.kill()
    assert json.loads((tmp_path / "lock").read_text())["pid"] == holder.pid
    with Lock(tmp_path / "lock").held_for("forget"):
        assert json.loads((tmp_path / "lock").read_text())["pid"] == os.getpid()


def test_a_holder_that_says_nothing_is_still_one(tmp_path: Path) -> None:
    holder = Holder(tmp_path / "lock", "run")
    (tmp_path / "lock").write_text("garbage")
    with (
        pytest.raises(WorkspaceBusy, match="in use by another process"),
        Lock(tmp_path / "lock").held_for("x"),
    ):
        pass
    holder.let_go()


def test_a_thread_may_take_it_again_and_another_may_not(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "lock")
    refused: list[WorkspaceBusy] = []

    def other() -> None:
        try:
            with lock.held_for("other"):
                pass
        except WorkspaceBusy as busy:
            refused.append(busy)

    with lock.held_for("run"), lock.held_for("inner") as outermost:
        assert not outermost
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert lock.mine()
    assert [f"process {os.getpid()} on" in busy.message for busy in refused] == [True]
    assert not lock.mine()


def test_it_is_let_go_after_an_error(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "lock")
    with pytest.raises(ZeroDivisionError), lock.held_for("run"):
        raise ZeroDivisionError
    with Lock(tmp_path / "lock").held_for("next"):
        pass


def test_a_worker_that_outlives_its_driver_holds_nothing(tmp_path: Path) -> None:
    # A forked worker has a copy of the driver's open file; flock would last as long as any copy.
    ready, told = os.pipe(), os.pipe()
    driver = os.fork()
    if driver == 0:
        with Lock(tmp_path / "lock").held_for("run"):
            if os.fork() == 0:
                os.write(ready[1], b"x")
                os.read(told[0], 1)
                os._exit(0)
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(driver, 0)
    assert os.read(ready[0], 1) == b"x"
    with Lock(tmp_path / "lock").held_for("next"):
        pass
    os.write(told[1], b"x")
    for pipe in (*ready, *told):
        os.close(pipe)


def test_a_forked_child_does_not_hold_it(tmp_path: Path, in_child: InChild) -> None:
    lock = Lock(tmp_path / "lock")

    def child() -> None:
        assert not lock.mine()

    with lock.held_for("run"):
        assert in_child(child) == 0
        with pytest.raises(WorkspaceBusy), Lock(tmp_path / "lock").held_for("other"):
            pass


def test_a_full_disk_is_named_and_nobody_holds_it(small_disk: Path) -> None:
    (small_disk / "lock").touch()
    with pytest.raises(OSError):
        (small_disk / "filler").write_bytes(b"x" * 1_000_000)
    lock = Lock(small_disk / "lock")
    with pytest.raises(StorageError, match="the disk is full"), lock.held_for("x"):
        pass
    assert not lock.mine()
    (small_disk / "filler").unlink()
    with Lock(small_disk / "lock").held_for("x"):
        pass


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="a file stands"), Lock(tmp_path / "file" / "lock").held_for("x"):
        pass
