"""Every way to tamper with a chain that somebody without the key has, and how it is named."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from mofang.evidence.digest import Digest, canonical
from mofang.evidence.entries import Entry
from mofang.evidence.flaws import Flaw
from mofang.evidence.keys import SigningKey, rotate
from mofang.evidence.statements import Signature, Statement
from mofang.evidence.workspace import Workspace


@pytest.fixture
def noted(ws: Workspace) -> Workspace:
    """A workspace with five entries."""
    with ws.lock("test"):
        for number in range(4):
            ws.record("https://mofang.dev/note/v1", [], {"number": number})
    return ws


def flaws(ws: Workspace) -> list[tuple[int, str]]:
    return [(flaw.n, flaw.kind) for flaw in ws.chain.check(ws.objects, ws.keys)]


def lines(ws: Workspace) -> list[bytes]:
    return ws.chain.path.read_bytes().splitlines()


def rewrite(ws: Workspace, new: list[bytes]) -> None:
    ws.chain.path.write_bytes(b"".join(line + b"\n" for line in new))


def alter(ws: Workspace, n: int, change: Callable[[dict[str, object]], object]) -> None:
    """Change fields of entry ``n`` and link the entries after it anew, as a careful forger would."""
    new, prev = [], ""
    for number, line in enumerate(lines(ws)):
        wire = json.loads(line)
        if number == n:
            change(wire)
        if number > n:
            wire["prev"] = prev
        new.append(canonical(wire))
        prev = Entry.parse(new[-1]).digest
    rewrite(ws, new)
    ws.chain.head_path.write_bytes(canonical({"n": len(new) - 1, "digest": prev}))


def test_an_untouched_chain_has_none(noted: Workspace) -> None:
    assert noted.chain.check(noted.objects, noted.keys) == []


def test_a_removed_entry(noted: Workspace) -> None:
    kept = lines(noted)
    del kept[2]
    rewrite(noted, kept)
    assert flaws(noted) == [(2, "number"), (2, "prev"), (3, "number"), (4, "truncated")]


def test_a_removed_entry_hidden_by_new_links(noted: Workspace) -> None:
    kept = lines(noted)
    del kept[2]
    rewrite(noted, kept)
    for n in (2, 3):
        alter(noted, n, lambda wire, n=n: wire.update(n=n, prev=Entry.parse(lines(noted)[n - 1]).digest))
    assert flaws(noted) == [(2, "seal"), (3, "seal")]


def test_two_entries_in_the_wrong_order(noted: Workspace) -> None:
    swapped = lines(noted)
    swapped[2], swapped[3] = swapped[3], swapped[2]
    rewrite(noted, swapped)
    assert flaws(noted) == [(2, "number"), (2, "prev"), (3, "number"), (3, "prev"), (4, "prev")]


def test_entries_removed_at_the_end(noted: Workspace) -> None:
    rewrite(noted, lines(noted)[:3])
    assert noted.chain.check(noted.objects, noted.keys) == [
        Flaw(3, "truncated", "the chain ends at entry 2, but the head file names entry 4")
    ]


def test_another_statement_under_an_old_signature(noted: Workspace) -> None:
    other = noted.objects.put(Statement("https://mofang.dev/note/v1", (), {"number": 99}).payload())
    alter(noted, 2, lambda wire: wire.update(statement=other))
    assert flaws(noted) == [(2, "signature"), (2, "seal"), (3, "seal"), (4, "seal")]


def test_another_type(noted: Workspace) -> None:
    alter(noted, 4, lambda wire: wire.update(type="https://mofang.dev/draw/v1"))
    assert flaws(noted) == [(4, "type"), (4, "seal")]


def test_signatures_taken_away(noted: Workspace) -> None:
    alter(noted, 4, lambda wire: wire.update(signatures=[]))
    assert flaws(noted) == [(4, "signature"), (4, "seal")]


def test_a_blank_key_id(noted: Workspace) -> None:
    alter(noted, 4, lambda wire: wire.update(seal={"keyid": "", "sig": ""}))
    assert flaws(noted) == [(4, "seal"), (4, "key")]


def test_a_forger_with_a_key_of_his_own(noted: Workspace) -> None:
    forger = SigningKey.generate()
    noted.keys.add(forger.public)
    entry = Entry.made(5, noted.chain.head(), Statement("https://mofang.dev/note/v1", (), {}), forger)
    noted.objects.put(Statement("https://mofang.dev/note/v1", (), {}).payload())
    rewrite(noted, [*lines(noted), entry.line()])
    assert flaws(noted) == [(5, "seal")]


def test_a_line_that_is_not_json(noted: Workspace) -> None:
    broken = lines(noted)
    broken[2] = b"garbage"
    rewrite(noted, broken)
    assert flaws(noted) == [(2, "json"), (3, "prev")]


def test_a_torn_last_line(noted: Workspace) -> None:
    noted.chain.path.write_bytes(noted.chain.path.read_bytes() + b'{"n":')
    assert flaws(noted) == [(5, "torn")]


@pytest.mark.parametrize("content", [None, b"", b"garbage", b'{"n":4}'])
def test_a_lost_head(noted: Workspace, content: bytes | None) -> None:
    if content is None:
        noted.chain.head_path.unlink()
    else:
        noted.chain.head_path.write_bytes(content)
    assert flaws(noted) == [(4, "head")]


def test_a_head_that_names_another_entry(noted: Workspace) -> None:
    noted.chain.head_path.write_bytes(canonical({"n": 2, "digest": noted.chain.head()}))
    assert flaws(noted) == [(2, "head")]
    noted.chain.head_path.write_bytes(canonical({"n": -2, "digest": noted.chain.head()}))
    assert flaws(noted) == [(0, "head")]


def test_a_head_that_is_late_is_no_flaw(noted: Workspace) -> None:
    entries = list(noted.chain.entries())
    noted.chain.head_path.write_bytes(canonical({"n": 3, "digest": entries[3].digest}))
    assert flaws(noted) == []


def test_a_missing_statement(noted: Workspace) -> None:
    entry = list(noted.chain.entries())[3]
    noted.objects.remove(entry.statement)
    (flaw,) = noted.chain.check(noted.objects, noted.keys)
    assert (flaw.n, flaw.kind) == (3, "payload")
    assert entry.statement in flaw.message


def test_a_damaged_statement(noted: Workspace) -> None:
    entry = list(noted.chain.entries())[3]
    path = noted.objects.path(entry.statement)
    path.write_bytes(path.read_bytes().replace(b'"number":2', b'"number":3'))
    (flaw,) = noted.chain.check(noted.objects, noted.keys)
    assert (flaw.n, flaw.kind) == (3, "payload")
    assert str(path) in flaw.message


def test_a_payload_that_is_no_statement(noted: Workspace) -> None:
    alter(noted, 4, lambda wire: wire.update(statement=noted.objects.put(b"{}")))
    assert flaws(noted) == [(4, "statement"), (4, "signature"), (4, "seal")]


@pytest.mark.parametrize(
    "content",
    [None, b"", b"garbage", SigningKey.generate().public.pem()],
    ids=["missing", "blank", "garbage", "another key"],
)
def test_a_public_key_lost_or_changed(noted: Workspace, content: bytes | None) -> None:
    path = noted.keys.folder / f"{noted.signer()}.pub"
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    assert set(flaws(noted)) == {(n, "key") for n in range(5)}


def test_a_chain_that_does_not_begin_with_its_key(noted: Workspace) -> None:
    rewrite(noted, lines(noted)[1:])
    assert (0, "genesis") in flaws(noted)
    rewrite(noted, [])
    assert flaws(noted) == [(0, "genesis"), (0, "truncated")]


def test_the_old_key_signs_nothing_after_a_rotation(noted: Workspace) -> None:
    old = noted.signing_key()
    with noted.lock("rotate"):
        rotate(noted)
    assert flaws(noted) == []
    note = Statement("https://mofang.dev/note/v1", (), {"late": True})
    noted.objects.put(note.payload())
    noted.chain.append(note, old)
    assert flaws(noted) == [(6, "seal")]


def test_a_further_signature_is_checked(noted: Workspace) -> None:
    station = SigningKey.generate()
    with noted.lock("test"):
        note = Statement("https://mofang.dev/note/v1", (), {"number": 0})
        good = Entry.made(0, "", note, station).signatures[0]
        noted.chain.append(note, noted.signing_key(), (good,))
    assert flaws(noted) == [(5, "key")]
    noted.keys.add(station.public)
    assert flaws(noted) == []
    noted.chain.append(note, noted.signing_key(), (Signature(station.keyid, good.sig[:-8] + "AAAAAAA="),))
    assert flaws(noted) == [(6, "signature")]


def test_every_byte_of_the_chain_counts(noted: Workspace) -> None:
    whole = noted.chain.path.read_bytes()
    for place in range(0, len(whole), 37):
        noted.chain.path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert flaws(noted) != [], place


def test_every_byte_of_a_statement_counts(noted: Workspace) -> None:
    digest: Digest = list(noted.chain.entries())[2].statement
    path = noted.objects.path(digest)
    whole = path.read_bytes()
    for place in range(0, len(whole), 11):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert flaws(noted) == [(2, "payload")]
