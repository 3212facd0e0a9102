from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journey import SECRET, Journey

from mofang.evidence.digest import Digest, sha256_bytes
from mofang.evidence.errors import EvidenceError, LeafError, ObjectDamaged, ObjectMissing, WorkspaceError
from mofang.evidence.leaves import LEAVES, merkle_root, read_leaf, read_leaves, write_leaves
from mofang.evidence.statements import Subject
from mofang.evidence.tombstones import tombstoned, tombstones
from mofang.evidence.verify import verify
from mofang.evidence.withdrawal import finish, person_code, resolve, withdraw
from mofang.evidence.workspace import Workspace

ASKED = {"kind": "source", "source": "handbook"}
PERSON = "甲某 13800138000"


def holding(ws: Workspace, text: str) -> list[str]:
    """The files of the workspace in which the text stands."""
    wanted = text.encode()
    return [
        str(path) for path in sorted(ws.path.rglob("*")) if path.is_file() and wanted in path.read_bytes()
    ]


def test_artifact_disappears_whole_and_verify_says_why(journey: Journey) -> None:
    ws, text = journey.ws, journey.made["text"]
    stone = withdraw(ws, artifacts=[text], reason="licence ended", request=ASKED)
    assert not ws.objects.has(text)
    assert (stone.removed, dict(stone.replaced), stone.reason, dict(stone.request)) == (
        (text,),
        {},
        "licence ended",
        ASKED,
    )
    assert stone == tombstoned(ws)[text] == tombstones(ws)[-1]
    report = verify(ws)
    assert report.problems == ()
    assert report.counts["withdrawn"] == 1
    assert resolve(ws, text) is None
    assert resolve(ws, journey.made["html"]) == journey.made["html"]


def test_downstream_is_listed(journey: Journey) -> None:
    stone = withdraw(journey.ws, artifacts=[journey.made["text"]], reason="licence ended", request=ASKED)
    names = {(each["name"], each["node"]) for each in stone.downstream}
    assert names == {
        ("dataset", "corpus.manifest"),
        ("findings", "assurance.conclude"),
        ("figures", "assurance.conclude"),
        ("html", "assurance.dossier"),
        ("manifest", "assurance.dossier"),
    }
    assert {each["digest"] for each in stone.downstream if each["name"] == "html"} == {journey.made["html"]}


def test_leaves_go_and_the_root_stays(journey: Journey) -> None:
    ws, old = journey.ws, journey.made["answers"]
    root = merkle_root(ws.objects, old)
    stone = withdraw(ws, leaves={old: [3, 5]}, reason="a person asked", request=ASKED)
    new = stone.replaced[old]
    assert not ws.objects.has(old)
    assert resolve(ws, old) == new
    assert merkle_root(ws.objects, new) == root
    assert dict(stone.leaves) == {old: (3, 5)}
    assert [index for index, leaf in enumerate(read_leaves(ws.objects, new)) if "$withdrawn" in leaf] == [
        3,
        5,
    ]
    assert read_leaf(ws.objects, new, 3)["$withdrawn"]["kept"] == {"question": "q3"}
    assert read_leaf(ws.objects, new, 4)["text"] == f"1 answer 4: {SECRET}"
    report = verify(ws)
    assert report.problems == ()
    assert report.counts["leaves"] == 126


def test_leaves_of_a_copy_are_withdrawn_under_the_old_name(journey: Journey) -> None:
    ws, old = journey.ws, journey.made["answers"]
    first = withdraw(ws, leaves={old: [3]}, reason="first", request=ASKED).replaced[old]
    stone = withdraw(ws, leaves={old: [4]}, reason="second", request=ASKED)
    assert not ws.objects.has(first)
    assert resolve(ws, old) == resolve(ws, first) == stone.replaced[first]
    assert {each["name"] for each in stone.downstream} >= {"verdicts", "html"}
    assert verify(ws).problems == ()
    whole = withdraw(ws, artifacts=[old], reason="third", request=ASKED)
    assert whole.removed == (stone.replaced[first],)
    assert resolve(ws, old) is None
    assert verify(ws).problems == ()


