from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mofang.evidence.digest import Digest, sha256_bytes
from mofang.evidence.errors import ChainBroken, StorageError
from mofang.evidence.index import inputs_of
from mofang.evidence.ledger import Recorded, differences, rebuild
from mofang.evidence.statements import GENESIS, PROVENANCE, Statement, Subject
from mofang.evidence.workspace import Workspace

NOTE = "https://mofang.dev/note/v1"
IN, ROOT = sha256_bytes(b"in"), sha256_bytes(b"root")


def made(ws: Workspace, key: str, inputs: dict[str, Any], *subjects: Subject, counts: int = 1) -> Digest:
    """Records what a job made."""
    predicate = {
        "key": key,
        "kind": "corpus.read",
        "version": 1,
        "mode": "pure",
        "params": {},
        "inputs": inputs,
        "counts": {"rows": counts},
        "notes": [{"code": "skipped", "where": "a.txt", "message": "x"}],
        "node": "corpus.read/handbook",
        "run": "r1",
        "started": "2026-11-01T00:00:00Z",
        "finished": "2026-11-01T00:00:01Z",
        "versions": {"mofang": "0.1.0"},
    }
    return ws.provenance(subjects, predicate)


def text(ws: Workspace, content: bytes, name: str = "text") -> Subject:
    return Subject(name, ws.objects.put(content), "text/plain")


@pytest.fixture
def run(ws: Workspace) -> Workspace:
    """A workspace with two jobs, the second made of the first, and a note."""
    with ws.lock("test"):
        first = text(ws, b"first")
        made(ws, "key-1", {"shard": IN}, first, Subject("keys", ROOT, "application/x", root=ROOT))
        made(ws, "key-2", {"text": first.digest, "more": [first.digest, f"{IN}#3"]}, text(ws, b"second"))
        ws.record(NOTE, [first], {"inputs": {"of": IN, "note": "free words"}})
    return ws


def ids(ws: Workspace) -> list[Digest]:
    return [entry.statement for entry in ws.chain.entries()]


def test_a_job_s_outputs_are_found_by_its_key(run: Workspace) -> None:
    found = run.ledger.outputs_of("key-1")
    assert found is not None
    assert found.statement == ids(run)[1]
    assert found.outputs == {
        "text": Subject("text", sha256_bytes(b"first"), "text/plain"),
        "keys": Subject("keys", ROOT, "application/x", ROOT),
    }
    assert found.counts == {"rows": 1}
    assert found.notes == ({"code": "skipped", "where": "a.txt", "message": "x"},)
    assert run.ledger.outputs_of("key-0") is None


def test_the_newest_statement_of_a_key_counts(run: Workspace) -> None:
    with run.lock("test"):
        made(run, "key-1", {}, text(run, b"anew"), counts=2)
    found = run.ledger.outputs_of("key-1")
    assert found is not None
    assert found.counts == {"rows": 2}
    assert found.outputs["text"].digest == sha256_bytes(b"anew")


def test_lineage_is_indexed(run: Workspace) -> None:
    _genesis, first, second, note = ids(run)
    made_first = sha256_bytes(b"first")
    assert run.ledger.producers(made_first) == [first, note]
    assert run.ledger.consumers(made_first) == [second]
    assert run.ledger.consumers(IN) == [first, second, note]
    assert run.ledger.producers(IN) == []
    assert run.ledger.inputs(second) == [("more", made_first), ("more", IN), ("text", made_first)]
    assert [each.name for each in run.ledger.subjects(first)] == ["text", "keys"]
    assert run.ledger.subject(ROOT) == Subject("keys", ROOT, "application/x", ROOT)
    assert run.ledger.subject(IN) is None


def test_statements_are_listed_by_type(run: Workspace) -> None:
    keyid = run.signer()
    assert [(each.n, each.type) for each in run.ledger.statements()] == [
        (0, GENESIS),
        (1, PROVENANCE),
        (2, PROVENANCE),
        (3, NOTE),
    ]
    assert run.ledger.statements(NOTE) == [Recorded(3, ids(run)[3], NOTE, keyid)]
    assert run.ledger.statements("none") == []


