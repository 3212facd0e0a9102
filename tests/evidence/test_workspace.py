from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mofang.errors import MofangError
from mofang.evidence.digest import sha256_bytes
from mofang.evidence.errors import (
    ChainTruncated,
    DigestError,
    ObjectMissing,
    StatementError,
    StorageError,
    WorkspaceBusy,
    WorkspaceError,
)
from mofang.evidence.keys import signing_key
from mofang.evidence.statements import GENESIS, PROVENANCE, Subject
from mofang.evidence.workspace import PROVENANCE_FIELDS, Workspace

InChild = Callable[..., int]

NOTE = "https://mofang.dev/note/v1"


def test_a_new_workspace_can_be_read_with_cat(tmp_path: Path) -> None:
    ws = Workspace.create(tmp_path / "project")
    assert ws.path == tmp_path / "project" / ".mofang"
    assert (ws.path / "format").read_text() == "1\n"
    assert sorted(os.listdir(ws.path)) == ["chain", "format", "head", "keys", "objects", "refs", "work"]
    assert os.listdir(tmp_path / "project") == [".mofang"]
    (genesis,) = ws.chain.entries()
    statement = ws.statement(genesis.statement)
    assert statement.predicate_type == GENESIS
    assert statement.predicate["keyid"] == signing_key().keyid == ws.signer()
    assert ws.objects.get(statement.subjects[0].digest) == signing_key().public.pem()
    assert ws.chain.check(ws.objects, ws.keys) == []


def test_two_workspaces_never_have_the_same_chain(tmp_path: Path) -> None:
    heads = {Workspace.create(tmp_path / name).chain.head() for name in ("a", "b")}
    assert len(heads) == 2


def test_a_second_workspace_in_the_same_place_is_refused(ws: Workspace) -> None:
    head = ws.chain.head()
    for place in (ws.path, ws.path.parent):
        with pytest.raises(WorkspaceError, match="there is a workspace here already"):
            Workspace.create(place)
    assert ws.chain.head() == head


def test_a_workspace_is_opened_by_its_folder_or_its_project(ws: Workspace) -> None:
    assert Workspace.open(ws.path).path == Workspace.open(ws.path.parent).path == ws.path
    deep = ws.path.parent / "data" / "deep"
    deep.mkdir(parents=True)
    assert Workspace.find(deep).path == Workspace.find(ws.path.parent).path == ws.path


def test_where_there_is_none_the_next_step_is_named(tmp_path: Path) -> None:
    for ask in (Workspace.open, Workspace.find):
        with pytest.raises(WorkspaceError, match="no workspace here") as caught:
            ask(tmp_path)
        assert caught.value.remedy == "begin one with: mofang init"


@pytest.mark.parametrize("content", ["2\n", "", "one"])
def test_another_format_is_refused(ws: Workspace, content: str) -> None:
    (ws.path / "format").write_text(content)
    with pytest.raises(WorkspaceError, match="this program knows format 1"):
        Workspace.open(ws.path)


def test_a_fact_is_stored_chained_and_indexed(ws: Workspace) -> None:
    subject = Subject("file", ws.objects.put(b"content"), "text/plain")
    with ws.lock("test"):
        id = ws.record(NOTE, [subject], {"clause": "SRC-1"})
    statement = ws.statement(id)
    assert (statement.predicate_type, statement.subjects, statement.predicate) == (
        NOTE,
        (subject,),
        {"clause": "SRC-1"},
    )
    assert statement.id == id
    assert [entry.statement for entry in ws.chain.entries()][1] == id
    assert ws.ledger.producers(subject.digest) == [id]
    assert Workspace.open(ws.path).chain.check(ws.objects, ws.keys) == []


def test_facts_need_the_lock(ws: Workspace) -> None:
    with pytest.raises(WorkspaceError, match="not locked for writing"):
        ws.record(NOTE, [], {})
    reader = Workspace.open(ws.path)
    with pytest.raises(WorkspaceError, match="open for reading only"), reader.lock("test"):
        pass
    with ws.lock("test"):
        pass
    with pytest.raises(WorkspaceError, match="not locked for writing"):
        ws.record(NOTE, [], {})


def test_a_bad_fact_leaves_no_trace(ws: Workspace) -> None:
    with ws.lock("test"):
        with pytest.raises(DigestError):
            ws.record(NOTE, [], {"rate": 0.5})
        with pytest.raises(StatementError):
            ws.record("", [], {})
    assert [entry.n for entry in ws.chain.entries()] == [0]


