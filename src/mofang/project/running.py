"""``mofang run``: resolve, plan, run, name, lock, publish. The command and the hub's button call the same function."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from mofang.assurance.asking import answered
from mofang.assurance.dossier.publish import Export, export
from mofang.assurance.judges.plan import judge_calls
from mofang.compute.executors import Executor, InProcess, ProcessPool
from mofang.compute.forecast import Ahead, forecast
from mofang.compute.graph import Node
from mofang.compute.run import Observer, Run, failures, run_graph
from mofang.errors import MofangError
from mofang.evidence.digest import Digest
from mofang.evidence.figures import Figure, Value
from mofang.evidence.leaves import read_leaves
from mofang.evidence.workspace import Workspace
from mofang.models.asking import Budget as AskingBudget
from mofang.project.comparing import KIND as ASSESSMENTS
from mofang.project.comparing import ref_name
from mofang.project.cost import Cost, check_budget, cost_of, total_cost
from mofang.project.file import Budget, Loaded
from mofang.project.lockfile import write_lock
from mofang.project.opening import open_or_create
from mofang.project.planning import plan
from mofang.project.resolving import Resolved, resolve
from mofang.project.sealing import seal_what_lay_open
from mofang.project.wiring import wire
from mofang.settings import workers

NAMES = {
    "datasets/latest": "corpus.manifest:dataset",
    "questions/latest": "assurance.draw:questions",
    "answers/latest": "assurance.ask:answers",
    "findings/latest": "assurance.conclude:findings",
    "figures/latest": "assurance.conclude:figures",
    "analysis/latest": "assurance.analyse:analysis",
    "dossiers/latest": "assurance.dossier:manifest",
}
"""What a run names: ref -> output."""
DOCUMENTS = ("html", "evidence_html", "docx", "gaps", "manifest")


@dataclass(frozen=True, slots=True)
class Forecast:
    """A plan looked at: its nodes, job id -> whether it would run, and what endpoints would be asked."""

    resolved: Resolved
    nodes: list[Node]
    jobs: Mapping[str, bool]
    cost: Cost | None

    @property
    def to_run(self) -> int:
        return sum(self.jobs.values())


@dataclass(frozen=True, slots=True)
class Report:
    """How a run ended. ``errors``: what failed while the rest went on; ``findings`` None where no assessment was
    made; ``values`` of its figures by id; ``corpus`` are the counts of records by source and in total; ``further`` the
    findings by every further standard."""

    run: Run
    errors: tuple[MofangError, ...]
    findings: Mapping[str, Any] | None
    values: Mapping[str, Value]
    corpus: Mapping[str, Any] | None
    exported: Export | None
    lock: Path
    further: tuple[Mapping[str, Any], ...] = ()

    @property
    def executed(self) -> int:
        return len(self.run.in_state("done"))


def look_ahead(loaded: Loaded, ws: Workspace | None = None, *, rehash: bool = False) -> Forecast:
    """What a run would do and cost. Writes nothing into the workspace; there need not be one."""
    wire()
    if ws is None and (loaded.workspace / "format").is_file():
        ws = Workspace.open(loaded.workspace)
    if ws is None:
        return _first_time(loaded)
    return _forecast(resolve(loaded, ws, record=False, rehash=rehash), ws)


def _first_time(loaded: Loaded) -> Forecast:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="mofang-plan-") as folder:
        draft = Workspace.create(Path(folder) / ".mofang")
        return _forecast(resolve(loaded, draft, record=False), None)


def _forecast(resolved: Resolved, ws: Workspace | None) -> Forecast:
    nodes = plan(resolved)
    jobs = forecast(ws, nodes)
    return Forecast(resolved, nodes, {id: one.runs for id, one in jobs.items()}, _cost(resolved, jobs))


def _cost(resolved: Resolved, jobs: Mapping[str, Ahead]) -> Cost | None:
    """What endpoints will be asked, all together; a job that went on before asks only what is left."""
    config = resolved.loaded.project.assurance
    if resolved.assessment is None or config is None:
        return None
    models = resolved.loaded.project.models
    answers = resolved.assessment.questions * config.repeats
    asked = {"assurance.ask": (config.model, answers), "assurance.ask/alone": (config.alone, answers)}
    judged = judge_calls(answers)
    asked |= {
        f"assurance.ask_judge{tail}": (config.judges.model, judged)
        for tail in (("", "/alone") if config.alone else ("",))
    }
    return total_cost(
        [
            cost_of(_left(jobs.get(job), calls), models[name])
            for job, (name, calls) in asked.items()
            if name is not None
        ]
    )


def _left(job: Ahead | None, calls: int) -> int:
    """How many of a job's calls are left; none where its answers are known."""
    if job is None or not job.runs:
        return 0
    return max(0, calls - (answered(job.work) if job.work is not None else 0))


