"""What is missing is said in words that tell somebody what to bring."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mofang.assurance.measurement import Measured
from mofang.assurance.shortfalls import rule, shortfalls
from mofang.assurance.standard.schema import Pack


def found(pack: Pack, check: str, plain: str = "unknown", **more: Any) -> Measured:
    return Measured(pack.check(check), more.pop("element", None), {}, plain, "unknown", **more)  # type: ignore[arg-type]


def said(*measured: Measured, population: int | None = None) -> list[str]:
    return [text["en"] for text in shortfalls(measured, population)]


def test_each_kind_of_waiting_has_its_words(pack: Pack) -> None:
    assert said(found(pack, "EV-C1", waits="person")) == [
        "the result of people's check EV-C1 (4,000 items drawn)"
    ]
    assert said(found(pack, "EV-C2c", waits="classifier")) == ["the result of a classifier for EV-C2c"]
    assert said(found(pack, "EV-M2", waits="person")) == ["signatures of the persons in charge (3)"]
    assert said(found(pack, "KW-3", waits="data")) == ["data to measure KW-3"]
    judged = replace(pack.check("EV-G2"), judge="model")
    assert said(Measured(judged, None, {}, "unknown", "unknown", waits="data")) == [
        "verdicts of a model as judge for EV-G2 (assurance.judges.model in mofang.yaml), with questions for each element"
    ]
    assert said(found(pack, "TB-3", waits="document")) == []  # the clause names its document itself


def test_what_holds_lacks_nothing(pack: Pack) -> None:
    assert said(found(pack, "TB-1", "met"), found(pack, "EV-G2", "met", sample="enough")) == []


def test_a_short_sample_names_both_numbers(pack: Pack) -> None:
    assert said(found(pack, "EV-R1", "met", sample="short")) == [
        "EV-R1: a sample of 0, at least 300 required"
    ]
    corpus = found(pack, "EV-C2", "met", sample="short")
    assert said(corpus, population=1_001) == ["EV-C2: a sample of 0, at least 101 required"]


def test_sources_without_papers_are_named_together(pack: Pack) -> None:
    rows = [found(pack, "SRC-5", "unknown", element=name, waits="document") for name in ("news", "forum")]
    held = found(pack, "SRC-5", "met", element="handbook")
    assert said(*rows, held) == [
        "licences, contracts, collection records or authorizations of 2 sources (SRC-5): news, forum"
    ]


def test_few_elements_are_named_and_many_are_counted(pack: Pack) -> None:
    short = [found(pack, "TB-2b", "not_met", element=risk.code) for risk in pack.risks_in(["A.3", "A.4"])]
    assert len(said(*short[:3])) == 3
    assert said(*short) == ["TB-2b: 12 of 12 fall short (required: at least 20)"]


def test_rules_in_words(pack: Pack) -> None:
    assert rule(pack.check("EV-R2")) == {"zh": "不高于 5%", "en": "at most 5%"}
    assert rule(pack.check("TB-1"))["en"] == "at least 2,000"
    assert rule(replace(pack.check("TB-1"), op="=="))["en"] == "exactly 2,000"
