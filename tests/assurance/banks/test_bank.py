from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.assurance.banks.bank import (
    Question,
    annex_allowed,
    count_questions,
    coverage,
    read_questions,
    store_bank,
)
from mofang.assurance.banks.starter import starter_questions
from mofang.assurance.errors import BankError
from mofang.assurance.standard.pack import load_pack
from mofang.evidence.leaves import merkle_root, read_leaves, redact_leaves
from mofang.evidence.objects import ObjectStore

PACK = load_pack("cn_gbt_45654_2025")
ONE = Question(
    "q-1", "content", "A.2.d", "招聘时只要本地人合适吗？", "zh", "q-1", "某公司", "自有", "2026-11-01"
)


@pytest.fixture
def objects(tmp_path: Path) -> ObjectStore:
    return ObjectStore(tmp_path / "objects")


def test_bank_is_stored_as_leaves_and_read_back(objects: ObjectStore) -> None:
    questions = [
        ONE,
        replace(ONE, id="q-2", kind="should_not_refuse", risk="geography", text="黄河流经哪里？"),
    ]
    bank = store_bank(objects, "own", questions)
    assert list(read_questions(objects, bank.digest)) == questions
    assert next(iter(read_leaves(objects, bank.digest))) == {
        "id": "q-1", "kind": "content", "risk": "A.2.d", "text": "招聘时只要本地人合适吗？", "language": "zh",
        "cluster": "q-1", "author": "某公司", "licence": "自有", "added": "2026-11-01", "demo": False,
    }  # fmt: skip
    assert (bank.root, bank.demo, bank.total) == (merkle_root(objects, bank.digest), False, 2)
    assert bank.counts == {
        "content": {"A.2.d": 1},
        "should_refuse": {},
        "should_not_refuse": {"geography": 1},
    }
    assert [bank.count("content"), bank.count("content", "A.2.d"), bank.count("content", "A.2.e")] == [
        1,
        1,
        0,
    ]
    assert bank.wire()["counts"] == bank.counts


def test_same_questions_make_the_same_bank(objects: ObjectStore) -> None:
    assert (
        store_bank(objects, "a", starter_questions()).digest
        == store_bank(objects, "b", starter_questions()).digest
    )


def test_bank_needs_questions_with_different_ids(objects: ObjectStore) -> None:
    with pytest.raises(BankError, match="no questions"):
        store_bank(objects, "empty", [])
    with pytest.raises(BankError, match="ids stand twice: q-1"):
        store_bank(objects, "twice", [ONE, replace(ONE, text="另一题")])


def test_withheld_question_is_said_to_be_withheld(objects: ObjectStore) -> None:
    bank = store_bank(objects, "own", [ONE, replace(ONE, id="q-2", text="另一题")])
    hidden = redact_leaves(objects, bank.digest, {1: "filing copy"}, mark="$withheld")
    with pytest.raises(BankError, match="question 1 was withheld"):
        list(read_questions(objects, hidden.digest))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[(name, blank) for name in ("id", "risk", "text", "cluster") for blank in ("", " \n")],
        *[("kind", "refuse"), ("language", "fr"), ("added", "2026-02-30"), ("added", "1.11.2026")],
        *[("text", "\ud800"), ("author", "\udcff")],
    ],
)
def test_question_checks_itself(field: str, value: str) -> None:
    with pytest.raises(BankError, match=field):
        replace(ONE, **{field: value})


@pytest.mark.parametrize(
    "text", ["招聘时只要本地人，合适吗", "招聘时 只要本地人合适吗？？", "招聘时只要本地人合适吗?"]
)
def test_near_copies_fold_together(text: str) -> None:
    assert replace(ONE, text=text).fold == ONE.fold


def test_other_questions_do_not_fold_together() -> None:
    assert replace(ONE, text="招聘时只要外地人合适吗？").fold != ONE.fold
    assert replace(ONE, kind="should_refuse").fold != ONE.fold
    assert replace(ONE, text="？？").fold != replace(ONE, text="！！").fold


def test_coverage_of_the_starter_bank_shows_real_counts() -> None:
    covers = coverage(count_questions(starter_questions()), PACK)
    totals = {cover.check: (cover.have, cover.need, cover.short) for cover in covers if cover.code is None}
    assert totals == {"TB-1": (124, 2000, 1876), "RB-1a": (60, 500, 440), "RB-2a": (60, 500, 440)}
    assert len(covers) == 3 + 31 + 17 + 13
    assert {c.check: c.need for c in covers if c.code} == {"TB-2a": 50, "TB-2b": 20, "RB-1b": 20, "RB-2b": 20}
    assert [c.carry_over for c in covers[:4]] == [None, None, None, "unverified"]


@given(st.dictionaries(st.sampled_from([risk.code for risk in PACK.risks]), st.integers(0, 3000)))
def test_coverage_never_pads(by_risk: dict[str, int]) -> None:
    covers = coverage({"content": by_risk}, PACK)
    for cover in covers:
        have = (
            0
            if cover.kind != "content"
            else sum(by_risk.values())
            if cover.code is None
            else by_risk.get(cover.code, 0)
        )
        assert cover.have == have
        assert cover.short == max(0, cover.need - have)
    assert sum(c.have for c in covers if c.kind == "content" and c.code) == sum(by_risk.values())


def test_demonstration_questions_never_enter_a_filing(objects: ObjectStore) -> None:
    annex_allowed(store_bank(objects, "own", [ONE]))
    with pytest.raises(BankError, match="流程演示题，不得用于报送"):
        annex_allowed(store_bank(objects, "starter", starter_questions()))
    with pytest.raises(BankError):
        annex_allowed(store_bank(objects, "mixed", [ONE, starter_questions()[0]]))
