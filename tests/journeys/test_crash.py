"""A run may be killed anywhere: at every write, rename and commit, and at random. Nothing is half-written, the pure
artifacts are those of an undisturbed run, and no recorded answer is asked for again."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from mofang.evidence.workspace import Workspace
from mofang.project.file import load
from mofang.project.lockfile import read_lock
from mofang.project.opening import open_or_create
from mofang.project.running import run_project
from mofang.project.verifying import verify_workspace
from scripted import ScriptedEndpoint

KILLED = 137
SHARES = 16
"""Parts of the long test, so that they can run side by side."""


@pytest.fixture
def prepared(small: Path) -> Path:
    """The small project with an empty workspace: every run begins at the same head, so it draws by the same seed."""
    open_or_create(load(small))
    return small


def run_killed_at(folder: Path, point: int, names: Path | None = None) -> int:
    """Run in a forked child that dies at its ``point``-th write; the child's exit code."""
    child = os.fork()
    if child == 0:
        try:
            os.environ["MOFANG_FAULT_AT"] = str(point)
            if names is not None:
                os.environ["MOFANG_FAULT_COUNT"] = str(names)
            run_project(load(folder))
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - the parent hears of it by the exit code
            print(repr(error), file=sys.stderr)
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def pure_outputs(folder: Path) -> dict[str, object]:
    """What the lock says the run made."""
    return {job: line["outputs"] for job, line in read_lock(folder).items()}


def asked_twice(endpoint: ScriptedEndpoint) -> list[str]:
    return [question for question, times in Counter(endpoint.questions).items() if times > 1]


def recorded_answers(folder: Path) -> set[str]:
    """Questions whose answers had reached the disk: in a journal, or in a finished segment."""
    found = set()
    for journal in (folder / ".mofang" / "work").glob("*/journal.jsonl"):
        for line in journal.read_bytes().split(b"\n")[:-1]:
            found.add(json.loads(line)["question"])
    return found


def test_killed_at_points_of_every_kind(prepared: Path, tmp_path: Path, endpoint: ScriptedEndpoint) -> None:
    undisturbed = shutil.copytree(prepared, tmp_path / "undisturbed")
    names = tmp_path / "points"
    assert run_killed_at(undisturbed, 10**9, names) == 0
    expected, points = pure_outputs(undisturbed), names.read_text("utf-8").splitlines()
    assert len(points) > 400
    kinds = {name.split()[0] for name in points}
    assert {"create", "rename", "append", "commit", "settled"} <= kinds
    chosen = sorted({1, len(points), *_spread(points)})
    for point in chosen:
        folder = tmp_path / f"killed-{point}"
        shutil.copytree(prepared, folder)
        endpoint.calls.clear()
        assert run_killed_at(folder, point) == KILLED, points[point - 1]
        known = recorded_answers(folder)
        before = Counter(endpoint.questions)
        run_project(load(folder))
        assert pure_outputs(folder) == expected, points[point - 1]
        again = Counter(endpoint.questions) - before
        asked = {q["text"]: q["id"] for q in _questions(folder)}
        assert not {asked[text] for text in again} & known, points[point - 1]
        shutil.rmtree(folder)
    ws = Workspace.open(undisturbed / ".mofang")
    assert verify_workspace(ws).problems == ()


def _spread(points: list[str]) -> list[int]:
    """The first point of each kind, and every 30th of all; check-slow takes every single one."""
    kinds = [name.split()[0] for name in points]
    return [*(kinds.index(kind) + 1 for kind in set(kinds)), *range(30, len(points), 30)]


def _questions(folder: Path) -> list[dict[str, str]]:
    from mofang.evidence.leaves import read_leaves

    ws = Workspace.open(folder / ".mofang")
    digest = ws.refs.get("questions", "latest")
    assert digest
    return list(read_leaves(ws.objects, digest))


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
def test_killed_at_every_single_point(
    prepared: Path, tmp_path: Path, endpoint: ScriptedEndpoint, share: int
) -> None:
    undisturbed = shutil.copytree(prepared, tmp_path / "undisturbed")
    names = tmp_path / "points"
    assert run_killed_at(undisturbed, 10**9, names) == 0
    expected, points = pure_outputs(undisturbed), names.read_text("utf-8").splitlines()
    for point in range(1 + share, len(points) + 1, SHARES):
        folder = tmp_path / "killed"
        shutil.copytree(prepared, folder)
        assert run_killed_at(folder, point) == KILLED, points[point - 1]
        run_project(load(folder))
        assert pure_outputs(folder) == expected, points[point - 1]
        assert verify_workspace(Workspace.open(folder / ".mofang")).problems == (), points[point - 1]
        shutil.rmtree(folder)


def kill_at_random(folder: Path, seed: int) -> None:
    """Start the command in processes of its own and kill it, workers and all, after a random while."""
    environment = {**os.environ, "MOFANG_WORKERS": "2"}
    command = [sys.executable, "-m", "mofang.cli.main", "run", "-q", str(folder)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(random.Random(seed).uniform(0.3, 4.0))
    workers = [
        int(w)
        for task in Path(f"/proc/{process.pid}/task").glob("*/children")
        for w in task.read_text().split()
    ]
    process.send_signal(signal.SIGKILL)
    process.wait()
    until = time.monotonic() + 10
    while any(_writing(worker) for worker in workers) and time.monotonic() < until:
        time.sleep(0.02)


def _writing(process: int) -> bool:
    """Whether a worker is still there; it dies with its parent, a moment later."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("rounds", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_at_random(prepared: Path, tmp_path: Path, endpoint: ScriptedEndpoint, rounds: int) -> None:
    undisturbed = shutil.copytree(prepared, tmp_path / "undisturbed")
    run_project(load(undisturbed))
    expected = pure_outputs(undisturbed)
    for seed in range(rounds):
        folder = tmp_path / f"killed-{seed}"
        shutil.copytree(prepared, folder)
        kill_at_random(folder, seed)
        known = recorded_answers(folder)
        before = Counter(endpoint.questions)
        run_project(load(folder))
        again = Counter(endpoint.questions) - before
        asked = {q["text"]: q["id"] for q in _questions(folder)}
        assert not {asked[text] for text in again} & known
        assert pure_outputs(folder) == expected
        assert verify_workspace(Workspace.open(folder / ".mofang")).problems == ()
        assert not list(folder.rglob("*.tmp"))
