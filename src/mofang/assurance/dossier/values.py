"""How a figure's value is printed. Every document and every check of a document formats through here."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

_RATE = re.compile(r"-?\d+\.\d+")
_FLOOR = frozenset({"lower", "wilson_low"})
_CEILING = frozenset({"upper", "wilson_high"})
_HALF_POINT = Decimal("0.5")


def is_rate(value: int | str) -> bool:
    """Whether a value is a proportion: rates are decimal strings, counts are whole numbers."""
    return isinstance(value, str) and _RATE.fullmatch(value) is not None


def shown(value: int | str, field: str = "") -> str:
    """The printed form of a figure: ``"0.916000"`` -> ``"91.6%"``, ``4000`` -> ``"4,000"``, words as they
    are.

    Limits of intervals are rounded outwards (``lower`` down, ``upper`` up), so that print never claims more
    than was computed. The exact value stays with the figure.
    """
    if isinstance(value, int):
        return f"{value:,}"
    return percent(value, field) if is_rate(value) else value


def percent(value: str, field: str = "") -> str:
    """A proportion in percent with one or two decimals; four where rounding would land on a likely
    threshold."""
    exact = Decimal(value) * 100
    rounding = ROUND_FLOOR if field in _FLOOR else ROUND_CEILING if field in _CEILING else ROUND_HALF_EVEN
    short = exact.quantize(Decimal("0.01"), rounding)
    if short != exact and short % _HALF_POINT == 0 and rounding == ROUND_HALF_EVEN:
        return f"{exact.quantize(Decimal('0.0001'))}%"
    text = f"{short}"
    return f"{text[:-1] if text.endswith('0') else text}%"


def threshold(value: str, statistic: str) -> str:
    """A rule's value as it is quoted: ``("0.95", "proportion")`` -> ``"95%"``, ``("10000", "count")`` ->
    ``"10,000"``."""
    number = Decimal(value)
    if statistic == "proportion":
        return f"{plain(number * 100)}%"
    return f"{int(number):,}" if number == number.to_integral_value() else plain(number)


def plain(number: Decimal) -> str:
    """A decimal without exponent or trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
