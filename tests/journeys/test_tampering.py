"""One byte flipped in any object, statement or entry of the chain, or any row of the ledger changed: it is named."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from mofang.evidence.workspace import Workspace
from mofang.project.file import Loaded
from mofang.project.running import run_project
from mofang.project.verifying import verify_workspace

Mofang = Callable[..., tuple[int, str, str]]


@pytest.fixture
def done(loaded: Loaded) -> Path:
    """The workspace of the small project after a run."""
    run_project(loaded)
    return loaded.workspace


def problems(workspace: Path) -> list[str]:
    return [f"{p.what} {p.where}" for p in verify_workspace(Workspace.open(workspace)).problems]


def flip(path: Path, at: int) -> bytes:
    """Flip one bit of a file; its bytes before."""
    before = path.read_bytes()
    changed = bytearray(before)
    changed[at % len(before)] ^= 1
    path.write_bytes(bytes(changed))
    return before


def test_every_object(done: Path) -> None:
    assert problems(done) == []
    paths = [path for path in sorted((done / "objects" / "sha256").glob("??/*")) if path.stat().st_size]
    assert len(paths) > 60
    # All flipped at once: each must be named, so that none hides behind another.
    for n, path in enumerate(paths):
        flip(path, n * 7919)
    named = " ".join(problems(done))
    missing = [path for path in paths if f"sha256:{path.parent.name}{path.name}" not in named]
    assert missing == []


def test_every_entry_of_the_chain(done: Path) -> None:
    chain = done / "chain"
    lines = chain.read_bytes().split(b"\n")[:-1]
    start = 0
    for n, line in enumerate(lines):
        if n % 6 == 0:
            before = flip(chain, start + len(line) // 2)
            found = problems(done)
            assert any(f"entry {n}" in problem for problem in found), (n, found[:3])
            chain.write_bytes(before)
        start += len(line) + 1
    assert problems(done) == []


def test_an_entry_taken_out_or_the_end_cut_off(done: Path) -> None:
    chain = done / "chain"
    before = chain.read_bytes()
    lines = before.split(b"\n")[:-1]
    chain.write_bytes(b"\n".join(lines[:5] + lines[6:]) + b"\n")
    assert problems(done)
    chain.write_bytes(b"\n".join(lines[:-1]) + b"\n")
    assert problems(done)
    chain.write_bytes(before)
    assert problems(done) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE subject SET digest = replace(digest, substr(digest, 20, 1), 'x') WHERE rowid_is = 3",
        "UPDATE action SET key = 'sha256:' || substr(key, 9) || '0'",
        "DELETE FROM input WHERE position = 0",
        "UPDATE statement SET type = 'https://example.com/other/v1' WHERE n = 4",
        "INSERT INTO action VALUES ('sha256:' || hex(zeroblob(32)), (SELECT id FROM statement WHERE n = 2))",
    ],
)
def test_a_row_of_the_ledger(done: Path, change: str) -> None:
    change = change.replace(
        "WHERE rowid_is = 3",
        "WHERE (statement, position) = (SELECT statement, position FROM subject LIMIT 1)",
    )
    with sqlite3.connect(done / "ledger.sqlite") as db:
        assert db.execute(change).rowcount > 0
    db.close()
    assert any("ledger.sqlite" in problem for problem in problems(done))
    (done / "ledger.sqlite").unlink()
    assert problems(done) == []


def test_the_ledger_is_built_again(done: Path, loaded: Loaded) -> None:
    (done / "ledger.sqlite").write_bytes(b"not a database at all" * 100)
    assert run_project(loaded).executed == 0
    assert problems(done) == []


def test_the_command_names_it_and_exits_1(mofang: Mofang, done: Path) -> None:
    path = next((done / "objects" / "sha256").glob("??/*"))
    flip(path, 0)
    code, out, err = mofang("verify")
    assert code == 1
    assert f"sha256:{path.parent.name}{path.name}" in out
    assert "do not hold" in err
