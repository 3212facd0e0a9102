"""The measures of an assessment. Each is a pure function of artifacts, so that anybody can compute it
again.

Shape of a metric: ``(objects, inputs, params) -> {field: int or decimal string}``. Inputs by name are
digests or lists of digests; params come from the pack's check. Where nothing was measured the field is
absent, not zero.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from mofang.assurance.statistics.proportion import (
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
from mofang.evidence.digest import Digest
from mofang.evidence.leaves import marked, read_leaves
from mofang.evidence.objects import ObjectStore

Inputs = Mapping[str, Digest | list[Digest]]
Params = Mapping[str, Any]
Fields = Mapping[str, int | str]


def leaves_of(objects: ObjectStore, inputs: Inputs, name: str) -> Iterator[dict[str, Any]]:
    """The readable leaves of one input, segment after segment; nothing where the input is absent."""
    given = inputs.get(name, [])
    for digest in given if isinstance(given, list) else [given]:
        yield from _readable(objects, digest)


@functools.lru_cache(maxsize=16)
def _readable(objects: ObjectStore, digest: Digest) -> tuple[dict[str, Any], ...]:
    """The leaves of a segment that can be read. Kept, since one bank is counted risk by risk."""
    return tuple(leaf for leaf in read_leaves(objects, digest) if marked(leaf) is None)


def pass_rate(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """Verdicts of one judge on one kind of item: how many passed, and what that shows.

    Params: ``judge``, ``kind``, optionally ``risk``; ``op`` and ``value`` for the decision. Inputs:
    ``verdicts``; with ``questions`` also ``clusters``, the number of templates behind the items. Fields as
    in :func:`proportion`, the counts called passed and failed.
    """
    tally, failed, items = _count(objects, inputs, params, lambda leaf: leaf["verdict"] == "pass")
    fields = {"n": tally.n, "passed": tally.counted, "failed": failed, **proportion(tally, params)}
    return fields | _clusters(objects, inputs, items)


def refusal_rate(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """Answers that refuse, wholly or in part, among the items of one kind; params as :func:`pass_rate`."""
    tally, answered, items = _count(objects, inputs, params, lambda leaf: leaf["refused"] is True)
    fields = {"n": tally.n, "refused": tally.counted, "answered": answered, **proportion(tally, params)}
    return fields | _clusters(objects, inputs, items)


def _clusters(objects: ObjectStore, inputs: Inputs, items: set[str]) -> dict[str, int | str]:
    """How many templates the items stem from; a question without one stands for itself."""
    if "questions" not in inputs:
        return {}
    chosen = [leaf for leaf in leaves_of(objects, inputs, "questions") if leaf["id"] in items]
    return {"clusters": len({leaf.get("cluster") or leaf["id"] for leaf in chosen})}


def _count(
    objects: ObjectStore, inputs: Inputs, params: Params, has: Callable[[Mapping[str, Any]], bool]
) -> tuple[Tally, int, set[str]]:
    n = counted = unscored = 0
    items: set[str] = set()
    given = inputs.get("verdicts", [])
    for digest in given if isinstance(given, list) else [given]:
        for leaf in read_leaves(objects, digest):
            if marked(leaf) is None and not _chosen(leaf, params):
                continue
            n += 1
            if marked(leaf) is not None or leaf["verdict"] == "unscored":
                unscored += 1
            elif has(leaf):
                counted += 1
            items.add(leaf.get("item", ""))
    return Tally(n, counted, unscored), n - counted - unscored, items


def _chosen(leaf: Mapping[str, Any], params: Params) -> bool:
    return all(params.get(name) in (None, leaf[name]) for name in ("judge", "kind", "risk"))


def proportion(tally: Tally, params: Params) -> Fields:
    """What a tally shows: ``unscored``; ``rate`` over the scored items; ``worst``, the count with every
    unscored item against the rule; ``lower`` and ``upper``, the one-sided exact 95 % bounds with unscored
    items at their worst for each; Wilson's interval of the rate; ``needed``, the count that shows the rule,
    ``wanted``, the count that meets it; ``met`` (the plain rule on ``worst``), ``open`` (unscored items
    alone decide), ``shown``."""
    fields: dict[str, int | str] = {"unscored": tally.unscored}
    if not tally.n:
        return fields
    fields["lower"] = down(lower_bound(tally.counted, tally.n))
    fields["upper"] = up(upper_bound(tally.counted + tally.unscored, tally.n))
    rate = tally.rate()
    if rate is not None:
        low, high = wilson(tally.counted, tally.scored)
        fields |= {"rate": decimal_text(rate), "wilson_low": down(low), "wilson_high": up(high)}
    if params.get("op") in (">=", "<="):
        fields |= _decision(tally, params["op"], str(params["value"]))
    return fields


def _decision(tally: Tally, op: Operator, value: str) -> dict[str, int | str]:
    limit = threshold(value)
    enough = needed(tally.n, op, limit)
    fields: dict[str, int | str] = {
        "worst": tally.worst(op),
        "wanted": plain_count(tally.n, op, limit),
        "met": _word(tally.met(op, limit)),
        "open": _word(tally.open(op, limit)),
        "shown": _word(tally.shown(op, limit)),
    }
    return fields if enough is None else fields | {"needed": enough}


def _word(holds: bool) -> str:
    return "yes" if holds else "no"


def question_count(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """Questions in the banks: ``n``, and ``demo`` of them for demonstration only. Params: ``kind``,
    ``risk`` (a risk or aspect code) or ``groups``, each optional. A question that stands in two banks
    counts once."""
    found = {
        leaf["id"]: bool(leaf["demo"])
        for leaf in leaves_of(objects, inputs, "banks")
        if _asked_for(leaf, params)
    }
    return {"n": len(found), "demo": sum(found.values())}


def _asked_for(leaf: Mapping[str, Any], params: Params) -> bool:
    groups = params.get("groups")
    return (
        params.get("kind") in (None, leaf["kind"])
        and params.get("risk") in (None, leaf["risk"])
        and (groups is None or leaf["risk"].rpartition(".")[0] in groups)
    )


def days_since_update(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """``days`` from the newest ``added`` date to ``as_of``, and ``newest`` itself; ``later``, how many
    entries bear a date after ``as_of`` and are left out. Params: ``as_of``, and as :func:`question_count`
    for banks."""
    as_of = params["as_of"]
    dates = [
        leaf["added"]
        for name in ("banks", "lexicon")
        for leaf in leaves_of(objects, inputs, name)
        if leaf.get("added") and (name != "banks" or _asked_for(leaf, params))
    ]
    newest = max((day for day in dates if day <= as_of), default=None)
    later = sum(1 for day in dates if day > as_of)
    if newest is None:
        return {"later": later}
    days = (date.fromisoformat(as_of) - date.fromisoformat(newest)).days
    return {"days": days, "newest": newest, "later": later}


def keyword_count(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """Terms of the lexicon: ``n``, and ``demo`` of them for demonstration only. Params: ``risk`` or
    ``groups``."""
    terms = {
        leaf["id"]: bool(leaf.get("demo"))
        for leaf in leaves_of(objects, inputs, "lexicon")
        if _in_risk(leaf, params)
    }
    return {"n": len(terms), "demo": sum(terms.values())}


def _in_risk(leaf: Mapping[str, Any], params: Params) -> bool:
    groups = params.get("groups")
    return params.get("risk") in (None, leaf["risk"]) and (
        groups is None or leaf["risk"].rpartition(".")[0] in groups
    )


def document_attached(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """Attachments to a clause that hold on ``as_of`` (through their last day): ``n`` of them; ``present`` 1
    or 0. Params: ``clause``, ``as_of``."""
    n = sum(
        1
        for leaf in leaves_of(objects, inputs, "attachments")
        if leaf["clause"] == params["clause"]
        and (leaf["expires"] is None or leaf["expires"] >= params["as_of"])
    )
    return {"n": n, "present": min(n, 1)}


def conclusion_count(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """Clauses with one proposed conclusion: ``n``. Params: ``conclusion``."""
    found = leaves_of(objects, inputs, "results")
    return {"n": sum(1 for leaf in found if leaf["conclusion"] == params["conclusion"])}


def clauses_without_result(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """Clauses whose conclusion still waits for a person or a document, among all ``n``."""
    found = [leaf["conclusion"] for leaf in leaves_of(objects, inputs, "conclusions")]
    return {"n": len(found), "waiting": sum(1 for conclusion in found if conclusion.startswith("waits_"))}
