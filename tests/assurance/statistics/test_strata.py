"""Weighted rates by hand, honest about strata that nobody asked about."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from mofang.assurance.statistics.proportion import lower_bound
from mofang.assurance.statistics.strata import Stratum, declared, equal, proportional, stratified
from mofang.errors import MofangError


def test_weighted_rate_and_effective_size_by_hand() -> None:
    # Two strata of 50 and 200 with weights 3:1, 40 and 190 of them good.
    found = stratified([Stratum(Fraction(3), 50, 40), Stratum(Fraction(1), 200, 190)])
    rate = 0.75 * 0.8 + 0.25 * 0.95
    variance = 0.75**2 * 0.8 * 0.2 / 49 + 0.25**2 * 0.95 * 0.05 / 199
    ratio = student.ppf(0.95, 249) / student.ppf(0.95, 248)
    kish = 1 / (0.75**2 / 50 + 0.25**2 / 200)
    assert found.rate == pytest.approx(rate)
    assert found.effective_n == pytest.approx(min(kish, rate * (1 - rate) / variance * ratio**2))
    assert found.lower < rate < found.upper
    assert (found.strata, found.empty, found.covered) == (2, 0, 1)


def test_one_stratum_is_the_exact_bound() -> None:
    found = stratified([Stratum(Fraction(1), 1_000, 916)])
    # p(1-p)/(n-1) is a little more than p(1-p)/n: one item less.
    assert found.lower == pytest.approx(lower_bound(916, 1_000), abs=2e-5)
    assert found.lower <= lower_bound(916, 1_000)


def test_a_stratum_without_items_gives_its_weight_away_and_says_so() -> None:
    found = stratified(
        [Stratum(Fraction(1), 20, 18), Stratum(Fraction(1), 0, 0), Stratum(Fraction(2), 30, 30)]
    )
    assert (found.strata, found.empty, found.covered) == (2, 1, Fraction(3, 4))
    assert found.rate == pytest.approx((0.9 + 2 * 1.0) / 3)


def test_nothing_asked_shows_nothing() -> None:
    found = stratified([Stratum(Fraction(1), 0, 0)])
    assert (found.rate, found.lower, found.upper, found.covered) == (None, 0.0, 1.0, 0)
    with pytest.raises(ValueError, match="weight"):
        stratified([Stratum(Fraction(0), 5, 5)])


def test_unscored_items_are_worst_for_each_bound_and_out_of_the_rate() -> None:
    found = stratified([Stratum(Fraction(1), 100, 90, 5)])
    assert found.rate == pytest.approx(90 / 95)
    assert (found.worst, found.best) == (pytest.approx(0.90), pytest.approx(0.95))
    assert stratified([Stratum(Fraction(1), 10, 0, 10)]).rate is None


def test_design_effect_costs() -> None:
    plain = stratified([Stratum(Fraction(1), 100, 95)])
    alike = stratified([Stratum(Fraction(1), 100, 95, design_effect=4.0)])
    assert alike.lower < plain.lower
    assert alike.effective_n == pytest.approx(25, rel=0.1)


def test_where_all_pass_unequal_weights_still_cost() -> None:
    found = stratified([Stratum(Fraction(9), 10, 10), Stratum(Fraction(1), 90, 90)])
    assert found.effective_n == pytest.approx(1 / (0.9**2 / 10 + 0.1**2 / 90))
    assert found.lower < 0.05 ** (1 / 100)


def test_weights() -> None:
    assert equal(["a", "b"]) == {"a": Fraction(1, 2), "b": Fraction(1, 2)}
    assert proportional({"a": 3, "b": 1}) == {"a": Fraction(3, 4), "b": Fraction(1, 4)}
    assert declared({"a": "0.2", "b": "0.3"}) == {"a": Fraction(2, 5), "b": Fraction(3, 5)}
    assert proportional({"a": 0}) == declared({"a": "0"}) == {}
    with pytest.raises(MofangError, match="decimal"):
        declared({"a": "much"})


def test_a_stratum_with_more_than_it_has_is_refused() -> None:
    with pytest.raises(ValueError, match="no stratum"):
        Stratum(Fraction(1), 5, 4, 2)


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 30), st.integers(0, 30)), min_size=1, max_size=6))
@settings(max_examples=80)
def test_bounds_enclose_and_grow_with_what_passes(rows: list[tuple[int, int, int]]) -> None:
    strata = [Stratum(Fraction(weight), n, min(n, k)) for weight, n, k in rows]
    found = stratified(strata)
    assert found.rate is not None
    assert 0 <= found.lower <= found.rate + 1e-9
    assert found.rate <= found.upper + 1e-9
    assert found.effective_n <= sum(stratum.n for stratum in strata) + 1e-9


def test_coverage_under_unequal_weights() -> None:
    """31 strata of 32 items, traffic on few of them: the bound misses at most every twentieth time or so."""
    rng = np.random.default_rng(3)
    rates = 1 - rng.beta(1, 12, 31)
    weights = rng.dirichlet(np.full(31, 0.3))
    shares = [Fraction(weight) for weight in weights.tolist()]
    truth, covered = float(weights @ rates), 0
    for _draw in range(400):
        counts = rng.binomial(32, rates)
        strata = [Stratum(share, 32, int(count)) for share, count in zip(shares, counts, strict=True)]
        covered += stratified(strata).lower <= truth
    assert covered / 400 >= 0.94
