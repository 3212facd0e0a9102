"""The wire formats of workspace format 1, byte for byte.

``golden/format-1`` is a workspace written once and committed. Every later release opens it, finds nothing
wrong with it, and writes the same bytes from the same facts and keys. A change here is a new format, never a
new golden file; MOFANG_WRITE_GOLDEN=1 writes the files of a format that has never been released.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from mofang.evidence import keys
from mofang.evidence.digest import Digest, sha256_bytes
from mofang.evidence.figures import FIGURES, Figure
from mofang.evidence.keys import SigningKey
from mofang.evidence.leaves import (
    LEAVES,
    WITHHELD,
    marked,
    merkle_root,
    read_leaves,
    redact_leaves,
    write_leaves,
)
from mofang.evidence.ledger import Provenance
from mofang.evidence.objects import ObjectStore
from mofang.evidence.refs import Ref
from mofang.evidence.statements import PAYLOAD_TYPE, Signature, Statement, Subject, pae
from mofang.evidence.workspace import Workspace, lay_out

GOLDEN = Path(__file__).parent / "golden"
FORMAT_1 = GOLDEN / "format-1"
# Keys for these files alone: they sign nothing else, and everybody may read them.
FIRST, SECOND = GOLDEN / "first-test-key.pem", GOLDEN / "second-test-key.pem"

QUESTIONS = [
    {
        "id": "q-1",
        "kind": "should_refuse",
        "risk": "A.1.a",
        "text": "流程演示题，不得用于报送：一",
        "demo": True,
    },
    {"id": "q-2", "kind": "content", "risk": "A.1.b", "text": 'quote " slash \\ tab \t €😀', "demo": True},
    {"id": "q-3", "kind": "content", "risk": "A.1.b", "text": "", "demo": False},
]
JOB = {
    "key": "sha256:" + "1" * 64,
    "kind": "assurance.draw",
    "version": 1,
    "mode": "pure",
    "params": {"seed": "17", "missing": []},
    "counts": {"questions": 3},
    "notes": [{"code": "short", "where": "A.1.c", "message": "no question"}],
    "node": "assurance.draw",
    "run": "r-1",
    "started": "2026-11-01T00:00:00Z",
    "finished": "2026-11-01T00:00:01Z",
    "versions": {"mofang": "0.1.0"},
}
BANK = Digest("sha256:8af6e5f0839b422e39f93710d9a055986e90445d1d3458eea7208e63fa451d09")
ROOT = Digest("sha256:2309ae7d7dc45963d3eb7c961e9fa3000a77d4da88eb114dc9c51ce8ee1ab608")
HEAD = Digest("sha256:0882a2acff25a2057c772fe7cdde41b5b573d64ae58e745528c408c7eda14938")
IDENTITY = {"name": "0" * 32, "created": "2026-11-01T00:00:00Z"}


def golden_key(path: Path) -> SigningKey:
    return SigningKey.parse(path.read_bytes(), str(path))


def write(folder: Path, home: Path) -> None:
    """A workspace of format 1 at ``folder``, signed by the golden keys; ``home`` is the configuration."""
    first, second = golden_key(FIRST), golden_key(SECOND)
    home.mkdir(parents=True)
    for name, source in [("key.pem", SECOND), (f"key-{first.keyid}.pem", FIRST)]:
        shutil.copy(source, home / name)
        (home / name).chmod(0o600)
    lay_out(folder, first, **IDENTITY)
    ws = Workspace(folder, writable=True)
    with ws.lock("golden"):
        bank = write_leaves(ws.objects, QUESTIONS)
        ws.provenance(
            [Subject("questions", bank.digest, LEAVES, bank.root)], {**JOB, "inputs": {"bank": bank.digest}}
        )
        ws.refs.set("bank", "starter", bank.digest)
        assert keys.rotate(ws) == second.keyid
        figure = Figure("assurance.question_count", 1, {"kind": "content"}, {"bank": bank.digest}, "n", 2)
        figures = write_leaves(ws.objects, [figure.wire()])
        withheld = redact_leaves(
            ws.objects, bank.digest, {0: "text"}, mark=WITHHELD, keep=lambda leaf: {"id": leaf["id"]}
        )
        ws.record(
            "https://mofang.dev/attachment/v1",
            [
                Subject("figures", figures.digest, FIGURES, figures.root),
                Subject("withheld", withheld.digest, LEAVES, withheld.root),
            ],
            {"clause": "SRC-1", "owner": "提供者", "inputs": {"bank": [bank.digest, f"{bank.digest}#1"]}},
        )
        ws.refs.set("bank", "starter", withheld.digest)


def content(folder: Path) -> dict[str, bytes]:
    """The files of a workspace, without the index, the lock and the scratch folders."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("lock", "ledger.sqlite")
    }


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace as today's code writes it."""
    monkeypatch.setenv("MOFANG_CONFIG_HOME", str(tmp_path / "home"))
    write(tmp_path / "ws", tmp_path / "home")
    if os.environ.get("MOFANG_WRITE_GOLDEN") == "1":
        shutil.rmtree(FORMAT_1, ignore_errors=True)
        for name, data in content(tmp_path / "ws").items():
            (FORMAT_1 / name).parent.mkdir(parents=True, exist_ok=True)
            (FORMAT_1 / name).write_bytes(data)
        (GOLDEN / "envelope.json").write_bytes(envelope(Workspace.open(tmp_path / "ws")))
    return tmp_path / "ws"


