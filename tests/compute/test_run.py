from __future__ import annotations

from pathlib import Path

import pytest

from mofang.compute.executors import Executor, InProcess, ProcessPool
from mofang.compute.graph import Node
from mofang.compute.run import Run, Settled, Unwatched, failures, run_graph
from mofang.evidence.workspace import Workspace

NUMBERS = Node("numbers/a", "sums.number", items=({"n": 1}, {"n": 2}, {"n": 3}))
DOUBLES = Node("doubles/a", "sums.double", inputs={"value": "numbers/a:value"}, each=("value",))
TOTAL = Node("total", "sums.total", inputs={"values": ("doubles/a:value",)}, tolerant=True)
PLAN = [NUMBERS, DOUBLES, TOTAL]


def run(ws: Workspace, nodes: list[Node], executor: Executor | None = None) -> Run:
    with ws.lock("test"):
        return run_graph(ws, nodes, executor or InProcess())


def value(ws: Workspace, done: Run, ref: str) -> object:
    digest = done.output(ref)
    assert digest
    return ws.objects.json(digest)


@pytest.mark.parametrize("executor", [InProcess(), ProcessPool(2)], ids=["in process", "two processes"])
def test_a_plan_runs_to_its_end(ws: Workspace, executor: Executor) -> None:
    done = run(ws, PLAN, executor)
    assert value(ws, done, "total:value") == 12
    assert [job.state for job in done.jobs.values()] == ["done"] * 7
    assert [ws.objects.json(d) for d in done.outputs("doubles/a:value")] == [2, 4, 6]


def test_the_second_run_does_nothing(ws: Workspace) -> None:
    first = run(ws, PLAN)
    second = run(ws, PLAN)
    assert {job.state for job in second.jobs.values()} == {"reused"}
    assert {i: j.outputs for i, j in second.jobs.items()} == {i: j.outputs for i, j in first.jobs.items()}


def test_only_what_depends_on_a_change_runs(ws: Workspace) -> None:
    run(ws, PLAN)
    changed = Node("numbers/a", "sums.number", items=({"n": 1}, {"n": 5}, {"n": 3}))
    second = run(ws, [changed, DOUBLES, TOTAL])
    assert [job.id for job in second.in_state("done")] == ["numbers/a[1]", "doubles/a[1]", "total"]
    assert value(ws, second, "total:value") == 18


def test_an_artifact_that_is_gone_is_made_again(ws: Workspace) -> None:
    first = run(ws, PLAN)
    digest = first.output("total:value")
    assert digest
    ws.objects.remove(digest)
    assert [job.id for job in run(ws, PLAN).in_state("done")] == ["total"]


def test_one_failing_source_is_reported_and_the_others_go_on(ws: Workspace) -> None:
    broken = Node("numbers/b", "sums.number", items=({"n": 8}, {"n": 9}), locations={"broken": 9})
    doubles = Node("doubles/b", "sums.double", inputs={"value": "numbers/b:value"}, each=("value",))
    total = Node(
        "total", "sums.total", inputs={"values": ("doubles/a:value", "doubles/b:value")}, tolerant=True
    )
    done = run(ws, [NUMBERS, broken, DOUBLES, doubles, total])
    assert value(ws, done, "total:value") == 12
    assert [job.id for job in done.in_state("failed")] == ["numbers/b[1]"]
    assert [error.diagnostics() for error in failures(done)] == ["a broken number\n  @ item\n  → mend it"]
    mended = Node("numbers/b", "sums.number", items=({"n": 8}, {"n": 9}))
    assert value(ws, run(ws, [NUMBERS, mended, DOUBLES, doubles, total]), "total:value") == 12 + 34


def test_what_needs_a_failed_job_is_skipped(ws: Workspace) -> None:
    strict = Node("strict", "sums.double", inputs={"value": "crash:value"})
    done = run(ws, [Node("crash", "sums.crash"), strict, *PLAN])
    assert done.jobs["strict"].state == "skipped"
    assert value(ws, done, "total:value") == 12
    assert failures(done)[0].message == "ZeroDivisionError: a fault of ours"


def test_an_observation_is_made_once(ws: Workspace) -> None:
    for _n in range(3):
        done = run(ws, [Node("asked", "sums.asked")])
    journals = [path.read_text() for path in (ws.path / "work").rglob("asked")]
    assert journals == ["x"]
    assert done.jobs["asked"].state == "reused"


def test_each_job_leaves_one_statement_of_provenance(ws: Workspace) -> None:
    done = run(ws, PLAN)
    statement = ws.statement(done.jobs["doubles/a[0]"].statement)  # type: ignore[arg-type]
    facts = {name: statement.predicate[name] for name in ("kind", "version", "mode", "node", "counts")}
    assert facts == {
        "kind": "sums.double",
        "version": 1,
        "mode": "pure",
        "node": "doubles/a[0]",
        "counts": {"n": 1},
    }
    assert statement.predicate["inputs"] == {"value": done.jobs["numbers/a[0]"].outputs["value"]}


def test_an_interrupt_keeps_what_is_finished(ws: Workspace) -> None:
    class Impatient(Unwatched):
        def settled(self, job: Settled) -> None:
            if job.id == "doubles/a[0]":
                raise KeyboardInterrupt

    with ws.lock("test"), pytest.raises(KeyboardInterrupt):
        run_graph(ws, PLAN, InProcess(), Impatient())
    states = {job.id: job.state for job in run(ws, PLAN).jobs.values()}
    assert states["numbers/a[0]"] == states["doubles/a[0]"] == "reused"
    assert states["total"] == "done"


def test_the_workers_end_with_the_run(ws: Workspace, tmp_path: Path) -> None:
    pool = ProcessPool(2)
    run(ws, PLAN, pool)
    assert pool._pool is None