def test_a_statement_signed_once_more_is_one_statement(run: Workspace) -> None:
    with run.lock("test"):
        statement = run.statement(ids(run)[1])
        run.ledger.add(run.chain.append(statement, run.signing_key()), statement)
    assert run.ledger.producers(ROOT) == [ids(run)[1]]
    assert [each.n for each in run.ledger.statements() if each.id == ids(run)[1]] == [1, 4]
    assert run.ledger.differences() == []


def test_questions_see_the_writer_s_entries_at_once(run: Workspace) -> None:
    reader = Workspace.open(run.path)
    assert len(reader.ledger.statements()) == 4
    with run.lock("test"):
        run.record(NOTE, [], {"a": 1})
        assert len(run.ledger.statements()) == 5
        assert len(reader.ledger.statements()) == 5


def test_reading_leaves_no_files(run: Workspace) -> None:
    before = sorted(path.name for path in run.path.iterdir())
    reader = Workspace.open(run.path)
    assert len(reader.ledger.statements()) == 4
    assert sorted(path.name for path in run.path.iterdir()) == before
    assert "ledger.sqlite-wal" not in before


def test_a_reader_reads_while_a_writer_writes(run: Workspace) -> None:
    reader = Workspace.open(run.path)
    for number in range(3):
        with run.lock("test"):
            assert len(reader.ledger.statements()) == 4 + 2 * number
            for each in (1, 2):
                run.record(NOTE, [], {"number": number, "each": each})
                assert len(reader.ledger.statements()) == 4 + 2 * number + each
    assert reader.ledger.differences() == []


LOST: dict[str, Callable[[Path], object]] = {
    "deleted": lambda path: path.unlink(),
    "blank": lambda path: path.write_bytes(b""),
    "garbage": lambda path: path.write_bytes(b"no database at all" * 1000),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:5000]),
    "overwritten": lambda path: path.write_bytes(path.read_bytes()[:4096] + b"\0" * 40960),
    "another schema": lambda path: _execute(path, "PRAGMA user_version = 99"),
    "table dropped": lambda path: _execute(path, "DROP TABLE subject"),
    "another chain": lambda path: _execute(path, f"UPDATE indexed SET digest = '{ROOT}'"),
    "late": lambda path: _execute(path, "DELETE FROM statement; DELETE FROM subject; DELETE FROM indexed"),
}


def _execute(path: Path, script: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.executescript(script)


@pytest.mark.parametrize("loss", LOST)
def test_a_lost_ledger_is_built_again(run: Workspace, loss: str) -> None:
    LOST[loss](run.ledger.path)
    reader = Workspace.open(run.path)
    found = reader.ledger.outputs_of("key-1")
    assert found is not None
    assert found.statement == ids(run)[1]
    assert len(reader.ledger.statements()) == 4
    writer = Workspace.open(run.path, writable=True)
    with writer.lock("test"):
        assert len(writer.ledger.statements()) == 4
        assert writer.ledger.producers(ROOT) == [ids(run)[1]]
        writer.record(NOTE, [], {})
    assert writer.ledger.differences() == []
    assert len(Workspace.open(run.path).ledger.statements()) == 5


def test_a_late_ledger_catches_up(run: Workspace) -> None:
    late = run.ledger.path.read_bytes()
    with run.lock("test"):
        run.record(NOTE, [], {"a": 1})
    run.ledger.path.write_bytes(late)
    assert len(Workspace.open(run.path).ledger.statements()) == 5
    assert Workspace.open(run.path).ledger.differences() == []
    with run.lock("test"):
        assert len(run.ledger.statements()) == 5
    assert run.ledger.differences() == []


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (
            "UPDATE subject SET root = '0' WHERE name = 'keys'",
            ["has a row in subject", "lacks a row in subject"],
        ),
        ("DELETE FROM input WHERE name = 'text'", ["lacks a row in input"]),
        ("INSERT INTO action VALUES ('forged', 'x')", ["has a row in action"]),
        ("UPDATE statement SET n = 9 WHERE n = 2", ["has a row in statement", "lacks a row in statement"]),
        ("UPDATE indexed SET n = 77", ["indexes an entry that the chain does not hold"]),
        ("PRAGMA user_version = 7", ["has another schema"]),
        ("DROP TABLE action", ["cannot be read"]),
    ],
)
def test_differences_name_every_row(run: Workspace, script: str, expected: list[str]) -> None:
    assert differences(run) == []
    _execute(run.ledger.path, script)
    found = differences(run)
    assert len(found) == len(expected)
    for line, words in zip(found, expected, strict=True):
        assert line.startswith(f"ledger.sqlite {words}")
    rebuild(run)
    assert differences(run) == []


