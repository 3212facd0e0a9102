"""How many questions are enough: the answer that ``mofang assess sizes`` prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from mofang.assurance.statistics.planning import clean_items, plain_probability, power, sample_size
from mofang.assurance.statistics.proportion import Operator, decimal_text, needed, plain_count, threshold
from mofang.errors import MofangError
from mofang.i18n import _

FINEST = Fraction(1, 1_000_000)
"""Rates are printed to six digits; nobody can show a finer one."""
STEPS = (Fraction(0), Fraction(1, 100), Fraction(2, 100))
"""How far below the rule a service is looked at: by the plain rule some of them meet it by luck."""


@dataclass(frozen=True, slots=True)
class Question:
    """A rule, a sample to look at (None: none), a true rate to be shown (None: none) and how surely."""

    op: Operator
    limit: Fraction
    count: int | None
    true: Fraction | None
    power: Fraction

    @classmethod
    def parse(cls, rule: str, at_most: bool, count: int | None, true: str | None, power: str) -> Question:
        """Raises MofangError for a rate that is none, or a true rate on the wrong side of the rule."""
        op: Operator = "<=" if at_most else ">="
        limit, surely = _rate(rule, "--rule"), _rate(power, "--power")
        expected = None if true is None else _rate(true, "--true")
        if expected is not None and ((expected <= limit) if op == ">=" else (expected >= limit)):
            raise MofangError(
                _("a true rate of {true} never shows the rule {op} {rule}").format(
                    true=true, op=op, rule=rule
                ),
                where="--true",
                remedy=_("name a rate on the better side of the rule"),
            )
        return cls(op, limit, count, expected, surely)


def _rate(text: str, where: str) -> Fraction:
    found = threshold(text)
    if not FINEST <= found <= 1 - FINEST:
        raise MofangError(
            _("{text} is no rate").format(text=text),
            where=where,
            remedy=_("write one between 0 and 1, such as 0.90"),
        )
    return found


def size_wire(asked: Question) -> dict[str, Any]:
    """Everything that is known, as JSON without floats."""
    good = asked.limit if asked.op == ">=" else 1 - asked.limit
    wire: dict[str, Any] = {
        "rule": f"{asked.op} {decimal_text(asked.limit)}",
        "clean_items": clean_items(good),
    }
    if asked.count is not None:
        wire |= {
            "n": asked.count,
            "plain": plain_count(asked.count, asked.op, asked.limit),
            "needed": needed(asked.count, asked.op, asked.limit),
            "plain_rule_met_by_chance": [
                {
                    "true": decimal_text(true),
                    "probability": _shown(plain_probability(asked.count, asked.op, asked.limit, true)),
                }
                for true in _around(asked)
            ],
        }
    if asked.true is not None:
        wire["true"] = decimal_text(asked.true)
        wire["questions"] = sample_size(asked.op, asked.limit, asked.true, asked.power)
        if asked.count is not None:
            wire["power"] = _shown(power(asked.count, asked.op, asked.limit, asked.true))
    return wire


def size_lines(asked: Question) -> Iterator[str]:
    """The same in sentences."""
    wire = size_wire(asked)
    if asked.count is not None:
        yield _("{n} questions: the plain rule asks for {plain}, the bound for {needed}").format(
            n=wire["n"], plain=wire["plain"], needed=wire["needed"] if wire["needed"] is not None else "-"
        )
        for one in wire["plain_rule_met_by_chance"]:
            yield _("  at a true rate of {true} the plain rule is met in {probability} of all draws").format(
                true=percent(one["true"]), probability=percent(one["probability"])
            )
    if asked.true is not None:
        yield _("to show the rule at a true rate of {true} with a power of {power}: {n} questions").format(
            true=percent(wire["true"]),
            power=percent(decimal_text(asked.power)),
            n=wire["questions"] or _("more than 200,000"),
        )
        if "power" in wire:
            yield _("  {n} questions show it in {probability} of all draws").format(
                n=asked.count, probability=percent(wire["power"])
            )
    yield _("without a single failure {n} questions are enough").format(n=wire["clean_items"])


def percent(rate: str) -> str:
    """A decimal string as people read it: "90 %"."""
    return f"{(Decimal(rate) * 100).quantize(Decimal('0.1')).normalize():f} %"


def _around(asked: Question) -> list[Fraction]:
    sign = -1 if asked.op == ">=" else 1
    return [true for step in STEPS if 0 < (true := asked.limit + sign * step) < 1]


def _shown(probability: float) -> str:
    return f"{probability:.3f}"
