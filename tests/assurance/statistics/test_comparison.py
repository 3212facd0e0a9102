"""Pairs: McNemar against statsmodels, Tango against the paper and a text book."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mofang.assurance.statistics.comparison import (
    Pairs,
    decide,
    mcnemar,
    mcnemar_mid,
    tango_lower,
    tango_statistic,
    tango_upper,
)


@pytest.mark.parametrize(
    ("gained", "lost", "p"),
    [
        # statsmodels 0.15.0: mcnemar([[10, b], [c, 10]], exact=True).pvalue
        (12, 5, 0.143463134765625),
        (25, 28, 0.7838463022094988),
        (0, 6, 0.03125),
        (3, 3, 1.0),
        (1, 9, 0.021484375),
        (40, 20, 0.01348929373119186),
        (0, 0, 1.0),
    ],
)
def test_mcnemar(gained: int, lost: int, p: float) -> None:
    assert mcnemar(gained, lost) == pytest.approx(p, abs=1e-12)
    assert mcnemar(lost, gained) == mcnemar(gained, lost)
    assert mcnemar_mid(gained, lost) <= mcnemar(gained, lost)


def test_mid_p_by_hand() -> None:
    # Airway hyper-responsiveness of 21 children, Fagerland, Lydersen & Laake (2013): 1 and 7 discordant pairs,
    # exact 0.070, mid-p 0.039.
    assert mcnemar(1, 7) == pytest.approx(0.0703, abs=5e-5)
    assert mcnemar_mid(1, 7) == pytest.approx(0.0391, abs=5e-5)
    assert mcnemar_mid(3, 3) == pytest.approx(1 - comb(6, 3) / 2**7)
    assert mcnemar_mid(0, 0) == 1


def test_tango_of_the_paper() -> None:
    # Soft contact lenses, Tango (1998), section 6.1 and table V: 44 pairs, 0 and 1 discordant.
    pairs = Pairs(44, 0, 1)
    assert tango_statistic(pairs, -0.1) == pytest.approx(1.709, abs=5e-4)
    assert tango_lower(pairs) == pytest.approx(-0.096, abs=5e-4)


def test_tango_of_the_textbook() -> None:
    # The same children, Fagerland, Lydersen & Laake (2014): two-sided 95 % from -0.517 to -0.026.
    pairs, two_sided = Pairs(21, 1, 7), Fraction(975, 1000)
    assert tango_lower(pairs, two_sided) == pytest.approx(-0.517, abs=5e-4)
    assert tango_upper(pairs, two_sided) == pytest.approx(-0.026, abs=5e-4)


def test_no_pairs_show_nothing() -> None:
    assert (tango_lower(Pairs(0, 0, 0)), tango_upper(Pairs(0, 0, 0))) == (-1.0, 1.0)
    assert tango_lower(Pairs(9, 0, 9)) == -1.0
    assert tango_upper(Pairs(9, 9, 0)) == 1.0
    with pytest.raises(ValueError, match="no pairs"):
        Pairs(3, 2, 2)


@pytest.mark.parametrize(
    ("lower", "upper", "word"),
    [(0.01, 0.05, "better"), (-0.005, 0.02, "not_worse"), (-0.05, -0.02, "worse"), (-0.05, 0.02, "open")],
)
def test_decisions(lower: float, upper: float, word: str) -> None:
    assert decide(lower, upper, Fraction("0.01")) == word
    with pytest.raises(ValueError, match="margin"):
        decide(lower, upper, Fraction(0))


@given(st.integers(1, 300), st.data())
@settings(max_examples=60)
def test_bounds_enclose_mirror_and_narrow(n: int, data: st.DataObject) -> None:
    gained = data.draw(st.integers(0, n))
    lost = data.draw(st.integers(0, n - gained))
    pairs = Pairs(n, gained, lost)
    low, high = tango_lower(pairs), tango_upper(pairs)
    assert -1 <= low <= pairs.difference <= high <= 1
    assert tango_upper(Pairs(n, lost, gained)) == -low
    assert tango_lower(pairs.scaled(4.0)) <= low + 1e-12
    if -1 < low < pairs.difference:
        assert tango_statistic(pairs, low) == pytest.approx(1.6448536, abs=1e-3)


def test_coverage_of_the_lower_bound() -> None:
    rng, missed = np.random.default_rng(5), 0
    for _draw in range(2_000):
        gained, lost, _same = rng.multinomial(300, [0.05, 0.04, 0.91])
        missed += tango_lower(Pairs(300, int(gained), int(lost))) > 0.01
    assert missed / 2_000 <= 0.065
