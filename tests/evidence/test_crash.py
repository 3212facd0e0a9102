"""Kill -9 at every point where something is written: what was declared stays, the rest is done again."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mofang.evidence import files, keys
from mofang.evidence.errors import WorkspaceError
from mofang.evidence.leaves import LEAVES, write_leaves
from mofang.evidence.statements import Subject
from mofang.evidence.workspace import Workspace

NOTE = "https://mofang.dev/note/v1"
InChild = Callable[..., int]


def story(place: Path) -> None:
    """Everything the room writes, so that a second telling goes on where the first was killed."""
    try:
        ws = Workspace.open(place, writable=True)
    except WorkspaceError:
        ws = Workspace.create(place)
    with ws.lock("story"):
        segment = write_leaves(ws.objects, [{"text": "一"}, {"text": "二"}])
        if not ws.ledger.producers(segment.digest):
            ws.record(NOTE, [Subject("leaves", segment.digest, LEAVES, segment.root)], {"n": 1})
        ws.refs.set("bank", "starter", segment.digest)
        files.append_line(ws.work("journal") / "journal.jsonl", b'{"n":1}')
        if len(ws.keys.ids()) == 1:
            keys.rotate(ws)
        if len(ws.ledger.statements(NOTE)) == 1:
            ws.record(NOTE, [], {"n": 2})
        ws.refs.remove("bank", "starter")


def points(place: Path, monkeypatch: pytest.MonkeyPatch, in_child: InChild) -> int:
    names = place.with_name("points")
    monkeypatch.setenv("MOFANG_FAULT_COUNT", str(names))
    assert in_child(lambda: story(place)) == 0
    monkeypatch.delenv("MOFANG_FAULT_COUNT")
    return len(names.read_text().splitlines())


def sound(ws: Workspace) -> None:
    """Nothing half-written: chain, objects, index, names and temporary files."""
    assert ws.chain.check(ws.objects, ws.keys) == []
    assert ws.ledger.differences() == []
    assert [digest for digest in ws.objects if not ws.objects.check(digest)] == []
    assert all(ws.objects.has(ref.digest) for ref in ws.refs.list() if ref.digest)
    assert [path for path in ws.path.rglob("*.tmp")] == []


@pytest.fixture
def after_every_kill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_child: InChild
) -> Callable[[], list[tuple[int, Path]]]:
    """Tells the story in new places, killed at the first, second, … point."""

    def tell() -> list[tuple[int, Path]]:
        told = []
        for point in range(1, points(tmp_path / "whole", monkeypatch, in_child) + 1):
            place = tmp_path / str(point)
            monkeypatch.setenv("MOFANG_CONFIG_HOME", str(tmp_path / f"config-{point}"))
            assert in_child(functools.partial(story, place), killed_at=point) == files.KILLED
            told.append((point, place))
        return told

    return tell


def test_whatever_is_killed_can_be_read_and_finished(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    after_every_kill: Callable[[], list[tuple[int, Path]]],
) -> None:
    told = after_every_kill()
    assert len(told) > 60
    for point, place in told:
        monkeypatch.setenv("MOFANG_CONFIG_HOME", str(tmp_path / f"config-{point}"))
        if (place / ".mofang").exists():
            reader = Workspace.open(place)
            flaws = reader.chain.check(reader.objects, reader.keys)
            assert [flaw.kind for flaw in flaws] in ([], ["torn"])
            assert len(reader.ledger.statements()) == len(list(reader.chain.entries()))
        story(place)
        ws = Workspace.open(place, writable=True)
        with ws.lock("look"):
            pass
        sound(ws)
        assert [ws.statement(each.id).predicate["n"] for each in ws.ledger.statements(NOTE)] == [1, 2]
        assert (ws.path / "work" / "journal" / "journal.jsonl").read_bytes() in (
            b'{"n":1}\n',
            b'{"n":1}\n{"n":1}\n',
        )
        assert ws.refs.get("bank", "starter") is None
        assert sorted(os.listdir(place)) == [".mofang"]


def test_kills_in_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_child: InChild) -> None:
    place = tmp_path / "place"
    for point in (30, 12, 7, 20):
        assert in_child(lambda: story(place), killed_at=point) == files.KILLED
    story(place)
    ws = Workspace.open(place, writable=True)
    with ws.lock("look"):
        pass
    sound(ws)
    assert len(ws.ledger.statements(NOTE)) == 2
