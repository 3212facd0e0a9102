"""Correcting a judge by people's labels. Internal edition only: a corrected rate never stands in for a manual sample that
a clause asks for, however narrow its interval.

A judge reads everything, people read a *random* part of it. Prediction-powered inference (Angelopoulos et al., Science
382, 2023) takes the judge's rate and adds the error that people found; PPI++ (arXiv 2311.01453) tunes how far the judge
is believed, so that a useless judge costs nothing. Nothing is assumed about the judge, everything about the draw: labels
that were picked because they looked doubtful make both estimators wrong.

Rogan and Gladen's estimator (American Journal of Epidemiology 107, 1978) inverts the judge's sensitivity and
specificity instead; the interval carries the uncertainty of both, as in Lee et al. (arXiv 2511.21140).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

TWO_SIDED = Fraction(95, 100)


@dataclass(frozen=True, slots=True)
class Corrected:
    """A rate with its standard error, on ``labelled`` of ``n`` items. ``tuning`` is how far the judge was believed
    (0 not at all, 1 as in plain PPI; None for other estimators)."""

    n: int
    labelled: int
    rate: float
    error: float
    tuning: float | None = None

    def interval(self, confidence: Fraction = TWO_SIDED) -> tuple[float, float]:
        """The two-sided interval by the normal distribution, kept within 0 and 1."""
        return self.at(-quantile((1 + confidence) / 2)), self.at(quantile((1 + confidence) / 2))

    def lower(self, confidence: Fraction = TWO_SIDED) -> float:
        """The one-sided lower bound."""
        return self.at(-quantile(confidence))

    def upper(self, confidence: Fraction = TWO_SIDED) -> float:
        """The one-sided upper bound."""
        return self.at(quantile(confidence))

    def at(self, steps: float) -> float:
        return min(1.0, max(0.0, self.rate + steps * self.error))


def quantile(confidence: Fraction) -> float:
    """The normal quantile."""
    from scipy.special import ndtri

    return float(ndtri(float(confidence)))


def plain(labels: NDArray[Any], n: int) -> Corrected:
    """The labels alone: what people's sample says without any judge."""
    return ppi(labels, labels, labels[:0], n)


def ppi(
    labels: NDArray[Any],
    judged: NDArray[Any],
    elsewhere: NDArray[Any],
    n: int | None = None,
    tuning: float | None = None,
) -> Corrected:
    """PPI++ for a mean. ``labels`` and ``judged``: people's and the judge's words (0 to 1) on the m labelled items, in
    the same order; ``elsewhere``: the judge's words on the items without a label. ``tuning``: lambda, chosen for the
    least variance and kept within 0 and 1 where it is not given. ``n`` is only for the record.

    The rate is mean(labels) + lambda (mean(elsewhere) - mean(judged)). Raises ValueError for fewer than two labels."""
    import numpy as np

    y, f, u = (np.asarray(each, float) for each in (labels, judged, elsewhere))
    if len(y) < 2 or len(y) != len(f):
        raise ValueError("two labels at least, each with the judge's word on the same item")
    total = len(y) + len(u) if n is None else n
    if not len(u):
        tuning = 0.0
    spread = float(np.var(np.concatenate([f, u]), ddof=1))
    if tuning is None:
        shared = float(np.cov(y, f, ddof=1)[0, 1])
        tuning = min(1.0, max(0.0, shared / (spread * (1 + len(y) / len(u))))) if spread > 0 else 0.0
    shift = float(np.mean(u) - np.mean(f)) if tuning else 0.0
    variance = float(np.var(y - tuning * f, ddof=1)) / len(y)
    if tuning:
        variance += tuning * tuning * float(np.var(u, ddof=min(1, len(u) - 1))) / len(u)
    return Corrected(total, len(y), float(np.mean(y)) + tuning * shift, math.sqrt(variance), tuning)


@dataclass(frozen=True, slots=True)
class Part:
    """One stratum for :func:`stratified_ppi`: its weight and the arrays of :func:`ppi`."""

    weight: Fraction
    labels: NDArray[Any]
    judged: NDArray[Any]
    elsewhere: NDArray[Any]


def stratified_ppi(parts: Sequence[Part]) -> Corrected:
    """PPI++ within each stratum, each with its own lambda, then the weighted sum (Fisch et al., arXiv 2406.04291).
    Weights on any scale. Raises ValueError where a stratum has fewer than two labels: its share is not known."""
    total = sum((part.weight for part in parts), Fraction(0))
    if total <= 0:
        raise ValueError("no stratum has a weight")
    rate = variance = 0.0
    for part in parts:
        found, share = ppi(part.labels, part.judged, part.elsewhere), float(part.weight / total)
        rate += share * found.rate
        variance += share * share * found.error**2
    labelled = sum(len(part.labels) for part in parts)
    return Corrected(labelled + sum(len(p.elsewhere) for p in parts), labelled, rate, math.sqrt(variance))


def labels_saved(corrected: Corrected, labels_alone: Corrected) -> float:
    """The share of labels that the judge saves at the same width: 1 - (width / width of the labels alone)²."""
    return 0.0 if labels_alone.error == 0 else 1 - (corrected.error / labels_alone.error) ** 2


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Rogan and Gladen's rate (0 to 1) with the interval of Lee et al. at ``confidence``."""

    rate: float
    low: float
    high: float


def rogan_gladen(
    counted: int,
    n: int,
    found: tuple[int, int],
    cleared: tuple[int, int],
    confidence: Fraction = TWO_SIDED,
) -> Adjusted | None:
    """The true share behind the judge's ``counted`` of ``n``. ``found``: of how many true cases (second) the judge
    saw how many (first); ``cleared``: the same of the others. The labelled items must not be the judged ones.

    None where the judge is no better than chance on the labels (sensitivity + specificity <= 1): there is nothing to
    invert. Raises ValueError where either kind of label is missing."""
    if not (n and found[1] and cleared[1]):
        raise ValueError("labels of both kinds and judged items are needed")
    q1, q0 = found[0] / found[1], cleared[0] / cleared[1]
    if q0 + q1 <= 1:
        return None
    rate = _inverted(counted / n, q0, q1)
    z = quantile((1 + confidence) / 2)
    size, p = n + z * z, (counted + z * z / 2) / (n + z * z)
    s1, s0 = (found[0] + 1) / (found[1] + 2), (cleared[0] + 1) / (cleared[1] + 2)
    v1, v0 = s1 * (1 - s1) / (found[1] + 2), s0 * (1 - s0) / (cleared[1] + 2)
    if s0 + s1 <= 1:
        return Adjusted(rate, 0.0, 1.0)
    middle = _inverted(p, s0, s1)
    shift = 2 * z * z * (rate * v1 - (1 - rate) * v0)
    half = z * math.sqrt(p * (1 - p) / size + (1 - middle) ** 2 * v0 + middle**2 * v1) / (s0 + s1 - 1)
    return Adjusted(rate, max(0.0, middle + shift - half), min(1.0, middle + shift + half))


def _inverted(p: float, specificity: float, sensitivity: float) -> float:
    return min(1.0, max(0.0, (p + specificity - 1) / (specificity + sensitivity - 1)))
