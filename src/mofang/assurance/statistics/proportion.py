"""Decisions about a proportion: the plain rule of a clause, and beside it the one-sided exact bound.

A service whose true pass rate is exactly 90 % meets "900 of 1,000" every second time, so both are reported
and never mixed: the plain rule compares exact fractions, the bound is Clopper and Pearson's (1934), whose
coverage is guaranteed at every n. Wilson's interval is for display only (Brown, Cai & DasGupta 2001).

Numbers leave as decimal strings of six digits; bounds are rounded towards the cautious side.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Literal

from mofang.errors import MofangError
from mofang.i18n import _

Operator = Literal[">=", "<=", "=="]

CONFIDENCE = Fraction(95, 100)
_DIGITS = Decimal("0.000001")
_NOISE = Decimal("0.000000000001")
_Z = 1.959963984540054  # the normal quantile of a two-sided 95 % interval


def decimal_text(value: Fraction) -> str:
    """``value`` as a decimal string of six digits, rounded half to even."""
    return _written(Decimal(value.numerator) / Decimal(value.denominator), ROUND_HALF_EVEN)


def _written(value: Decimal, rounding: str) -> str:
    # Twelve digits first: the last bits of a float differ between builds of scipy and must not move the
    # sixth digit.
    return str(value.quantize(_NOISE).quantize(_DIGITS, rounding=rounding))


def down(value: float) -> str:
    """A lower bound as it is printed: never higher than computed."""
    return _written(Decimal(value), ROUND_FLOOR)


def up(value: float) -> str:
    """An upper bound as it is printed: never lower than computed."""
    return _written(Decimal(value), ROUND_CEILING)


def threshold(text: str) -> Fraction:
    """A threshold of a pack, exactly. Raises MofangError for anything but a decimal number."""
    try:
        return Fraction(Decimal(text))
    except (ArithmeticError, ValueError):
        raise MofangError(
            _("{text} is not a decimal number").format(text=repr(text)), remedy=_('write it like "0.90"')
        ) from None


def _checked(k: int, n: int) -> None:
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is no count")


def lower_bound(k: int, n: int, confidence: Fraction = CONFIDENCE) -> float:
    """The exact one-sided lower bound of a proportion after ``k`` of ``n`` (0 where nothing was seen)."""
    _checked(k, n)
    if k == 0:
        return 0.0
    from scipy.special import betaincinv

    return float(betaincinv(k, n - k + 1, float(1 - confidence)))


def upper_bound(k: int, n: int, confidence: Fraction = CONFIDENCE) -> float:
    """The exact one-sided upper bound of a proportion after ``k`` of ``n`` (1 where nothing was seen)."""
    _checked(k, n)
    return 1.0 if k == n else 1.0 - lower_bound(n - k, n, confidence)


def wilson(k: int, n: int) -> tuple[float, float]:
    """Wilson's two-sided 95 % interval, for display; (0, 1) where nothing was seen."""
    _checked(k, n)
    if n == 0:
        return 0.0, 1.0
    rate, weight = k / n, _Z * _Z / n
    middle = (rate + weight / 2) / (1 + weight)
    half = _Z / (1 + weight) * math.sqrt(rate * (1 - rate) / n + weight / (4 * n))
    return (0.0 if k == 0 else max(0.0, middle - half)), (1.0 if k == n else min(1.0, middle + half))


def shows(k: int, n: int, op: Operator, limit: Fraction, confidence: Fraction = CONFIDENCE) -> bool:
    """Whether ``k`` of ``n`` *shows* the rule: the exact bound lies on the right side of ``limit``.

    Uses the tail probability, which is the bound's own definition, so nothing is inverted and nothing
    rounded."""
    _checked(k, n)
    if op == "<=":
        return shows(n - k, n, ">=", 1 - limit, confidence)
    if op != ">=":
        raise ValueError(f"no bound for {op!r}")
    if limit <= 0:
        return True
    if k == 0:
        return False
    from scipy.special import betainc

    return float(betainc(k, n - k + 1, float(limit))) <= float(1 - confidence)


def plain_met(k: int, n: int, op: Operator, limit: Fraction) -> bool:
    """The clause's own rule, ``k/n`` against ``limit``, in exact fractions. Nothing seen meets nothing."""
    _checked(k, n)
    return n > 0 and compare(Fraction(k, n), op, limit)


def compare(value: Fraction, op: str, limit: Fraction) -> bool:
    """``value op limit``, exactly."""
    verbs: dict[str, Callable[[Fraction, Fraction], bool]] = {
        ">=": Fraction.__ge__,
        "<=": Fraction.__le__,
        "==": Fraction.__eq__,
    }
    if op not in verbs:
        raise MofangError(_("{op} is no comparison").format(op=repr(op)), remedy=_("use >=, <= or =="))
    return verbs[op](value, limit)


def needed(n: int, op: Operator, limit: Fraction, confidence: Fraction = CONFIDENCE) -> int | None:
    """The count that just shows the rule: the fewest of ``n`` for ``>=``, the most for ``<=``; None where
    no count does."""
    if op == "<=":
        against = needed(n, ">=", 1 - limit, confidence)
        return None if against is None else n - against
    if not shows(n, n, ">=", limit, confidence):
        return None
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        if shows(middle, n, ">=", limit, confidence):
            high = middle
        else:
            low = middle + 1
    return low


def plain_count(n: int, op: Operator, limit: Fraction) -> int:
    """The count that just meets the plain rule: the fewest of ``n`` for ``>=``, the most for ``<=``."""
    return math.ceil(limit * n) if op == ">=" else math.floor(limit * n)


@dataclass(frozen=True, slots=True)
class Tally:
    """``counted`` of ``n`` items have the property, ``unscored`` could not be judged.

    Unscored items never help: they count against the rule (:meth:`worst`), and only what holds in both the
    worst and the best case is decided."""

    n: int
    counted: int
    unscored: int = 0

    def __post_init__(self) -> None:
        _checked(self.counted + self.unscored, self.n)
        if self.counted < 0 or self.unscored < 0:
            raise ValueError("counts are not negative")

    @property
    def scored(self) -> int:
        return self.n - self.unscored

    def rate(self) -> Fraction | None:
        """The point estimate over the scored items; None where none was scored."""
        return Fraction(self.counted, self.scored) if self.scored else None

    def worst(self, op: Operator) -> int:
        """The count with every unscored item against the rule."""
        return self.counted + self.unscored if op == "<=" else self.counted

    def best(self, op: Operator) -> int:
        """The count with every unscored item in favour of the rule."""
        return self.counted if op == "<=" else self.counted + self.unscored

    def met(self, op: Operator, limit: Fraction) -> bool:
        """The plain rule in the worst case."""
        return plain_met(self.worst(op), self.n, op, limit)

    def open(self, op: Operator, limit: Fraction) -> bool:
        """Whether the unscored items alone decide the plain rule."""
        return not self.met(op, limit) and plain_met(self.best(op), self.n, op, limit)

    def shown(self, op: Operator, limit: Fraction, confidence: Fraction = CONFIDENCE) -> bool:
        """The bound in the worst case."""
        return self.n > 0 and shows(self.worst(op), self.n, op, limit, confidence)
