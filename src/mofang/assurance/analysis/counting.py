"""From chosen verdicts to what they show: one tally, the plain rule, and the more cautious of two bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from mofang.assurance.analysis.columns import UNSCORED, Verdicts
from mofang.assurance.statistics.clusters import Clustered, clustered
from mofang.assurance.statistics.proportion import (
    CONFIDENCE,
    Operator,
    Tally,
    decimal_text,
    down,
    lower_bound,
    needed,
    plain_count,
    threshold,
    up,
    upper_bound,
    wilson,
)
from mofang.errors import MofangError
from mofang.i18n import _

if TYPE_CHECKING:
    from numpy.typing import NDArray

Params = Mapping[str, Any]
Fields = dict[str, int | str]


@dataclass(frozen=True, slots=True)
class Spread:
    """The same items as clusters, with every unscored item against (``worst``) and for it (``best``)."""

    worst: Clustered
    best: Clustered

    def against(self, op: Operator) -> Clustered:
        return self.best if op == "<=" else self.worst

    @property
    def design_effect(self) -> float:
        """How many times the items would have to be more to be worth as much; where all agree, their likeness is
        taken to be complete."""
        effects = [
            each.design_effect or each.n / max(each.effective_n, 1e-9) for each in (self.worst, self.best)
        ]
        return max(1.0, *effects)


def chosen(found: Verdicts, params: Params) -> NDArray[Any]:
    """(n,) which verdicts are meant: of ``judge``, ``kind``, ``risk`` or one of ``risks`` (each None for any) and
    ``repeat`` (0: each question is asked once). A withdrawn verdict might be any of them and is always meant."""
    mask: NDArray[Any] = found.repeat == params.get("repeat", 0)
    for name, column in (("judge", found.judge), ("kind", found.kind), ("risk", found.risk)):
        if params.get(name) is not None:
            mask = mask & (column.codes == column.code(params[name]))
    if params.get("risks") is not None:
        mask = mask & found.risk.among(params["risks"])
    meant: NDArray[Any] = mask | ~found.readable
    return meant


def tally(found: Verdicts, mask: NDArray[Any], has: NDArray[Any]) -> Tally:
    """The counts of the chosen verdicts; ``has`` (n,) says which have the property."""
    unscored = mask & (found.word == UNSCORED)
    return Tally(int(mask.sum()), int((mask & has & ~unscored).sum()), int(unscored.sum()))


def spread(
    found: Verdicts, mask: NDArray[Any], has: NDArray[Any], templates: NDArray[Any] | None
) -> Spread | None:
    """The chosen verdicts as clusters; None where every item stands for itself."""
    import numpy as np

    if templates is None or not mask.any():
        return None
    codes, unscored = templates[mask], found.word[mask] == UNSCORED
    if len(np.unique(codes)) == len(codes):
        return None
    counted = has[mask] & ~unscored
    worst = clustered(counted.astype(float), codes)
    return Spread(worst, clustered((counted | unscored).astype(float), codes) if unscored.any() else worst)


def proportion(found: Tally, params: Params, spread: Spread | None = None) -> Fields:
    """What a tally shows: ``unscored``; ``rate`` over the scored items; ``worst``, the count with every
    unscored item against the rule; ``lower`` and ``upper``, the one-sided bounds with unscored
    items at their worst for each (exact, and where items share templates the more cautious of exact and
    cluster-robust); Wilson's interval of the rate; ``needed``, the count that shows the rule,
    ``wanted``, the count that meets it; ``met`` (the plain rule on ``worst``), ``open`` (unscored items
    alone decide), ``shown`` (the bound).

    With ``spread`` also ``design_effect`` and ``effective_n``: how many independent items these are worth."""
    fields: Fields = {"unscored": found.unscored}
    if not found.n:
        return fields
    confidence = confidence_of(params)
    fields["lower"] = down(lower(found, spread, confidence))
    fields["upper"] = up(upper(found, spread, confidence))
    rate = found.rate()
    if rate is not None:
        low, high = wilson(found.counted, found.scored)
        fields |= {"rate": decimal_text(rate), "wilson_low": down(low), "wilson_high": up(high)}
    if spread is not None:
        worth = min(spread.worst.effective_n, spread.best.effective_n)
        fields |= {"design_effect": up(spread.design_effect), "effective_n": decimal(worth)}
    rule = rule_of(params)
    return fields if rule is None else fields | decision(found, *rule, spread, confidence)


def rule_of(params: Params) -> tuple[Operator, Fraction] | None:
    """The rule that the params state, None where they state none that a bound can show."""
    op = params.get("op")
    return (op, threshold(str(params["value"]))) if op in (">=", "<=") else None


def confidence_of(params: Params) -> Fraction:
    """The confidence of the bounds: ``level``, a decimal string, 0.95 where the params name none."""
    level = threshold(str(params.get("level") or "0.95"))
    if not 0 < level < 1:
        raise MofangError(
            _("a confidence level of {level} means nothing").format(level=params["level"]),
            remedy=_('write a decimal between 0 and 1, such as "0.95"'),
        )
    return level


def lower(found: Tally, spread: Spread | None, confidence: Fraction = CONFIDENCE) -> float:
    exact = lower_bound(found.counted, found.n, confidence)
    return exact if spread is None else min(exact, spread.worst.lower(confidence))


def upper(found: Tally, spread: Spread | None, confidence: Fraction = CONFIDENCE) -> float:
    exact = upper_bound(found.counted + found.unscored, found.n, confidence)
    return exact if spread is None else max(exact, spread.best.upper(confidence))


def decision(
    found: Tally,
    op: Operator,
    limit: Fraction,
    spread: Spread | None = None,
    confidence: Fraction = CONFIDENCE,
) -> Fields:
    """The plain rule and the bound on one tally."""
    enough = needed(found.n, op, limit, confidence)
    fields: Fields = {
        "worst": found.worst(op),
        "wanted": plain_count(found.n, op, limit),
        "met": word(found.met(op, limit)),
        "open": word(found.open(op, limit)),
        "shown": word(shown(found, op, limit, spread, confidence)),
    }
    return fields if enough is None else {**fields, "needed": enough}


def shown(
    found: Tally,
    op: Operator,
    limit: Fraction,
    spread: Spread | None,
    confidence: Fraction = CONFIDENCE,
) -> bool:
    """The bound in the worst case, exact and cluster-robust."""
    if not found.shown(op, limit, confidence):
        return False
    return spread is None or spread.against(op).p_value(op, limit) <= float(1 - confidence)


def word(holds: bool) -> str:
    return "yes" if holds else "no"


def decimal(value: float) -> str:
    """A number that is no bound, as six digits, rounded half to even."""
    return decimal_text(Fraction(value))
