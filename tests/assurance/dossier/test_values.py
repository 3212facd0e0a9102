"""Numbers as they are printed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.assurance.dossier.values import percent, shown, threshold

RATES = st.integers(0, 1_000_000).map(lambda n: f"{Decimal(n) / 1_000_000:.6f}")


@pytest.mark.parametrize(
    ("value", "field", "text"),
    [
        ("0.916000", "rate", "91.6%"),
        ("0.913333", "rate", "91.33%"),
        ("1.000000", "rate", "100.0%"),
        ("0.000000", "rate", "0.0%"),
        ("0.949999", "rate", "94.9999%"),
        ("0.999999", "rate", "99.9999%"),
        ("0.949999", "lower", "94.99%"),
        ("0.050001", "upper", "5.01%"),
        (4000, "n", "4,000"),
        (0, "n", "0"),
        ("2026-10-20", "newest", "2026-10-20"),
        ("yes", "met", "yes"),
    ],
)
def test_figures_are_printed_the_same_everywhere(value: int | str, field: str, text: str) -> None:
    assert shown(value, field) == text


@pytest.mark.parametrize(
    ("value", "statistic", "text"),
    [
        ("0.95", "proportion", "95%"),
        ("0.305", "proportion", "30.5%"),
        ("10000", "count", "10,000"),
        ("7", "days", "7"),
        ("2.5", "count", "2.5"),
    ],
)
def test_thresholds_are_quoted_as_rules_write_them(value: str, statistic: str, text: str) -> None:
    assert threshold(value, statistic) == text


@given(RATES)
def test_bounds_never_claim_more_than_was_computed(value: str) -> None:
    exact = Decimal(value) * 100
    assert Decimal(percent(value, "lower")[:-1]) <= exact <= Decimal(percent(value, "upper")[:-1])


@given(RATES, st.integers(0, 200).map(lambda n: Decimal(n) / 2))
def test_rounding_never_carries_a_rate_onto_a_threshold(value: str, limit: Decimal) -> None:
    exact, printed = Decimal(value) * 100, Decimal(percent(value, "rate")[:-1])
    assert (printed >= limit) == (exact >= limit)
    assert (printed <= limit) == (exact <= limit)
