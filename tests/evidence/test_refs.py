from __future__ import annotations

import pytest

from mofang.evidence.digest import sha256_bytes
from mofang.evidence.errors import RefError, WorkspaceError
from mofang.evidence.refs import Ref
from mofang.evidence.workspace import Workspace

A, B = sha256_bytes(b"a"), sha256_bytes(b"b")


def test_a_name_stands_for_a_digest(ws: Workspace) -> None:
    assert ws.refs.get("dataset", "语料") is None
    with ws.lock("test"):
        ws.refs.set("dataset", "语料", A)
    assert ws.refs.get("dataset", "语料") == A
    assert (ws.path / "refs" / "dataset" / "语料").read_text() == f'{{"digest":"{A}","n":0}}\n'


def test_the_log_keeps_what_a_name_stood_for(ws: Workspace) -> None:
    with ws.lock("test"):
        ws.refs.set("run", "last", A)
        ws.refs.set("run", "last", A)
        ws.record("https://mofang.dev/note/v1", [], {})
        ws.refs.set("run", "last", B)
        assert ws.refs.remove("run", "last")
        assert not ws.refs.remove("run", "last")
    assert ws.refs.get("run", "last") is None
    assert ws.refs.log("run", "last") == [
        Ref("run", "last", A, 0),
        Ref("run", "last", B, 1),
        Ref("run", "last", None, 1),
    ]
    assert ws.refs.log("run", "none") == []


def test_refs_are_listed_by_kind_and_name(ws: Workspace) -> None:
    assert ws.refs.list() == []
    with ws.lock("test"):
        for kind, name in [("run", "b"), ("bank", "starter"), ("run", "a.v1")]:
            ws.refs.set(kind, name, A)
    assert [f"{ref.kind}/{ref.name}" for ref in ws.refs.list()] == ["bank/starter", "run/a.v1", "run/b"]
    assert [ref.name for ref in ws.refs.list("run")] == ["a.v1", "b"]
    assert ws.refs.list("none") == []


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "a/b", "a\\b", "a.log", "a\0", "a\nb"])
def test_what_cannot_be_a_name_is_refused(ws: Workspace, name: str) -> None:
    with ws.lock("test"):
        for refused in (
            lambda: ws.refs.set("run", name, A),
            lambda: ws.refs.set(name, "x", A),
            lambda: ws.refs.get("run", name),
        ):
            with pytest.raises(RefError, match="not a name for a ref"):
                refused()


def test_a_damaged_ref_is_named(ws: Workspace) -> None:
    with ws.lock("test"):
        ws.refs.set("run", "last", A)
    path = ws.path / "refs" / "run" / "last"
    for content in ("", "{", '{"digest":"x","n":0}', "[]"):
        path.write_text(content)
        with pytest.raises(RefError, match="the ref run/last cannot be read") as caught:
            ws.refs.get("run", "last")
        assert caught.value.where == str(path)
        with pytest.raises(RefError):
            ws.refs.list()


def test_a_change_needs_the_lock(ws: Workspace) -> None:
    with pytest.raises(WorkspaceError, match="not locked"):
        ws.refs.set("run", "last", A)
    with pytest.raises(WorkspaceError, match="not locked"):
        ws.refs.remove("run", "last")
