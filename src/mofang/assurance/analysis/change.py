"""The same questions put to two targets, the model alone and the service, or two versions of a service. A registered
metric."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from mofang.assurance.analysis import columns
from mofang.assurance.analysis.columns import ABSENT, FAIL, PASS, UNSCORED, Inputs, Verdicts
from mofang.assurance.analysis.counting import Fields, Params, decimal, word
from mofang.assurance.statistics.clusters import clustered
from mofang.assurance.statistics.comparison import (
    Pairs,
    decide,
    mcnemar,
    mcnemar_mid,
    tango_lower,
    tango_upper,
)
from mofang.assurance.statistics.proportion import decimal_text, down, threshold, up
from mofang.evidence.objects import ObjectStore

if TYPE_CHECKING:
    from numpy.typing import NDArray


def paired_change(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """One judge on the same questions before and after. Params: ``judge``, ``kind``, ``margin`` (a decimal string).
    Inputs: ``before`` and ``after`` (verdicts), ``questions`` for their templates.

    Fields: ``n`` pairs scored on both sides, ``both_passed``, ``gained``, ``lost``, ``both_failed``, ``unscored`` (pairs with an
    unscored side); ``from_rate``, ``to_rate``, ``difference``; ``lower`` and ``upper``, Tango's one-sided 95 % bounds with
    unscored answers at their worst and pairs of one template at what they are worth (``design_effect``); ``p`` (McNemar,
    exact) and ``p_mid``, which take pairs for independent; ``margin``, ``non_inferior``, ``decision``. Questions that only
    one side was asked are left out."""
    before, after, items = _pairs(objects, inputs, params)
    scored = (before != UNSCORED) & (after != UNSCORED)
    gained = int(((before == FAIL) & (after == PASS)).sum())
    lost = int(((before == PASS) & (after == FAIL)).sum())
    n, kept = int(scored.sum()), int((scored & (before == PASS) & (after == PASS)).sum())
    fields: Fields = {
        "n": n,
        "both_passed": kept,
        "gained": gained,
        "lost": lost,
        "both_failed": n - kept - gained - lost,
        "unscored": len(before) - n,
        "margin": decimal_text(threshold(params["margin"])),
    }
    if not len(before):
        return fields
    if n:
        fields |= _rates(n, kept, gained, lost)
    return fields | _bounds(before, after, _templates(objects, inputs, items), threshold(params["margin"]))


def _rates(n: int, kept: int, gained: int, lost: int) -> Fields:
    return {
        "from_rate": decimal_text(Fraction(kept + lost, n)),
        "to_rate": decimal_text(Fraction(kept + gained, n)),
        "difference": decimal_text(Fraction(gained - lost, n)),
        "p": up(mcnemar(gained, lost)),
        "p_mid": up(mcnemar_mid(gained, lost)),
    }


def _bounds(before: NDArray[Any], after: NDArray[Any], templates: NDArray[Any], margin: Fraction) -> Fields:
    # At worst the first side passed and the second did not wherever nobody knows; at best the other way round.
    worst, worst_effect = _worth(before != FAIL, after == PASS, templates)
    best, best_effect = _worth(before == PASS, after != FAIL, templates)
    lower, upper = tango_lower(worst), tango_upper(best)
    return {
        "lower": down(lower),
        "upper": up(upper),
        "design_effect": decimal(max(worst_effect, best_effect)),
        "non_inferior": word(lower > -float(margin)),
        "decision": decide(lower, upper, margin),
    }


def _worth(before: NDArray[Any], after: NDArray[Any], templates: NDArray[Any]) -> tuple[Pairs, float]:
    import numpy as np

    pairs = Pairs(len(before), int((~before & after).sum()), int((before & ~after).sum()))
    if len(np.unique(templates)) == len(templates):
        return pairs, 1.0
    # The difference of a pair lies between -1 and 1; moved to 0..1 its design effect is the same.
    found = clustered((after.astype(float) - before + 1) / 2, templates)
    effect = max(1.0, found.design_effect or found.n / max(found.effective_n, 1.0))
    return pairs.scaled(effect), effect


def _pairs(
    objects: ObjectStore, inputs: Inputs, params: Params
) -> tuple[NDArray[Any], NDArray[Any], list[str]]:
    first = _first_answers(columns.verdicts(objects, inputs, "before"), params)
    second = _first_answers(columns.verdicts(objects, inputs, "after"), params)
    items = [item for item in first if item in second]
    import numpy as np

    return np.array([first[i] for i in items], int), np.array([second[i] for i in items], int), items


def _first_answers(found: Verdicts, params: Params) -> dict[str, int]:
    """The word on each question's first answer, the more cautious one where there are two."""
    import numpy as np

    mine = found.readable & (found.repeat == 0)
    for name, column in (("judge", found.judge), ("kind", found.kind)):
        mine &= column.codes == column.code(params[name])
    words: dict[str, int] = {}
    for row in np.flatnonzero(mine).tolist():
        item = found.item.words[int(found.item.codes[row])]
        words[item] = min(int(found.word[row]), words.get(item, ABSENT))
    return words


def _templates(objects: ObjectStore, inputs: Inputs, items: list[str]) -> NDArray[Any]:
    import numpy as np

    numbers: dict[tuple[bool, str], int] = {}
    known = columns.questions(objects, inputs) if inputs.get("questions") else None
    codes = []
    for item in items:
        place = None if known is None else known.place.get(item)
        template = "" if known is None or place is None else known.cluster[place]
        codes.append(numbers.setdefault((True, template) if template else (False, item), len(numbers)))
    return np.array(codes, int)
