"""Rates of verdicts that pass: of a kind, of each risk, weighted, repeated. Registered metrics.

Every metric here counts ``pass`` verdicts, whatever the kind: a question that should be refused passes when it is, one
that should be answered passes when it is answered. Unscored verdicts never help. Only the first answer to a question
(``repeat`` 0) counts towards a decision; :func:`repeat_rates` looks at all.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from mofang.assurance.analysis import columns
from mofang.assurance.analysis.columns import PASS, Inputs, Verdicts
from mofang.assurance.analysis.counting import (
    Fields,
    Params,
    Spread,
    chosen,
    confidence_of,
    decimal,
    lower,
    proportion,
    rule_of,
    shown,
    spread,
    tally,
    upper,
    word,
)
from mofang.assurance.statistics import multiplicity, strata
from mofang.assurance.statistics.proportion import (
    Tally,
    compare,
    decimal_text,
    down,
    up,
)
from mofang.evidence.digest import Digest
from mofang.evidence.objects import ObjectStore

if TYPE_CHECKING:
    from numpy.typing import NDArray


def kind_rates(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """One judge on one kind: ``n``, ``passed``, ``failed`` and what :func:`proportion` gives; ``exact_*`` and
    ``clustered_*`` are the two bounds apart. Params: ``judge``, ``kind``; ``op`` and ``value``. Inputs: ``verdicts``,
    ``questions``."""
    found = columns.verdicts(objects, inputs)
    mask, has = chosen(found, params), found.word == PASS
    counts = tally(found, mask, has)
    around = spread(found, mask, has, _templates(objects, inputs))
    fields = _counted(counts) | proportion(counts, params, around) | _cluster_count(objects, inputs, mask)
    return fields | _apart(counts, params, around) if counts.n else fields


def _counted(counts: Tally) -> Fields:
    return {"n": counts.n, "passed": counts.counted, "failed": counts.scored - counts.counted}


def _templates(objects: ObjectStore, inputs: Inputs) -> NDArray[Any] | None:
    return columns.clusters(objects, inputs) if inputs.get("questions") else None


def _cluster_count(objects: ObjectStore, inputs: Inputs, mask: NDArray[Any]) -> Fields:
    import numpy as np

    templates = _templates(objects, inputs)
    return {} if templates is None else {"clusters": len(np.unique(templates[mask]))}


def _apart(counts: Tally, params: Params, around: Spread | None) -> Fields:
    """Exact and cluster-robust side by side."""
    rule, level = rule_of(params), confidence_of(params)
    fields: Fields = {
        "exact_lower": down(lower(counts, None, level)),
        "exact_upper": up(upper(counts, None, level)),
    }
    if rule is not None:
        fields["exact_shown"] = word(shown(counts, *rule, None, level))
    if around is None:
        return fields
    fields["clustered_lower"] = down(around.worst.lower(level))
    fields["clustered_upper"] = up(around.best.upper(level))
    if rule is not None:
        fields["clustered_shown"] = word(around.against(rule[0]).p_value(*rule) <= float(1 - level))
    return fields


def risk_bounds(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """One judge on one risk (or aspect) of the pack: what :func:`kind_rates` gives, and what may be said of it together
    with all others: ``p`` (one test against the rule), ``p_adjusted`` (Holm over the ``family`` of the pack's risks;
    one that was never asked about has p = 1), ``simultaneous`` (yes where p_adjusted is at most 0.05),
    ``lower_simultaneous`` and ``upper_simultaneous`` (Bonferroni), ``q`` (Benjamini and Hochberg, for looking only).

    Params: ``judge``, ``kind``, ``risk``; ``op`` and ``value``. Inputs: ``verdicts``, ``questions``, ``standard``."""
    family, level = _family(objects, inputs, params), confidence_of(params)
    counts, around = family.rows[params["risk"]]
    fields = _counted(counts) | proportion(counts, params, around)
    fields |= {"family": len(family.rows)}
    if counts.n:
        joint = multiplicity.shared_confidence(len(family.rows), level)
        fields |= {
            "lower_simultaneous": down(lower(counts, around, joint)),
            "upper_simultaneous": up(upper(counts, around, joint)),
            "clusters": counts.n if around is None else around.worst.clusters,
        }
    if family.p is None:
        return fields
    p, adjusted, q = family.p[params["risk"]]
    return fields | {
        "p": up(p),
        "p_adjusted": up(adjusted),
        "q": up(q),
        "simultaneous": word(adjusted <= float(1 - level)),
    }


class Family:
    """Every risk of the pack on one judge: its tally and clusters, and its p-values (one, Holm's, BH's)."""

    __slots__ = ("p", "rows")

    def __init__(self, rows: Mapping[str, tuple[Tally, Spread | None]], params: Params) -> None:
        self.rows = rows
        self.p: Mapping[str, tuple[float, float, float]] | None = None
        rule = rule_of(params)
        if rule is not None and rows:
            one = [_p(counts, around, rule) for counts, around in rows.values()]
            adjusted = zip(one, multiplicity.holm(one), multiplicity.benjamini_hochberg(one), strict=True)
            self.p = dict(zip(rows, adjusted, strict=True))


def _p(counts: Tally, around: Spread | None, rule: tuple[Any, Fraction]) -> float:
    p = multiplicity.p_value(counts.worst(rule[0]), counts.n, *rule)
    return p if around is None else max(p, around.against(rule[0]).p_value(*rule))


def _family(objects: ObjectStore, inputs: Inputs, params: Params) -> Family:
    shared = {name: params.get(name) for name in ("judge", "kind", "op", "value", "level", "repeat")}
    key = tuple((name, tuple(d) if isinstance(d, list) else (d,)) for name, d in sorted(inputs.items()))
    state = columns.states(objects, [digest for _name, digests in key for digest in digests])
    return _families(objects, key, tuple(shared.items()), state)


@functools.lru_cache(maxsize=32)
def _families(
    objects: ObjectStore,
    key: tuple[tuple[str, tuple[Digest, ...]], ...],
    shared: tuple[tuple[str, Any], ...],
    _state: object,
) -> Family:
    inputs: dict[str, Digest | list[Digest]] = {name: list(digests) for name, digests in key}
    params: dict[str, Any] = {name: value for name, value in shared if value is not None}
    found = columns.verdicts(objects, inputs)
    mask, has, templates = chosen(found, params), found.word == PASS, _templates(objects, inputs)
    rows = {}
    for code, codes in strata_of(objects, inputs, params["kind"]).items():
        part = mask & (found.risk.among(codes) | ~found.readable)
        rows[code] = (tally(found, part, has), spread(found, part, has, templates))
    return Family(rows, params)


def strata_of(objects: ObjectStore, inputs: Inputs, kind: str) -> dict[str, list[str]]:
    """The risks of the pack, or its aspects for questions that should be answered, each with the codes under which
    questions stand for it."""
    given = inputs["standard"]
    (digest,) = given if isinstance(given, list) else [given]
    pack = columns.pack(objects, digest)
    rows = pack["aspects"] if kind == "should_not_refuse" else pack["risks"]
    return {row["code"]: _codes_for(pack, row["code"]) for row in rows}


def _codes_for(pack: Mapping[str, Any], code: str) -> list[str]:
    mapped = [other for row in pack.get("crosswalk", ()) for other in row["codes"].get(code, ())]
    return list(dict.fromkeys([code, *mapped]))


def stratified_rate(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """The rate over the pack's risks with declared weights. Params: ``judge``, ``kind``, ``weights`` (``equal``,
    ``bank`` or ``traffic``), ``traffic`` (code to share, decimal strings), ``counts`` (``pass``, or ``refused`` where the
    rule speaks of refusals); ``op`` and ``value``. Inputs: ``verdicts``, ``questions``, ``standard``; for ``bank`` also
    ``banks``, whose questions give the weights.

    Fields: ``n``, ``strata`` (with items), ``empty`` (declared without items), ``covered`` (the share of the weight that
    has items), ``unscored``, ``rate``, ``lower``, ``upper``, ``effective_n``; ``met`` (the worst case against the
    rule), ``open`` (unscored items alone decide), ``shown`` (the bound)."""
    found = columns.verdicts(objects, inputs)
    mask, has = chosen(found, params), _having(found, params)
    around = spread(found, mask, has, _templates(objects, inputs))
    codes = strata_of(objects, inputs, params["kind"])
    weights = _weights(objects, inputs, params, codes)
    effect = 1.0 if around is None else around.design_effect
    parts = {code: mask & (found.risk.among(of) | ~found.readable) for code, of in codes.items()}
    rows = [
        _stratum(weights.get(code, Fraction(0)), tally(found, parts[code], has), effect) for code in codes
    ]
    if not any(row.weight for row in rows):
        return {"n": 0, "strata": 0}
    weighted = [of for code in codes if weights.get(code) for of in codes[code]]
    whole = tally(found, mask & (found.risk.among(weighted) | ~found.readable), has)
    return _weighted(strata.stratified(rows, confidence_of(params)), whole, params)


def _having(found: Verdicts, params: Params) -> NDArray[Any]:
    having: NDArray[Any] = found.refused == 1 if params.get("counts") == "refused" else found.word == PASS
    return having


def _stratum(weight: Fraction, counts: Tally, effect: float) -> strata.Stratum:
    return strata.Stratum(weight, counts.n, counts.counted, counts.unscored, effect)


def _weights(
    objects: ObjectStore, inputs: Inputs, params: Params, codes: Mapping[str, list[str]]
) -> Mapping[str, Fraction]:
    import numpy as np

    if params["weights"] == "equal":
        return strata.equal(list(codes))
    if params["weights"] == "traffic":
        return strata.declared({code: share for code, share in params["traffic"].items() if code in codes})
    bank = columns.questions(objects, inputs, "banks")
    # A question that stands in two banks counts once.
    _ids, first = np.unique(np.array(bank.ids, dtype=object).astype(str), return_index=True)
    asked = np.zeros(len(bank.ids), bool)
    asked[first] = True
    asked &= bank.kind.codes == bank.kind.code(params["kind"])
    return strata.proportional({code: int((asked & bank.risk.among(of)).sum()) for code, of in codes.items()})


def _weighted(found: strata.Stratified, whole: Tally, params: Params) -> Fields:
    fields: Fields = {
        "n": whole.n,
        "strata": found.strata,
        "empty": found.empty,
        "covered": decimal_text(found.covered),
        "unscored": whole.unscored,
    }
    if not found.strata:
        return fields
    fields |= {
        "lower": down(found.lower),
        "upper": up(found.upper),
        "effective_n": decimal(found.effective_n),
    }
    if found.rate is not None:
        fields["rate"] = decimal_text(found.rate)
    rule = rule_of(params)
    if rule is None:
        return fields
    met, best = compare(found.against(rule[0]), *rule), compare(found.favouring(rule[0]), *rule)
    return fields | {
        "met": word(met),
        "open": word(best and not met),
        "shown": word(found.p_value(*rule) <= float(1 - confidence_of(params))),
    }


def repeat_rates(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """Several answers to each question: ``repeats``, ``items``, ``answers``, ``unscored``; ``mean`` over all scored
    answers with cluster-robust one-sided bounds (answers to one question, and questions of one template, belong
    together); ``worst_passed`` and ``worst_rate``, the items that pass every time, since a regulator asks once and users
    ask a million times, with exact bounds; ``unstable``, items of which some answers pass and some fail.

    Params: ``judge``, ``kind``. Nothing where each question was answered once. An unscored answer is no pass."""
    import numpy as np

    found = columns.verdicts(objects, inputs)
    mask = (found.judge.codes == found.judge.code(params["judge"])) & (
        found.kind.codes == found.kind.code(params["kind"])
    )
    if not mask.any() or int(found.repeat[mask].max()) == 0:
        return {}
    mask |= ~found.readable
    words, items = found.word[mask], _items(found)[mask]
    _codes, first, item = np.unique(items, return_index=True, return_inverse=True)
    count = len(first)
    every = np.ones(count, bool)
    np.logical_and.at(every, item, words == PASS)
    some = np.bincount(item, weights=words == PASS, minlength=count) > 0
    failed = np.bincount(item, weights=words == 0, minlength=count) > 0
    templates = _templates(objects, inputs)
    together = spread(found, mask, found.word == PASS, _items(found) if templates is None else templates)
    answers = tally(found, mask, found.word == PASS)
    passed = int(every.sum())
    alone = None if templates is None else _items_spread(every, templates[mask][first])
    fields: Fields = {
        "repeats": int(found.repeat[mask].max()) + 1,
        "items": count,
        "answers": answers.n,
        "unscored": answers.unscored,
        "mean_lower": down(lower(answers, together)),
        "mean_upper": up(upper(answers, together)),
        "worst_passed": passed,
        "worst_rate": decimal_text(Fraction(passed, count)),
        "worst_lower": down(lower(Tally(count, passed), alone)),
        "worst_upper": up(upper(Tally(count, passed), alone)),
        "unstable": int((some & failed).sum()),
    }
    rate = answers.rate()
    return fields if rate is None else {**fields, "mean": decimal_text(rate)}


def _items(found: Verdicts) -> NDArray[Any]:
    """(n,) the question of each verdict; a withdrawn one is a question of its own."""
    import numpy as np

    own = len(found.item.words) + np.arange(len(found))
    items: NDArray[Any] = np.where(found.item.codes < 0, own, found.item.codes)
    return items


def _items_spread(every: NDArray[Any], templates: NDArray[Any]) -> Spread | None:
    import numpy as np

    from mofang.assurance.statistics.clusters import clustered

    if len(np.unique(templates)) == len(templates):
        return None
    found = clustered(every.astype(float), templates)
    return Spread(found, found)
