"""Metrics: recomputable numbers from the manifest and its counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mofang.corpus import plan
from mofang.corpus.dataset import TOTALS
from mofang.evidence.digest import Digest
from mofang.evidence.figures import METRICS, compute_figure, recompute
from mofang.evidence.objects import ObjectStore

ZERO = {**dict.fromkeys(TOTALS, 0), "reasons": {}, "dropped_by": {}, "pii": {}}
Measure = Callable[..., Mapping[str, int | str]]


@pytest.fixture
def measure(objects: ObjectStore, declare: Callable[..., Any]) -> Measure:
    sources = [
        {**declare("a").wire(), "contract_digest": None},
        {**declare("b", origin="foreign", language="en").wire(), "contract_digest": None},
        {
            **declare("c", method="commercial", personal_information="consent").wire(),
            "contract_digest": "sha256:00",
        },
        {**declare("d", method="self_collected").wire(), "contract_digest": None},
    ]
    first = {"records": 100, "keep": 80, "redact": 10, "drop": 10, "duplicates": 7, "screened": 100}
    listed = {"listed": 12, "listed_published": 4, "published_chars": 700}
    counts = {
        "a": {**ZERO, **first, **listed, "dropped_by": {"duplicate": 7, "too_short": 3}},
        "b": {**ZERO, "records": 50, "keep": 50, "screened": 50, "published_chars": 300},
        "c": {**ZERO, "records": 50, "unfinished": 50},
    }
    inputs: dict[str, Digest | list[Digest]] = {
        "dataset": objects.put_json({"sources": sources}),
        "ledger_counts": objects.put_json({"sources": counts}),
    }

    def measure(metric: str, **params: Any) -> Mapping[str, int | str]:
        return METRICS.get(metric).load()(objects, inputs, params)

    return measure


@pytest.mark.parametrize(
    ("metric", "params", "fields"),
    [
        ("source_count", {}, {"n": 3}),
        ("source_count", {"language": "zh", "modality": "text"}, {"n": 2}),
        ("records_read", {}, {"n": 200}),
        ("records_read", {"source": "a"}, {"n": 100}),
        ("kept", {}, {"n": 130}),
        ("redacted", {}, {"n": 10}),
        ("dropped", {}, {"n": 10}),
        ("dropped", {"reason": "duplicate"}, {"n": 7}),
        ("duplicates", {}, {"n": 7}),
        ("documents_present", {"of": "origin"}, {"n": 3, "wanted": 4, "rate": "0.750000"}),
        (
            "documents_present",
            {"source": "d", "op": "==", "value": "1"},
            {"n": 0, "wanted": 1, "rate": "0.000000", "met": "no"},
        ),
        ("documents_present", {"of": "personal_information"}, {"n": 4, "wanted": 4, "rate": "1.000000"}),
        (
            "foreign_share",
            {"op": "<=", "value": "0.30"},
            {"n": 1000, "foreign": 300, "rate": "0.300000", "met": "yes"},
        ),
        ("foreign_share", {"method": "commercial"}, {"n": 1000, "foreign": 0, "rate": "0.000000"}),
        (
            "filtered_share",
            {"op": "==", "value": "1"},
            {"n": 200, "filtered": 150, "rate": "0.750000", "met": "no"},
        ),
        ("illegal_share", {"source": "a", "stage": "before"}, {"n": 100, "listed": 12, "rate": "0.120000"}),
        (
            "illegal_share",
            {"source": "a", "op": "<=", "value": "0.05"},
            {"n": 90, "listed": 4, "rate": "0.044444", "met": "yes"},
        ),
        ("illegal_share", {"source": "c"}, {"n": 0}),
        ("illegal_share", {"source": "d"}, {"n": 0}),
    ],
)
def test_fields(measure: Measure, metric: str, params: dict[str, Any], fields: dict[str, Any]) -> None:
    assert measure(metric, **params) == fields


def test_a_figure_recomputes(objects: ObjectStore) -> None:
    assert plan.TASKS
    inputs = {
        "dataset": objects.put_json({"sources": []}),
        "ledger_counts": objects.put_json({"sources": {}}),
    }
    figure = compute_figure(objects, "records_read", {}, inputs, "n")
    assert recompute(objects, figure) == figure.value == 0
