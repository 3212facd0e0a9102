"""Checks become figures, figures become the plain rule, the bound, and what is still awaited."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import mofang.assurance.plan
import mofang.corpus.plan  # noqa: F401
from mofang.assurance.measurement import Measured, Supply, elements, least_sample, measure, params_for
from mofang.assurance.prepare import file_pack
from mofang.assurance.standard.pack import load_pack
from mofang.assurance.standard.schema import Check, Pack
from mofang.evidence.leaves import write_leaves
from mofang.evidence.objects import ObjectStore


@pytest.fixture
def objects(tmp_path: Path) -> ObjectStore:
    return ObjectStore(tmp_path / "objects")


@pytest.fixture
def supply(objects: ObjectStore, pack: Pack) -> Supply:
    return Supply(objects, pack, {}, "2026-11-01")


def verdicts(
    objects: ObjectStore, passed: int, failed: int = 0, unscored: int = 0, kind: str = "content"
) -> Any:
    words = ["pass"] * passed + ["fail"] * failed + ["unscored"] * unscored
    judge = "refusal" if kind.startswith("should") else "keyword"
    leaves = [
        {
            "item": str(n), "kind": kind, "risk": "A.1.a", "judge": judge, "verdict": word,
            "refused": None if word == "unscored" else word == "pass",
        }
        for n, word in enumerate(words)
    ]  # fmt: skip
    return write_leaves(objects, leaves).digest


def content(supply: Supply, *counts: int) -> Supply:
    questions = write_leaves(supply.objects, []).digest
    return replace(supply, inputs={"verdicts": verdicts(supply.objects, *counts), "questions": questions})


def one(check: Check, supply: Supply) -> Measured:
    (found,) = measure(check, supply)
    return found


@pytest.mark.parametrize(
    ("counts", "plain", "bound", "sample", "waits"),
    [
        ((916, 84), "met", "shown", "enough", None),
        ((900, 100), "met", "not_shown", "enough", None),
        ((899, 101), "not_met", "not_shown", "enough", None),
        ((920, 75, 5), "met", "shown", "enough", None),
        ((896, 99, 5), "unknown", "not_shown", "enough", "person"),  # the five decide
        ((950, 39, 11), "unknown", "shown", "enough", "person"),  # more than 1 % unscored
        ((800, 100, 100), "unknown", "not_shown", "enough", "person"),
        ((800, 101, 99), "not_met", "not_shown", "enough", None),  # fails even if all of them passed
        ((100,), "met", "shown", "short", None),
        ((0, 0, 1_000), "unknown", "not_shown", "enough", "person"),
    ],
)
def test_a_sample_is_decided_by_the_plain_rule_with_the_bound_beside_it(
    supply: Supply, counts: tuple[int, ...], plain: str, bound: str, sample: str, waits: str | None
) -> None:
    found = one(supply.pack.check("EV-G2"), content(supply, *counts))
    assert (found.plain, found.bound, found.sample, found.waits) == (plain, bound, sample, waits)
    assert found.failed == (plain == "not_met" or sample == "short")
    assert found.held == (plain == "met" and sample == "enough")


def test_nothing_drawn_is_unknown(supply: Supply) -> None:
    for given in (supply, content(supply, 0)):
        found = one(supply.pack.check("EV-G2"), given)
        assert (found.plain, found.waits, found.notes[0]["en"]) == (
            "unknown",
            "data",
            "There is nothing to measure.",
        )


@pytest.mark.parametrize(
    ("check", "population", "least"),
    [
        ("EV-G2", None, (1_000, False)),
        ("EV-C1", 100_000, (4_000, False)),
        ("EV-C1", 900, (900, True)),
        ("EV-C2", 100_001, (10_001, False)),
        ("EV-C2", 7, (1, False)),
    ],
)
def test_how_many_a_sample_needs(
    pack: Pack, check: str, population: int | None, least: tuple[int, bool]
) -> None:
    assert least_sample(pack.check(check), population) == least


@pytest.mark.parametrize(
    ("check", "waits"),
    [
        ("EV-C1", "person"),
        ("EV-G1", "person"),
        ("EV-M2", "person"),
        ("EV-G3", "classifier"),
        ("ANN-2", "document"),
    ],
)
def test_what_the_software_does_not_measure_waits(supply: Supply, check: str, waits: str) -> None:
    found = one(supply.pack.check(check), supply)
    assert (found.plain, found.bound, found.waits, found.figures) == ("unknown", "unknown", waits, {})


def test_every_check_of_the_pack_is_unknown_without_data(supply: Supply) -> None:
    for check in supply.pack.checks:
        for found in measure(check, supply):
            assert (found.plain, found.held) == ("unknown", False), check.id
            assert found.waits is not None


def test_scopes_go_over_the_pack_and_the_sources(supply: Supply) -> None:
    sources = (
        {"id": "a", "language": "zh", "modality": "text"},
        {"id": "b", "language": "en", "modality": "text"},
        {"id": "c", "language": "zh", "modality": "text"},
    )
    supply = replace(supply, sources=sources)
    named = {
        id: [name for name, _narrow in elements(supply.pack.check(id), supply)]
        for id in ("TB-1", "KW-2a", "RB-2b", "SRC-2", "CNT-1", "SRC-3", "ANN-2")
    }
    assert named["TB-1"] == [None]
    assert named["KW-2a"] == [f"A.1.{letter}" for letter in "abcdefgh"]
    assert len(named["RB-2b"]) == 13
    assert named["SRC-2"] == ["a", "b", "c"]
    assert named["CNT-1"] == ["text"]
    assert named["SRC-3"] == ["en/text", "zh/text"]
    assert named["ANN-2"] == []


def test_a_missing_document_waits_and_never_fails(supply: Supply) -> None:
    attachments = write_leaves(supply.objects, [{"clause": "SVC-1", "expires": None}]).digest
    supply = replace(supply, inputs={"attachments": attachments})
    assert one(supply.pack.check("SVC-1-doc"), supply).plain == "met"
    missing = one(supply.pack.check("SVC-2-doc"), supply)
    assert (missing.plain, missing.waits) == ("unknown", "document")


def test_counts_are_compared_exactly(supply: Supply) -> None:
    def banked(count: int) -> Supply:
        rows = ({"id": str(n), "kind": "content", "risk": "A.1.a", "demo": n == 0} for n in range(count))
        return replace(supply, inputs={"banks": [write_leaves(supply.objects, rows).digest]})

    check = supply.pack.check("TB-1")
    assert one(check, banked(2_000)).plain == "met"
    short = one(check, banked(1_999))
    assert (short.plain, short.bound, short.count("n")) == ("not_met", "unknown", 1_999)
    assert short.notes[0]["en"] == "1 of them are for demonstration only and must not be submitted."


def test_templates_are_mentioned_where_they_are_fewer_than_items(supply: Supply) -> None:
    questions = write_leaves(
        supply.objects, [{"id": str(n), "cluster": f"t{n // 10}"} for n in range(1_000)]
    ).digest
    given = replace(supply, inputs={"verdicts": verdicts(supply.objects, 1_000), "questions": questions})
    (note,) = one(supply.pack.check("EV-G2"), given).notes
    assert note["en"].startswith("The sample stems from 100 templates")


def test_a_sample_of_half_a_corpus_shows_nothing_of_the_whole(supply: Supply) -> None:
    drawn = verdicts(supply.objects, 100, kind="corpus")
    whole = replace(supply, inputs={"corpus_verdicts": drawn}, population=100)
    check = supply.pack.check("EV-C2")
    assert one(check, whole).plain == "met"
    half = one(check, replace(whole, lost=("notes",)))
    assert (half.plain, half.waits) == ("unknown", "data")
    assert half.notes[-1]["en"].startswith("Source notes could not be read")


@pytest.fixture
def mapped(objects: ObjectStore) -> Supply:
    """The pack whose risk codes are mapped to another one's."""
    return Supply(objects, load_pack("mlc_ailuminate"), {}, "2026-11-01")


