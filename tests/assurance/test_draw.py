"""Draws follow from the commitment alone, take whole what is small, and leave no stratum out."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mofang.assurance import draw as drawing
from mofang.assurance.banks.bank import Bank, store_bank
from mofang.assurance.banks.starter import starter_questions
from mofang.assurance.config import SampleConfig
from mofang.errors import MofangError
from mofang.evidence.digest import Digest, canonical, sha256_bytes
from mofang.evidence.leaves import LEAVES
from mofang.evidence.statements import Subject
from mofang.evidence.workspace import Workspace

ROOT = sha256_bytes(b"bank")
HEAD = sha256_bytes(b"head")
SEED = sha256_bytes(b"seed")
PLAN = {"content": 40, "should_refuse": 5, "should_not_refuse": 0, "minimum": 2}


def question(id: str, kind: str = "content", risk: str = "A.1.a") -> dict[str, Any]:
    return {"id": id, "kind": kind, "risk": risk, "text": "?"}


def bank() -> list[dict[str, Any]]:
    sizes = {"A.1.a": 60, "A.1.b": 30, "A.2.a": 3, "A.3.e": 1}
    content = [question(f"c-{risk}-{n}", risk=risk) for risk, size in sizes.items() for n in range(size)]
    return content + [question(f"r-{n}", "should_refuse") for n in range(3)]


def test_seed_is_the_digest_of_what_is_known_beforehand() -> None:
    made = drawing.commitment(ROOT, PLAN, HEAD, "first")
    assert made.seed == sha256_bytes(canonical([HEAD, ROOT, PLAN]))
    assert made.wire() == {
        "assessment": "first",
        "bank_root": ROOT,
        "plan": PLAN,
        "chain_head": HEAD,
        "seed": made.seed,
    }
    assert drawing.commitment(ROOT, PLAN | {"content": 41}, HEAD, "first").seed != made.seed
    assert drawing.commitment(ROOT, PLAN, ROOT, "first").seed != made.seed


def test_strata_get_their_minimum_and_the_rest_in_proportion() -> None:
    chosen = drawing.draw(bank(), PLAN, SEED)
    per_risk: dict[str, int] = {}
    for picked in chosen:
        if picked["kind"] == "content":
            per_risk[picked["risk"]] = per_risk.get(picked["risk"], 0) + 1
    # 2 + 2 + 2 + 1 first; 33 left over 58, 28, 1 and 0 free places.
    assert per_risk == {"A.1.a": 24, "A.1.b": 13, "A.2.a": 2, "A.3.e": 1}
    assert [q["id"] for q in chosen if q["kind"] == "should_refuse"] == sorted(
        ["r-0", "r-1", "r-2"], key=lambda id: drawing.rank(SEED, id)
    )


def test_golden_draw() -> None:
    """The draw of a seed is a promise to whoever repeats it: these five never change."""
    members = [question(f"q{n}") for n in range(20)]
    seed = Digest("sha256:" + "00" * 32)
    assert [q["id"] for q in drawing.draw(members, {"content": 5}, seed)] == ["q2", "q5", "q0", "q13", "q12"]


def test_another_seed_draws_others() -> None:
    first = {q["id"] for q in drawing.draw(bank(), PLAN, SEED)}
    assert first != {q["id"] for q in drawing.draw(bank(), PLAN, ROOT)}


def test_repeated_ids_are_refused() -> None:
    with pytest.raises(MofangError) as caught:
        drawing.draw([question("a"), question("a", "should_refuse")], PLAN, SEED)
    assert "question a stands twice" in caught.value.diagnostics()


sizes = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 40), max_size=12)


@given(sizes, st.integers(0, 300), st.integers(0, 6))
@settings(max_examples=150, deadline=None)
def test_allocation_adds_up_and_fits(strata: dict[str, int], asked: int, minimum: int) -> None:
    given_ = drawing.allocate(strata, asked, minimum, SEED)
    assert sum(given_.values()) == min(asked, sum(strata.values()))
    floor = min(minimum, asked // len(strata)) if strata else 0
    assert all(min(floor, size) <= given_[name] <= size for name, size in strata.items())


@given(st.randoms(use_true_random=False), st.integers(0, 200))
@settings(max_examples=40, deadline=None)
def test_draw_does_not_depend_on_the_order_of_the_bank(order: random.Random, asked: int) -> None:
    shuffled = bank()
    order.shuffle(shuffled)
    plan = PLAN | {"content": asked}
    assert drawing.draw(shuffled, plan, SEED) == drawing.draw(bank(), plan, SEED)


@given(st.sets(st.text("0123456789abcdef", min_size=1, max_size=6)), st.integers(0, 30), st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_record_sample_does_not_depend_on_shards(records: set[str], count: int, shards: int) -> None:
    split = [
        (id, place)
        for place in range(shards)
        for id in sorted(records)
        if sum(map(ord, id)) % shards == place
    ]
    chosen = [id for id, _place in drawing.smallest(split, count, SEED)]
    assert chosen == sorted(records, key=lambda id: drawing.rank(SEED, id))[:count]
    assert len(chosen) == min(count, len(records))


@pytest.mark.parametrize(
    ("total", "size"),
    [(0, 0), (500, 500), (4_000, 4_000), (39_999, 4_000), (40_001, 4_001), (1_000_000, 100_000)],
)
def test_corpus_sample_serves_people_and_rules(total: int, size: int) -> None:
    assert drawing.corpus_sample_size(total, drawing.sampling_plan(SampleConfig())) == size


def test_several_banks_have_one_root() -> None:
    assert drawing.banks_root([ROOT]) == ROOT
    assert drawing.banks_root([ROOT, HEAD]) != drawing.banks_root([HEAD, ROOT])
    with pytest.raises(MofangError):
        drawing.banks_root([])


def test_a_draw_is_committed_once_and_seen_for_ever(ws: Workspace, bank: Bank) -> None:
    subjects = [Subject("starter", bank.digest, LEAVES, bank.root)]
    head = ws.chain.head()
    with ws.lock("draw"):
        first = drawing.commit(ws, assessment="first", banks=subjects, plan=PLAN)
        again = drawing.commit(ws, assessment="first", banks=subjects, plan=PLAN)
        smaller = drawing.commit(ws, assessment="first", banks=subjects, plan=PLAN | {"content": 5})
        second = drawing.commit(ws, assessment="second", banks=subjects, plan=PLAN)
    assert first.seed == sha256_bytes(canonical([head, bank.root, PLAN]))
    assert again == first
    assert len({first.seed, smaller.seed, second.seed}) == 3
    assert drawing.draws_of(ws, bank.root) == [first, smaller, second]
    assert drawing.draws_of(ws, ROOT) == []
    assert [made.n for made in (first, smaller, second)] == [1, 2, 3]
    assert ws.refs.get("draws", "first") == smaller.statement
    assert first.statement is not None
    statement = ws.statement(first.statement)
    assert statement.predicate_type == drawing.SAMPLING
    assert statement.subjects[0].root == bank.root
    assert dict(statement.predicate) == first.wire()


def test_a_draw_of_two_banks_shows_for_each_of_them(ws: Workspace, bank: Bank) -> None:
    other = store_bank(ws.objects, "other", starter_questions()[:5])
    subjects = [Subject(each.name, each.digest, LEAVES, each.root) for each in (bank, other)]
    with ws.lock("draw"):
        made = drawing.commit(ws, assessment="both", banks=subjects, plan=PLAN)
    assert made.bank_root == drawing.banks_root([bank.root, other.root])
    for root in (bank.root, other.root, made.bank_root):
        assert drawing.draws_of(ws, root) == [made]


def test_looking_ahead_writes_nothing(ws: Workspace, bank: Bank) -> None:
    subjects = [Subject("starter", bank.digest, LEAVES, bank.root)]
    ahead = drawing.commit(ws, assessment="first", banks=subjects, plan=PLAN, record=False)
    assert (ahead.statement, ahead.n) == (None, None)
    assert drawing.draws_of(ws, bank.root) == []
    with ws.lock("draw"):
        assert drawing.commit(ws, assessment="first", banks=subjects, plan=PLAN).seed == ahead.seed


def test_a_draw_recorded_before_a_crash_is_found_again(ws: Workspace, bank: Bank) -> None:
    subjects = [Subject("starter", bank.digest, LEAVES, bank.root)]
    with ws.lock("draw"):
        made = drawing.commit(ws, assessment="first", banks=subjects, plan=PLAN)
        ws.refs.remove("draws", "first")
    with ws.lock("draw"):
        assert drawing.commit(ws, assessment="first", banks=subjects, plan=PLAN) == made
    assert ws.refs.get("draws", "first") == made.statement
