"""A source, a record or a person's data is forgotten: gone from every blob, said by a tombstone, left out for good."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mofang.corpus.explain import explain
from mofang.evidence.tombstones import tombstones
from mofang.evidence.workspace import Workspace
from mofang.project.file import Loaded
from mofang.project.running import run_project
from mofang.project.verifying import verify_workspace
from scripted import ScriptedEndpoint

Mofang = Callable[..., tuple[int, str, str]]
PHONE = "13800138000"


@pytest.fixture
def done(loaded: Loaded) -> Loaded:
    run_project(loaded)
    return loaded


def texts(workspace: Path) -> str:
    """Every readable word of every file of the workspace, Parquet unpacked."""
    words = []
    for path in sorted(path for path in workspace.rglob("*") if path.is_file()):
        data = path.read_bytes()
        words.append(
            str(pq.read_table(path).to_pylist()) if data[:4] == b"PAR1" else data.decode("utf-8", "replace")
        )
    return "\n".join(words)


def test_a_record(done: Loaded, mofang: Mofang) -> None:
    ws = Workspace.open(done.workspace)
    record = explain(ws, "visitors.md").records[0].record_id
    assert "访客到前台登记" in texts(done.workspace)
    code, out, _err = mofang("forget", "--record", record, "--reason", "owner's request", "--yes")
    assert code == 0
    assert "tombstone" in out
    assert "访客到前台登记" not in texts(done.workspace)
    assert verify_workspace(Workspace.open(done.workspace)).problems == ()
    again = run_project(done)
    assert again.errors == ()
    assert "访客到前台登记" not in texts(done.workspace)  # the file is still in the source folder
    assert "出差回来" in texts(done.workspace)
    assert verify_workspace(Workspace.open(done.workspace)).problems == ()
    assert run_project(done).executed == 0


def test_a_source(done: Loaded, mofang: Mofang) -> None:
    code, out, _err = mofang("forget", "--source", "tickets", "--reason", "contract ended", "--yes", "--json")
    assert code == 0
    assert json.loads(out)["records"] == 3
    assert "邀请同事" not in texts(done.workspace)
    assert verify_workspace(Workspace.open(done.workspace)).problems == ()
    assert run_project(done).errors == ()
    assert "邀请同事" not in texts(done.workspace)
    report = verify_workspace(Workspace.open(done.workspace))
    assert report.problems == ()


def test_a_person(done: Loaded, mofang: Mofang) -> None:
    assert PHONE in texts(done.workspace)
    code, _out, _err = mofang("forget", "--person", PHONE, "--reason", "request of 2026-11-20", "--yes")
    assert code == 0
    assert PHONE not in texts(done.workspace)
    (stone,) = tombstones(Workspace.open(done.workspace))
    assert stone.request["value"].startswith("hmac-sha256:")
    assert stone.downstream
    assert verify_workspace(Workspace.open(done.workspace)).problems == ()
    run_project(done)
    assert PHONE not in texts(done.workspace)


def test_a_person_whom_the_project_names(done: Loaded, mofang: Mofang) -> None:
    edited = done.folder / "mofang.yaml"
    edited.write_text(
        edited.read_text("utf-8").replace("product: 示例助手", "product: 示例助手, contact: 纪晓舟"),
        encoding="utf-8",
    )
    mofang("run", "-q")
    assert "纪晓舟" in texts(done.workspace)
    assert mofang("forget", "--person", "纪晓舟", "--reason", "left the company", "--yes")[0] == 0
    assert "纪晓舟" not in texts(done.workspace)
    assert verify_workspace(Workspace.open(done.workspace)).problems == ()


def test_answers_are_not_asked_again(done: Loaded, mofang: Mofang, endpoint: ScriptedEndpoint) -> None:
    asked = len(endpoint.chats)
    mofang("forget", "--person", "简短的回答", "--reason", "a request", "--yes")
    assert "简短的回答" not in texts(done.workspace)
    run_project(done)
    assert len(endpoint.chats) == asked
    assert verify_workspace(Workspace.open(done.workspace)).problems == ()


def test_what_is_forgotten_is_said(done: Loaded, mofang: Mofang) -> None:
    ws = Workspace.open(done.workspace)
    shard = json.loads(ws.objects.get(ws.refs.get("runs", "latest")))["corpus.read/notes[0]"]["text"]  # type: ignore[arg-type]
    mofang("forget", "--source", "notes", "--reason", "contract ended", "--yes")
    code, out, _err = mofang("show", shard)
    assert code == 0
    assert "withdrawn by request" in out


def test_a_look_ahead_removes_nothing(done: Loaded, mofang: Mofang) -> None:
    before = texts(done.workspace)
    code, out, _err = mofang("forget", "--source", "notes", "--reason", "contract ended", "--dry-run")
    assert code == 0
    assert out.startswith("5 records, ")
    assert texts(done.workspace) == before


@pytest.mark.parametrize("words", [["--source", "nobody"], ["--record", "xyz"], ["--person", "一"], []])
def test_a_request_that_means_nothing(done: Loaded, mofang: Mofang, words: list[str]) -> None:
    code, _out, err = mofang("forget", *words, "--reason", "a request", "--yes")
    assert code == 2
    assert "→" in err