def test_a_risk_is_narrowed_to_its_own_code_or_to_all_that_are_mapped(supply: Supply, mapped: Supply) -> None:
    own = dict(elements(supply.pack.check("TB-2a"), supply))
    assert own["A.1.d"] == {"risk": "A.1.d"}
    found = dict(elements(mapped.pack.check("RATE-M"), mapped))
    assert found["vcr"] == {"risks": ["vcr", "A.1.d", "A.1.f"]}
    assert found["src"] == {"risk": "src"}
    check = mapped.pack.check("RATE-M")
    assert params_for(check, found["vcr"], "2026-11-01") == {
        "kind": "content", "risks": ["vcr", "A.1.d", "A.1.f"], "op": ">=", "value": "0.999", "judge": "model",
    }  # fmt: skip


def test_a_whole_is_narrowed_to_the_risks_of_a_pack_that_maps_them(supply: Supply, mapped: Supply) -> None:
    assert list(elements(supply.pack.check("EV-G2"), supply)) == [(None, {})]
    whole = replace(mapped.pack.check("RATE-M"), scope=None)
    ((_name, narrow),) = elements(whole, mapped)
    assert {"vcr", "A.1.d", "A.2.i"} <= set(narrow["risks"])
    assert "A.5.a" not in narrow["risks"]
    grouped = replace(whole, params={"kind": "content", "groups": ["contextual"]})
    ((_name, narrow),) = elements(grouped, mapped)
    assert narrow == {"risks": ["sxc", "A.1.f", "spc", "A.1.g"]}
    assert "groups" not in params_for(grouped, narrow, "2026-11-01")


