"""Scores as probabilities, and the threshold above which a text fails.

platt        a logistic curve through the scores, with softened targets (Platt 1999)
temperature  the same curve forced through one half at score 0 (Guo et al. 2017)
isotonic     the best rising steps, joined by lines (Zadrozny & Elkan 2002); wants a thousand labels

All are fitted to scores of texts that did not train the model that scored them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from mofang.assurance.judges.classifier.errors import LabelsError
from mofang.i18n import _

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

METHODS = ("platt", "temperature", "isotonic")
CRITERIA = ("macro_f1", "accuracy", "balanced")
_POINT = Decimal("0.000000001")
_RATE = re.compile(r"(sensitivity|specificity)=(0\.\d{1,6})")
_MOST_POINTS = 200


@dataclass(frozen=True, slots=True)
class Calibration:
    """From scores to probabilities. Platt and temperature: ``slope`` (above 0) and ``intercept``; isotonic:
    ``points`` of (score, probability), both rising."""

    method: str
    slope: float = 1.0
    intercept: float = 0.0
    points: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        numbers = (self.slope, self.intercept, *(part for point in self.points for part in point))
        if self.method not in METHODS or not all(map(math.isfinite, numbers)) or self.slope <= 0:
            raise ValueError("no calibration")
        pairs = list(zip(self.points, self.points[1:], strict=False))
        if (self.method == "isotonic") != bool(self.points) or any(
            a >= c or b > d for (a, b), (c, d) in pairs
        ):
            raise ValueError("points do not rise")
        if any(not 0 <= chance <= 1 for _score, chance in self.points):
            raise ValueError("no probability")

    def chances(self, scores: Array) -> Array:
        """Probabilities of scores, float64 from 0 to 1."""
        import numpy as np

        if self.points:
            return np.interp(
                scores, [at for at, _chance in self.points], [chance for _at, chance in self.points]
            )
        return np.asarray(1 / (1 + np.exp(-np.clip(self.slope * scores + self.intercept, -500, 500))))

    def wire(self) -> dict[str, Any]:
        """As the card holds it: decimal strings of nine digits."""
        if self.points:
            return {"method": self.method, "points": [[_text(a), _text(b)] for a, b in self.points]}
        return {"method": self.method, "slope": _text(self.slope), "intercept": _text(self.intercept)}


def parse_calibration(wire: Mapping[str, Any]) -> Calibration:
    """The calibration that a card holds. Raises ValueError, KeyError or ArithmeticError for none."""
    if wire["method"] == "isotonic":
        return Calibration("isotonic", points=tuple((_number(a), _number(b)) for a, b in wire["points"]))
    return Calibration(wire["method"], _number(wire["slope"]), _number(wire["intercept"]))


def calibrate(method: str, scores: Array, failed: Array) -> Calibration:
    """A calibration from scores and whether each text fails (bool). Its numbers are those of its wire form."""
    if method == "isotonic":
        found = Calibration("isotonic", points=_steps(scores, failed))
    else:
        found = Calibration(method, *_curve(scores, failed, method == "platt"))
    return parse_calibration(found.wire())


def _curve(scores: Array, failed: Array, shifted: bool) -> tuple[float, float]:
    """Slope and intercept of the logistic curve, by Newton's method."""
    import numpy as np

    fails, passes = int(failed.sum()), int((~failed).sum())
    target = np.where(failed, (fails + 1) / (fails + 2), 1 / (passes + 2))
    slope, intercept = 1.0, 0.0
    for _step in range(100):
        chance = 1 / (1 + np.exp(-np.clip(slope * scores + intercept, -500, 500)))
        rest, curve = chance - target, chance * (1 - chance) + 1e-12
        a, b = (rest * scores).sum(), rest.sum() * shifted
        aa, ab, bb = (curve * scores * scores).sum() + 1e-9, (curve * scores).sum() * shifted, curve.sum()
        det = aa * bb - ab * ab
        steps = (bb * a - ab * b) / det, (aa * b - ab * a) / det * shifted
        slope, intercept = slope - float(steps[0]), intercept - float(steps[1])
        if max(map(abs, steps)) < 1e-10:
            break
    # Scores that rise as texts get better would be a bug upstream; a flat curve says "knows nothing".
    return max(slope, 1e-6), intercept


def _steps(scores: Array, failed: Array) -> tuple[tuple[float, float], ...]:
    """Pool adjacent violators, then one point at the middle of each pool; ends never reach 0 or 1."""
    import numpy as np

    order = np.lexsort((failed, scores))
    pools: list[list[float]] = []  # sum of scores, fails, texts
    for score, fail in zip(scores[order].tolist(), failed[order].tolist(), strict=True):
        pools.append([score, float(fail), 1.0])
        while len(pools) > 1 and pools[-2][1] * pools[-1][2] >= pools[-1][1] * pools[-2][2]:
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
    points: dict[float, float] = {}
    for total, fails, texts in pools[:: max(1, len(pools) // _MOST_POINTS)]:
        # Laplace's rule keeps a pool of five from claiming certainty.
        points[round(total / texts, 9)] = (fails + 1) / (texts + 2)
    chances = np.maximum.accumulate(list(points.values())).tolist()
    return tuple(zip(points, chances, strict=True))


def check_criterion(text: str) -> str:
    """``text`` if it names a criterion. Raises LabelsError."""
    if text in CRITERIA or _RATE.fullmatch(text):
        return text
    raise LabelsError(
        _("{text} is no criterion for a threshold").format(text=text[:40]),
        remedy=_("write one of {names}, or sensitivity=0.95, or specificity=0.98").format(
            names=", ".join(CRITERIA)
        ),
    )


def choose_threshold(criterion: str, chances: Array, failed: Array) -> str:
    """The threshold, in hundredths, that serves ``criterion`` best; of equals the one nearest to one half.

    ``sensitivity=…`` asks for the highest threshold that still finds that share of fails,
    ``specificity=…`` for the lowest that still lets that share of the others pass."""
    best, chosen = -math.inf, 50
    for hundredth in sorted(range(1, 100), key=lambda n: (abs(n - 50), n)):
        worth = _worth(criterion, chances >= hundredth / 100, failed, hundredth)
        if worth > best:
            best, chosen = worth, hundredth
    return f"0.{chosen:02d}0000"


def _worth(criterion: str, said: Array, failed: Array, hundredth: int) -> float:
    tp, fp = int((said & failed).sum()), int((said & ~failed).sum())
    fn, tn = int(failed.sum()) - tp, int((~failed).sum()) - fp
    sensitivity, specificity = tp / max(1, tp + fn), tn / max(1, tn + fp)
    if criterion == "accuracy":
        return (tp + tn) / len(failed)
    if criterion == "balanced":
        return sensitivity + specificity
    if criterion == "macro_f1":
        return tp / max(1, 2 * tp + fp + fn) + tn / max(1, 2 * tn + fp + fn)
    name, _equals, share = criterion.partition("=")
    reached, upwards = (sensitivity, 1) if name == "sensitivity" else (specificity, -1)
    return 1 + upwards * hundredth / 100 if reached >= float(share) else reached - 1


def _text(value: float) -> str:
    return str(Decimal(value).quantize(_POINT))


def _number(text: Any) -> float:
    if not isinstance(text, str) or len(text) > 40:
        raise ValueError("no decimal string")
    return float(Decimal(text))
