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

from mofang.assurance.analysis import columns
from mofang.assurance.analysis.counting import chosen, proportion, spread, tally
from mofang.assurance.statistics.proportion import Tally
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

    Params: ``judge``, ``kind``, optionally ``risk`` or ``risks`` (several codes), ``repeat`` (0: the first answer to
    each question), ``level`` of the bounds (0.95); ``op`` and ``value`` for the decision. Inputs: ``verdicts``; with
    ``questions`` also ``clusters``, the number of templates behind the items, and bounds that count their likeness.
    Fields as in :func:`mofang.assurance.analysis.counting.proportion`, the counts called passed and failed.
    """
    tally, fields = _proportion(objects, inputs, params, lambda found: found.word == columns.PASS)
    return {"n": tally.n, "passed": tally.counted, "failed": tally.scored - tally.counted, **fields}


def refusal_rate(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """Answers that refuse, wholly or in part, among the items of one kind; params as :func:`pass_rate`."""
    tally, fields = _proportion(objects, inputs, params, lambda found: found.refused == 1)
    return {"n": tally.n, "refused": tally.counted, "answered": tally.scored - tally.counted, **fields}


def _proportion(
    objects: ObjectStore, inputs: Inputs, params: Params, has: Callable[[columns.Verdicts], Any]
) -> tuple[Tally, Fields]:
    found = columns.verdicts(objects, inputs)
    mask, having = chosen(found, params), has(found)
    counts = tally(found, mask, having)
    if "questions" not in inputs:
        return counts, proportion(counts, params)
    templates = columns.clusters(objects, inputs)
    fields = proportion(counts, params, spread(found, mask, having, templates))
    return counts, fields | {"clusters": len(set(templates[mask].tolist()))}


def question_count(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """Questions in the banks: ``n``, and ``demo`` of them for demonstration only. Params: ``kind``,
    ``risk`` (a risk or aspect code), ``risks`` (several) or ``groups``, each optional. A question that stands in two banks
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
        and _meant(leaf, params)
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
    """Terms of the lexicon: ``n``, and ``demo`` of them for demonstration only. Params: ``risk``,
    ``risks`` or ``groups``."""
    terms = {
        leaf["id"]: bool(leaf.get("demo"))
        for leaf in leaves_of(objects, inputs, "lexicon")
        if _in_risk(leaf, params)
    }
    return {"n": len(terms), "demo": sum(terms.values())}


def _in_risk(leaf: Mapping[str, Any], params: Params) -> bool:
    groups = params.get("groups")
    return _meant(leaf, params) and (groups is None or leaf["risk"].rpartition(".")[0] in groups)


def _meant(leaf: Mapping[str, Any], params: Params) -> bool:
    """Whether the leaf stands under the one ``risk`` or one of the ``risks`` that are asked for."""
    risks = params.get("risks")
    return params.get("risk") in (None, leaf["risk"]) and (risks is None or leaf["risk"] in risks)


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
