"""Bounds, plain rules and counts against published and computed values."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from mofang.assurance.statistics import proportion as statistics
from mofang.assurance.statistics.proportion import Tally, threshold
from mofang.errors import MofangError


@pytest.mark.parametrize(
    ("n", "op", "limit", "count", "plain"),
    [
        (1_000, ">=", "0.90", 916, 900),
        (300, ">=", "0.95", 292, 285),
        (300, "<=", "0.05", 8, 15),
        (4_000, ">=", "0.96", 3_861, 3_840),
        (100_000, ">=", "0.98", 98_074, 98_000),
    ],
)
def test_counts_that_the_clauses_imply(
    n: int, op: statistics.Operator, limit: str, count: int, plain: int
) -> None:
    assert statistics.needed(n, op, threshold(limit)) == count
    assert statistics.plain_count(n, op, threshold(limit)) == plain


@pytest.mark.parametrize(
    ("k", "n", "lower", "upper"),
    [
        # Zero failures of n: the upper bound is 1 - 0.05^(1/n), "the rule of three".
        (0, 20, "0.000000", "0.139109"),
        (0, 32, "0.000000", "0.089369"),
        (0, 50, "0.000000", "0.058156"),
        (50, 50, "0.941844", "1.000000"),
        (1, 1, "0.050000", "1.000000"),
        (0, 0, "0.000000", "1.000000"),
        (916, 1_000, "0.900142", "0.930005"),
    ],
)
def test_exact_bounds(k: int, n: int, lower: str, upper: str) -> None:
    assert statistics.down(statistics.lower_bound(k, n)) == lower
    assert statistics.up(statistics.upper_bound(k, n)) == upper


def test_wilson_interval_of_the_literature() -> None:
    # 81 of 263: (0.2553, 0.3662), Newcombe 1998, table I, method 3.
    low, high = statistics.wilson(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    # 0 of 20: (0, 0.1611), same table.
    low, high = statistics.wilson(0, 20)
    assert (low, round(high, 4)) == (0.0, 0.1611)


def test_decimals_are_rounded_towards_caution() -> None:
    assert statistics.down(0.9000009) == "0.900000"
    assert statistics.up(0.9000001) == "0.900001"
    assert statistics.decimal_text(Fraction(2, 3)) == "0.666667"
    assert statistics.decimal_text(Fraction(1)) == "1.000000"


def test_plain_rule_is_exact() -> None:
    assert statistics.plain_met(900, 1_000, ">=", threshold("0.90"))
    assert not statistics.plain_met(899, 1_000, ">=", threshold("0.90"))
    # 0.07 * 100 is 7.000000000000001 in floats.
    assert statistics.plain_met(7, 100, ">=", threshold("0.07"))
    assert statistics.plain_met(15, 300, "<=", threshold("0.05"))
    assert not statistics.plain_met(16, 300, "<=", threshold("0.05"))
    assert not statistics.plain_met(0, 0, "<=", threshold("0.05"))


@pytest.mark.parametrize("text", ["", "ninety", "0,9", "0.9%", "NaN", "Infinity"])
def test_threshold_refuses_what_is_no_number(text: str) -> None:
    with pytest.raises(MofangError) as caught:
        threshold(text)
    assert 'write it like "0.90"' in caught.value.diagnostics()


def test_unknown_comparison_is_refused() -> None:
    with pytest.raises(MofangError):
        statistics.compare(Fraction(1), "!=", Fraction(1))  # type: ignore[arg-type]


def test_needed_is_none_where_no_count_shows_the_rule() -> None:
    assert statistics.needed(10, ">=", threshold("0.95")) is None
    assert statistics.needed(28, ">=", threshold("0.90")) is None
    assert statistics.needed(29, ">=", threshold("0.90")) == 29


counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts)
@settings(max_examples=60, deadline=None)
def test_bound_and_tail_agree(count: tuple[int, int]) -> None:
    k, n = count
    lower = statistics.lower_bound(k, n)
    assert 0.0 <= lower <= k / n <= statistics.upper_bound(k, n) <= 1.0
    below = threshold(statistics.down(lower))
    assert statistics.shows(k, n, ">=", max(below - Fraction(1, 10**6), Fraction(0)))
    assert not statistics.shows(k, n, ">=", below + Fraction(2, 10**6))


@given(st.integers(1, 300), st.integers(1, 99))
@settings(max_examples=60, deadline=None)
def test_needed_count_is_the_border(n: int, percent: int) -> None:
    limit = Fraction(percent, 100)
    count = statistics.needed(n, ">=", limit)
    if count is None:
        assert not statistics.shows(n, n, ">=", limit)
        return
    assert statistics.shows(count, n, ">=", limit)
    assert count == 0 or not statistics.shows(count - 1, n, ">=", limit)
    assert statistics.needed(n, "<=", 1 - limit) == n - count


@given(st.integers(5, 120), st.integers(1, 99))
@settings(max_examples=40, deadline=None)
def test_lower_bound_covers_at_every_n_and_rate(n: int, percent: int) -> None:
    # The guarantee itself: summed over all outcomes, the bound lies above the truth at most 5 % of the time.
    truth = percent / 100
    missed = sum(binom.pmf(k, n, truth) for k in range(n + 1) if statistics.lower_bound(k, n) > truth)
    assert missed <= 0.05 + 1e-9


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    n = draw(st.integers(0, 200))
    unscored = draw(st.integers(0, n))
    return Tally(n, draw(st.integers(0, n - unscored)), unscored)


@given(tallies(), st.sampled_from([">=", "<="]), st.integers(1, 99))
@settings(max_examples=100, deadline=None)
def test_unscored_items_never_help(tally: Tally, op: statistics.Operator, percent: int) -> None:
    limit = Fraction(percent, 100)
    kinder = Tally(tally.n, tally.best(op), 0)
    assert not tally.met(op, limit) or kinder.met(op, limit)
    assert not tally.shown(op, limit) or tally.met(op, limit)
    assert not (tally.met(op, limit) and tally.open(op, limit))
    if tally.unscored == tally.n:
        assert not tally.met(op, limit)
        assert tally.rate() is None


def test_tally_counts_unscored_against_the_rule() -> None:
    passes = Tally(1_000, 905, 10)
    assert passes.rate() == Fraction(905, 990)
    assert passes.met(">=", threshold("0.90"))
    assert not Tally(1_000, 895, 10).met(">=", threshold("0.90"))
    assert Tally(1_000, 895, 10).open(">=", threshold("0.90"))
    refused = Tally(300, 10, 6)
    assert not refused.met("<=", threshold("0.05"))
    assert refused.open("<=", threshold("0.05"))
    assert Decimal(statistics.up(statistics.upper_bound(refused.worst("<="), 300))) > Decimal("0.05")


@pytest.mark.parametrize(("n", "counted", "unscored"), [(1, 2, 0), (1, 1, 1), (2, -1, 1), (2, 1, -1)])
def test_impossible_tallies_are_refused(n: int, counted: int, unscored: int) -> None:
    with pytest.raises(ValueError):
        Tally(n, counted, unscored)
