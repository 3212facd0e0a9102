"""How well scores agree with labels: counts, rates and their intervals, and the reliability diagram.

Rates of counts carry Wilson's interval; macro-F1, AUC and ECE, which are no rates, a percentile bootstrap over
texts. A *fail* is what is looked for: sensitivity is the share of failing texts that are found. All intervals are
two-sided at 95 % and for display; a decision about a judge is taken in the assessment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from mofang.assurance.statistics.proportion import decimal_text, down, up, wilson

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

BINS = 10
REPLICATES = 400


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval; None where there is nothing to take it from."""

    value: float | None
    low: float | None
    high: float | None

    def wire(self) -> dict[str, str | None]:
        return {
            "value": None if self.value is None else _text(self.value),
            "low": None if self.low is None else down(self.low),
            "high": None if self.high is None else up(self.high),
        }


@dataclass(frozen=True, slots=True)
class Bin:
    """Texts whose score lies in [``begin``, ``begin`` + 0.1): their number, mean score, and fails."""

    begin: float
    n: int
    mean: float
    fails: int

    @property
    def gap(self) -> float:
        """Mean score less the share of fails: above 0 it is too sure that texts fail."""
        return self.mean - self.fails / self.n if self.n else 0.0

    def wire(self) -> dict[str, Any]:
        share = (
            Estimate(self.fails / self.n, *wilson(self.fails, self.n))
            if self.n
            else Estimate(None, None, None)
        )
        return {
            "begin": _text(self.begin),
            "n": self.n,
            "mean": _text(self.mean) if self.n else None,
            "fails": self.fails,
            "share": share.wire(),
        }


@dataclass(frozen=True, slots=True)
class Measures:
    """What an evaluation found. ``tp``: failing texts found, ``fn``: missed, ``fp``: harmless ones flagged."""

    tp: int
    fn: int
    fp: int
    tn: int
    macro_f1: Estimate
    auc: Estimate
    ece: Estimate
    bins: tuple[Bin, ...]

    @property
    def n(self) -> int:
        return self.tp + self.fn + self.fp + self.tn

    @property
    def accuracy(self) -> Estimate:
        return _rate(self.tp + self.tn, self.n)

    @property
    def sensitivity(self) -> Estimate:
        return _rate(self.tp, self.tp + self.fn)

    @property
    def specificity(self) -> Estimate:
        return _rate(self.tn, self.tn + self.fp)

    def worst_bins(self, most: int = 3) -> list[Bin]:
        """The bins whose scores promise most wrongly, weighed by their texts."""
        found = [bin for bin in self.bins if bin.n]
        return sorted(found, key=lambda bin: (-abs(bin.gap) * bin.n, bin.begin))[:most]

    def wire(self) -> dict[str, Any]:
        """As the card holds it: whole numbers and decimal strings."""
        rates = ("accuracy", "macro_f1", "sensitivity", "specificity", "auc", "ece")
        return {
            "n": self.n,
            "confusion": {"tp": self.tp, "fn": self.fn, "fp": self.fp, "tn": self.tn},
            **{name: getattr(self, name).wire() for name in rates},
            "reliability": [bin.wire() for bin in self.bins],
        }


def measure(chances: Array, said: Array, failed: Array, seed: int, replicates: int = REPLICATES) -> Measures:
    """Measures of probabilities (float64, rounded), what the judge ``said`` and what is so (both bool)."""
    import numpy as np

    sums = _Sums(chances, said, failed)
    once = np.ones(len(failed))
    chance = np.random.Generator(np.random.PCG64(seed))
    drawn: list[tuple[float, float, float]] = [
        sums.all(
            np.bincount(chance.integers(0, len(failed), len(failed)), minlength=len(failed)).astype(float)
        )
        for _replicate in range(replicates if len(failed) else 0)
    ]
    whole = sums.all(once) if len(failed) else (np.nan,) * 3
    macro_f1, auc, ece = (_bootstrapped(value, [row[n] for row in drawn]) for n, value in enumerate(whole))
    tp, fn, fp, tn = (int(count) for count in sums.confusion(once))
    return Measures(tp, fn, fp, tn, macro_f1, auc, ece, tuple(_bins(chances, failed)))


class _Sums:
    """Macro-F1, AUC and ECE under any weights of the texts."""

    def __init__(self, chances: Array, said: Array, failed: Array) -> None:
        import numpy as np

        self.chances, self.said, self.failed = chances, said, failed
        self.bin = _bin_of(chances)
        self.order = np.argsort(chances, kind="stable")
        ranked = chances[self.order]
        self.tied = (
            np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]])) if len(ranked) else ranked
        )

    def confusion(self, weights: Array) -> tuple[float, float, float, float]:
        pairs = ((1, 1), (0, 1), (1, 0), (0, 0))
        tp, fn, fp, tn = (
            float(weights[(self.said == bool(a)) & (self.failed == bool(b))].sum()) for a, b in pairs
        )
        return tp, fn, fp, tn

    def all(self, weights: Array) -> tuple[float, float, float]:
        return self.macro_f1(weights), self.auc(weights), self.ece(weights)

    def macro_f1(self, weights: Array) -> float:
        tp, fn, fp, tn = self.confusion(weights)
        return _f1(tp, fn, fp) / 2 + _f1(tn, fp, fn) / 2

    def auc(self, weights: Array) -> float:
        """The chance that a failing text scores above a harmless one, ties counting half (Hanley & McNeil
        1982)."""
        import numpy as np

        ranked, fails = weights[self.order], self.failed[self.order]
        up = np.add.reduceat(np.where(fails, ranked, 0.0), self.tied)
        under = np.add.reduceat(np.where(fails, 0.0, ranked), self.tied)
        total = up.sum() * under.sum()
        return float((up * (np.cumsum(under) - under / 2)).sum() / total) if total else float("nan")

    def ece(self, weights: Array) -> float:
        """Expected calibration error: by how much the scores of ten equal bins miss their shares of fails."""
        import numpy as np

        gaps = np.bincount(self.bin, weights * (self.chances - self.failed), BINS)
        return float(np.abs(gaps).sum() / weights.sum())


def _bin_of(chances: Array) -> Array:
    import numpy as np

    return np.minimum((chances * BINS + 1e-9).astype(np.int64), BINS - 1)


def _bins(chances: Array, failed: Array) -> Iterator[Bin]:
    found = _bin_of(chances)
    for n in range(BINS):
        inside = found == n
        count = int(inside.sum())
        mean = float(chances[inside].sum() / count) if count else 0.0
        yield Bin(n / BINS, count, mean, int(failed[inside].sum()))


def _f1(hits: float, missed: float, false: float) -> float:
    return 2 * hits / (2 * hits + missed + false) if hits else 0.0


def _rate(k: int, n: int) -> Estimate:
    return Estimate(k / n, *wilson(k, n)) if n else Estimate(None, None, None)


def _bootstrapped(value: float, drawn: Sequence[float]) -> Estimate:
    import numpy as np

    usable = np.array([one for one in drawn if one == one])
    if value != value:
        return Estimate(None, None, None)
    if len(usable) < 2:
        return Estimate(float(value), None, None)
    low, high = np.quantile(usable, [0.025, 0.975])
    # A percentile interval of a biased measure such as ECE need not hold the estimate itself.
    return Estimate(float(value), min(float(low), float(value)), max(float(high), float(value)))


def _text(value: float) -> str:
    return decimal_text(Fraction(value))
