from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from journey import Journey, travel

from mofang.evidence.collection import collect, live
from mofang.evidence.digest import Digest
from mofang.evidence.errors import ChainBroken, EvidenceError
from mofang.evidence.pedigree import COLLECTION
from mofang.evidence.verify import verify
from mofang.evidence.withdrawal import withdraw
from mofang.evidence.workspace import Workspace


def aged(ws: Workspace) -> None:
    """Lets every object be an hour old."""
    for digest in ws.objects:
        os.utime(ws.objects.path(digest), (time.time() - 3600,) * 2)


def test_nothing_that_a_ref_rests_on_goes(journey: Journey) -> None:
    aged(journey.ws)
    head = journey.ws.chain.head()
    assert collect(journey.ws, dry_run=True) == []
    assert collect(journey.ws, dry_run=False) == []
    assert journey.ws.chain.head() == head


def test_replaced_assessment_goes_and_statements_stay(journey: Journey) -> None:
    ws = journey.ws
    newer = travel(ws, "2")
    aged(ws)
    # the bank and the attachment were declared, not made: they stay
    gone = {
        journey.made[name]
        for name in (
            "text",
            "keys",
            "dataset",
            "questions",
            "answers",
            "verdicts",
            "findings",
            "figures",
            "html",
            "manifest",
        )
    }
    expected = sorted((digest, ws.objects.size(digest)) for digest in gone)
    assert collect(ws, dry_run=True) == expected
    assert verify(ws).counts["collected"] == 0
    assert collect(ws, dry_run=False) == expected
    assert not gone & set(ws.objects)
    assert {newer.made[name] for name in newer.made} <= set(ws.objects)
    [recorded] = ws.ledger.statements(COLLECTION)
    said = ws.statement(recorded.id).predicate
    assert (said["removed"], said["bytes"]) == (sorted(gone), sum(size for _digest, size in expected))
    report = verify(ws)
    assert report.problems == ()
    assert (report.counts["collected"], report.counts["figures"]) == (10, 6)
    assert collect(ws, dry_run=False) == []


def test_collected_and_made_anew_must_be_here(journey: Journey) -> None:
    ws = journey.ws
    travel(ws, "2")
    aged(ws)
    collect(ws, dry_run=False)
    again = travel(ws, "1")
    assert again.made["html"] == journey.made["html"]
    assert verify(ws).problems == ()
    ws.objects.remove(again.made["keys"])
    assert [problem.where for problem in verify(ws).problems] == [again.made["keys"]]
    travel(ws, "3")
    aged(ws)
    collect(ws, dry_run=False)
    ws.objects.remove(again.made["keys"])
    assert [problem.where for problem in verify(ws).problems] == [again.made["keys"]]


def test_what_a_json_artifact_under_a_ref_mentions_stays(journey: Journey) -> None:
    ws = journey.ws
    with ws.lock("test"):
        part = ws.objects.put(b"part of a run")
        loose = ws.objects.put(b"nobody mentions me")
        ws.refs.set("runs", "latest", ws.objects.put_json({"outputs": {"part": f"{part}#3"}}))
    aged(ws)
    assert [digest for digest, _size in collect(ws, dry_run=False)] == [loose]
    assert ws.objects.has(part)


def test_what_a_journal_mentions_stays(journey: Journey) -> None:
    ws = journey.ws
    answer = ws.objects.put(b"an answer stored on the way")
    (ws.work("abc") / "journal.jsonl").write_text(json.dumps({"seconds": 0.25, "answer": answer}) + "\n")
    aged(ws)
    assert collect(ws, dry_run=False) == []


def test_what_is_younger_than_the_lock_stays(journey: Journey) -> None:
    ws = journey.ws
    with ws.lock("run"):
        young = ws.objects.put(b"just written, not yet named")
        assert collect(ws, dry_run=True) == []
        assert collect(ws, dry_run=False) == []
    assert [digest for digest, _size in collect(ws, dry_run=True)] == [young]


def test_live_names_every_statement_even_after_removal_of_refs(journey: Journey) -> None:
    ws = journey.ws
    with ws.lock("test"):
        ws.refs.remove("dossiers", "latest")
    assert {entry.statement for entry in ws.chain.entries()} <= live(ws)
    aged(ws)
    assert len(collect(ws, dry_run=False)) == 10
    assert verify(ws).problems == ()


def test_unreadable_chain_collects_nothing(journey: Journey) -> None:
    ws = journey.ws
    with ws.lock("test"):
        ws.refs.remove("dossiers", "latest")
    aged(ws)
    payload = ws.objects.path(journey.statements["assurance.judge"])
    good = payload.read_bytes()
    payload.write_bytes(good[:-1] + b"]")
    with pytest.raises(EvidenceError, match="nobody can say what is in use"):
        collect(ws, dry_run=True)
    payload.write_bytes(good)
    lines = ws.chain.path.read_bytes()
    ws.chain.path.write_bytes(lines.replace(b"judge", b"jUdge").replace(b"provenance", b"provenancE", 1))
    with pytest.raises(ChainBroken):
        collect(ws, dry_run=True)


def test_copies_without_withdrawn_leaves_stay_while_their_original_is_in_use(journey: Journey) -> None:
    ws = journey.ws
    stone = withdraw(ws, leaves={journey.made["answers"]: [1]}, reason="x", request={"kind": "record"})
    aged(ws)
    assert collect(ws, dry_run=False) == []
    assert ws.objects.has(stone.replaced[journey.made["answers"]])


def test_crash_while_collecting_leaves_a_sound_workspace(
    journey: Journey,
    in_child: Callable[[Callable[[], object]], int],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    ws = journey.ws
    with ws.lock("test"):
        ws.refs.remove("dossiers", "latest")
    aged(ws)
    seen: set[int] = set()
    for n in range(1, 40, 3):
        monkeypatch.setenv("MOFANG_FAULT_AT", str(n))
        ended = in_child(lambda: collect(Workspace.open(ws.path, writable=True), dry_run=False))
        monkeypatch.delenv("MOFANG_FAULT_AT")
        assert verify(ws).problems == ()
        seen.add(ended)
    assert seen == {137, 0}
    aged(ws)  # what a killed collection left is too young to go
    collect(Workspace.open(ws.path, writable=True), dry_run=False)
    left: list[Digest] = [digest for digest, _size in collect(ws, dry_run=True)]
    assert left == []