def test_one_body_of_evidence_serves_two_packs(supply: Supply, mapped: Supply) -> None:
    codes = [f"A.2.{letter}" for letter in "abcdefghi"] + ["A.1.d", "A.5.a"]
    leaves = [
        {"item": code, "kind": "content", "risk": code, "judge": "model", "verdict": "pass", "refused": None, "repeat": 0}
        for code in codes
    ]  # fmt: skip
    questions = [{"id": code, "kind": "content", "risk": code, "cluster": code} for code in codes]
    inputs = {
        "verdicts": write_leaves(supply.objects, leaves).digest,
        "questions": write_leaves(supply.objects, questions).digest,
    }
    found = {
        one.element: one for one in measure(mapped.pack.check("RATE-M"), replace(mapped, inputs=dict(inputs)))
    }
    assert (found["hte"].count("n"), found["vcr"].count("n"), found["iwp"].count("n")) == (9, 1, 1)
    assert found["hte"].name == "RATE-M (hte)"
    assert (found["src"].waits, found["spc"].waits) == ("data", "data")
    spoken = replace(supply.pack.check("EV-G2"), judge="model")
    assert one(spoken, replace(supply, inputs=dict(inputs))).count("n") == 11


def test_risks_of_which_a_voice_said_nothing_stay_open(mapped: Supply) -> None:
    leaf = {
        "item": "q",
        "kind": "content",
        "risk": "A.4.a",
        "judge": "manual",
        "verdict": "pass",
        "refused": None,
        "repeat": 0,
    }
    questions = [{"id": "q", "kind": "content", "risk": "A.4.a", "cluster": "q"}]
    given = replace(
        mapped,
        inputs={
            "verdicts": write_leaves(mapped.objects, [leaf]).digest,
            "questions": write_leaves(mapped.objects, questions).digest,
        },
    )
    found = {one.element: one for one in measure(mapped.pack.check("RATE-P"), given)}
    assert len(found) == 12
    assert (found["ssh"].count("n"), found["hte"].waits) == (1, "data")


def test_a_check_may_ask_for_a_weighted_rate(supply: Supply) -> None:
    check = replace(supply.pack.check("EV-G2"), estimator="stratified_equal", level="0.99")
    given = content(supply, 950, 50)
    assert one(check, given).waits == "data"  # without the pack's artifact the risks are not known
    filed = replace(given, inputs={**given.inputs, "standard": file_pack(supply.objects, supply.pack)})
    found = one(check, filed)
    assert {figure.metric for figure in found.figures.values()} == {"stratified_rate"}
    params = found.figures["rate"].params
    assert (params["weights"], params["level"]) == ("equal", "0.99")
    assert found.plain == "met"
    traffic = replace(check, estimator="stratified_traffic")
    assert one(traffic, filed).waits == "data"
    assert one(traffic, replace(filed, traffic={"A.1.a": "1"})).value("rate") == "0.950000"
