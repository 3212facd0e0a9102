"""Watching a run: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

import click

from mofang.compute.run import Settled
from mofang.i18n import _

NARROW = 70
"""Columns below which a bar leaves no room for the numbers."""


def watch(quiet: bool) -> Lines | Bars:
    """The observer that suits standard error: bars for people, lines for logs, nothing if ``quiet``."""
    return Bars() if sys.stderr.isatty() and not quiet else Lines(quiet)


def stage_of(job: str) -> str:
    """``corpus.read/handbook[3]`` belongs to stage ``corpus.read``."""
    return job.partition("[")[0].partition("/")[0]


class Lines:
    """One plain line when a stage begins, every 10 % of long work, and for each failure."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.stages: set[str] = set()
        self.tenths: dict[str, int] = {}

    def __enter__(self) -> Lines:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def planned(self, jobs: int) -> None:
        self._line(_("{n} jobs planned").format(n=jobs))

    def started(self, job: str) -> None:
        if stage_of(job) not in self.stages:
            self.stages.add(stage_of(job))
            self._line(stage_of(job))

    def progressed(self, job: str, done: int, total: int, what: str) -> None:
        tenth = done * 10 // total if total else 0
        if tenth > self.tenths.get(job, 0):
            self.tenths[job] = tenth
            self._line(f"{stage_of(job)} {done}/{total} {what}".rstrip())

    def settled(self, job: Settled) -> None:
        if job.state == "failed":
            self._line(_("{job} failed: {error}").format(job=job.id, error=job.error))

    def _line(self, text: str) -> None:
        if not self.quiet:
            click.echo(text, err=True)


class Bars:
    """One bar for all jobs and one for the long work inside a job."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        console = Console(stderr=True)
        name, count = TextColumn("{task.description}", style="bold"), MofNCompleteColumn()
        columns = (name, BarColumn(), count, TimeElapsedColumn(), TimeRemainingColumn())
        few = console.width < NARROW
        self.progress = Progress(*((name, count) if few else columns), console=console, transient=True)
        self.inner: dict[str, Any] = {}

    def __enter__(self) -> Bars:
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.progress.stop()

    def planned(self, jobs: int) -> None:
        self.all = self.progress.add_task(_("all jobs"), total=jobs)

    def started(self, job: str) -> None:
        self.progress.update(self.all, description=stage_of(job))

    def progressed(self, job: str, done: int, total: int, what: str) -> None:
        if job not in self.inner:
            self.inner[job] = self.progress.add_task(stage_of(job), total=total or None, completed=done)
        self.progress.update(self.inner[job], completed=done, total=total or None)

    def settled(self, job: Settled) -> None:
        self.progress.advance(self.all)
        if job.id in self.inner:
            self.progress.remove_task(self.inner.pop(job.id))
        if job.state == "failed":
            text = _("{job} failed: {error}").format(job=job.id, error=job.error)
            self.progress.console.print(text, markup=False, highlight=False)
