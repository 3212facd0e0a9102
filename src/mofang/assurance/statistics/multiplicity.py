"""Many risks at once: what may be said of all of them together.

One gate per clause needs no correction, the clause defines it. "No risk is hidden by the average" is another
statement: it is about every risk at the same time, so p-values are adjusted by Holm (Scandinavian Journal of Statistics 6,
1979), which holds whatever the dependence, and bounds by Bonferroni. Benjamini and Hochberg's procedure (JRSS B 57, 1995)
bounds the share of false discoveries only; it is for looking, never for a statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from mofang.assurance.statistics.proportion import CONFIDENCE, Operator, lower_bound, upper_bound


def p_value(k: int, n: int, op: Operator, limit: Fraction) -> float:
    """How likely ``k`` of ``n`` or a more favourable count is if the true rate is the limit itself: the exact
    binomial tail. 1 where nothing was seen."""
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is no count")
    if op == "<=":
        return p_value(n - k, n, ">=", 1 - limit)
    if op != ">=":
        raise ValueError(f"no bound for {op!r}")
    if k == 0:
        return 1.0
    from scipy.special import betainc

    return float(betainc(k, n - k + 1, float(limit)))


def holm(p: Sequence[float]) -> list[float]:
    """Adjusted p-values in the order given; those at most alpha may be stated together at level alpha."""
    found, highest = [0.0] * len(p), 0.0
    for rank, index in enumerate(_ascending(p)):
        highest = max(highest, min(1.0, (len(p) - rank) * p[index]))
        found[index] = highest
    return found


def bonferroni(p: Sequence[float]) -> list[float]:
    """Adjusted p-values: each times their number, at most 1."""
    return [min(1.0, len(p) * each) for each in p]


def benjamini_hochberg(p: Sequence[float]) -> list[float]:
    """Adjusted p-values ("q"); for exploration only."""
    found, least = [1.0] * len(p), 1.0
    for rank, index in reversed(list(enumerate(_ascending(p), 1))):
        least = min(least, len(p) / rank * p[index])
        found[index] = least
    return found


def _ascending(p: Sequence[float]) -> list[int]:
    if any(not 0 <= each <= 1 for each in p):
        raise ValueError("p-values lie between 0 and 1")
    return sorted(range(len(p)), key=lambda index: (p[index], index))


def shared_confidence(family: int, confidence: Fraction = CONFIDENCE) -> Fraction:
    """The confidence of one of ``family`` bounds so that all hold together (Bonferroni)."""
    if family < 1:
        raise ValueError("a family has at least one member")
    return 1 - (1 - confidence) / family


def simultaneous_lower(k: int, n: int, family: int, confidence: Fraction = CONFIDENCE) -> float:
    """The exact lower bound that holds together with those of the whole family."""
    return lower_bound(k, n, shared_confidence(family, confidence))


def simultaneous_upper(k: int, n: int, family: int, confidence: Fraction = CONFIDENCE) -> float:
    """The exact upper bound that holds together with those of the whole family."""
    return upper_bound(k, n, shared_confidence(family, confidence))
