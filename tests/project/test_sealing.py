"""A bank sealed after it was used: what lay open is sealed where it lies, and nothing is asked or made again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mofang.assurance.banks.bank import Question
from mofang.assurance.banks.sealed import seal_questions
from mofang.errors import MofangError
from mofang.evidence.workspace import Workspace
from mofang.models.journal import read_journal
from mofang.project.file import Loaded, load
from mofang.project.running import run_project
from mofang.project.sealing import MEMORY, seal_what_lay_open
from scripted import ScriptedEndpoint

QUESTIONS = tuple(
    Question(
        f"q{n}", "content", "vcr", f"城北第 {n} 号花房几点开门？", "zh", f"c{n}", "虚构", "CC0", "2026-10-01"
    )
    for n in range(7)
)
ANSWER = "图书馆周一到周五开放，自行车可以停在门口的车棚里。"


def change(folder: Path, old: str, new: str) -> Loaded:
    file = folder / "mofang.yaml"
    text = file.read_text("utf-8")
    assert text.count(old) == 1, old
    file.write_text(text.replace(old, new), encoding="utf-8")
    return load(folder)


@pytest.fixture
def banked(service: Path, endpoint: ScriptedEndpoint) -> Loaded:
    """A project with a bank of seven questions, and an endpoint with one answer."""
    endpoint.answer = lambda _question: ANSWER
    lines = [json.dumps(question.wire(), ensure_ascii=False) for question in QUESTIONS]
    (service / "bank.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    change(service, "cn_gbt_45654_2025", "mlc_ailuminate")
    change(service, "content: 3", "content: 7")
    return change(service, "  model: service\n", "  model: service\n  banks: [bank.jsonl]\n")


def seal(folder: Path) -> Loaded:
    seal_questions(folder / "bank.sealed", QUESTIONS)
    return change(folder, "[bank.jsonl]", "[bank.sealed]")


def open_files(folder: Path) -> list[str]:
    """Files of the workspace in which an answer stands readable."""
    files = sorted(path for path in (folder / ".mofang").rglob("*") if path.is_file())
    return [path.name for path in files if ANSWER.encode() in path.read_bytes()]


def test_the_journal_of_an_unfinished_asking_is_sealed_and_gone_on_with(
    banked: Loaded, endpoint: ScriptedEndpoint
) -> None:
    folder = banked.folder
    text = (folder / "mofang.yaml").read_text("utf-8") + "budget: {tokens: 24, calls: 100}\n"
    (folder / "mofang.yaml").write_text(text, encoding="utf-8")
    (error,) = run_project(load(folder)).errors
    assert "budget.tokens" in error.diagnostics()
    asked = len(endpoint.chats)
    assert 0 < asked < 7
    assert open_files(folder) == ["journal.jsonl"]

    loaded = seal(folder)
    assert run_project(loaded).errors  # the same cap stops it again
    assert open_files(folder) == []
    change(folder, "tokens: 24", "tokens: 1000")
    assert run_project(load(folder)).errors == ()
    assert len(endpoint.chats) == 7
    assert open_files(folder) == []
    [journal] = (folder / ".mofang" / "work").glob("*/journal.jsonl")
    assert {leaf["text"] for leaf in read_journal(journal).values()} == {ANSWER}


def test_it_is_done_once(banked: Loaded) -> None:
    folder = banked.folder
    run_project(banked)
    assert len(open_files(folder)) > 1
    loaded = seal(folder)
    run_project(loaded)
    memory = folder / ".mofang" / "work" / MEMORY
    before = {
        path: path.read_bytes() for path in (folder / ".mofang" / "objects").rglob("*") if path.is_file()
    }
    run_project(loaded)
    assert all(path.read_bytes() == content for path, content in before.items())
    assert ANSWER not in memory.read_text("utf-8")
    memory.write_text("{", encoding="utf-8")  # a memory that cannot be read is none
    assert run_project(loaded).executed == 0
    assert len(json.loads(memory.read_text("utf-8"))) == 1


def test_a_workspace_without_such_banks_is_left_alone(banked: Loaded) -> None:
    run_project(banked)
    ws = Workspace.open(banked.workspace, writable=True)
    with ws.lock("test"):
        seal_what_lay_open(ws, [])
    assert len(open_files(banked.folder)) > 1
    assert not (ws.path / "work" / MEMORY).exists()


def test_a_bank_that_cannot_be_opened_stops_the_run(
    banked: Loaded, endpoint: ScriptedEndpoint, tmp_path: Path
) -> None:
    loaded = seal(banked.folder)
    path = banked.folder / "bank.sealed"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(MofangError) as caught:
        run_project(loaded)
    assert "bank.sealed" in caught.value.diagnostics()
    assert endpoint.chats == []
