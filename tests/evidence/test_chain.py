from __future__ import annotations

import json
from pathlib import Path

import pytest

from mofang.evidence.chain import Chain
from mofang.evidence.digest import sha256_bytes
from mofang.evidence.errors import ChainBroken, ChainTruncated
from mofang.evidence.keys import SigningKey
from mofang.evidence.statements import Statement

KEY = SigningKey.generate()


def note(number: int) -> Statement:
    return Statement("https://mofang.dev/note/v1", (), {"number": number})


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    """A chain of five entries."""
    chain = Chain(tmp_path)
    for number in range(5):
        chain.append(note(number), KEY)
    return chain


def test_entries_follow_one_another(chain: Chain) -> None:
    entries = list(chain.entries())
    assert [entry.n for entry in entries] == [0, 1, 2, 3, 4]
    assert [entry.prev for entry in entries] == ["", *(entry.digest for entry in entries[:-1])]
    assert [entry.statement for entry in entries] == [note(number).id for number in range(5)]
    assert chain.head() == entries[-1].digest
    assert chain.last() == chain.newest() == entries[-1]
    assert chain.declared() == (4, chain.head())


def test_an_entry_has_the_digest_of_its_line(chain: Chain) -> None:
    lines = chain.path.read_bytes().splitlines()
    assert [entry.digest for entry in chain.entries()] == [sha256_bytes(line) for line in lines]


def test_an_empty_chain(tmp_path: Path) -> None:
    chain = Chain(tmp_path)
    assert chain.last() is None
    assert list(chain.entries()) == []
    with pytest.raises(ChainBroken, match="the chain is empty"):
        chain.head()
    chain.repair()


def test_long_lines_are_found_from_the_end(tmp_path: Path) -> None:
    chain = Chain(tmp_path)
    signatures = tuple(SigningKey.generate().sign(b"x") for _ in range(600))
    for number in range(3):
        chain.append(note(number), KEY, signatures)
    assert len(chain.path.read_bytes()) > 3 * 65536
    assert Chain(tmp_path).last() == list(chain.entries())[-1]
    assert [entry.n for entry in Chain(tmp_path).entries()] == [0, 1, 2]


def test_a_torn_line_is_ignored_by_readers_and_dropped_by_the_writer(chain: Chain) -> None:
    whole = chain.path.read_bytes()
    chain.path.write_bytes(whole + b'{"n":5,"prev":')
    assert [entry.n for entry in chain.entries()] == [0, 1, 2, 3, 4]
    assert chain.last() == list(chain.entries())[-1]
    chain.repair()
    assert chain.path.read_bytes() == whole
    assert chain.append(note(5), KEY).n == 5


def test_a_late_head_is_brought_up_to_date(chain: Chain) -> None:
    late = chain.head_path.read_bytes()
    chain.append(note(5), KEY)
    for state in (late, b"", b"garbage"):
        chain.head_path.write_bytes(state)
        chain.repair()
        assert chain.declared() == (5, chain.head())
    chain.head_path.unlink()
    chain.repair()
    assert chain.declared() == (5, chain.head())


def test_a_chain_cut_short_is_named_and_left_alone(chain: Chain) -> None:
    lines = chain.path.read_bytes().splitlines(keepends=True)
    for cut in (b"".join(lines[:3]), b"".join(lines)[:-1], b""):
        chain.path.write_bytes(cut)
        with pytest.raises(ChainTruncated, match=r"but the head file names entry 4") as caught:
            chain.repair()
        assert caught.value.where == str(chain.path)
        assert chain.path.read_bytes() == cut
    chain.path.unlink()
    with pytest.raises(ChainTruncated):
        chain.repair()


def test_a_rewritten_entry_is_named(chain: Chain) -> None:
    head = json.loads(chain.head_path.read_bytes())
    for n in (4, 2):
        chain.head_path.write_text(json.dumps({**head, "n": n, "digest": sha256_bytes(b"other")}))
        with pytest.raises(ChainBroken, match=f"entry {n} of the chain is damaged"):
            chain.repair()


def test_reading_stops_at_the_first_damaged_entry(chain: Chain) -> None:
    lines = chain.path.read_bytes().splitlines(keepends=True)
    chain.path.write_bytes(b"".join([*lines[:2], lines[3], lines[4]]))
    with pytest.raises(ChainBroken, match="entry 2 of the chain is damaged: it does not follow"):
        list(chain.entries())
    chain.path.write_bytes(b"".join([*lines[:2], b"garbage\n", lines[3]]))
    with pytest.raises(ChainBroken, match="entry 2 of the chain is damaged"):
        list(chain.entries())


def test_a_damaged_last_entry_is_noticed_although_the_size_stayed(chain: Chain) -> None:
    assert chain.last() is not None
    data = chain.path.read_bytes()
    chain.path.write_bytes(data[:-2] + b"]\n")
    with pytest.raises(ChainBroken, match=r"entry \(the last\) of the chain is damaged"):
        chain.last()


def test_another_process_s_entries_are_seen(chain: Chain) -> None:
    other = Chain(chain.path.parent)
    assert other.last() == chain.last()
    chain.append(note(5), KEY)
    assert other.last() == chain.last()
    assert other.append(note(6), KEY).n == 6
    assert [entry.n for entry in chain.entries()] == [0, 1, 2, 3, 4, 5, 6]