def test_a_missing_ledger_is_no_difference(run: Workspace) -> None:
    run.ledger.path.unlink()
    assert run.ledger.differences() == []


def test_a_missing_statement_does_not_stop_the_index(run: Workspace) -> None:
    run.objects.remove(ids(run)[1])
    rebuild(run)
    assert len(run.ledger.statements()) == 4
    assert run.ledger.outputs_of("key-1") is None
    assert run.ledger.outputs_of("key-2") is not None


def test_a_broken_chain_is_named_by_questions_and_differences(run: Workspace) -> None:
    lines = run.chain.path.read_bytes().splitlines(keepends=True)
    run.chain.path.write_bytes(b"".join([lines[0], *lines[2:]]))
    run.ledger.path.unlink()
    with pytest.raises(ChainBroken):
        Workspace.open(run.path).ledger.statements()


def test_a_folder_in_place_of_the_ledger(run: Workspace) -> None:
    run.ledger.path.unlink()
    run.ledger.path.mkdir()
    assert len(Workspace.open(run.path).ledger.statements()) == 4
    with pytest.raises(StorageError) as caught, run.lock("test"):
        pass
    assert caught.value.where == str(run.ledger.path)


def test_a_read_only_workspace_is_indexed_in_memory(small_disk: Path, read_only: Callable[[], None]) -> None:
    Workspace.create(small_disk)
    read_only()
    reader = Workspace.open(small_disk)
    assert [each.type for each in reader.ledger.statements()] == [GENESIS]


def test_a_full_disk_is_named_and_nothing_is_lost(small_disk: Path) -> None:
    ws = Workspace.create(small_disk)
    recorded = 0

    def fill() -> None:
        nonlocal recorded
        while True:
            ws.record(NOTE, [], {"number": recorded})
            recorded += 1

    with pytest.raises(StorageError) as caught, ws.lock("test"):
        fill()
    assert "full" in caught.value.message
    assert caught.value.remedy is not None
    assert "free some space" in caught.value.remedy
    reader = Workspace.open(small_disk)
    assert reader.chain.check(reader.objects, reader.keys) == []
    assert len(reader.ledger.statements()) - 1 in (recorded, recorded + 1)


def test_inputs_are_digests_and_references() -> None:
    assert list(inputs_of({"inputs": {"b": [IN, f"{ROOT}#2", "words", 7], "a": ROOT}})) == [
        ("a", ROOT),
        ("b", IN),
        ("b", ROOT),
    ]
    assert list(inputs_of({})) == []
    assert list(inputs_of({"inputs": [IN]})) == []


def test_a_provenance_statement_without_a_key_is_passed_over(run: Workspace) -> None:
    with run.lock("test"):
        odd = Statement(PROVENANCE, (), {})
        run.objects.put(odd.payload())
        run.ledger.add(run.chain.append(odd, run.signing_key()), odd)
    assert run.ledger.differences() == []
