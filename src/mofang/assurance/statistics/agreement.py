"""How far a judge agrees with people, and whether it may be used at all.

A judge is a diagnostic test: its positives are the items it calls ``fail`` (or ``refused``), people's word is the truth.
Sensitivity and specificity with Wilson's intervals; their sum less one is Youden's informedness (Cancer 3, 1950),
0 for a coin. Agreement beyond chance by Cohen's kappa (1960), which collapses where almost everything passes; so beside
it Gwet's AC1 (British Journal of Mathematical and Statistical Psychology 61, 2008), PABAK (Byrt, Bishop & Carlin 1993) and
Krippendorff's alpha for any number of people with gaps (Content Analysis, 2004, chapter 11).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeVar

from mofang.assurance.statistics.proportion import CONFIDENCE, wilson

NEAR_CHANCE = 0.20
"""Kappa and informedness up to here are "slight" (Landis & Koch, Biometrics 33, 1977): a judge there is not used."""

FEW = 5
"""With fewer labels of either kind nothing is said about a judge."""

MOST_STRAY = Fraction(1, 100)
"""The largest share of replies outside the vocabulary that a judge on a finished run may have."""

Use = Literal["yes", "no", "unknown"]
Why = Literal["", "few_labels", "stray_labels", "near_chance", "unreadable"]
Label = TypeVar("Label", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Confusion:
    """Two by two: ``both`` positive, ``judge`` alone, ``people`` alone, ``neither``."""

    both: int
    judge: int
    people: int
    neither: int

    def __post_init__(self) -> None:
        if min(self.both, self.judge, self.people, self.neither) < 0:
            raise ValueError("counts are not negative")

    @classmethod
    def of(cls, pairs: Iterable[tuple[bool, bool]]) -> Confusion:
        """From pairs (judge, people) of whether an item is positive."""
        counts = Counter(pairs)
        return cls(counts[True, True], counts[True, False], counts[False, True], counts[False, False])

    @property
    def n(self) -> int:
        return self.both + self.judge + self.people + self.neither

    @property
    def positives(self) -> int:
        return self.both + self.people

    @property
    def negatives(self) -> int:
        return self.judge + self.neither

    @property
    def sensitivity(self) -> float | None:
        """Of people's positives, the share that the judge found."""
        return self.both / self.positives if self.positives else None

    @property
    def specificity(self) -> float | None:
        """Of the others, the share that the judge left alone."""
        return self.neither / self.negatives if self.negatives else None

    def sensitivity_interval(self) -> tuple[float, float]:
        return wilson(self.both, self.positives)

    def specificity_interval(self) -> tuple[float, float]:
        return wilson(self.neither, self.negatives)

    @property
    def informedness(self) -> float | None:
        """Sensitivity + specificity - 1: 1 for a perfect judge, 0 for a coin; None where labels of a kind miss."""
        if self.sensitivity is None or self.specificity is None:
            return None
        return self.sensitivity + self.specificity - 1

    def informedness_lower(self, confidence: Fraction = CONFIDENCE) -> float | None:
        """Its one-sided lower bound: the two Wilson bounds squared and added (Newcombe, Statistics in Medicine 17, 1998,
        method 10 for independent proportions)."""
        if self.sensitivity is None or self.specificity is None or self.informedness is None:
            return None
        down = self.sensitivity - _wilson_lower(self.both, self.positives, confidence)
        side = self.specificity - _wilson_lower(self.neither, self.negatives, confidence)
        return self.informedness - math.hypot(down, side)

    @property
    def agreement(self) -> float | None:
        """The share of items on which both say the same."""
        return (self.both + self.neither) / self.n if self.n else None

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa; None where it is not defined (nothing labelled, or both say one word throughout)."""
        if not self.n or self.agreement is None:
            return None
        judged, meant = (self.both + self.judge) / self.n, self.positives / self.n
        chance = judged * meant + (1 - judged) * (1 - meant)
        return None if chance == 1 else (self.agreement - chance) / (1 - chance)

    @property
    def ac1(self) -> float | None:
        """Gwet's AC1, which stands where nearly all items are of one kind."""
        if not self.n or self.agreement is None:
            return None
        share = (self.both + self.judge + self.positives) / (2 * self.n)
        chance = 2 * share * (1 - share)
        return (self.agreement - chance) / (1 - chance)

    @property
    def pabak(self) -> float | None:
        """Kappa as if both kinds were equally frequent: twice the agreement less one."""
        return None if self.agreement is None else 2 * self.agreement - 1

    @property
    def alpha(self) -> float | None:
        """Krippendorff's alpha of the two."""
        found: dict[tuple[bool, bool], int] = {
            (True, True): self.both,
            (True, False): self.judge,
            (False, True): self.people,
            (False, False): self.neither,
        }
        return _alpha({unit: count for unit, count in found.items() if count})


def _wilson_lower(k: int, n: int, confidence: Fraction) -> float:
    from mofang.assurance.statistics.correction import quantile

    z = quantile(confidence)
    rate, weight = k / n, z * z / n
    half = z * math.sqrt(rate * (1 - rate) / n + weight / (4 * n))
    return max(0.0, (rate + weight / 2 - half) / (1 + weight))


def krippendorff_alpha(units: Iterable[Sequence[Label | None]]) -> float | None:
    """Alpha for nominal labels: one sequence per item with everybody's label, None where somebody gave none. Items with
    fewer than two labels tell nothing. None where no two labels meet, or all labels are the same."""
    counts: Counter[tuple[Label, ...]] = Counter()
    for unit in units:
        given = tuple(label for label in unit if label is not None)
        if len(given) > 1:
            counts[given] += 1
    return _alpha(counts)


def _alpha(units: Counter[tuple[Label, ...]] | dict[tuple[bool, bool], int]) -> float | None:
    totals: Counter[Hashable] = Counter()
    disagreed = Fraction(0)
    for unit, times in units.items():
        words = Counter(unit)
        for word, count in words.items():
            totals[word] += times * count
        unlike = len(unit) ** 2 - sum(count * count for count in words.values())
        disagreed += Fraction(times * unlike, len(unit) - 1)
    n = sum(totals.values())
    expected = n * n - sum(count * count for count in totals.values())
    return None if expected == 0 else float(1 - (n - 1) * disagreed / expected)


@dataclass(frozen=True, slots=True)
class Usable:
    """Whether a judge may be used: ``yes``, ``no`` or ``unknown``, and the code of the reason."""

    word: Use
    why: Why = ""


def usable(confusion: Confusion, stray: int = 0) -> Usable:
    """Judges the judge. ``stray`` counts labels outside the vocabulary: a file with any of them was not checked by those
    who made it and is refused whole.

    Otherwise: unknown with fewer than five labels of either kind; no where kappa and informedness are both slight, or
    where the lower bound of informedness does not even leave chance behind."""
    if stray:
        return Usable("no", "stray_labels")
    if min(confusion.positives, confusion.negatives) < FEW:
        return Usable("unknown", "few_labels")
    informedness, least = confusion.informedness or 0.0, confusion.informedness_lower() or 0.0
    slight = informedness <= NEAR_CHANCE and (confusion.kappa or 0.0) <= NEAR_CHANCE
    return Usable("no", "near_chance") if slight or least <= 0 else Usable("yes")


def stray_labels(labels: Iterable[Hashable], vocabulary: Iterable[Hashable]) -> int:
    """How many labels are none of the vocabulary's words."""
    known = set(vocabulary)
    return sum(1 for label in labels if label not in known)
