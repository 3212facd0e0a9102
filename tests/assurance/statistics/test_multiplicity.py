"""Adjusted p-values against statsmodels, and what they promise."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from mofang.assurance.statistics import multiplicity
from mofang.assurance.statistics.multiplicity import benjamini_hochberg, bonferroni, holm, p_value
from mofang.assurance.statistics.proportion import lower_bound, shows, upper_bound

P = [0.001, 0.04, 0.03, 0.005, 0.2, 0.8, 0.012, 0.5]


def test_adjusted_as_statsmodels_does() -> None:
    # statsmodels 0.15.0: multipletests(P, method="holm" | "bonferroni" | "fdr_bh")[1]
    assert holm(P) == pytest.approx([0.008, 0.16, 0.15, 0.035, 0.6, 1.0, 0.072, 1.0])
    assert bonferroni(P) == pytest.approx([0.008, 0.32, 0.24, 0.04, 1.0, 1.0, 0.096, 1.0])
    assert benjamini_hochberg(P) == pytest.approx(
        [0.008, 0.064, 0.06, 0.02, 0.2666666667, 0.8, 0.032, 0.5714285714]
    )


@pytest.mark.parametrize(
    ("k", "n", "op", "limit", "p"),
    [
        # scipy 1.17.1: binomtest(k, n, limit, alternative).pvalue
        (916, 1_000, ">=", "0.90", 0.04850250689914628),
        (285, 300, ">=", "0.95", 0.5681120359274185),
        (8, 300, "<=", "0.05", 0.034065813521506116),
        (0, 10, ">=", "0.5", 1.0),
        (0, 0, ">=", "0.5", 1.0),
    ],
)
def test_exact_tail(k: int, n: int, op: str, limit: str, p: float) -> None:
    assert p_value(k, n, op, Fraction(limit)) == pytest.approx(p, abs=1e-12)  # type: ignore[arg-type]


def test_bounds_that_hold_together() -> None:
    assert multiplicity.simultaneous_lower(62, 62, 31) > 0.9 > multiplicity.simultaneous_lower(61, 61, 31)
    assert multiplicity.simultaneous_upper(0, 126, 31) < 0.05
    assert multiplicity.simultaneous_lower(40, 50, 1) == lower_bound(40, 50)
    assert multiplicity.simultaneous_upper(40, 50, 1) == upper_bound(40, 50)
    with pytest.raises(ValueError, match="family"):
        multiplicity.shared_confidence(0)


def test_no_p_value_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm([0.1, 1.2])
    with pytest.raises(ValueError, match="no count"):
        p_value(3, 2, ">=", Fraction(1, 2))
    with pytest.raises(ValueError, match="no bound"):
        p_value(1, 2, "==", Fraction(1, 2))
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=31))
def test_order_is_kept_and_holm_lies_between(p: list[float]) -> None:
    adjusted, q = holm(p), benjamini_hochberg(p)
    for one, other in zip(sorted(range(len(p)), key=lambda i: (p[i], i)), range(len(p)), strict=True):
        assert 0 <= p[one] <= adjusted[one] <= 1
        assert adjusted[other] <= bonferroni(p)[other] + 1e-12
        assert q[other] <= adjusted[other] + 1e-12
    ranked = [adjusted[i] for i in sorted(range(len(p)), key=lambda i: (p[i], i))]
    assert ranked == sorted(ranked)


@given(st.integers(1, 40), st.data(), st.sampled_from(["0.5", "0.9", "0.95"]))
def test_p_value_and_bound_say_the_same(n: int, data: st.DataObject, limit: str) -> None:
    k = data.draw(st.integers(0, n))
    p = p_value(k, n, ">=", Fraction(limit))
    assert p == pytest.approx(binomtest(k, n, float(limit), alternative="greater").pvalue, abs=1e-10)
    assert (p <= 0.05) == shows(k, n, ">=", Fraction(limit))
