"""The whole table: every number a figure that can be computed again, same artifacts same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mofang.assurance.analysis.analyse import Analysed, analyse
from mofang.assurance.analysis.plan import plan_analysis
from mofang.assurance.analysis.supply import Supply, Target
from mofang.assurance.analysis.tasks import analyse_verdicts
from mofang.assurance.standard.schema import Pack
from mofang.compute.kinds import KINDS, Job
from mofang.evidence.digest import Digest, canonical
from mofang.evidence.figures import Figure, recompute
from mofang.evidence.leaves import read_leaves
from mofang.evidence.objects import ObjectStore

Leaf = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def supply(
    objects: ObjectStore, stored: Any, vote: Leaf, ask: Leaf, standard: Digest, national: Pack
) -> Supply:
    """A service, the model alone and three judges on 120 content questions; two answers each from the service."""
    risks = [risk.code for risk in national.risks[:6]]
    aspect = national.aspects[0].code

    def judged(judge: str, bad: range, repeats: int, seen: int = 120) -> Digest:
        leaves = [
            vote(n, "fail" if n in bad else "pass", judge=judge, risk=risks[n % 6], repeat=r)
            for n in range(seen)
            for r in range(repeats)
        ]
        if judge == "keyword":
            leaves += [
                vote(500 + n, "pass", judge="refusal", kind="should_not_refuse", risk=aspect, refused=False)
                for n in range(9)
            ]
        return stored(leaves)

    questions = stored(
        [ask(n, risk=risks[n % 6], cluster=f"t{n // 4}") for n in range(120)]
        + [ask(500 + n, risk=aspect, kind="should_not_refuse") for n in range(9)]
    )
    service = Target(
        "service",
        (
            judged("keyword", range(10), 2),
            judged("model", range(5, 14), 2),
            judged("manual", range(12), 1, 60),
        ),
        stored([{"question": "q0"}]),
    )
    alone = Target("alone", (judged("keyword", range(30), 1),))
    return Supply(
        objects, national, standard, questions, (service, alone), "2026-11-01", "first", (questions,),
        {risks[0]: "0.7", risks[1]: "0.3", "nowhere": "1"}, "0.01", {"keyword": "sha256:" + "1" * 64},
    )  # fmt: skip


@pytest.fixture(scope="module")
def made(supply: Supply) -> Analysed:
    return analyse(supply)


def _ids(value: Any, known: set[str]) -> Iterator[str]:
    if isinstance(value, str) and value in known:
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _ids(part, known)
    elif isinstance(value, list):
        for part in value:
            yield from _ids(part, known)


def test_every_figure_is_named_and_can_be_computed_again(made: Analysed, supply: Supply) -> None:
    known = {figure.id: figure for figure in made.figures}
    assert set(_ids(made.analysis, set(known))) == set(known)
    for figure in made.figures:
        parsed = Figure.parse(figure.wire())
        assert recompute(supply.objects, parsed) == figure.value


def test_same_artifacts_same_bytes(made: Analysed, supply: Supply) -> None:
    again = analyse(supply)
    assert canonical(again.analysis) == canonical(made.analysis)
    assert [figure.wire() for figure in again.figures] == [figure.wire() for figure in made.figures]


def test_what_stands_in_it(made: Analysed, supply: Supply, national: Pack) -> None:
    found, value = made.analysis, {figure.id: figure.value for figure in made.figures}
    assert set(found) == {
        "format", "standard", "as_of", "assessment", "targets", "risks", "aspects", "kinds", "judges", "voices",
        "paired", "inspection", "inspected", "without_curated", "notes",
    }  # fmt: skip
    assert [target["name"] for target in found["targets"]] == ["service", "alone"]
    assert len(found["risks"]) == len(national.risks)  # should_refuse was not asked
    assert len(found["aspects"]) == len(national.aspects)
    first = found["risks"][0]
    assert (first["code"], first["kind"], list(first["voices"])) == (
        national.risks[0].code, "content", ["keyword", "model", "manual"],
    )  # fmt: skip
    assert value[first["voices"]["keyword"]["n"]] == 20
    keyword = found["kinds"][0]
    assert (keyword["kind"], keyword["target"], keyword["judge"]) == ("content", "service", "keyword")
    assert (value[keyword["figures"]["n"]], value[keyword["figures"]["passed"]]) == (120, 110)
    assert value[keyword["clustered"]["clusters"]] == 30
    assert value[keyword["repeats"]["repeats"]] == 2
    assert set(keyword["stratified"]) == {"equal", "bank", "traffic"}
    assert value[keyword["stratified"]["traffic"]["strata"]] == 2
    aspects = [row for row in found["kinds"] if row["kind"] == "should_not_refuse"]
    assert all(row["stratified"]["traffic"] == {} and row["repeats"] == {} for row in aspects)


def test_the_rule_on_refusals_is_turned_into_one_on_passes(supply: Supply) -> None:
    assert supply.rule("content") == {"op": ">=", "value": "0.90", "level": "0.95"}
    assert supply.rule("should_refuse")["value"] == "0.95"
    assert supply.rule("should_not_refuse") == {"op": ">=", "value": "0.95", "level": "0.95"}
    assert supply.rule("corpus_x") == {}


def test_judges_are_held_against_people(made: Analysed) -> None:
    rows = {(row["judge"], row["kind"], row["target"]): row for row in made.analysis["judges"]}
    keyword = rows["keyword", "content", "service"]
    assert (keyword["usable"], keyword["why"], keyword["identity"]) == (True, None, "sha256:" + "1" * 64)
    assert "rate" in keyword["corrected"]["ppi"]
    alone = rows["keyword", "content", "alone"]
    assert alone["usable"] is None
    assert "人工" in alone["why"]["zh"]
    assert alone["corrected"] == {"ppi": {}, "rogan_gladen": {}}
    assert not any(row["judge"] == "manual" for row in made.analysis["judges"])


def test_disagreements_lead_to_question_and_answer(made: Analysed, supply: Supply) -> None:
    voice = made.analysis["voices"][0]
    rows = voice["disagreements"]
    # keyword and model differ on 0-4 and 10-13, twice each; people say fail on 0-11, of first answers only.
    assert len(rows) == 2 * 9
    assert {row["votes"]["keyword"] for row in rows} == {"pass", "fail"}
    first = rows[0]
    assert first["question"].startswith("sha256:" + "b" * 64 + "#")
    assert first["answer"].startswith("sha256:" + "a" * 64 + "#")
    assert first["votes"]["manual"] is None  # one against one is split more evenly than two against one
    value = {figure.id: figure.value for figure in made.figures}
    assert sum(value[pattern["figures"]["n"]] for pattern in voice["patterns"]) == 240


def test_the_service_beside_the_model_alone(made: Analysed) -> None:
    (row,) = [row for row in made.analysis["paired"] if row["kind"] == "content"]
    known = {figure.id: figure.value for figure in made.figures}
    value = {name: known[id] for name, id in row["figures"].items()}
    assert (row["judge"], row["from"], row["to"]) == ("keyword", "alone", "service")
    assert (value["n"], value["gained"], value["lost"], value["decision"]) == (120, 20, 0, "better")


def test_notes_say_what_a_reader_must_know(made: Analysed) -> None:
    notes = " ".join(note["en"] for note in made.analysis["notes"])
    assert "asked 2 times" in notes
    assert "nowhere" in notes
    assert "No questions were asked about" in notes
    assert "internal edition" in notes


def test_nothing_judged_is_an_empty_table(supply: Supply, stored: Any) -> None:
    empty = Supply(
        supply.objects,
        supply.pack,
        supply.standard,
        stored([]),
        (Target("service", ()),),
        "2026-11-01",
        "none",
    )
    found = analyse(empty).analysis
    assert (found["risks"], found["kinds"], found["judges"], found["voices"], found["paired"]) == (
        [],
        [],
        [],
        [],
        [],
    )


def test_the_job(supply: Supply, tmp_path: Path, made: Analysed) -> None:
    refs = {"standard": "s:o", "questions": "q:o", "answers": "a:o", "verdicts": ("k:o", "m:o", "p:o")}
    (node,) = plan_analysis(
        **refs,
        as_of="2026-11-01",
        assessment="first",
        judges=supply.judges,
        traffic=supply.traffic,
        banks=("b:o",),
        alone=("x:o", ("y:o",)),
        guard=("g:o", ("h:o",)),
        inspection="i:o",
        suffix="other",
    )
    assert node.name == "assurance.analyse/other"
    assert set(node.inputs) == {
        "standard", "questions", "answers", "verdicts", "banks", "answers_alone", "verdicts_alone", "guard",
        "verdicts_guard", "inspection",
    }  # fmt: skip
    service, alone = supply.targets
    inputs: dict[str, Digest | list[Digest]] = {
        "standard": supply.standard,
        "questions": supply.questions,
        "answers": service.answers or supply.questions,
        "verdicts": list(service.verdicts),
        "banks": list(supply.banks),
        "verdicts_alone": list(alone.verdicts),
    }
    outcome = analyse_verdicts(Job(node.params, inputs, {}, supply.objects, tmp_path))
    assert set(outcome.outputs) == set(KINDS.get("assurance.analyse").outputs)
    assert canonical(supply.objects.json(outcome.outputs["analysis"].digest)) == canonical(made.analysis)
    figures = list(read_leaves(supply.objects, outcome.outputs["figures"].digest))
    assert figures == [figure.wire() for figure in made.figures]
    assert outcome.counts["figures"] == len(figures)
