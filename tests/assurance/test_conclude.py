"""The proposal on a clause: what decides, what waits, and that nothing unknown is ever called met."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mofang.assurance.conclude import Conclusion, conclude_clause
from mofang.assurance.config import PathFacts
from mofang.assurance.measurement import Measured
from mofang.assurance.standard.pack import load_pack
from mofang.assurance.standard.schema import Check, Clause, Pack

AS_OF = "2026-11-01"
FACTS = PathFacts(public=True, model="own", opinion=True, recommends=False, humanlike=False, edge=False)
PAPER = {"clause": "X", "file": "证明.pdf", "expires": None}
EXPIRED = {"clause": "X", "file": "旧证明.pdf", "expires": "2026-10-31"}


def measured(check: Check, plain: str, bound: str = "unknown", **more: Any) -> Measured:
    waits = more.pop("waits", "data" if plain == "unknown" else None)
    return Measured(check, more.pop("element", None), {}, plain, bound, waits=waits, **more)  # type: ignore[arg-type]


@pytest.fixture
def check(pack: Pack) -> Check:
    return replace(pack.check("TB-1"), id="C")


@pytest.fixture
def clause(pack: Pack) -> Clause:
    return pack.clause("TB-1")


def conclude(clause: Clause, found: list[Measured], *attached: Any, facts: PathFacts = FACTS) -> Conclusion:
    return conclude_clause(clause, found, attached, facts, AS_OF)


def test_measured_checks_decide(clause: Clause, check: Check) -> None:
    assert conclude(clause, [measured(check, "met")]) == Conclusion(
        "meets", {"zh": "C：达到。", "en": "C: met."}
    )
    fails = conclude(clause, [measured(check, "met"), measured(replace(check, id="D"), "not_met")])
    assert (fails.word, fails.reason["en"]) == ("fails", "D: not met.")
    waits = conclude(clause, [measured(check, "met"), measured(replace(check, id="D"), "unknown")])
    assert (waits.word, waits.missing[0]["en"]) == ("waits_person", "data to measure D")


def test_a_failure_is_not_mended_by_a_document(clause: Clause, check: Check) -> None:
    assert conclude(clause, [measured(check, "not_met")], PAPER).word == "fails"


def test_a_document_stands_in_where_nothing_was_measured(clause: Clause, check: Check) -> None:
    for waits in ("document", "data"):
        found = conclude(clause, [measured(check, "unknown", waits=waits)], PAPER)
        assert (found.word, found.missing) == ("meets", ())
        assert "for a person to judge" in found.reason["en"]
    for waits in ("person", "classifier"):
        assert conclude(clause, [measured(check, "unknown", waits=waits)], PAPER).word == "waits_person"


def test_the_bound_is_reported_and_does_not_decide(clause: Clause, check: Check) -> None:
    found = conclude(clause, [measured(check, "met", "not_shown")])
    assert found.word == "meets"
    assert "the one-sided 95% bound does not (C)" in found.reason["en"]


def test_too_small_a_sample_fails_though_the_rate_is_met(clause: Clause, check: Check) -> None:
    found = conclude(clause, [measured(check, "met", "shown", sample="short")])
    assert (found.word, found.reason["en"]) == ("fails", "C: the sample is smaller than the clause asks for.")


@pytest.mark.parametrize("force", ["should", "may", "practice"])
def test_recommended_rules_do_not_fail_a_mandatory_clause(clause: Clause, check: Check, force: str) -> None:
    aside = measured(replace(check, id="P", force=force), "not_met")
    found = conclude(clause, [measured(check, "met"), aside])
    assert found.word == "meets"
    assert "not decisive here: P" in found.reason["en"]
    open_aside = measured(replace(check, id="P", force=force), "unknown")
    assert conclude(clause, [measured(check, "met"), open_aside]).word == "meets"


def test_a_recommended_clause_fails_by_its_own_rule_and_says_so(pack: Pack) -> None:
    clause = pack.clause("KW-1")
    found = conclude(clause, [measured(pack.check("KW-1"), "not_met")])
    assert found.word == "fails"
    assert found.reason["en"] == "KW-1: not met. This clause is recommended only (should, may or practice)."


def test_documents_wait_are_proposed_and_expire(pack: Pack) -> None:
    clause = pack.clause("SVC-1")
    check = pack.check("SVC-1-doc")
    nothing = [measured(check, "unknown", waits="document")]
    waits = conclude(clause, nothing)
    assert (waits.word, [text["zh"] for text in waits.missing]) == ("waits_document", ["服务适用范围论证"])
    assert conclude(clause, [measured(check, "met")], PAPER).word == "meets"
    expired = conclude(clause, nothing, EXPIRED)
    assert expired.word == "waits_document"
    assert expired.reason["zh"].startswith("附件 旧证明.pdf 已过期。")


def test_mixed_proof_wants_both(pack: Pack) -> None:
    clause, check = pack.clause("SRC-2"), pack.check("SRC-2")
    met = [measured(check, "met", element="a")]
    assert conclude(clause, met).word == "waits_document"
    assert conclude(clause, met, PAPER).word == "meets"
    assert conclude(clause, [*met, measured(check, "not_met", element="b")], PAPER).word == "fails"


def test_a_person_is_waited_for(pack: Pack) -> None:
    clause, check = pack.clause("EV-M2"), pack.check("EV-M2")
    found = conclude(clause, [measured(check, "unknown", waits="person")], PAPER)
    assert (found.word, found.missing[0]["en"]) == ("waits_person", "signatures of the persons in charge (3)")
    assert conclude(clause, []).word == "waits_person"


def test_a_clause_with_nothing_to_go_by_waits(clause: Clause) -> None:
    assert conclude(clause, []).word == "waits_person"


def test_elements_are_counted_not_listed(clause: Clause, check: Check) -> None:
    found = [measured(check, "not_met" if n else "met", element=f"A.1.{n}") for n in range(6)]
    said = conclude(clause, found)
    assert said.reason["en"] == "C 5/6: not met."
    assert [text["en"] for text in said.missing] == ["C: 5 of 6 fall short (required: at least 2,000)"]


def test_what_applies_follows_the_facts(pack: Pack, check: Check) -> None:
    clause = pack.clause("ANN-2")
    found = [measured(check, "met")]
    assert conclude(clause, found).word == "meets"
    assert conclude(clause, found, facts=replace(FACTS, model="called")).word == "not_applicable"
    assert conclude(clause, found, facts=replace(FACTS, model=None)).word == "waits_person"


words = st.sampled_from(["met", "not_met", "unknown"])
waiting = st.sampled_from(["person", "document", "classifier", "data"])
samples = st.sampled_from([None, "enough", "short", "whole"])
forces = st.sampled_from(["shall", "should", "may", "practice"])


@st.composite
def cases(draw: st.DrawFn) -> tuple[Clause, list[Measured], list[Any]]:
    pack = load_pack("cn_gbt_45654_2025")
    clause = replace(
        pack.clause("TB-1"),
        force=draw(forces),
        proof=draw(st.sampled_from(["measured", "document", "person", "mixed"])),
    )
    found = [
        measured(
            replace(pack.check("TB-1"), id=f"C{n}", force=force),
            plain,
            waits=waits if plain == "unknown" else None,
            sample=sample,
        )
        for n, (force, plain, waits, sample) in enumerate(
            draw(st.lists(st.tuples(forces, words, waiting, samples), max_size=5))
        )
    ]
    return clause, found, draw(st.lists(st.sampled_from([PAPER, EXPIRED]), max_size=2))


@given(cases())
@settings(max_examples=300, deadline=None)
def test_nothing_unknown_or_short_is_ever_called_met(case: tuple[Clause, list[Measured], list[Any]]) -> None:
    clause, found, attached = case
    said = conclude(clause, found, *attached)
    rank = ["practice", "may", "should", "shall"]
    decisive = [one for one in found if rank.index(one.check.force) >= rank.index(clause.force)]
    assert bool(said.missing) == (said.word != "meets")
    assert (said.word == "fails") == any(one.failed for one in decisive)
    if said.word == "meets":
        assert not any(one.waits in ("person", "classifier") for one in decisive)
        assert all(one.held for one in decisive) or PAPER in attached
        assert PAPER in attached or (decisive and clause.proof == "measured")


@given(cases())
@settings(max_examples=100, deadline=None)
def test_the_order_of_the_checks_does_not_matter(case: tuple[Clause, list[Measured], list[Any]]) -> None:
    clause, found, attached = case
    said = {
        conclude(clause, list(order), *attached).word
        for order in itertools.islice(itertools.permutations(found), 8)
    }
    assert len(said) == 1
