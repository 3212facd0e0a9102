"""Bounds for this bank and no more: exact, by enumeration."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from mofang.assurance.statistics.finite import lower_count, shows_of, upper_count
from mofang.assurance.statistics.proportion import lower_bound


@pytest.mark.parametrize(
    ("k", "n", "population", "fewest"),
    [
        # Enumerated with scipy 1.17.1: the least K with hypergeom.sf(k - 1, N, K, n) > 0.05
        (50, 50, 60, 59),
        (95, 100, 400, 362),
        (10, 20, 50, 17),
        (0, 10, 100, 0),
        (290, 300, 2_000, 1_892),
    ],
)
def test_lower_count(k: int, n: int, population: int, fewest: int) -> None:
    assert lower_count(k, n, population) == fewest


def test_a_census_knows_everything() -> None:
    assert lower_count(7, 9, 9) == upper_count(7, 9, 9) == 7
    assert shows_of(9, 10, 10, Fraction(9, 10))
    assert not shows_of(0, 0, 0, Fraction(1, 2))


def test_a_large_population_is_the_ordinary_bound() -> None:
    assert lower_count(916, 1_000, 10_000_000) / 10_000_000 == pytest.approx(
        lower_bound(916, 1_000), abs=1e-4
    )


def test_an_impossible_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="no sample"):
        lower_count(3, 5, 4)


@given(st.integers(1, 30), st.data())
@settings(max_examples=50)
def test_coverage_by_enumeration(population: int, data: st.DataObject) -> None:
    n, having = data.draw(st.integers(1, population)), data.draw(st.integers(0, population))
    missed = sum(
        float(hypergeom.pmf(k, population, having, n))
        for k in range(max(0, n - population + having), min(n, having) + 1)
        if lower_count(k, n, population) > having
    )
    assert missed <= 0.05 + 1e-9
    assert all(lower_count(k, n, population) <= lower_count(k + 1, n, population) for k in range(n))
