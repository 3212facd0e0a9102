from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from journey import Journey, travel

from mofang.evidence.digest import sha256_bytes
from mofang.evidence.keys import SigningKey
from mofang.evidence.ledger import rebuild
from mofang.evidence.report import Problem
from mofang.evidence.statements import Statement
from mofang.evidence.verify import verify
from mofang.evidence.workspace import Workspace


def flipped(path: Path, place: int) -> Callable[[], None]:
    """Flips one bit of a byte; gives what puts the file right."""
    data = path.read_bytes()
    path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    return lambda: path.write_bytes(data) and None


def wheres(ws: Workspace) -> set[str]:
    return {problem.where for problem in verify(ws).problems}


def test_sound_workspace_holds_and_is_counted(journey: Journey) -> None:
    report = verify(journey.ws)
    assert report.problems == ()
    assert report.holds
    assert report.counts == {
        "objects": len(list(journey.ws.objects)),
        "statements": 10,
        "refs": 1,
        "artifacts": 11,
        "segments": 5,
        "leaves": 30 * 4 + 6,
        "withdrawn": 0,
        "collected": 0,
        "not_in_bundle": 0,
        "figures": 6,
        "figures_recomputed": 6,
        "figures_in_part": 0,
        "figures_not_recomputed": 0,
    }


def test_new_workspace_holds(ws: Workspace) -> None:
    assert verify(ws).problems == ()


def test_every_object_with_a_flipped_byte_is_named(journey: Journey) -> None:
    ws = journey.ws
    for n, digest in enumerate(ws.objects):
        path = ws.objects.path(digest)
        restore = flipped(path, (n * 31) % path.stat().st_size)
        assert str(digest) in wheres(ws), path
        restore()
    assert verify(ws).holds


def test_damaged_statement_is_named_by_the_chain_too(journey: Journey) -> None:
    ws = journey.ws
    id = journey.statements["assurance.judge"]
    n = next(each.n for each in ws.ledger.statements() if each.id == id)
    flipped(ws.objects.path(id), 40)
    assert {f"{ws.chain.path}, entry {n}", str(id)} <= wheres(ws)


def test_flipped_bytes_of_the_chain_are_named(journey: Journey) -> None:
    ws = journey.ws
    size = ws.chain.path.stat().st_size
    for place in [*range(0, size, 211), size - 1]:
        restore = flipped(ws.chain.path, place)
        found = [problem for problem in verify(ws).problems if problem.where.startswith(str(ws.chain.path))]
        assert found, place
        assert all(problem.remedy for problem in found)
        restore()
    assert verify(ws).holds


def test_chain_cut_short_is_named(journey: Journey) -> None:
    ws = journey.ws
    lines = ws.chain.path.read_bytes().splitlines(keepends=True)
    ws.chain.path.write_bytes(b"".join(lines[:-2]))
    assert f"the chain ends at entry {len(lines) - 3}, but the head file names entry {len(lines) - 1}" in {
        problem.what for problem in verify(ws).problems
    }


def test_half_a_line_left_by_a_crash_is_no_problem(journey: Journey) -> None:
    with open(journey.ws.chain.path, "ab") as file:
        file.write(b'{"n":11,"prev')
    assert verify(journey.ws).problems == ()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE statement SET type = 'x' WHERE n = 3",
        "UPDATE statement SET keyid = 'x' WHERE n = 3",
        "UPDATE subject SET name = 'other' WHERE name = 'answers'",
        "UPDATE subject SET root = NULL WHERE name = 'answers'",
        "UPDATE input SET name = 'other' WHERE name = 'answers'",
        "DELETE FROM input WHERE name = 'verdicts'",
        "UPDATE action SET key = 'x'",
        "INSERT INTO action VALUES ('x', 'y')",
    ],
)
def test_changed_ledger_row_is_named(journey: Journey, change: str) -> None:
    ws = journey.ws
    with sqlite3.connect(ws.ledger.path) as db:
        db.execute(change)
    db.close()
    assert wheres(ws) == {str(ws.ledger.path)}
    with ws.lock("mend"):
        rebuild(ws)
    assert verify(ws).holds


def test_deleted_ledger_is_no_problem(journey: Journey) -> None:
    journey.ws.ledger.path.unlink()
    assert verify(journey.ws).problems == ()


def test_missing_artifact_is_named_with_its_node(journey: Journey) -> None:
    journey.ws.objects.remove(journey.made["html"])
    assert verify(journey.ws).problems == (
        Problem(
            "html of assurance.dossier is missing; entry 9 of the chain names it",
            str(journey.made["html"]),
            "run again to make it anew, or restore it from a copy",
        ),
    )


def test_ref_that_leads_nowhere_or_cannot_be_read_is_named(journey: Journey) -> None:
    ws = journey.ws
    lost = sha256_bytes(b"never stored")
    with ws.lock("test"):
        ws.refs.set("runs", "latest", lost)
    assert wheres(ws) == {"runs/latest"}
    (ws.path / "refs" / "runs" / "latest").write_bytes(b"{")
    assert wheres(ws) == {str(ws.path / "refs" / "runs" / "latest")}


