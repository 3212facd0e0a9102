"""Two versions, the same questions: did the second become better, and is it at least not worse?

The same questions put to both make pairs; only pairs whose verdicts differ tell anything. McNemar's test (Psychometrika
12, 1947) in its exact form, and with the mid-p correction that takes off its excess caution (Fagerland, Lydersen &
Laake 2013). The difference gets Tango's score bound (Statistics in Medicine 17, 1998, equations 24-26), which holds up
where few pairs differ. "No significant difference" is no finding: what counts is whether the bound stays above the
declared margin.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from mofang.assurance.statistics.proportion import CONFIDENCE

Decision = Literal["better", "not_worse", "worse", "open"]


@dataclass(frozen=True, slots=True)
class Pairs:
    """``n`` pairs: ``gained`` went from fail to pass, ``lost`` from pass to fail. Counts may be fractions where
    clusters make them worth less."""

    n: float
    gained: float
    lost: float

    def __post_init__(self) -> None:
        if min(self.gained, self.lost) < 0 or self.gained + self.lost > self.n:
            raise ValueError(f"{self} are no pairs")

    @property
    def difference(self) -> float:
        """The second rate less the first."""
        return (self.gained - self.lost) / self.n if self.n else 0.0

    def scaled(self, design_effect: float) -> Pairs:
        """The pairs at what they are worth."""
        effect = max(1.0, design_effect)
        return Pairs(self.n / effect, self.gained / effect, self.lost / effect)


def mcnemar(gained: int, lost: int) -> float:
    """McNemar's exact two-sided p-value. 1 where no pair differs."""
    return min(1.0, 2 * _binomial(min(gained, lost), gained + lost))


def mcnemar_mid(gained: int, lost: int) -> float:
    """The same with half the probability of what was seen."""
    if gained == lost:
        return 1.0 - _point(gained, 2 * gained) / 2 if gained else 1.0
    least, n = min(gained, lost), gained + lost
    return min(1.0, 2 * _binomial(least, n) - _point(least, n))


def _binomial(k: int, n: int) -> float:
    from scipy.special import bdtr

    return float(bdtr(k, n, 0.5)) if n else 1.0


def _point(k: int, n: int) -> float:
    return float(math.comb(n, k) / 2**n)


def tango_statistic(pairs: Pairs, difference: float) -> float:
    """Tango's score for the hypothesis that the true difference is ``difference`` (between -1 and 1, open)."""
    n, gained, lost = pairs.n, pairs.gained, pairs.lost
    b = -gained - lost + (2 * n - gained + lost) * difference
    c = -lost * difference * (1 - difference)
    restricted = (math.sqrt(max(0.0, b * b - 8 * n * c)) - b) / (4 * n)
    variance = n * (2 * restricted + difference * (1 - difference))
    distance = gained - lost - n * difference
    if variance <= 0:
        return math.copysign(math.inf, distance) if distance else 0.0
    return distance / math.sqrt(variance)


def tango_lower(pairs: Pairs, confidence: Fraction = CONFIDENCE) -> float:
    """The one-sided lower bound of the difference; -1 where there is no pair."""
    from mofang.assurance.statistics.correction import quantile

    if not pairs.n or pairs.lost == pairs.n:
        return -1.0
    z, low, high = quantile(confidence), -1.0, pairs.difference
    for _step in range(80):
        middle = (low + high) / 2
        if tango_statistic(pairs, middle) > z:
            low = middle
        else:
            high = middle
    return low


def tango_upper(pairs: Pairs, confidence: Fraction = CONFIDENCE) -> float:
    """The one-sided upper bound of the difference; 1 where there is no pair."""
    return -tango_lower(Pairs(pairs.n, pairs.lost, pairs.gained), confidence)


def decide(lower: float, upper: float, margin: Fraction) -> Decision:
    """``better``: the lower bound is above 0. ``not_worse``: it is above the margin. ``worse``: the upper bound is
    below 0. ``open``: the questions were too few to tell."""
    if not 0 < margin < 1:
        raise ValueError("a margin lies between 0 and 1")
    if lower > 0:
        return "better"
    if lower > -float(margin):
        return "not_worse"
    return "worse" if upper < 0 else "open"
