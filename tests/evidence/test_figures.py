from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from mofang.errors import MofangError
from mofang.evidence.digest import Digest, sha256_bytes
from mofang.evidence.errors import DigestError, FigureError, ObjectMissing
from mofang.evidence.figures import Figure, compute_figure, recompute, register_metric
from mofang.evidence.leaves import read_leaves, write_leaves
from mofang.evidence.objects import ObjectStore

calls: list[str] = []


def counted(objects: ObjectStore, inputs: Mapping[str, Any], params: Mapping[str, Any]) -> Mapping[str, Any]:
    """How many leaves are longer than ``params["longer"]``, over all segments."""
    calls.append("counted")
    leaves = [leaf for digest in inputs["segments"] for leaf in read_leaves(objects, digest)]
    long = sum(len(leaf["text"]) > params["longer"] for leaf in leaves)
    return {"n": len(leaves), "long": long, "share": f"{long / len(leaves):.6f}"}


def wrong(objects: ObjectStore, inputs: Mapping[str, Any], params: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"n": params["gives"]}


register_metric("test.counted", 2, f"{__name__}:counted")
register_metric("test.wrong", 1, f"{__name__}:wrong")


@pytest.fixture(autouse=True)
def no_calls() -> None:
    calls.clear()


@pytest.fixture
def inputs(objects: ObjectStore) -> dict[str, Digest | list[Digest]]:
    first = write_leaves(objects, [{"text": "一"}, {"text": "一二三"}])
    second = write_leaves(objects, [{"text": "一二三四"}])
    return {"segments": [first.digest, second.digest]}


def test_a_figure_is_computed_and_recomputed(objects: ObjectStore, inputs: dict[str, Any]) -> None:
    figure = compute_figure(objects, "test.counted", {"longer": 2}, inputs, "share")
    assert (figure.metric, figure.version, figure.field, figure.value) == (
        "test.counted",
        2,
        "share",
        "0.666667",
    )
    assert recompute(objects, figure) == "0.666667"


def test_the_fields_of_one_question_share_a_computation(objects: ObjectStore, inputs: dict[str, Any]) -> None:
    values = [
        compute_figure(objects, "test.counted", {"longer": 2}, inputs, field).value
        for field in ("n", "long", "share")
    ]
    assert values == [3, 2, "0.666667"]
    assert calls == ["counted"]
    compute_figure(objects, "test.counted", {"longer": 3}, inputs, "n")
    assert calls == ["counted", "counted"]


def test_a_changed_input_is_read_again(objects: ObjectStore, inputs: dict[str, Any]) -> None:
    figure = compute_figure(objects, "test.counted", {"longer": 2}, inputs, "n")
    path = objects.path(inputs["segments"][1])
    path.write_bytes(path.read_bytes() * 2)
    assert recompute(objects, figure) == 4 != figure.value


def test_the_id_is_that_of_the_question(objects: ObjectStore, inputs: dict[str, Any]) -> None:
    figure = compute_figure(objects, "test.counted", {"longer": 2}, inputs, "n")
    asked = {
        "metric": "test.counted",
        "version": 2,
        "params": {"longer": 2},
        "inputs": {"segments": list(inputs["segments"])},
        "field": "n",
    }
    assert figure.wire() == {**asked, "value": 3}
    assert figure.id == objects.put_json(asked)
    assert Figure.parse({**figure.wire(), "value": 99}).id == figure.id
    assert compute_figure(objects, "test.counted", {"longer": 2}, inputs, "long").id != figure.id


def test_figures_are_leaves(objects: ObjectStore, inputs: dict[str, Any]) -> None:
    made = [compute_figure(objects, "test.counted", {"longer": 2}, inputs, field) for field in ("n", "share")]
    segment = write_leaves(objects, [figure.wire() for figure in made])
    assert [Figure.parse(leaf) for leaf in read_leaves(objects, segment.digest)] == made


def test_an_unknown_metric_gets_the_nearest_names(objects: ObjectStore) -> None:
    with pytest.raises(MofangError, match=r"unknown metric: test\.countet") as caught:
        compute_figure(objects, "test.countet", {}, {}, "n")
    assert caught.value.remedy is not None
    assert "test.counted" in caught.value.remedy


def test_an_unknown_field_gets_the_known_ones(objects: ObjectStore, inputs: dict[str, Any]) -> None:
    with pytest.raises(FigureError, match="gives no field rate") as caught:
        compute_figure(objects, "test.counted", {"longer": 2}, inputs, "rate")
    assert caught.value.remedy == "known: long, n, share"


def test_another_version_is_named(objects: ObjectStore, inputs: dict[str, Any]) -> None:
    figure = Figure("test.counted", 1, {"longer": 2}, inputs, "n", 3)
    with pytest.raises(FigureError, match=r"version 1 of metric test\.counted; this program has version 2"):
        recompute(objects, figure)


def test_a_missing_input_is_named(objects: ObjectStore) -> None:
    with pytest.raises(ObjectMissing):
        compute_figure(objects, "test.counted", {"longer": 2}, {"segments": [sha256_bytes(b"none")]}, "n")


@pytest.mark.parametrize("gives", [True, None, [1]])
def test_a_metric_that_gives_something_else_is_named(objects: ObjectStore, gives: object) -> None:
    with pytest.raises(FigureError, match=r"metric test\.wrong gives") as caught:
        compute_figure(objects, "test.wrong", {"gives": gives}, {}, "n")
    assert caught.value.where == f"{__name__}:wrong"


def test_floats_are_no_parameters(objects: ObjectStore) -> None:
    with pytest.raises(DigestError):
        compute_figure(objects, "test.wrong", {"gives": 0.5}, {}, "n")


GOOD = {
    "metric": "m",
    "version": 1,
    "params": {},
    "inputs": {"a": sha256_bytes(b"")},
    "field": "n",
    "value": 1,
}


@pytest.mark.parametrize(
    "change",
    [
        {"value": 0.5},
        {"value": True},
        {"value": None},
        {"version": "1"},
        {"inputs": {"a": "x"}},
        {"inputs": []},
        {"params": 7},
        {"extra": 1},
    ],
)
def test_what_is_no_figure_is_refused(change: dict[str, object]) -> None:
    assert Figure.parse(GOOD).wire() == GOOD
    with pytest.raises((FigureError, DigestError)):
        Figure.parse({**GOOD, **change})
    with pytest.raises(FigureError):
        Figure.parse(json.loads("{}"))
