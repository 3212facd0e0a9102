"""When the claim is about *this* bank or corpus and no more: bounds that know how little is left unseen.

Drawn without replacement, the count is hypergeometric. After 50 clean items of 60 nobody needs to fear for the ten
unseen ones what he must fear for a million. The bounds invert the exact tail (Buonaccorsi, The American Statistician 41,
1987), so their coverage is guaranteed. For a claim about a risk as such (all questions one might ask) the bank
is itself a sample, and the ordinary bound holds.
"""

from __future__ import annotations

from fractions import Fraction
from math import lgamma

from mofang.assurance.statistics.proportion import CONFIDENCE


def lower_count(k: int, n: int, population: int, confidence: Fraction = CONFIDENCE) -> int:
    """The fewest of ``population`` that have the property, after ``k`` of ``n`` drawn from it (one-sided)."""
    if not 0 <= k <= n <= population:
        raise ValueError(f"{k} of {n} from {population} is no sample")
    alpha = float(1 - confidence)
    low, high = k, population - (n - k)
    while low < high:
        middle = (low + high) // 2
        if _tail(k, n, middle, population) > alpha:
            high = middle
        else:
            low = middle + 1
    return low


def upper_count(k: int, n: int, population: int, confidence: Fraction = CONFIDENCE) -> int:
    """The most of ``population`` that have the property (one-sided)."""
    return population - lower_count(n - k, n, population, confidence)


def shows_of(k: int, n: int, population: int, limit: Fraction, confidence: Fraction = CONFIDENCE) -> bool:
    """Whether at least the share ``limit`` of this population has the property."""
    return population > 0 and Fraction(lower_count(k, n, population, confidence), population) >= limit


def _tail(k: int, n: int, having: int, population: int) -> float:
    """The probability of ``k`` or more of ``n`` where ``having`` of ``population`` have the property."""
    import numpy as np
    from scipy.special import gammaln

    first, last = max(k, n - (population - having)), min(n, having)
    if first > last:
        return 0.0
    counts = np.arange(first, last + 1, dtype=float)

    rest, others = population - having, n - counts
    chosen = gammaln(having + 1.0) - gammaln(counts + 1) - gammaln(having - counts + 1)
    left = gammaln(rest + 1.0) - gammaln(others + 1) - gammaln(rest - others + 1)
    whole = lgamma(population + 1) - lgamma(n + 1) - lgamma(population - n + 1)
    return min(1.0, float(np.sum(np.exp(chosen + left - whole))))
