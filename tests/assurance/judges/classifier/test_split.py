"""The split: near-duplicates never stand on both sides, and every stratum keeps its share."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mofang.assurance.judges.classifier import features
from mofang.assurance.judges.classifier.split import HELD_OUT, clusters, deal

BASE = "今天早上东边集市的苹果全都烂了而且还长了虫子大家都看见了"


def clustered(texts: list[str]) -> list[int]:
    found: list[int] = clusters(features.count(features.read(texts))).tolist()
    return found


def test_near_duplicates_are_one_cluster_and_others_are_not() -> None:
    texts = [
        "河边小店的葡萄又甜又脆",
        BASE,
        BASE + "！",
        BASE.replace("苹果", "石榴"),
        "雨停以后码头很安静",
        "",
    ]
    assert clustered(texts) == [0, 1, 1, 1, 4, 5]


def test_equal_texts_are_one_cluster() -> None:
    assert clustered(["苹果", "梨", "苹果", "苹果"]) == [0, 1, 0, 0]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=120), st.integers(0, 5))
def test_a_cluster_is_dealt_whole(members: list[int], seed: int) -> None:
    first: dict[int, int] = {}
    cluster = np.array([first.setdefault(one, n) for n, one in enumerate(members)])
    parts = deal(cluster, [n % 2 for n in range(len(members))], 0.2, 5, seed)
    for one in set(cluster.tolist()):
        assert len(set(parts[cluster == one].tolist())) == 1
    assert set(parts.tolist()) <= {HELD_OUT, 0, 1, 2, 3, 4}


def test_every_stratum_is_held_out_in_its_share() -> None:
    strata = ["a"] * 800 + ["b"] * 200
    parts = deal(np.arange(1000), strata, 0.1, 5, 1)
    held = parts == HELD_OUT
    assert (held[:800].sum(), held[800:].sum()) == (80, 20)
    assert np.bincount(parts[~held]).tolist() == [180] * 5
    assert (parts == deal(np.arange(1000), strata, 0.1, 5, 1)).all()
    assert (parts != deal(np.arange(1000), strata, 0.1, 5, 2)).any()
