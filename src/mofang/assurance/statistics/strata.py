"""A rate over strata with declared weights: every risk alike, as in the bank, or as in real use.

The estimate is the weighted mean of the strata's rates (Cochran 1977, chapter 5), its variance the weighted sum of theirs,
p(1-p)/(n-1) each. A stratum of a single item cannot show its spread, so the overall rate stands in. The bounds are
Korn and Graubard's (1998) with the effective sample size cut at Kish's 1/sum(w²/n): what stratifying gains is not
counted, what unequal weights cost is.

A stratum without items has no rate. Its weight goes to the others in proportion and ``covered`` says how much of
the declared weight was really seen; a weighted rate with ``covered`` below 1 is a statement about the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from mofang.assurance.statistics.clusters import effective_size, korn_graubard, tail
from mofang.assurance.statistics.proportion import CONFIDENCE, Operator, threshold


@dataclass(frozen=True, slots=True)
class Stratum:
    """``counted`` of ``n`` items have the property, ``unscored`` could not be judged; ``weight`` is declared, on any
    scale. ``design_effect`` says how much less the items are worth than independent ones."""

    weight: Fraction
    n: int
    counted: int
    unscored: int = 0
    design_effect: float = 1.0

    def __post_init__(self) -> None:
        if self.weight < 0 or min(self.counted, self.unscored) < 0 or self.counted + self.unscored > self.n:
            raise ValueError(f"{self} is no stratum")

    @property
    def scored(self) -> int:
        return self.n - self.unscored

    @property
    def worth(self) -> float:
        """How many independent items the stratum's are worth."""
        return self.n / max(1.0, self.design_effect)


@dataclass(frozen=True, slots=True)
class Stratified:
    """``rate`` over the scored items (None where no stratum has any); ``worst`` and ``best`` with every unscored item
    against and for it; one-sided bounds from these. ``strata`` have items, ``empty`` have none although weight was
    declared for them; ``covered`` is the share of the weight that has items."""

    rate: Fraction | None
    worst: Fraction
    best: Fraction
    lower: float
    upper: float
    effective_n: float
    strata: int
    empty: int
    covered: Fraction

    def p_value(self, op: Operator, limit: Fraction) -> float:
        """How likely so favourable a sample is at the limit, unscored items against it."""
        return tail(float(self.against(op)), self.effective_n, op, limit)

    def against(self, op: Operator) -> Fraction:
        """The rate with every unscored item against the rule."""
        return self.best if op == "<=" else self.worst

    def favouring(self, op: Operator) -> Fraction:
        """The rate with every unscored item in favour of the rule."""
        return self.worst if op == "<=" else self.best


def stratified(strata: Sequence[Stratum], confidence: Fraction = CONFIDENCE) -> Stratified:
    """The weighted rate with its bounds. Raises ValueError where no weight is declared at all."""
    total = sum((stratum.weight for stratum in strata), Fraction(0))
    if total <= 0:
        raise ValueError("no stratum has a weight")
    seen = [stratum for stratum in strata if stratum.n and stratum.weight]
    empty = sum(1 for stratum in strata if stratum.weight and not stratum.n)
    covered = sum((stratum.weight for stratum in seen), Fraction(0)) / total
    if not seen:
        return Stratified(None, Fraction(0), Fraction(1), 0.0, 1.0, 0.0, 0, empty, covered)
    shares = _shares([stratum.weight for stratum in seen])
    worst = _mean(shares, [Fraction(stratum.counted, stratum.n) for stratum in seen])
    best = _mean(shares, [Fraction(stratum.counted + stratum.unscored, stratum.n) for stratum in seen])
    low = _size(seen, shares, [stratum.counted for stratum in seen], confidence)
    high = _size(seen, shares, [stratum.counted + stratum.unscored for stratum in seen], confidence)
    return Stratified(
        rate=_scored_rate(seen),
        worst=worst,
        best=best,
        lower=korn_graubard(float(worst), low, confidence),
        upper=1.0 - korn_graubard(float(1 - best), high, confidence),
        effective_n=min(low, high),
        strata=len(seen),
        empty=empty,
        covered=covered,
    )


def equal(codes: Sequence[str]) -> dict[str, Fraction]:
    """Every stratum alike."""
    return {code: Fraction(1, len(codes)) for code in codes}


def proportional(counts: Mapping[str, int]) -> dict[str, Fraction]:
    """By how many items each stratum has in the population, the bank for instance."""
    total = sum(counts.values())
    return {code: Fraction(count, total) for code, count in counts.items()} if total else {}


def declared(shares: Mapping[str, str]) -> dict[str, Fraction]:
    """As declared, in decimal strings of any common scale. Raises MofangError for what is no number."""
    weights = {code: threshold(share) for code, share in shares.items()}
    total = sum(weights.values(), Fraction(0))
    return {code: weight / total for code, weight in weights.items()} if total > 0 else {}


def _shares(weights: Sequence[Fraction]) -> list[Fraction]:
    total = sum(weights, Fraction(0))
    return [weight / total for weight in weights]


def _mean(shares: Sequence[Fraction], rates: Sequence[Fraction]) -> Fraction:
    return sum((share * rate for share, rate in zip(shares, rates, strict=True)), Fraction(0))


def _scored_rate(seen: Sequence[Stratum]) -> Fraction | None:
    scored = [stratum for stratum in seen if stratum.scored]
    if not scored:
        return None
    shares = _shares([stratum.weight for stratum in scored])
    return _mean(shares, [Fraction(stratum.counted, stratum.scored) for stratum in scored])


def _size(
    seen: Sequence[Stratum], exact: Sequence[Fraction], counts: Sequence[int], confidence: Fraction
) -> float:
    """The effective sample size, Kish's at most."""
    shares, worths = [float(share) for share in exact], [stratum.worth for stratum in seen]
    rates = [count / stratum.n for count, stratum in zip(counts, seen, strict=True)]
    overall = sum(share * rate for share, rate in zip(shares, rates, strict=True))
    kish = 1.0 / sum(share * share / worth for share, worth in zip(shares, worths, strict=True))
    parts = zip(shares, rates, worths, strict=True)
    variance = sum(share * share * _variance(rate, worth, overall) for share, rate, worth in parts)
    if variance <= 0:
        return kish
    return min(kish, effective_size(sum(worths), overall, variance, sum(worths) - len(seen), confidence))


def _variance(rate: float, worth: float, overall: float) -> float:
    if worth <= 1:
        return overall * (1 - overall) / worth
    return rate * (1 - rate) / (worth - 1)
