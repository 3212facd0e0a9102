"""Where tasks run: in this process, or in a pool of local processes.

An executor takes a :class:`Task` (plain, picklable data) and returns a future of its :class:`Outcome`. It reads and
writes blobs only; the driver alone appends statements. That is all a cluster engine has to implement.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor as Pool
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from mofang.compute.kinds import Job, Outcome, Progress, never, silent
from mofang.evidence.digest import Digest
from mofang.evidence.objects import ObjectStore


@dataclass(frozen=True, slots=True)
class Task:
    """A job made ready to travel: what to call and what to hand it."""

    run: str
    params: Mapping[str, Any]
    inputs: Mapping[str, Digest | list[Digest]]
    locations: Mapping[str, Any] = field(repr=False)
    objects: ObjectStore
    work: Path


def perform(task: Task, progress: Progress = silent, stop: Callable[[], bool] = never) -> Outcome:
    """Run a task here and now."""
    module, _colon, function = task.run.partition(":")
    call = getattr(importlib.import_module(module), function)
    job = Job(task.params, task.inputs, task.locations, task.objects, task.work, progress, stop)
    outcome: Outcome = call(job)
    return outcome


class Executor(Protocol):
    """Where tasks run. ``width`` says how many at once are worth submitting."""

    width: int

    def submit(self, task: Task) -> Future[Outcome]: ...

    def close(self, *, abandon: bool = False) -> None:
        """Give the workers back; ``abandon`` ends running tasks instead of waiting for them."""


class InProcess:
    """Runs each task when it is submitted, in this process."""

    width = 1

    def submit(self, task: Task) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        try:
            future.set_result(perform(task))
        except Exception as error:  # noqa: BLE001 - the future carries whatever the task raised
            future.set_exception(error)
        return future

    def close(self, *, abandon: bool = False) -> None:
        return None


class ProcessPool:
    """Runs tasks in ``workers`` processes of this machine, started when the first task comes."""

    def __init__(self, workers: int) -> None:
        self.width = workers
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, task: Task) -> Future[Outcome]:
        if self._pool is None:
            spawn = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                self.width, mp_context=spawn, initializer=_start_worker, initargs=(os.getpid(),)
            )
        with _deaf_to_interrupts():
            return self._pool.submit(perform, task)

    def close(self, *, abandon: bool = False) -> None:
        if self._pool is None:
            return
        processes = list((self._pool._processes or {}).values()) if abandon else []
        self._pool.shutdown(wait=not abandon, cancel_futures=True)
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()
        self._pool = None


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Workers that start in this block leave Ctrl-C to the driver from their first moment; here it waits its turn."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def driver_thread() -> Pool:
    """The one thread beside the driver in which observed jobs run, so that they can report progress."""
    return ThreadPoolExecutor(1, thread_name_prefix="observed")


def _start_worker(parent: int) -> None:
    """Workers leave Ctrl-C to the driver, keep to one thread each, and end when the driver is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with(parent)


def die_with(parent: int) -> None:
    """Ask the kernel to end this process when its parent dies (Linux; a no-op elsewhere)."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "prctl"):
        libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)
