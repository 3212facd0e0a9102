from __future__ import annotations

import json

import pytest

from mofang.evidence.digest import canonical, sha256_bytes
from mofang.evidence.entries import Entry
from mofang.evidence.keys import SigningKey
from mofang.evidence.statements import Statement

NOTE = Statement("https://mofang.dev/note/v1", (), {"text": "a"})
KEY = SigningKey.generate()
ENTRY = Entry.made(3, sha256_bytes(b"before"), NOTE, KEY)


def test_a_line_reads_back() -> None:
    assert Entry.parse(ENTRY.line()) == ENTRY
    assert ENTRY.digest == sha256_bytes(ENTRY.line())
    assert list(json.loads(ENTRY.line())) == ["n", "prev", "seal", "signatures", "statement", "type"]
    assert ENTRY.statement == NOTE.id


def test_the_first_entry_has_no_predecessor() -> None:
    assert Entry.parse(Entry.made(0, "", NOTE, KEY).line()).prev == ""


def test_the_seal_covers_everything_else() -> None:
    other = KEY.sign(b"other")
    assert KEY.public.verify(ENTRY.sealed_bytes(), ENTRY.seal)
    for moved in (
        Entry.made(4, ENTRY.prev, NOTE, KEY),
        Entry.made(3, sha256_bytes(b"other"), NOTE, KEY),
        Entry.made(3, ENTRY.prev, Statement("https://mofang.dev/note/v2", (), {}), KEY),
        Entry.made(3, ENTRY.prev, NOTE, KEY, (other,)),
    ):
        assert not KEY.public.verify(moved.sealed_bytes(), ENTRY.seal)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b"\xff",
        b" " + ENTRY.line(),
        canonical({**json.loads(ENTRY.line()), "extra": 1}),
        canonical({**json.loads(ENTRY.line()), "statement": "x"}),
        canonical({**json.loads(ENTRY.line()), "prev": "x"}),
        canonical({**json.loads(ENTRY.line()), "seal": {"keyid": "x"}}),
        canonical({**json.loads(ENTRY.line()), "signatures": 7}),
        canonical({name: value for name, value in json.loads(ENTRY.line()).items() if name != "n"}),
    ],
    ids=range(12),
)
def test_what_is_no_entry_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):
        Entry.parse(line)
