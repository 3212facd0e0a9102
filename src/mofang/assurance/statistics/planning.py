"""How many items are worth asking: what a plain rule lets through, and what the bound needs.

All exact: sums of binomial probabilities, no approximation. A service whose true rate is the threshold itself meets
the plain rule about every second time; the bound (:func:`mofang.assurance.statistics.proportion.needed`) lets it
through at most every twentieth time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from mofang.assurance.statistics.multiplicity import shared_confidence
from mofang.assurance.statistics.proportion import CONFIDENCE, Operator, needed, plain_count

MOST = 200_000


def probability(n: int, op: Operator, count: int, true: Fraction) -> float:
    """How often ``n`` items show at least (``>=``) or at most (``<=``) ``count`` if the true rate is ``true``."""
    if op == "<=":
        return probability(n, ">=", n - count, 1 - true)
    if count <= 0:
        return 1.0
    if count > n:
        return 0.0
    from scipy.special import betainc

    return float(betainc(count, n - count + 1, float(true)))


def plain_probability(n: int, op: Operator, limit: Fraction, true: Fraction) -> float:
    """How often the plain rule is met."""
    return probability(n, op, plain_count(n, op, limit), true)


def power(n: int, op: Operator, limit: Fraction, true: Fraction, confidence: Fraction = CONFIDENCE) -> float:
    """How often the bound shows the rule."""
    count = needed(n, op, limit, confidence)
    return 0.0 if count is None else probability(n, op, count, true)


def sample_size(
    op: Operator,
    limit: Fraction,
    true: Fraction,
    target: Fraction,
    confidence: Fraction = CONFIDENCE,
    step: int = 1,
) -> int | None:
    """The fewest items, in steps of ``step``, with which the bound shows the rule as often as ``target`` asks.

    Power falls a little whenever one more failure is not yet allowed, so this is the first size that suffices, not one
    beyond which every size does. None where none up to 200,000 suffices. Raises ValueError where ``true`` is no
    better than ``limit``: then no sample is large enough."""
    if (true <= limit) if op == ">=" else (true >= limit):
        raise ValueError("the true rate must be better than the limit")
    n = step
    while n <= MOST:
        if power(n, op, limit, true, confidence) >= target:
            return n
        n += step
    return None


def clean_items(limit: Fraction, family: int = 1, confidence: Fraction = CONFIDENCE) -> int:
    """How many items without a single failure show a rate above ``limit``, for one risk or for ``family`` of them
    together (Bonferroni)."""
    if not 0 < limit < 1:
        raise ValueError("a limit lies between 0 and 1")
    n = math.ceil(math.log(1 - shared_confidence(family, confidence)) / math.log(limit))
    return n + (float(limit) ** n > float(1 - shared_confidence(family, confidence)))


@dataclass(frozen=True, slots=True)
class Plan:
    """One line of a plan: ``plain`` and ``needed`` counts of ``n``, and how often each lets the true rate through."""

    n: int
    plain: int
    needed: int | None
    true: Fraction
    plain_passes: float
    bound_shows: float


def table(n: int, op: Operator, limit: Fraction, trues: tuple[Fraction, ...]) -> list[Plan]:
    """What ``n`` items do to services of these true rates."""
    return [
        Plan(
            n,
            plain_count(n, op, limit),
            needed(n, op, limit),
            true,
            plain_probability(n, op, limit, true),
            power(n, op, limit, true),
        )
        for true in trues
    ]


def more_items(
    k: int, n: int, op: Operator, limit: Fraction, confidence: Fraction = CONFIDENCE
) -> int | None:
    """How many items *more* would show the rule if the rate of ``k`` of ``n`` stays as it is; 0 where it is shown
    already, None where the rate is on the wrong side or no size up to 200,000 suffices.

    For planning the next draw, never for going on until it passes: a new draw is a new sample."""
    if n == 0 or not ((Fraction(k, n) > limit) if op == ">=" else (Fraction(k, n) < limit)):
        return None
    rate, low, high = Fraction(k, n), n, MOST
    if not _enough(rate, high, op, limit, confidence):
        return None
    while low < high:
        middle = (low + high) // 2
        if _enough(rate, middle, op, limit, confidence):
            high = middle
        else:
            low = middle + 1
    return low - n


def curve(
    k: int, n: int, op: Operator, limit: Fraction, sizes: tuple[int, ...], confidence: Fraction = CONFIDENCE
) -> list[tuple[int, float]]:
    """Points (size, how often the bound would show the rule) if the rate seen is the true one."""
    return [(size, power(size, op, limit, Fraction(k, n), confidence)) for size in sizes] if n else []


def _enough(rate: Fraction, n: int, op: Operator, limit: Fraction, confidence: Fraction) -> bool:
    from mofang.assurance.statistics.proportion import shows

    count = math.floor(rate * n) if op == ">=" else math.ceil(rate * n)
    return shows(count, n, op, limit, confidence)