def run_project(
    loaded: Loaded,
    observer: Observer | None = None,
    *,
    wait: float = 0.0,
    rehash: bool = False,
    announce: Callable[[Forecast], None] | None = None,
    executor: Executor | None = None,
) -> Report:
    """Bring a project's evidence and documents up to date.

    ``announce`` hears the forecast (and the cost) before anything starts. Raises MofangError where nothing can be
    done: busy workspace, broken file, a cap below what the draw asks. What fails on the way is in ``errors``.
    """
    wire()
    ws = open_or_create(loaded)
    with ws.lock("run", wait):
        seen = _forecast(resolve(loaded, ws, record=True, rehash=rehash), ws)
        if announce is not None:
            announce(seen)
        if seen.cost is not None:
            check_budget(seen.cost, loaded.project.budget)
        assessment = seen.resolved.assessment
        if assessment is not None and assessment.sealed:
            seal_what_lay_open(ws, [bank.digest for bank, _given in assessment.prepared.banks])
        nodes = _under_one_purse(seen.nodes, loaded.project.budget)
        run = run_graph(ws, nodes, executor or _executor(seen.to_run), observer, loaded.project.name)
        _name(ws, run, loaded)
        lock = write_lock(loaded.folder, run, _identities(seen.resolved))
        exported = _export(ws, run, loaded)
        return Report(
            run,
            tuple(failures(run)),
            _json(ws, run.output("assurance.conclude:findings")),
            _values(ws, run),
            _json(ws, run.output("corpus.manifest:ledger_counts")),
            exported,
            lock,
            _further(ws, run),
        )


def _under_one_purse(nodes: list[Node], budget: Budget) -> list[Node]:
    """The nodes, with one purse for all that ask: the budget caps the run, not each endpoint. Its minutes begin when the
    first of them asks."""
    purse = functools.cache(AskingBudget.parse(asdict(budget)).purse)
    return [
        replace(node, locations={**node.locations, "purse": purse}) if "budget" in node.locations else node
        for node in nodes
    ]


def _further(ws: Workspace, run: Run) -> tuple[Mapping[str, Any], ...]:
    nodes = [name for name in run.jobs if name.startswith("assurance.conclude/")]
    found = [_json(ws, run.output(f"{name}:findings")) for name in nodes]
    return tuple(findings for findings in found if findings is not None)


def _json(ws: Workspace, digest: Digest | None) -> Mapping[str, Any] | None:
    return None if digest is None else ws.objects.json(digest)


def _values(ws: Workspace, run: Run) -> dict[str, Value]:
    segment = run.output("assurance.conclude:figures")
    if segment is None:
        return {}
    figures = (Figure.parse(leaf) for leaf in read_leaves(ws.objects, segment))
    return {str(figure.id): figure.value for figure in figures}


def _executor(jobs: int) -> Executor:
    """Processes are worth starting for more than a handful of jobs."""
    return ProcessPool(workers()) if workers() > 1 and jobs > 2 else InProcess()


def _name(ws: Workspace, run: Run, loaded: Loaded) -> None:
    """Point the names at what this run made; the run itself is named by the digests of all it stands for, and
    an assessment that was concluded by its own name as well."""
    record = ws.objects.put_json({job.id: dict(job.outputs) for job in run.jobs.values() if job.outputs})
    _point(ws, "runs/latest", record)
    config = loaded.project.assurance
    if config is not None and run.output("assurance.conclude:findings") is not None:
        _point(ws, f"{ASSESSMENTS}/{ref_name(config.assessment)}", record)
    for name, output in NAMES.items():
        digest = run.output(output)
        if digest is not None:
            _point(ws, name, digest)


def _point(ws: Workspace, name: str, digest: Digest) -> None:
    kind, _slash, rest = name.partition("/")
    if ws.refs.get(kind, rest) != digest:
        ws.refs.set(kind, rest, digest)


def _identities(resolved: Resolved) -> dict[str, str]:
    if resolved.assessment is None:
        return {}
    return {
        "standard": str(resolved.assessment.pack.digest),
        **{f"models.{name}": str(one.digest) for name, one in resolved.assessment.identities.items()},
    }


def _export(ws: Workspace, run: Run, loaded: Loaded) -> Export | None:
    outputs = {name: run.output(f"assurance.dossier:{name}") for name in DOCUMENTS}
    found = {name: digest for name, digest in outputs.items() if digest is not None}
    return export(ws.objects, found, loaded.dossier) if len(found) == len(DOCUMENTS) else None