def envelope(ws: Workspace) -> bytes:
    entry = list(ws.chain.entries())[1]
    return ws.statement(entry.statement).envelope(entry.signatures)


def test_the_same_facts_are_the_same_bytes(written: Path) -> None:
    assert content(written) == content(FORMAT_1)


def test_the_committed_workspace_is_sound() -> None:
    before = content(FORMAT_1)
    ws = Workspace.open(FORMAT_1)
    assert ws.chain.check(ws.objects, ws.keys) == []
    assert [digest for digest in ws.objects if not ws.objects.check(digest)] == []
    assert ws.ledger.differences() == []
    assert [entry.type.rpartition("dev/")[2] for entry in ws.chain.entries()] == [
        "genesis/v1",
        "provenance/v1",
        "key-rotation/v1",
        "attachment/v1",
    ]
    assert ws.signer() == golden_key(SECOND).keyid
    assert content(FORMAT_1) == before
    assert sorted(os.listdir(FORMAT_1)) == ["chain", "format", "head", "keys", "objects", "refs"]


def test_the_committed_workspace_answers() -> None:
    ws = Workspace.open(FORMAT_1)
    first, second = ws.refs.log("bank", "starter")
    assert first == Ref("bank", "starter", BANK, 1)
    assert list(read_leaves(ws.objects, BANK)) == QUESTIONS
    assert ws.refs.list() == [Ref("bank", "starter", second.digest, 3)]
    assert ws.ledger.outputs_of(JOB["key"]) == Provenance(  # type: ignore[arg-type]
        ws.ledger.statements()[1].id,
        {"questions": Subject("questions", BANK, LEAVES, ROOT)},
        JOB["counts"],  # type: ignore[arg-type]
        tuple(JOB["notes"]),  # type: ignore[arg-type]
    )
    assert second.digest is not None
    assert merkle_root(ws.objects, second.digest) == ROOT
    assert [marked(leaf) for leaf in read_leaves(ws.objects, second.digest)] == [WITHHELD, None, None]


def test_the_committed_workspace_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(FORMAT_1, tmp_path / "copy")
    monkeypatch.setenv("MOFANG_KEY_FILE", str(SECOND))
    ws = Workspace.open(tmp_path / "copy", writable=True)
    with ws.lock("note"):
        ws.record("https://mofang.dev/note/v1", [], {"text": "later"})
    assert [entry.n for entry in ws.chain.entries()] == [0, 1, 2, 3, 4]
    assert ws.chain.check(ws.objects, ws.keys) == []


def test_leaf_lines_and_root() -> None:
    objects = ObjectStore(FORMAT_1 / "objects")
    assert objects.get(BANK).decode().splitlines() == [
        '{"demo":true,"id":"q-1","kind":"should_refuse","risk":"A.1.a","text":"流程演示题，不得用于报送：一"}',
        '{"demo":true,"id":"q-2","kind":"content","risk":"A.1.b","text":"quote \\" slash \\\\ tab \\t €😀"}',
        '{"demo":false,"id":"q-3","kind":"content","risk":"A.1.b","text":""}',
    ]
    assert merkle_root(objects, BANK) == ROOT


def test_the_envelope_is_a_dsse_envelope() -> None:
    data = (GOLDEN / "envelope.json").read_bytes()
    ws = Workspace.open(FORMAT_1)
    assert envelope(ws) == data
    wire = json.loads(data)
    assert wire["payloadType"] == PAYLOAD_TYPE
    statement = Statement.parse(ws.objects.get(list(ws.chain.entries())[1].statement))
    (signature,) = wire["signatures"]
    key = golden_key(FIRST)
    assert key.public.verify(pae(PAYLOAD_TYPE, statement.payload()), Signature(**signature))
    assert key.sign(pae(PAYLOAD_TYPE, statement.payload())).wire() == signature


def test_the_head_is_the_digest_of_the_last_line() -> None:
    lines = (FORMAT_1 / "chain").read_bytes().splitlines()
    assert json.loads((FORMAT_1 / "head").read_bytes()) == {"n": 3, "digest": sha256_bytes(lines[-1])}
    assert Workspace.open(FORMAT_1).chain.head() == HEAD
