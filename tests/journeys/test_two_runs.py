"""Two runs of one project at once: the second waits and ends right, or says who holds the workspace."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from mofang.evidence.workspace import Workspace
from mofang.project.verifying import verify_workspace
from scripted import Reply, ScriptedEndpoint


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "mofang.cli.main", "run", str(folder), *words]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
    )


def test_the_second_says_who_holds_the_workspace(small: Path, endpoint: ScriptedEndpoint) -> None:
    second: list[subprocess.Popen[str]] = []
    plain = endpoint.answer

    def answer(question: str) -> Reply:
        if not second:  # the first run is in the middle of asking now
            second.append(start(small))
            second[0].wait(60)
        return Reply(text=str(plain(question)))

    endpoint.answer = answer
    first = start(small)
    first.communicate(timeout=120)
    _out, said = second[0].communicate()
    assert (first.returncode, second[0].returncode) == (0, 2)
    assert f"process {first.pid}" in said
    assert "run" in said
    assert verify_workspace(Workspace.open(small / ".mofang")).problems == ()


def test_the_second_waits_if_asked_to(small: Path, endpoint: ScriptedEndpoint) -> None:
    both = [start(small, "--wait", "100"), start(small, "--wait", "100")]
    said = [process.communicate(timeout=150) for process in both]
    assert [
        (process.returncode, err[-500:])
        for process, (_out, err) in zip(both, said, strict=True)
        if process.returncode
    ] == []
    assert len(endpoint.chats) == 14
    assert verify_workspace(Workspace.open(small / ".mofang")).problems == ()
