"""Exact duplicates: one representative, whatever the order, the grouping or the memory."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mofang.corpus import dedup, tables
from mofang.evidence.digest import Digest
from mofang.evidence.objects import ObjectStore

Row = tuple[bytes, bytes]
ROWS = st.lists(
    st.tuples(
        st.integers(0, 12).map(lambda n: bytes([n * 20]) * 16),
        st.integers(0, 2**20).map(lambda n: n.to_bytes(16, "big")),
    ),
    max_size=40,
    unique_by=lambda row: row[1],
)


def keys(objects: ObjectStore, rows: list[Row]) -> Digest:
    columns = [[name for _key, name in rows], [key for key, _name in rows], [1] * len(rows), [1] * len(rows)]
    return tables.write(objects, tables.KEYS, columns).digest


def found(objects: ObjectStore, digest: Digest) -> dict[bytes, bytes]:
    table = tables.read(objects, digest)
    return dict(
        zip(table.column("record_id").to_pylist(), table.column("duplicate_of").to_pylist(), strict=True)
    )


def expected(rows: list[Row]) -> dict[bytes, bytes]:
    groups: dict[bytes, list[bytes]] = {}
    for key, name in rows:
        groups.setdefault(key, []).append(name)
    return {name: min(names) for names in groups.values() for name in names if name != min(names)}


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, st.integers(1, 4))
def test_deliveries_one_by_one_equal_one_batch(
    objects: ObjectStore, tmp_path: Path, rows: list[Row], parts: int
) -> None:
    batch, groups = dedup.find_duplicates(objects, [keys(objects, rows)], tmp_path / "w")
    deliveries = [keys(objects, rows[n::parts]) for n in range(parts)]
    split, same = dedup.find_duplicates(objects, deliveries, tmp_path / "w")
    assert found(objects, batch.digest) == expected(rows)
    assert (split.digest, same) == (batch.digest, groups)
    assert groups == len(set(expected(rows).values()))


def test_the_order_of_key_tables_means_nothing(objects: ObjectStore, tmp_path: Path) -> None:
    deliveries = [keys(objects, [(bytes([n % 3]) * 16, bytes([9 - n]) * 16)]) for n in range(4)]
    digests = {
        dedup.find_duplicates(objects, list(order), tmp_path)[0].digest
        for order in itertools.permutations(deliveries)
    }
    assert len(digests) == 1


def test_when_the_representative_goes_the_next_steps_up(objects: ObjectStore, tmp_path: Path) -> None:
    rows = [(b"k" * 16, bytes([n]) * 16) for n in (3, 1, 2)]
    with_all = found(objects, dedup.find_duplicates(objects, [keys(objects, rows)], tmp_path)[0].digest)
    assert set(with_all.values()) == {b"\x01" * 16}
    without = found(
        objects, dedup.find_duplicates(objects, [keys(objects, [rows[0], rows[2]])], tmp_path)[0].digest
    )
    assert without == {b"\x03" * 16: b"\x02" * 16}


def test_a_record_that_stands_in_two_tables_is_not_its_own_duplicate(
    objects: ObjectStore, tmp_path: Path
) -> None:
    twice = [
        keys(objects, [(b"k" * 16, b"a" * 16)]),
        keys(objects, [(b"k" * 16, b"a" * 16), (b"j" * 16, b"b" * 16)]),
    ]
    output, groups = dedup.find_duplicates(objects, twice, tmp_path)
    assert (output.count, groups) == (0, 0)


def test_spilled_parts_give_the_same_table(
    objects: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(n % 700).to_bytes(2, "big") * 8 for n in range(2000)]
    digest = keys(objects, [(bytes([key[1]]) + key[1:], n.to_bytes(16, "big")) for n, key in enumerate(rows)])
    whole, _groups = dedup.find_duplicates(objects, [digest], tmp_path / "w")
    monkeypatch.setattr("mofang.corpus.dedup.PART", 100)
    parted, _groups = dedup.find_duplicates(objects, [digest], tmp_path / "w")
    assert parted.digest == whole.digest
    assert list((tmp_path / "w").iterdir()) == []


def test_no_keys_at_all_give_an_empty_table(objects: ObjectStore, tmp_path: Path) -> None:
    output, groups = dedup.find_duplicates(objects, [], tmp_path)
    assert (output.count, groups) == (0, 0)
