"""The tables that say what a rule lets through and how many items a bound needs."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from mofang.assurance.statistics import planning
from mofang.assurance.statistics.proportion import Operator, shows


@pytest.mark.parametrize(
    ("n", "op", "limit", "odds"),
    [
        (1_000, ">=", "0.90", [0.527, 0.169, 0.027]),
        (300, ">=", "0.95", [0.568, 0.279, 0.103]),
        (300, "<=", "0.05", [0.568, 0.279, 0.103]),
        (4_000, ">=", "0.96", [0.521, 0.002, 0.000]),
        (100_000, ">=", "0.98", [0.506, 0.000, 0.000]),
    ],
)
def test_how_often_the_plain_rule_is_met(n: int, op: Operator, limit: str, odds: list[float]) -> None:
    worse = Fraction(-1 if op == ">=" else 1, 100)
    trues = tuple(Fraction(limit) + step * worse for step in range(3))
    rows = planning.table(n, op, Fraction(limit), trues)
    assert [round(row.plain_passes, 3) for row in rows] == odds
    assert rows[0].bound_shows <= 0.05


@pytest.mark.parametrize(
    ("limit", "true", "n"),
    [
        ("0.90", "0.95", 240),
        ("0.90", "0.93", 760),
        ("0.95", "0.98", 340),
        ("0.95", "0.97", 860),
        ("0.96", "0.98", 640),
    ],
)
def test_sizes_for_nine_chances_of_ten(limit: str, true: str, n: int) -> None:
    found = planning.sample_size(">=", Fraction(limit), Fraction(true), Fraction(9, 10), step=20)
    assert found == n
    exact = planning.sample_size(">=", Fraction(limit), Fraction(true), Fraction(9, 10))
    assert exact is not None
    assert n - 40 < exact <= n
    mirrored = planning.sample_size("<=", 1 - Fraction(limit), 1 - Fraction(true), Fraction(9, 10), step=20)
    assert mirrored == n


def test_items_without_a_failure() -> None:
    found = [
        planning.clean_items(Fraction(limit), family) for limit in ("0.90", "0.95") for family in (1, 31)
    ]
    assert found == [29, 62, 59, 126]
    with pytest.raises(ValueError, match="between 0 and 1"):
        planning.clean_items(Fraction(1))


def test_no_size_shows_what_is_not_so() -> None:
    with pytest.raises(ValueError, match="better"):
        planning.sample_size(">=", Fraction("0.9"), Fraction("0.9"), Fraction(9, 10))
    with pytest.raises(ValueError, match="better"):
        planning.sample_size("<=", Fraction("0.05"), Fraction("0.06"), Fraction(9, 10))


def test_how_many_more() -> None:
    limit = Fraction("0.90")
    assert planning.more_items(916, 1_000, ">=", limit) in range(90)
    assert planning.more_items(950, 1_000, ">=", limit) == 0
    assert planning.more_items(900, 1_000, ">=", limit) is None
    assert planning.more_items(0, 0, ">=", limit) is None
    more = planning.more_items(185, 200, ">=", limit)
    assert more is not None
    assert shows(int(Fraction(185, 200) * (200 + more)), 200 + more, ">=", limit)
    points = planning.curve(95, 100, ">=", limit, (100, 240, 1_000))
    assert [size for size, _chance in points] == [100, 240, 1_000]
    assert points[0][1] < 0.9 < points[1][1] < points[2][1]
    assert planning.curve(0, 0, ">=", limit, (10,)) == []


@given(st.integers(1, 200), st.data(), st.fractions(Fraction(1, 50), Fraction(49, 50)))
@settings(max_examples=60)
def test_probability_is_the_binomial_tail(n: int, data: st.DataObject, true: Fraction) -> None:
    count = data.draw(st.integers(0, n + 1))
    assert planning.probability(n, ">=", count, true) == pytest.approx(
        binom.sf(count - 1, n, float(true)), abs=1e-9
    )
    assert planning.probability(n, "<=", min(count, n), true) == pytest.approx(
        binom.cdf(min(count, n), n, float(true)), abs=1e-9
    )
