"""What an inspection of the banks found, as figures, and the results without declared curated replies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mofang.assurance.analysis.supply import Book, Supply

COUNTS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("pairs", "near_duplicate_count", {}),
    ("leaks", "leaked_question_count", {}),
    ("lookups", "lookup_count", {"declared": "yes"}),
    ("lookups", "lookup_count", {"declared": "no"}),
    *(
        ("lookups", "lookup_count", {"declared": "no", "signal": signal})
        for signal in ("reply", "bank", "same")
    ),
)
"""Segment of the inspection, metric and params of each count."""
JUDGED = ("pass_rate", "refusal_rate")

Row = dict[str, Any]


def inspected(supply: Supply, book: Book) -> list[Row]:
    """The counts of the inspection: metric, params and figure ids by field."""
    return [
        {
            "metric": metric,
            "params": params,
            "figures": book.ids(metric, params, {name: supply.found[name]}),
        }
        for name, metric, params in COUNTS
        if name in supply.found
    ]


def without_curated(supply: Supply, book: Book) -> list[Row]:
    """Every rate of the standard again over the answers that are no declared curated reply; nothing where there is
    none."""
    return list(_without(supply, book)) if _curated(supply, book) else []


def _curated(supply: Supply, book: Book) -> bool:
    if "lookups" not in supply.found:
        return False
    found = book.ask("lookup_count", {"declared": "yes"}, {"lookups": supply.found["lookups"]})
    return bool(found["n"].value)


def _without(supply: Supply, book: Book) -> Iterator[Row]:
    inputs = {**supply.inputs(supply.targets[0]), "lookups": supply.found["lookups"]}
    for check in supply.pack.checks:
        kind = check.params.get("kind")
        if check.metric not in JUDGED or check.scope is not None or kind in (None, "corpus"):
            continue
        params = {"kind": kind, "judge": check.judge, "op": check.op, "value": check.value}
        figures = book.ask(f"{check.metric}_without", params, inputs)
        if figures["n"].value:
            yield {"kind": kind, "judge": check.judge, "metric": check.metric, "figures": book.enter(figures)}
