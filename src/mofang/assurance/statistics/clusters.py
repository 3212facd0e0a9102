"""Derived questions are not independent: variance, design effect and bounds that say so.

Ten variants of one template are closer to one question than to ten. The rate is a ratio estimator; its variance
is linearised over the clusters (Taylor series; Binder 1983) with the factor G/(G-1), which is what statsmodels calls
``cov_type="cluster"``. The bounds are Clopper and Pearson's with Korn and Graubard's effective sample size (Survey
Methodology 24, 1998), cut at the real one: a clustered sample is never worth more than a plain one.

With few clusters, or very unequal ones, Student's t takes the place of the normal, with as many degrees of freedom as
the *effective number* of clusters (Carter, Schnepel & Steigerwald 2017, in the cautious case of items that all agree
within their cluster) less one. Where all items have the same result nothing can be learned about their likeness; the
sample is then worth that effective number of items.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from mofang.assurance.statistics.proportion import CONFIDENCE, Operator

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Clustered:
    """A rate over ``n`` items in ``clusters`` clusters. ``variance`` is that of the rate; ``design_effect`` how many
    times larger than that of independent items (None where all items agree); ``freedom`` the degrees of freedom."""

    n: int
    clusters: int
    rate: float
    variance: float
    design_effect: float | None
    freedom: float
    effective_n: float

    def lower(self, confidence: Fraction = CONFIDENCE) -> float:
        """The one-sided lower bound."""
        return korn_graubard(self.rate, self.effective_n, confidence)

    def upper(self, confidence: Fraction = CONFIDENCE) -> float:
        """The one-sided upper bound."""
        return 1.0 - korn_graubard(1.0 - self.rate, self.effective_n, confidence)

    def p_value(self, op: Operator, limit: Fraction) -> float:
        """How likely so favourable a sample is at the limit itself."""
        return tail(self.rate, self.effective_n, op, limit)


def clustered(values: NDArray[Any], clusters: NDArray[Any], confidence: Fraction = CONFIDENCE) -> Clustered:
    """The rate of ``values`` (n of them, from 0 to 1) over ``clusters`` (n codes, any whole numbers).

    Raises ValueError where nothing is given. ``confidence`` is that of the bounds that will be asked."""
    import numpy as np

    n = len(values)
    if n == 0 or n != len(clusters):
        raise ValueError("values and clusters must be equally many, and at least one")
    _names, codes = np.unique(clusters, return_inverse=True)
    sizes = np.bincount(codes).astype(float)
    rate = float(np.mean(values))
    residuals = np.bincount(codes, weights=np.asarray(values, float) - rate)
    count = len(sizes)
    variance = float(residuals @ residuals) / n**2 * (count / (count - 1) if count > 1 else 1.0)
    worth = n * n / float(sizes @ sizes)
    simple = _simple(values, rate, n)
    effect = variance / simple if simple > 0 and variance > 0 else None
    freedom = worth - 1 if count > 1 else 0.0
    effective = _effective_n(n, effect, freedom, worth, confidence) if count > 1 else 0.0
    return Clustered(n, count, rate, variance, effect, freedom, effective)


def _simple(values: NDArray[Any], rate: float, n: int) -> float:
    """The variance of the rate if the items were independent, by the same estimator with every item for itself."""
    import numpy as np

    return float(np.sum((np.asarray(values, float) - rate) ** 2)) / n / (n - 1) if n > 1 else 0.0


def _effective_n(n: int, effect: float | None, freedom: float, worth: float, confidence: Fraction) -> float:
    if effect is None:
        return worth
    return min(float(n), n / effect * _student(n - 1, freedom, confidence))


def _student(plain: float, freedom: float, confidence: Fraction) -> float:
    """What few degrees of freedom cost: the squared ratio of Student's quantiles, at most 1."""
    from scipy.special import stdtrit

    if freedom <= 0 or plain <= 0:
        return 0.0
    ratio = float(stdtrit(plain, float(confidence))) / float(stdtrit(freedom, float(confidence)))
    return min(1.0, ratio * ratio)


def effective_size(
    n: float, rate: float, variance: float, freedom: float, confidence: Fraction = CONFIDENCE
) -> float:
    """Korn and Graubard's effective sample size of a rate with this ``variance``; ``n`` where there is none."""
    if variance <= 0:
        return n
    return rate * (1 - rate) / variance * _student(n - 1, freedom, confidence)


def korn_graubard(rate: float, effective_n: float, confidence: Fraction = CONFIDENCE) -> float:
    """The one-sided lower bound of a rate seen on ``effective_n`` items, which need not be whole."""
    from scipy.special import betaincinv

    seen = rate * effective_n
    if seen <= 0:
        return 0.0
    return float(betaincinv(seen, effective_n - seen + 1, float(1 - confidence)))


def tail(rate: float, effective_n: float, op: Operator, limit: Fraction) -> float:
    """The p-value against ``limit``: the binomial tail, continued to counts that are not whole."""
    from scipy.special import betainc

    if op == "<=":
        return tail(1.0 - rate, effective_n, ">=", 1 - limit)
    if op != ">=":
        raise ValueError(f"no bound for {op!r}")
    seen = rate * effective_n
    if limit <= 0:
        return 0.0
    return 1.0 if seen <= 0 else float(betainc(seen, effective_n - seen + 1, float(limit)))