def test_wrong_merkle_root_is_named(journey: Journey) -> None:
    ws = journey.ws
    wrong = sha256_bytes(b"another root")
    digest, media_type, root = None, "", None
    with ws.lock("run"):
        digest, media_type, root = journey.leaves([{"a": 1}, {"a": 2}])
        journey.job("corpus.odd", {"odd": (digest, media_type, wrong)})
    [problem] = verify(ws).problems
    assert problem.what == f"the leaves of odd give the Merkle root {root}, not {wrong}"
    assert problem.where == str(digest)


def test_wrong_figure_is_named_with_both_values(journey: Journey) -> None:
    ws = journey.ws
    said = {**journey.figures[1].wire(), "value": 10}
    assert journey.figures[1].value == 8
    with ws.lock("run"):
        segment = journey.leaves([said], "application/vnd.mofang.figures+jsonl")
        journey.job("assurance.other", {"figures": segment})
    [problem] = verify(ws).problems
    assert problem.what == "figure journey_rate (passed) states 10, its inputs give 8"
    assert problem.where == f"{segment[0]}#0"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"metric": "unheard_of"}, "unknown metric: unheard_of"),
        ({"version": 2}, "figure made by version 2 of metric journey_rate; this program has version 1"),
        ({"field": "absent"}, "metric journey_rate gives no field absent"),
        ({"params": {}}, "KeyError: 'kind'"),
    ],
)
def test_figure_that_cannot_be_recomputed_is_named(
    journey: Journey, change: dict[str, object], reason: str
) -> None:
    ws = journey.ws
    figure = {**journey.figures[0].wire(), **change}
    with ws.lock("run"):
        segment = journey.leaves([figure], "application/vnd.mofang.figures+jsonl")
        journey.job("assurance.other", {"figures": segment})
    [problem] = verify(ws).problems
    assert (
        problem.what
        == f"figure {figure['metric']} ({figure['field']}), stated 10, cannot be recomputed: {reason}"
    )


def test_figure_on_a_missing_artifact_is_named(journey: Journey) -> None:
    journey.ws.objects.remove(journey.made["verdicts"])
    found = {problem.what for problem in verify(journey.ws).problems}
    assert (
        f"figure journey_rate (n) stands on an artifact that is missing: {journey.made['verdicts']}" in found
    )


def test_leaf_that_is_no_figure_is_named(journey: Journey) -> None:
    with journey.ws.lock("run"):
        segment = journey.leaves([{"metric": "journey_rate"}], "application/vnd.mofang.figures+jsonl")
        journey.job("assurance.other", {"figures": segment})
    assert [problem.where for problem in verify(journey.ws).problems] == [f"{segment[0]}#0"]


def test_format_and_keys_are_checked(journey: Journey) -> None:
    ws = journey.ws
    (ws.path / "format").write_bytes(b"1")
    [keyid] = ws.keys.ids()
    key = ws.keys.folder / f"{keyid}.pub"
    good = key.read_bytes()
    key.write_bytes(b"")
    assert {str(ws.path / "format"), str(key)} <= wheres(ws)
    key.write_bytes(SigningKey.generate().public.pem())
    assert str(key) in wheres(ws)
    key.write_bytes(good)
    (ws.path / "format").unlink()
    assert wheres(ws) == {str(ws.path / "format")}


def test_deep_is_asked_once_for_every_pure_job_whose_parts_are_here(journey: Journey) -> None:
    ws = journey.ws
    asked: list[str] = []

    def deep(_ws: Workspace, statement: Statement) -> list[Problem]:
        asked.append(statement.predicate["node"])
        return [Problem("other bytes", "assurance.judge", "-")] if "judge" in asked[-1] else []

    report = verify(ws, deep)
    assert asked == [
        "corpus.read/handbook",
        "corpus.manifest",
        "assurance.draw",
        "assurance.judge",
        "assurance.conclude",
        "assurance.dossier",
    ]
    assert [problem.what for problem in report.problems] == ["other bytes"]
    assert (report.counts["reexecuted"], report.counts["not_reexecuted"]) == (6, 0)


def test_two_assessments_hold_together(journey: Journey) -> None:
    travel(journey.ws, "2")
    report = verify(journey.ws)
    assert report.problems == ()
    assert report.counts["figures"] == 12


def test_unreadable_tombstone_is_named(ws: Workspace) -> None:
    with ws.lock("test"):
        ws.record("https://mofang.dev/tombstone/v1", (), {"removed": 3})
        ws.record("https://mofang.dev/collection/v1", (), {"removed": ["x"]})
    assert wheres(ws) == {f"{ws.chain.path}, entry 1", f"{ws.chain.path}, entry 2"}