def test_nothing_of_the_text_is_left_anywhere(journey: Journey) -> None:
    ws = journey.ws
    (ws.work("abc") / "journal.jsonl").write_text(f'{{"text": "{SECRET}"}}\n', encoding="utf-8")
    leaves = {journey.made[name]: range(30) for name in ("bank", "questions", "answers")}
    withdraw(
        ws,
        artifacts=[journey.made["text"]],
        leaves=leaves,
        reason="a person asked",
        request={"kind": "person", "value": PERSON},
    )
    assert holding(ws, SECRET) == []
    assert holding(ws, PERSON) == []
    assert verify(ws).problems == ()


def test_person_is_remembered_as_hmac_only(journey: Journey) -> None:
    request = {"kind": "person", "value": PERSON, "name": "甲某", "received": "2026-11-01"}
    stone = withdraw(journey.ws, artifacts=[journey.made["text"]], reason="a person asked", request=request)
    assert dict(stone.request) == {
        "kind": "person",
        "received": "2026-11-01",
        "value": "hmac-sha256:" + person_code(f"  {PERSON} "),
        "name": "hmac-sha256:" + person_code("甲某"),
    }
    assert person_code(PERSON) != sha256_bytes(PERSON.encode()).hex


def test_hmac_depends_on_the_key(journey: Journey, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code = person_code(PERSON)
    monkeypatch.setenv("MOFANG_KEY_FILE", str(tmp_path / "other.pem"))
    assert person_code(PERSON) != code


def test_reason_must_not_repeat_the_value(journey: Journey) -> None:
    with pytest.raises(EvidenceError) as caught:
        withdraw(
            journey.ws,
            artifacts=[journey.made["text"]],
            reason=f"{PERSON} asked",
            request={"kind": "person", "value": PERSON},
        )
    assert PERSON not in caught.value.diagnostics()
    with pytest.raises(EvidenceError):
        withdraw(journey.ws, artifacts=[journey.made["text"]], reason=" ", request=ASKED)
    assert tombstones(journey.ws) == []


def test_asking_again_gives_the_same_tombstone(journey: Journey) -> None:
    ws = journey.ws
    asked = {"artifacts": [journey.made["text"]], "leaves": {journey.made["answers"]: [3]}}
    first = withdraw(ws, reason="a person asked", request=ASKED, **asked)
    assert withdraw(ws, reason="again", request=ASKED, **asked) == first
    assert (
        withdraw(ws, reason="again", request=ASKED, leaves={first.replaced[journey.made["answers"]]: [3]})
        == first
    )


def test_unknown_artifact_statement_and_leaf_are_refused(journey: Journey) -> None:
    ws = journey.ws
    head = ws.chain.head()
    with pytest.raises(ObjectMissing):
        withdraw(ws, artifacts=[sha256_bytes(b"never here")], reason="x", request=ASKED)
    with pytest.raises(EvidenceError, match="is a statement"):
        withdraw(ws, artifacts=[journey.statements["assurance.judge"]], reason="x", request=ASKED)
    with pytest.raises(LeafError):
        withdraw(ws, leaves={journey.made["answers"]: [30]}, reason="x", request=ASKED)
    with pytest.raises(EvidenceError, match="nothing to withdraw"):
        withdraw(ws, reason="x", request=ASKED)
    with pytest.raises(WorkspaceError):
        withdraw(Workspace.open(ws.path), artifacts=[journey.made["text"]], reason="x", request=ASKED)
    assert ws.chain.head() == head
    assert verify(ws).problems == ()


def test_leaves_of_a_damaged_segment_are_not_redacted(journey: Journey) -> None:
    ws, answers = journey.ws, journey.made["answers"]
    path = ws.objects.path(answers)
    path.write_bytes(path.read_bytes().replace(b"answered", b"answereD", 1))
    with pytest.raises(ObjectDamaged):
        withdraw(ws, leaves={answers: [3]}, reason="x", request=ASKED)
    withdraw(ws, artifacts=[answers], reason="x", request=ASKED)
    assert verify(ws).problems == ()


def test_what_is_made_anew_after_a_withdrawal_stands_again(journey: Journey) -> None:
    ws, contract = journey.ws, sha256_bytes(b"%PDF contract")
    attachment = (
        "https://mofang.dev/attachment/v1",
        [Subject("contract.pdf", contract, "application/pdf")],
        {"clause": "SRC-1"},
    )
    withdraw(ws, artifacts=[contract], reason="x", request=ASKED)
    assert resolve(ws, contract) is None
    with ws.lock("attach"):
        ws.objects.put(b"%PDF contract")
        ws.record(*attachment)
        assert finish(ws) == 0
    assert resolve(ws, contract) == contract
    assert verify(ws).problems == ()
    stone = withdraw(ws, artifacts=[contract], reason="y", request=ASKED)
    assert (resolve(ws, contract), stone.reason) == (None, "y")


def test_refs_stay(journey: Journey) -> None:
    ws, manifest = journey.ws, journey.made["manifest"]
    withdraw(ws, artifacts=[manifest], reason="x", request=ASKED)
    assert ws.refs.get("dossiers", "latest") == manifest
    assert verify(ws).problems == ()


def test_a_crash_at_any_point_leaves_all_or_nothing(
    journey: Journey,
    in_child: Callable[[Callable[[], object]], int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ws = journey.ws

    def ask(at: Workspace) -> None:
        withdraw(
            at,
            artifacts=[journey.made["text"]],
            leaves={journey.made["answers"]: [3], journey.made["questions"]: [3]},
            reason="a person asked",
            request=ASKED,
        )

    copies = [tmp_path / "copy" / str(n) for n in range(80)]
    counted = tmp_path / "points"
    copies[0].parent.mkdir()
    _copy(ws.path, copies[0])
    monkeypatch.setenv("MOFANG_FAULT_COUNT", str(counted))
    assert in_child(lambda: ask(Workspace.open(copies[0], writable=True))) == 0
    monkeypatch.delenv("MOFANG_FAULT_COUNT")
    points = counted.read_text().splitlines()
    assert 15 < len(points) < len(copies)
    states = set()
    for n in range(1, len(points) + 1):
        _copy(ws.path, copies[n])
        monkeypatch.setenv("MOFANG_FAULT_AT", str(n))
        assert in_child(lambda n=n: ask(Workspace.open(copies[n], writable=True))) == 137
        monkeypatch.delenv("MOFANG_FAULT_AT")
        left = Workspace.open(copies[n], writable=True)
        with left.lock("next"):
            states.add(
                (
                    len(tombstones(left)),
                    left.objects.has(journey.made["text"]),
                    left.objects.has(journey.made["answers"]),
                )
            )
        assert verify(left).problems == (), points[n - 1]
        ask(left)
        assert len(tombstones(left)) == 1
        assert verify(left).problems == ()
    assert states == {(0, True, True), (1, False, False)}


def test_interrupted_withdrawal_is_named_until_it_is_finished(journey: Journey) -> None:
    ws, text = journey.ws, journey.made["text"]
    data = ws.objects.get(text)
    withdraw(ws, artifacts=[text], reason="x", request=ASKED)
    ws.objects.put(data)
    assert [(p.what, p.where) for p in verify(ws).problems] == [
        ("text of corpus.read/handbook was withdrawn by request but is still here", str(text))
    ]
    with ws.lock("next"):
        assert not ws.objects.has(text)
    assert verify(ws).problems == ()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rounds=st.lists(st.sets(st.integers(0, 9), min_size=1), min_size=1, max_size=4))
def test_root_survives_any_order_of_withdrawals(ws: Workspace, rounds: list[set[int]]) -> None:
    with ws.lock("test"):
        salt = os.urandom(8).hex()
        segment = write_leaves(ws.objects, [{"id": str(n), "text": f"{salt} {n}"} for n in range(10)])
        ws.record(
            "https://mofang.dev/labels/v1",
            [Subject("labels", segment.digest, LEAVES, segment.root)],
            {"salt": salt},
        )
    for numbers in rounds:
        withdraw(ws, leaves={segment.digest: numbers}, reason="x", request=ASKED)
    here = resolve(ws, segment.digest)
    assert isinstance(here, Digest)
    assert merkle_root(ws.objects, here) == segment.root
    gone = {index for index, leaf in enumerate(read_leaves(ws.objects, here)) if "$withdrawn" in leaf}
    assert gone == set().union(*rounds)
    assert verify(ws).problems == ()


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target)
