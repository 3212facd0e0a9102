"""Variance over clusters against statsmodels, and bounds that never claim more than independent items would."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from mofang.assurance.statistics.clusters import clustered, korn_graubard, tail
from mofang.assurance.statistics.proportion import lower_bound, shows

SIZES = [3, 7, 1, 5, 5, 2, 9, 4, 6, 8]
CLUSTERS = np.repeat(np.arange(10), SIZES)
MIXED = np.array([(i * 7 + g * 3) % 10 < 7 for g, m in enumerate(SIZES) for i in range(m)], float)
ALIKE = np.array([g % 3 != 0 for g, m in enumerate(SIZES) for _i in range(m)], float)


@pytest.mark.parametrize(
    ("values", "rate", "variance"),
    [
        # statsmodels 0.15.0: OLS(y, ones).fit(cov_type="cluster", cov_kwds={"groups": clusters}).bse ** 2
        (MIXED, 0.7, 0.0006666666666666674),
        (ALIKE, 0.5, 0.03444444444444446),
    ],
)
def test_variance_is_that_of_statsmodels(values: np.ndarray, rate: float, variance: float) -> None:
    found = clustered(values, CLUSTERS)
    assert (found.n, found.clusters) == (50, 10)
    assert found.rate == pytest.approx(rate, abs=1e-12)
    assert found.variance == pytest.approx(variance, abs=1e-12)


def test_design_effect_and_effective_size_by_hand() -> None:
    found = clustered(ALIKE, CLUSTERS)
    effect = 0.03444444444444446 / (0.25 / 49)
    worth = 50**2 / sum(size * size for size in SIZES)  # Kish: what fully alike clusters are worth
    ratio = student.ppf(0.95, 49) / student.ppf(0.95, worth - 1)
    assert found.design_effect == pytest.approx(effect)
    assert found.freedom == pytest.approx(worth - 1)
    assert found.effective_n == pytest.approx(50 / effect * ratio**2)
    assert found.lower() < lower_bound(25, 50) < 0.5 < found.upper()


def test_items_that_stand_for_themselves_give_the_exact_bound() -> None:
    values = np.array([1.0] * 45 + [0.0] * 5)
    found = clustered(values, np.arange(50))
    assert found.design_effect == pytest.approx(1)
    assert found.lower() == pytest.approx(lower_bound(45, 50))


def test_where_all_agree_the_sample_is_worth_its_clusters() -> None:
    found = clustered(np.ones(100), np.repeat(np.arange(10), 10))
    assert (found.design_effect, found.effective_n) == (None, 10)
    assert found.lower() == pytest.approx(0.05 ** (1 / 10))
    assert found.upper() == 1


def test_one_template_shows_nothing() -> None:
    found = clustered(np.array([1.0, 1.0, 0.0]), np.zeros(3, int))
    assert (found.lower(), found.upper()) == (0.0, 1.0)
    assert found.p_value(">=", Fraction(1, 2)) == 1.0


def test_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="equally many"):
        clustered(np.array([]), np.array([]))
    with pytest.raises(ValueError, match="no bound"):
        tail(0.5, 10, "==", Fraction(1, 2))


@given(st.integers(1, 60), st.data(), st.fractions(Fraction(1, 20), Fraction(19, 20)))
@settings(max_examples=60)
def test_whole_counts_are_clopper_and_pearsons(n: int, data: st.DataObject, limit: Fraction) -> None:
    k = data.draw(st.integers(0, n))
    assert korn_graubard(k / n, n) == pytest.approx(lower_bound(k, n), abs=1e-9)
    assert (tail(k / n, n, ">=", limit) <= 0.05) == shows(k, n, ">=", limit)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=60))
@settings(max_examples=80)
def test_clusters_never_help(items: list[tuple[bool, int]]) -> None:
    values = np.array([float(value) for value, _cluster in items])
    found = clustered(values, np.array([cluster for _value, cluster in items]))
    assert found.effective_n <= len(items) + 1e-9
    assert 0 <= found.lower() <= lower_bound(int(values.sum()), len(items)) + 1e-9
    assert found.lower() <= found.rate + 1e-9
    assert found.rate - 1e-9 <= found.upper() <= 1


def test_coverage_holds_where_the_plain_bound_fails() -> None:
    """Forty templates of ten variants that mostly share their fate, at a true rate of 0.8."""
    rng = np.random.default_rng(7)
    codes, plain, robust = np.repeat(np.arange(40), 10), 0, 0
    for _draw in range(400):
        chance = np.repeat(rng.beta(0.8 * 1.5, 0.2 * 1.5, 40), 10)
        values = (rng.random(400) < chance).astype(float)
        plain += lower_bound(int(values.sum()), 400) <= 0.8
        robust += clustered(values, codes).lower() <= 0.8
    assert plain / 400 < 0.85
    assert robust / 400 >= 0.93
