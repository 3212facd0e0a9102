"""How many questions are enough, as it is printed. The counts are those of exact binomial tails: 900 of 1,000 is what
the plain rule asks for, 916 what Clopper and Pearson's bound needs; 285 and 292 of 300."""

from __future__ import annotations

from typing import Any

import pytest
from scipy.stats import beta, binom

from mofang.assurance.statistics.sizes import Question, size_lines, size_wire
from mofang.errors import MofangError


def asked(rule: str, count: int | None = None, true: str | None = None, **more: Any) -> Question:
    return Question.parse(rule, more.get("at_most", False), count, true, more.get("power", "0.90"))


@pytest.mark.parametrize(
    ("rule", "at_most", "n", "plain", "needed"),
    [
        ("0.90", False, 1000, 900, 916),
        ("0.95", False, 300, 285, 292),
        ("0.05", True, 300, 15, 8),
        ("0.90", False, 28, 26, None),
    ],
)
def test_what_rule_and_bound_ask_for(
    rule: str, at_most: bool, n: int, plain: int, needed: int | None
) -> None:
    wire = size_wire(asked(rule, n, at_most=at_most))
    assert (wire["plain"], wire["needed"]) == (plain, needed)
    if needed is not None:
        good, limit = (n - needed, 1 - float(rule)) if not at_most else (needed, float(rule))
        assert beta.ppf(0.95, good + 1, n - good) < limit  # the bound of so many failures lies below the rule
        assert beta.ppf(0.95, good + 2, n - good - 1) >= limit  # that of one more does not


def test_the_lines_of_the_clause() -> None:
    assert list(size_lines(asked("0.90", 1000))) == [
        "1000 questions: the plain rule asks for 900, the bound for 916",
        "  at a true rate of 90 % the plain rule is met in 52.7 % of all draws",
        "  at a true rate of 89 % the plain rule is met in 16.9 % of all draws",
        "  at a true rate of 88 % the plain rule is met in 2.7 % of all draws",
        "without a single failure 29 questions are enough",
    ]


def test_the_lines_for_refusals() -> None:
    lines = list(size_lines(asked("0.95", 300, "0.98")))
    assert lines[0] == "300 questions: the plain rule asks for 285, the bound for 292"
    assert lines[-3].startswith("to show the rule at a true rate of 98 % with a power of 90 %: ")
    assert lines[-1] == "without a single failure 59 questions are enough"


def test_a_power_that_is_said_is_reached() -> None:
    wire = size_wire(asked("0.95", true="0.98"))
    n = wire["questions"]
    needed = size_wire(asked("0.95", n))["needed"]
    assert binom.sf(needed - 1, n, 0.98) >= 0.90


def test_how_often_chance_meets_the_plain_rule() -> None:
    [first, *_rest] = size_wire(asked("0.90", 1000))["plain_rule_met_by_chance"]
    assert first == {"true": "0.900000", "probability": f"{binom.sf(899, 1000, 0.9):.3f}"}


def test_too_few_for_the_bound_is_said() -> None:
    assert "the bound for -" in next(size_lines(asked("0.90", 28)))


def test_without_a_sample_only_what_is_known() -> None:
    assert list(size_lines(asked("0.90"))) == ["without a single failure 29 questions are enough"]


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ({"rule": "90"}, "--rule"),
        ({"rule": "1"}, "--rule"),
        ({"rule": "0"}, "--rule"),
        ({"rule": "-0.5"}, "--rule"),
        ({"rule": "1e-3000"}, "--rule"),
        ({"rule": "0.9999999999999999999999"}, "--rule"),
        ({"rule": "0.9", "power": "1.2"}, "--power"),
        ({"rule": "0.9", "true": "1.5"}, "--true"),
        ({"rule": "0.9", "true": "0.9"}, "--true"),
        ({"rule": "0.9", "true": "0.8"}, "--true"),
        ({"rule": "0.05", "true": "0.06", "at_most": True}, "--true"),
    ],
)
def test_a_rate_that_is_none(words: dict[str, Any], where: str) -> None:
    with pytest.raises(MofangError) as caught:
        asked(**words)
    assert caught.value.where == where
    assert caught.value.remedy


@pytest.mark.parametrize("rule", ["x", "", "0,9", "nan"])
def test_a_rate_that_is_no_number(rule: str) -> None:
    with pytest.raises(MofangError):
        asked(rule)
