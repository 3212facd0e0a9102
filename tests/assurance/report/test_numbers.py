"""How figures are printed, and their cards."""

from __future__ import annotations

from typing import Any

import pytest

from mofang.assurance.report.numbers import Numbers, cards, printed
from mofang.assurance.report.wording import Words
from mofang.evidence.figures import Figure


@pytest.mark.parametrize(
    ("metric", "field", "value", "text"),
    [
        ("kind_rates", "n", 1234, "1,234"),
        ("kind_rates", "rate", "0.916000", "91.6%"),
        ("kind_rates", "lower", "0.888888", "88.88%"),  # limits outwards
        ("kind_rates", "exact_upper", "0.888881", "88.89%"),
        ("repeat_rates", "worst_lower", "0.888888", "88.88%"),
        ("judge_confusion", "sensitivity_high", "0.888881", "88.89%"),
        ("risk_bounds", "lower_simultaneous", "0.888888", "88.88%"),
        ("risk_bounds", "p_adjusted", "0.041231", "0.0413"),  # probabilities up
        ("risk_bounds", "p", "0.000000", "< 0.0001"),
        ("judge_confusion", "kappa", "0.063900", "0.064"),
        ("judge_confusion", "kappa", "-0.100000", "-0.1"),
        ("judge_confusion", "informedness_lower", "0.599900", "0.599"),
        ("kind_rates", "effective_n", "189.390000", "189.3"),
        ("paired_change", "difference", "-0.012000", "−1.2"),
        ("paired_change", "difference", "0.076000", "+7.6"),
        ("paired_change", "lower", "-0.041230", "−4.13"),
        ("paired_change", "lower", "0.038190", "+3.81"),
        ("paired_change", "upper", "-0.041230", "−4.12"),
        ("paired_change", "upper", "0.000000", "0"),
        ("paired_change", "margin", "0.010000", "1.0%"),
        ("paired_change", "decision", "not_worse", "not_worse"),
    ],
)
def test_printed(metric: str, field: str, value: int | str, text: str) -> None:
    assert printed(Figure(metric, 1, {}, {}, field, value)) == text


def test_cards_group_what_was_computed_together(made: Any) -> None:
    found = cards(Numbers(made.figures), Words({}, {}))
    rows = [row for group in found["groups"] for row in group["fields"]]
    assert len(rows) == len(made.figures)
    first = next(group for group in found["groups"] if group["metric"] == "risk_bounds")
    assert [row[0] for row in first["fields"]][:3] == ["n", "passed", "failed"]
    assert found["labels"]["risk_bounds.rate"] == ["比例", "rate"]
    assert found["labels"]["=yes"] == ["是", "yes"]
