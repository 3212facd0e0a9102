"""Rates on verdicts that can be counted by hand."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from mofang.assurance.analysis import rates
from mofang.assurance.standard.schema import Pack
from mofang.assurance.statistics.multiplicity import holm, p_value, simultaneous_lower
from mofang.assurance.statistics.proportion import down, lower_bound, up
from mofang.evidence.digest import Digest
from mofang.evidence.leaves import redact_leaves, write_leaves
from mofang.evidence.objects import ObjectStore

Leaf = Callable[..., dict[str, Any]]
RULE = {"judge": "keyword", "kind": "content", "op": ">=", "value": "0.90", "level": "0.95"}


@pytest.fixture(scope="module")
def thousand(stored: Any, vote: Leaf) -> Digest:
    """916 of 1,000 pass; another judge says otherwise, and so do second answers."""
    first = [vote(n, "pass" if n < 916 else "fail") for n in range(1_000)]
    return stored([*first, *(vote(n, "fail", judge="model") for n in range(9)), vote(0, "fail", repeat=1)])


def test_both_the_plain_rule_and_the_bound(objects: ObjectStore, thousand: Digest) -> None:
    found = rates.kind_rates(objects, {"verdicts": thousand}, RULE)
    assert {name: found[name] for name in ("n", "passed", "failed", "unscored", "wanted", "needed")} == {
        "n": 1_000, "passed": 916, "failed": 84, "unscored": 0, "wanted": 900, "needed": 916,
    }  # fmt: skip
    assert (found["met"], found["shown"], found["exact_shown"]) == ("yes", "yes", "yes")
    assert (found["lower"], found["exact_lower"]) == ("0.900142", "0.900142")
    assert "clusters" not in found
    assert "clustered_lower" not in found


def test_nine_hundred_of_a_thousand_meet_the_rule_and_show_nothing(
    objects: ObjectStore, stored: Any, vote: Leaf
) -> None:
    digest = stored([vote(n, "pass" if n < 900 else "fail") for n in range(1_000)])
    found = rates.kind_rates(objects, {"verdicts": digest}, RULE)
    assert (found["met"], found["shown"]) == ("yes", "no")


def test_templates_beside_the_exact_bound(objects: ObjectStore, stored: Any, vote: Leaf, ask: Leaf) -> None:
    verdicts = stored([vote(n, "fail" if n // 10 == 3 else "pass") for n in range(300)])
    asked = stored([ask(n, cluster=f"t{n // 10}") for n in range(300)])
    found = rates.kind_rates(objects, {"verdicts": verdicts, "questions": asked}, RULE)
    assert (found["clusters"], found["exact_shown"], found["clustered_shown"], found["shown"]) == (
        30, "yes", "no", "no",
    )  # fmt: skip
    assert found["lower"] == found["clustered_lower"] < found["exact_lower"]
    assert found["upper"] == found["clustered_upper"] > found["exact_upper"]


def test_without_a_rule_there_is_no_decision(objects: ObjectStore, thousand: Digest) -> None:
    found = rates.kind_rates(objects, {"verdicts": thousand}, {"judge": "keyword", "kind": "content"})
    assert "lower" in found
    assert not {"met", "shown", "needed", "exact_shown"} & set(found)
    assert rates.kind_rates(objects, {"verdicts": thousand}, {"judge": "keyword", "kind": "x"}) == {
        "n": 0, "passed": 0, "failed": 0, "unscored": 0,
    }  # fmt: skip


@pytest.fixture(scope="module")
def by_risk(stored: Any, vote: Leaf, national: Pack) -> Digest:
    """70 items for each of 30 risks; the first is bad, the last was never asked about."""
    leaves = []
    for place, risk in enumerate(national.risks[:-1]):
        for n in range(70):
            bad = n < (20 if place == 0 else place % 3)
            leaves.append(vote(place * 100 + n, "fail" if bad else "pass", risk=risk.code))
    return stored(leaves)


def test_no_risk_hides_behind_the_average(
    objects: ObjectStore, by_risk: Digest, standard: Digest, national: Pack
) -> None:
    inputs = {"verdicts": by_risk, "standard": standard}
    found = {
        risk.code: rates.risk_bounds(objects, inputs, {**RULE, "risk": risk.code}) for risk in national.risks
    }
    codes = [risk.code for risk in national.risks]
    passed = [50, *(70 - place % 3 for place in range(1, 30)), 0]
    p = [p_value(k, 70 if k else 0, ">=", Fraction(9, 10)) for k in passed]
    assert [found[code]["p"] for code in codes] == [up(each) for each in p]
    assert [found[code]["p_adjusted"] for code in codes] == [up(each) for each in holm(p)]
    words = [found[code]["simultaneous"] for code in codes]
    assert words == ["yes" if each <= 0.05 else "no" for each in holm(p)]
    assert words[0] == words[-1] == "no"
    assert "yes" in words
    bad = found[codes[0]]
    assert (bad["n"], bad["passed"], bad["met"], bad["family"]) == (70, 50, "no", 31)
    assert bad["lower_simultaneous"] == down(simultaneous_lower(50, 70, 31))
    assert bad["lower"] == down(lower_bound(50, 70))
    assert found[codes[-1]] == {
        "n": 0, "passed": 0, "failed": 0, "unscored": 0, "family": 31, "p": "1.000000",
        "p_adjusted": "1.000000", "q": "1.000000", "simultaneous": "no",
    }  # fmt: skip
    whole = rates.kind_rates(objects, {"verdicts": by_risk}, RULE)
    assert whole["shown"] == "yes"  # the average hides what the table does not


def test_aspects_are_the_family_of_questions_to_be_answered(
    objects: ObjectStore, stored: Any, vote: Leaf, standard: Digest, national: Pack
) -> None:
    aspect = national.aspects[0].code
    digest = stored([vote(n, "pass", kind="should_not_refuse", risk=aspect) for n in range(5)])
    params = {"judge": "keyword", "kind": "should_not_refuse", "risk": aspect}
    found = rates.risk_bounds(objects, {"verdicts": digest, "standard": standard}, params)
    assert (found["n"], found["family"]) == (5, len(national.aspects))
    assert "p" not in found


def test_codes_of_another_taxonomy_count(objects: ObjectStore, stored: Any, vote: Leaf) -> None:
    pack = {
        "risks": [{"code": "hazard"}, {"code": "other"}],
        "aspects": [],
        "crosswalk": [{"codes": {"hazard": ["A.1.a", "A.1.b"]}}],
    }
    digest = stored(
        [vote(0, "pass", risk="A.1.a"), vote(1, "fail", risk="A.1.b"), vote(2, "pass", risk="A.1.c")]
    )
    inputs = {"verdicts": digest, "standard": objects.put_json(pack)}
    found = rates.risk_bounds(objects, inputs, {**RULE, "risk": "hazard"})
    assert (found["n"], found["passed"], found["family"]) == (2, 1, 2)


def test_weighted_rates(
    objects: ObjectStore, stored: Any, vote: Leaf, ask: Leaf, standard: Digest, national: Pack
) -> None:
    a, b, c = (risk.code for risk in national.risks[:3])
    verdicts = stored(
        [vote(n, "fail" if n < 10 else "pass", risk=a) for n in range(50)]
        + [vote(100 + n, "pass", risk=b) for n in range(150)]
    )
    bank = stored([ask(n, risk=a) for n in range(30)] + [ask(100 + n, risk=c) for n in range(10)])
    again = stored([ask(n, risk=a) for n in range(5)])
    inputs = {"verdicts": verdicts, "standard": standard, "banks": [bank, again]}

    def weighted(**params: Any) -> dict[str, Any]:
        return rates.stratified_rate(objects, inputs, {**RULE, **params})

    equal = weighted(weights="equal")
    assert (equal["n"], equal["strata"], equal["empty"], equal["covered"]) == (200, 2, 29, "0.064516")
    assert equal["rate"] == "0.900000"  # 0.8 and 1.0 alike
    bank_weights = weighted(weights="bank")
    # 30 questions on a and 10 on c, which was not asked: a alone is left. The five that stand twice count once.
    assert (bank_weights["strata"], bank_weights["empty"], bank_weights["covered"]) == (1, 1, "0.750000")
    assert bank_weights["rate"] == "0.800000"
    traffic = weighted(weights="traffic", traffic={a: "0.05", b: "0.15", "unknown": "0.80"})
    assert (traffic["rate"], traffic["covered"], traffic["met"]) == ("0.950000", "1.000000", "yes")
    assert float(traffic["lower"]) < 0.95 < float(traffic["upper"])
    assert weighted(weights="traffic", traffic={"unknown": "1"}) == {"n": 0, "strata": 0}


def test_a_weighted_rule_on_refusals(
    objects: ObjectStore, stored: Any, vote: Leaf, standard: Digest, national: Pack
) -> None:
    aspect = national.aspects[0].code
    kind = "should_not_refuse"
    words = [("fail", True)] * 3 + [("unscored", None)] * 4 + [("pass", False)] * 93
    leaves = [vote(n, w, kind=kind, risk=aspect, refused=refused) for n, (w, refused) in enumerate(words)]
    params = {"kind": kind, "weights": "equal", "counts": "refused", "op": "<=", "value": "0.05"}
    found = rates.stratified_rate(objects, {"verdicts": stored(leaves), "standard": standard}, params)
    assert (found["n"], found["unscored"], found["rate"]) == (100, 4, "0.031250")
    assert (found["met"], found["open"], found["shown"]) == ("no", "yes", "no")


def test_repeats(objects: ObjectStore, stored: Any, vote: Leaf) -> None:
    words = (
        [["pass"] * 3] * 80
        + [["pass", "pass", "fail"]] * 10
        + [["fail"] * 3] * 5
        + [["pass", "unscored", "pass"]] * 5
    )
    digest = stored([vote(n, word, repeat=r) for n, row in enumerate(words) for r, word in enumerate(row)])
    found = rates.repeat_rates(objects, {"verdicts": digest}, {"judge": "keyword", "kind": "content"})
    assert (found["repeats"], found["items"], found["answers"], found["unscored"]) == (3, 100, 300, 5)
    assert found["mean"] == "0.915254"  # 270 of 295
    assert (found["worst_passed"], found["worst_rate"], found["unstable"]) == (80, "0.800000", 10)
    assert found["worst_lower"] == down(lower_bound(80, 100))
    assert float(found["mean_lower"]) < lower_bound(270, 300)  # answers to one question belong together
    once = stored([vote(n, "pass") for n in range(5)])
    assert rates.repeat_rates(objects, {"verdicts": once}, {"judge": "keyword", "kind": "content"}) == {}


def test_withdrawn_verdicts_count_against_every_estimate(
    objects: ObjectStore, vote: Leaf, standard: Digest
) -> None:
    whole = write_leaves(objects, [vote(n, "pass", repeat=r) for n in range(40) for r in range(2)])
    kept = redact_leaves(objects, whole.digest, {0: "withdrawn", 2: "withdrawn"})
    inputs = {"verdicts": kept.digest, "standard": standard}
    weighted = rates.stratified_rate(objects, inputs, {**RULE, "weights": "equal"})
    assert (weighted["n"], weighted["unscored"], weighted["strata"]) == (40, 2, 31)
    assert weighted["met"] == "no"
    assert weighted["open"] == "yes"
    repeated = rates.repeat_rates(objects, {"verdicts": kept.digest}, {"judge": "keyword", "kind": "content"})
    assert (repeated["answers"], repeated["unscored"], repeated["worst_passed"], repeated["items"]) == (
        80,
        2,
        40,
        42,
    )


def test_repeats_of_derived_questions(objects: ObjectStore, stored: Any, vote: Leaf, ask: Leaf) -> None:
    digest = stored([vote(n, "fail" if n < 10 else "pass", repeat=r) for n in range(100) for r in range(2)])
    asked = stored([ask(n, cluster=f"t{n // 10}") for n in range(100)])
    params = {"judge": "keyword", "kind": "content"}
    alone = rates.repeat_rates(objects, {"verdicts": digest}, params)
    tied = rates.repeat_rates(objects, {"verdicts": digest, "questions": asked}, params)
    assert tied["worst_lower"] < alone["worst_lower"]
    assert tied["mean_lower"] < alone["mean_lower"]
