"""The measures of an inspection: what was found alike, leaked and looked up, and results without curated replies.

Shape of a metric as in :mod:`mofang.assurance.metrics`. Inputs by name are segments of an inspection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mofang.assurance.analysis import columns
from mofang.assurance.analysis.counting import chosen, proportion, spread, tally
from mofang.assurance.metrics import Fields, Inputs, Params, leaves_of
from mofang.assurance.statistics.proportion import Tally
from mofang.evidence.objects import ObjectStore

if TYPE_CHECKING:
    from numpy.typing import NDArray


def near_duplicate_count(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """Questions that resemble an earlier one: ``n`` of them, ``pairs`` with what they resemble; of the pairs,
    ``across_banks`` and ``across_kinds`` stand apart. Params: ``kind`` of the later question. Inputs: ``pairs``."""
    found = [
        leaf for leaf in leaves_of(objects, inputs, "pairs") if params.get("kind") in (None, leaf["kind"])
    ]
    return {
        "n": len({(leaf["of"], leaf["item"]) for leaf in found}),
        "pairs": len(found),
        "across_banks": sum(1 for leaf in found if not leaf["same_bank"]),
        "across_kinds": sum(1 for leaf in found if leaf["kind"] != leaf["like_kind"]),
    }


def leaked_question_count(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """Questions of the banks that stand in the corpus: ``n`` of them; ``whole`` stand in one record with every
    run. Params: ``kind``, ``risk``. Inputs: ``leaks``."""
    found = [leaf for leaf in leaves_of(objects, inputs, "leaks") if _meant(leaf, params)]
    return {"n": len(found), "whole": sum(1 for leaf in found if leaf["share"] == "1.000000")}


def lookup_count(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """Answers that were looked up: ``n`` of them, to ``questions`` questions. Params: ``declared`` ("yes": curated
    replies, "no": all else), ``signal``, ``kind``, ``risk``. Inputs: ``lookups``."""
    found = [leaf for leaf in leaves_of(objects, inputs, "lookups") if _meant(leaf, params)]
    if params.get("declared") is not None:
        found = [leaf for leaf in found if leaf["declared"] == (params["declared"] == "yes")]
    found = [leaf for leaf in found if params.get("signal") in (None, leaf["signal"])]
    return {"n": len(found), "questions": len({leaf["item"] for leaf in found})}


def _meant(leaf: Mapping[str, Any], params: Params) -> bool:
    return all(params.get(name) in (None, leaf[name]) for name in ("kind", "risk"))


def pass_rate_without(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """As :func:`mofang.assurance.metrics.pass_rate`, over the items whose answer is no declared curated reply;
    ``curated`` says how many were left out. Inputs: ``verdicts``, ``lookups``, and ``questions`` for clusters."""
    counts, fields = _without(objects, inputs, params, lambda found: found.word == columns.PASS)
    return {"n": counts.n, "passed": counts.counted, "failed": counts.scored - counts.counted, **fields}


def refusal_rate_without(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """As :func:`mofang.assurance.metrics.refusal_rate`, without declared curated replies."""
    counts, fields = _without(objects, inputs, params, lambda found: found.refused == 1)
    return {"n": counts.n, "refused": counts.counted, "answered": counts.scored - counts.counted, **fields}


def _without(
    objects: ObjectStore, inputs: Inputs, params: Params, has: Callable[[columns.Verdicts], Any]
) -> tuple[Tally, Mapping[str, int | str]]:
    found = columns.verdicts(objects, inputs)
    every, having = chosen(found, params), has(found)
    mask = every & ~_curated(objects, inputs, found)
    counts = tally(found, mask, having)
    more = {"curated": int(every.sum()) - counts.n}
    if "questions" not in inputs:
        return counts, {**more, **proportion(counts, params)}
    templates = columns.clusters(objects, inputs)
    fields = proportion(counts, params, spread(found, mask, having, templates))
    return counts, {**more, **fields, "clusters": len(set(templates[mask].tolist()))}


def _curated(objects: ObjectStore, inputs: Inputs, found: columns.Verdicts) -> NDArray[Any]:
    """(n,) which verdicts are on an answer that is a declared reply. A withdrawn verdict is none."""
    import numpy as np

    code = {item: n for n, item in enumerate(found.item.words)}
    answers = {
        (code[leaf["item"]], leaf["repeat"])
        for leaf in leaves_of(objects, inputs, "lookups")
        if leaf["declared"] and leaf["item"] in code
    }
    step = 1 + max((repeat for _code, repeat in answers), default=0)
    keys = found.item.codes.astype(np.int64) * step + found.repeat
    wanted = [item * step + repeat for item, repeat in sorted(answers)]
    mask: NDArray[Any] = np.isin(keys, wanted) & (found.repeat < step) & found.readable
    return mask
