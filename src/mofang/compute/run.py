"""Running a plan: what is known is reused, what is new is done, what fails is reported while the rest goes on."""

from __future__ import annotations

import itertools
import json
import platform
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, Protocol

from mofang.compute.executors import Executor, Task, driver_thread, perform
from mofang.compute.graph import Node, PlannedJob, action_key, expand
from mofang.compute.kinds import Outcome, Output
from mofang.errors import MofangError
from mofang.evidence.digest import Digest, canonical
from mofang.evidence.files import storage_error
from mofang.evidence.statements import Subject
from mofang.evidence.withdrawal import resolve
from mofang.evidence.workspace import Workspace

State = Literal["done", "reused", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Settled:
    """How one job ended."""

    id: str
    state: State
    key: Digest | None = None
    statement: Digest | None = None
    outputs: Mapping[str, Digest] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[Mapping[str, str], ...] = ()
    error: Exception | None = None


class Observer(Protocol):
    """Who watches a run: a progress bar, a log, a page."""

    def planned(self, jobs: int) -> None: ...

    def started(self, job: str) -> None: ...

    def progressed(self, job: str, done: int, total: int, what: str) -> None: ...

    def settled(self, job: Settled) -> None: ...


class Unwatched:
    """An observer that looks away."""

    def planned(self, jobs: int) -> None: ...

    def started(self, job: str) -> None: ...

    def progressed(self, job: str, done: int, total: int, what: str) -> None: ...

    def settled(self, job: Settled) -> None: ...


@dataclass(frozen=True, slots=True)
class Run:
    """Everything a run settled, by job id, in the plan's order."""

    jobs: Mapping[str, Settled]

    def outputs(self, ref: str) -> list[Digest]:
        """The digests behind ``"node:output"``, in element order; empty where the node failed."""
        node, _colon, output = ref.rpartition(":")
        return [
            job.outputs[output]
            for job in self.jobs.values()
            if job.id.partition("[")[0] == node and output in job.outputs
        ]

    def output(self, ref: str) -> Digest | None:
        """The single digest behind ``"node:output"``, or None where the node failed."""
        found = self.outputs(ref)
        return found[0] if len(found) == 1 else None

    def in_state(self, state: State) -> list[Settled]:
        return [job for job in self.jobs.values() if job.state == state]


def run_graph(
    ws: Workspace,
    nodes: Iterable[Node],
    executor: Executor,
    observer: Observer | None = None,
    run_name: str = "run",
) -> Run:
    """Bring every job of ``nodes`` to its end. The caller holds the workspace's lock.

    Jobs whose key is known and whose artifacts are present are reused. A job that raises is settled as failed and
    the ones that need it as skipped; ``KeyboardInterrupt`` keeps what is finished and is raised again.
    """
    return _Driver(ws, expand(nodes), executor, observer or Unwatched(), run_name).run()


def work_folder(ws: Workspace, key: Digest) -> Path:
    """The scratch folder of the job with this key: what it began is found there again."""
    return ws.path / "work" / key.hex[:32]


class _Driver:
    """The one process that decides and records; workers only write blobs."""

    def __init__(
        self,
        ws: Workspace,
        jobs: dict[str, PlannedJob],
        executor: Executor,
        observer: Observer,
        run_name: str,
    ) -> None:
        self.ws, self.jobs, self.executor, self.observer, self.run_name = (
            ws,
            jobs,
            executor,
            observer,
            run_name,
        )
        self.settled: dict[str, Settled] = {}
        self.running: dict[Future[Outcome], _Started] = {}
        self.writer = version("pyarrow")
        self.thread = driver_thread()
        self.order = itertools.count()
        self.stopping = threading.Event()

    def run(self) -> Run:
        self.observer.planned(len(self.jobs))
        waiting = dict(self.jobs)
        abandon = True
        try:
            while waiting or self.running:
                self._start_ready(waiting)
                if self.running:
                    finished, _pending = wait(self.running, return_when=FIRST_COMPLETED)
                    for future in sorted(finished, key=lambda done: self.running[done].order):
                        self._finish(future)
            abandon = False
        finally:
            # The observing thread is waited for even when the run is abandoned: the lock is released after this, and
            # nobody may go on asking then.
            self.stopping.set()
            self.executor.close(abandon=abandon)
            self.thread.shutdown(wait=True, cancel_futures=True)
        return Run({job: self.settled[job] for job in self.jobs})

    def _start_ready(self, waiting: dict[str, PlannedJob]) -> None:
        """Start jobs whose needs are settled, in the plan's order, without piling up more than the executor can use."""
        progressed = True
        while progressed:
            progressed = False
            for job_id, job in list(waiting.items()):
                if len(self.running) >= self.executor.width + 2:
                    return
                if job.needs <= self.settled.keys():
                    del waiting[job_id]
                    self._start(job)
                    progressed = True

    def _start(self, job: PlannedJob) -> None:
        broken = self._broken(job)
        if broken and not job.node.tolerant:
            self._settle(
                Settled(
                    job.id,
                    "skipped",
                    notes=tuple({"code": "needs", "where": b, "message": ""} for b in broken),
                )
            )
            return
        params = dict(job.params)
        if job.node.tolerant:
            params["missing"] = sorted({need.partition("[")[0] for need in broken})
        inputs = {name: self._input(parts, broken) for name, parts in job.sources.items()}
        if any(value is None for value in inputs.values()):
            self._settle(
                Settled(job.id, "skipped", notes=({"code": "needs", "where": broken[0], "message": ""},))
            )
            return
        given = {name: value for name, value in inputs.items() if value is not None}
        key = action_key(job.kind, params, given, self.writer)
        known = known_outputs(self.ws, key)
        if known is not None:
            self._settle(
                Settled(job.id, "reused", key, known.statement, known.outputs, known.counts, known.notes)
            )
            return
        self._submit(job, key, params, given)

    def _broken(self, job: PlannedJob) -> list[str]:
        """The needed jobs whose node failed anywhere: a source is taken whole or not at all."""
        nodes = {
            need.partition("[")[0] for need in job.needs if self.settled[need].state in ("failed", "skipped")
        }
        return sorted(need for need in job.needs if need.partition("[")[0] in nodes)

    def _input(self, parts: Any, broken: list[str]) -> Digest | list[Digest] | None:
        found = [
            self.settled[job].outputs[part.output] for part in parts for job in part.jobs if job not in broken
        ]
        if any(part.gathered for part in parts):
            return found
        return found[0] if found else None

    def _submit(
        self, job: PlannedJob, key: Digest, params: dict[str, Any], inputs: dict[str, Digest | list[Digest]]
    ) -> None:
        work = work_folder(self.ws, key)
        params = json.loads(
            canonical(params)
        )  # as the statement will hold them, so that a rerun sees the same
        task = Task(job.kind.run, params, inputs, job.node.locations, self.ws.objects, work)
        self.observer.started(job.id)
        started = _Started(job, key, params, inputs, datetime.now(UTC), next(self.order))
        if job.kind.mode == "observed":

            def progress(done: int, total: int, what: str) -> None:
                self.observer.progressed(job.id, done, total, what)

            future = self.thread.submit(perform, task, progress, self.stopping.is_set)
        else:
            future = self.executor.submit(task)
        self.running[future] = started

    def _finish(self, future: Future[Outcome]) -> None:
        started = self.running.pop(future)
        error = future.exception()
        if error is not None:
            if not isinstance(error, Exception):
                raise error
            self._settle(Settled(started.job.id, "failed", started.key, error=error))
            return
        outcome = future.result()
        if set(outcome.outputs) != set(started.job.kind.outputs):
            raise TypeError(
                f"{started.job.kind.name} made {sorted(outcome.outputs)}, not {started.job.kind.outputs}"
            )
        statement = self.ws.provenance(_subjects(outcome), self._predicate(started, outcome))
        digests = {name: output.digest for name, output in outcome.outputs.items()}
        notes = tuple(outcome.notes)
        self._settle(
            Settled(started.job.id, "done", started.key, statement, digests, dict(outcome.counts), notes)
        )

    def _predicate(self, started: _Started, outcome: Outcome) -> dict[str, Any]:
        kind = started.job.kind
        versions = {"mofang": version("mofang"), "python": platform.python_version()}
        if kind.parquet:
            versions["pyarrow"] = self.writer
        return {
            "key": started.key,
            "kind": kind.name,
            "version": kind.version,
            "mode": kind.mode,
            "params": started.params,
            "inputs": started.inputs,
            "counts": dict(outcome.counts),
            "notes": [dict(note) for note in outcome.notes],
            "node": started.job.id,
            "run": self.run_name,
            "started": _clock(started.at),
            "finished": _clock(datetime.now(UTC)),
            "versions": versions,
        }

    def _settle(self, settled: Settled) -> None:
        self.settled[settled.id] = settled
        self.observer.settled(settled)


@dataclass(frozen=True, slots=True)
class _Started:
    job: PlannedJob
    key: Digest
    params: Mapping[str, Any]
    inputs: Mapping[str, Digest | list[Digest]]
    at: datetime
    order: int


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier job of the same key made."""

    statement: Digest
    outputs: Mapping[str, Digest]
    counts: Mapping[str, int]
    notes: tuple[Mapping[str, str], ...]


def known_outputs(ws: Workspace, key: Digest) -> Known | None:
    """What a job of this key made, if every artifact is still there; a redacted segment stands for the original."""
    provenance = ws.ledger.outputs_of(key)
    if provenance is None:
        return None
    outputs = {}
    for name, subject in provenance.outputs.items():
        digest = resolve(ws, subject.digest)
        if digest is None or not ws.objects.has(digest):
            return None
        outputs[name] = digest
    return Known(provenance.statement, outputs, dict(provenance.counts), tuple(provenance.notes))


def _subjects(outcome: Outcome) -> list[Subject]:
    return [
        Subject(name=name, digest=output.digest, media_type=output.media_type, root=output.root)
        for name, output in sorted(outcome.outputs.items())
    ]


def _clock(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def failures(run: Run) -> list[MofangError]:
    """What the user should read about jobs that failed: their own errors, or a named fault of ours."""
    found = []
    for job in run.in_state("failed"):
        error = job.error
        if isinstance(error, MofangError):
            found.append(
                error if error.where else MofangError(error.message, where=job.id, remedy=error.remedy)
            )
        elif isinstance(error, OSError):
            found.append(storage_error(error, Path(str(error.filename or job.id))))
        else:
            found.append(MofangError(f"{type(error).__name__}: {error}", where=job.id))
    return found


__all__ = ["Observer", "Output", "Run", "Settled", "Unwatched", "failures", "run_graph"]