def test_provenance_has_its_own_door(ws: Workspace) -> None:
    full = dict.fromkeys(PROVENANCE_FIELDS, "") | {"inputs": {}, "key": "k"}
    with ws.lock("test"):
        with pytest.raises(StatementError, match="provenance is recorded by runs only"):
            ws.record(PROVENANCE, [], full)
        with pytest.raises(StatementError, match="provenance lacks key, run"):
            ws.provenance([], {name: value for name, value in full.items() if name not in ("key", "run")})
        with pytest.raises(DigestError):
            ws.provenance([], full | {"inputs": {"text": ["no digest"]}})
        id = ws.provenance([], full)
    found = ws.ledger.outputs_of("k")
    assert found is not None
    assert found.statement == id


def test_a_missing_statement_is_named(ws: Workspace) -> None:
    with pytest.raises(ObjectMissing):
        ws.statement(sha256_bytes(b"none"))


def test_only_one_writes(ws: Workspace) -> None:
    other = Workspace.open(ws.path, writable=True)
    with ws.lock("run"), pytest.raises(WorkspaceBusy, match="in use: run, process"), other.lock("forget"):
        pass
    with other.lock("forget"), other.lock("inner"):
        other.record(NOTE, [], {})
    with ws.lock("run"):
        ws.record(NOTE, [], {})
    assert [entry.n for entry in ws.chain.entries()] == [0, 1, 2]


def test_a_truncated_chain_takes_no_more_entries(ws: Workspace) -> None:
    with ws.lock("test"):
        ws.record(NOTE, [], {})
    lines = ws.chain.path.read_bytes().splitlines(keepends=True)
    ws.chain.path.write_bytes(lines[0])
    with pytest.raises(ChainTruncated), ws.lock("test"):
        pass
    ws.chain.path.write_bytes(b"".join(lines))
    with ws.lock("test"):
        ws.record(NOTE, [], {})


def test_work_folders(ws: Workspace) -> None:
    assert ws.work("ask-1") == ws.path / "work" / "ask-1"
    assert ws.work("ask-1").is_dir()
    for name in ("", "..", "a/b", "."):
        with pytest.raises(WorkspaceError, match="not a name for a work folder"):
            ws.work(name)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="a file stands where a folder should be"):
        Workspace.create(tmp_path / "file" / "project")


@pytest.mark.parametrize(
    "part",
    ["chain", "head", "format", "lock", "ledger.sqlite", "objects", "objects/sha256", "refs/bank", "keys"],
)
def test_a_part_without_permission_is_named(
    ws: Workspace, memory: Path, part: str, without_rights: InChild
) -> None:
    with ws.lock("test"):
        ws.refs.set("bank", "starter", ws.record(NOTE, [], {}))

    def work() -> None:
        def use() -> None:
            other = Workspace.open(ws.path, writable=True)
            with other.lock("test"):
                other.refs.set("bank", "starter", other.record(NOTE, [], {"n": 2}))

        with pytest.raises(MofangError) as caught:
            use()
        assert str(ws.path) in str(caught.value.where)
        assert caught.value.remedy

    for path in (memory, *memory.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o600 if path.name == "key.pem" else 0o666)
        if os.geteuid() == 0:
            os.chown(path, 65534, 65534)
    (ws.path / part).chmod(0o000)
    assert without_rights(work) == 0
    (ws.path / part).chmod(0o700)
    assert [entry.n for entry in ws.chain.entries()][:2] == [0, 1]


def test_a_read_only_place_is_named(small_disk: Path, read_only: Callable[[], None]) -> None:
    Workspace.create(small_disk / "first")
    read_only()
    with pytest.raises(StorageError, match="read-only"):
        Workspace.create(small_disk / "second")
    writer = Workspace.open(small_disk / "first", writable=True)
    with pytest.raises(StorageError, match="read-only"), writer.lock("test"):
        pass
    reader = Workspace.open(small_disk / "first")
    assert reader.chain.check(reader.objects, reader.keys) == []


def test_a_full_place_is_named_and_left_empty(small_disk: Path) -> None:
    (small_disk / "filler").write_bytes(b"x" * 50_000)
    with pytest.raises(StorageError, match="the disk is full"):
        Workspace.create(small_disk)
    assert os.listdir(small_disk) == ["filler"]


def test_the_lock_file_says_nothing_about_the_key(ws: Workspace) -> None:
    with ws.lock("test"):
        assert set(json.loads((ws.path / "lock").read_text())) == {"host", "pid", "purpose", "since"}
    assert "PRIVATE" not in repr(ws)
