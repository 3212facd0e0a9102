"""The corpus sample: any sharding of the same records gives the same one; a small corpus is taken whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mofang.assurance.draw import rank
from mofang.assurance.sampling import sample_corpus
from mofang.corpus import tables
from mofang.evidence.digest import Digest, sha256_bytes
from mofang.evidence.objects import ObjectStore

SEED = sha256_bytes(b"seed")


@pytest.fixture
def objects(tmp_path: Path) -> ObjectStore:
    return ObjectStore(tmp_path / "objects")


def record(n: int) -> dict[str, Any]:
    return {
        "record_id": bytes.fromhex(f"{n:032x}"), "source_id": f"s{n % 3}", "path": "a.txt", "ordinal": n,
        "licence": "CC0", "origin": "domestic", "method": "open", "contract": None, "text": f"第{n}条",
    }  # fmt: skip


def publish(objects: ObjectStore, numbers: list[int]) -> Digest:
    rows = [record(n) for n in numbers]
    return tables.write(objects, tables.PUBLISHED, [[row[name] for row in rows] for name in rows[0]]).digest


def plan(manual: int, share: str = "0.10") -> dict[str, Any]:
    return {"corpus_manual": manual, "corpus_technical_share": share}


def test_the_sample_is_the_first_in_the_seeded_order_whatever_the_shards(objects: ObjectStore) -> None:
    numbers = list(range(10_000))
    one = [publish(objects, numbers)]
    three = [publish(objects, numbers[start::3]) for start in (2, 0, 1)]
    sample, total = sample_corpus(objects, one, plan(40, "0.01"), SEED)
    assert total == 10_000
    assert sample_corpus(objects, three, plan(40, "0.01"), SEED) == (sample, total)
    wanted = sorted((f"{n:032x}" for n in numbers), key=lambda id: rank(SEED, id))[:100]
    assert [row["record_id"] for row in sample] == wanted
    assert all(row["text"] == f"第{int(row['record_id'], 16)}条" for row in sample)
    assert all(row["source_id"] == f"s{int(row['record_id'], 16) % 3}" for row in sample)


def test_a_small_corpus_is_taken_whole(objects: ObjectStore) -> None:
    sample, total = sample_corpus(objects, [publish(objects, [1, 2, 3])], plan(4_000), SEED)
    assert total == 3
    assert {row["record_id"] for row in sample} == {f"{n:032x}" for n in (1, 2, 3)}


def test_people_read_the_beginning_of_what_rules_check(objects: ObjectStore) -> None:
    shards = [publish(objects, list(range(500)))]
    few, _total = sample_corpus(objects, shards, plan(10, "0.01"), SEED)
    many, _total = sample_corpus(objects, shards, plan(10, "0.50"), SEED)
    assert len(many) == 250
    assert many[:10] == few


def test_no_corpus_gives_no_sample(objects: ObjectStore) -> None:
    assert sample_corpus(objects, [], plan(4_000), SEED) == ([], 0)
