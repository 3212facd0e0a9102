from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.assurance.config import MODELS, AssuranceConfig, PathFacts, SampleConfig
from mofang.assurance.standard.conditions import applies, broken_condition
from mofang.assurance.standard.pack import load_pack
from mofang.assurance.standard.path import decide_path, questions
from mofang.errors import MofangError
from mofang.evidence.digest import canonical

PACK = load_pack("cn_gbt_45654_2025")
ANSWERS = {
    "public": [True, False],
    "opinion": [True, False],
    "model": list(MODELS),
    "recommends": [True, False],
    "humanlike": [True, False],
    "edge": [True, False],
}
full_facts = st.builds(PathFacts, **{name: st.sampled_from(answers) for name, answers in ANSWERS.items()})
partial_facts = st.builds(
    PathFacts, **{name: st.sampled_from([None, *answers]) for name, answers in ANSWERS.items()}
)


@pytest.mark.parametrize(
    ("facts", "outcome", "also", "open"),
    [
        (PathFacts(True, True, "own", False, False), "filing", [], []),
        (PathFacts(True, True, "fine_tuned", True, False), "filing", ["algorithm_filing"], []),
        (PathFacts(True, True, "called", False, False), "registration", [], []),
        (PathFacts(True, True, "called", True, True), "registration", ["algorithm_filing", "humanlike"], []),
        (PathFacts(True, False, "own", True, False), "none", [], []),
        (PathFacts(True, True, "called_unfiled", False, False), "unclear", [], []),
        (PathFacts(public=False), "none", [], []),
        (PathFacts(public=True, model="called"), "registration", [], ["opinion", "recommends", "humanlike"]),
        (PathFacts(True, True, "own", False), "filing", [], ["humanlike"]),
    ],
)
def test_outcomes(facts: PathFacts, outcome: str, also: list[str], open: list[str]) -> None:
    found = decide_path(PACK, facts)
    assert found.outcome == outcome
    assert [procedure.outcome for procedure in found.also] == also
    assert sorted(question.fact for question in found.open) == sorted(open)


def test_nothing_known_leaves_everything_open() -> None:
    found = decide_path(PACK, PathFacts())
    assert found.outcome == "unclear"
    assert found.reasons == ()
    assert {procedure.outcome for procedure in found.possible} == {
        "none",
        "registration",
        "unclear",
        "filing",
    }
    assert [question.fact for question in found.open] == [
        "public",
        "model",
        "opinion",
        "recommends",
        "humanlike",
    ]


def test_reasons_carry_their_sources_and_the_notice_says_who_decides() -> None:
    found = decide_path(PACK, PathFacts(True, True, "own", False, False))
    assert [(reason.rule, reason.sources, reason.confidence) for reason in found.reasons] == [
        ("own_model", ("S44", "S48"), "H")
    ]
    assert [PACK.source(id).id for id in found.reasons[0].sources] == ["S44", "S48"]
    assert "以属地网信办的意见为准" in found.notice["zh"]
    assert canonical(found.wire())


def test_questions_are_asked_in_plain_words_in_both_languages() -> None:
    asked = questions(PACK)
    assert [question.fact for question in asked] == [
        "public",
        "model",
        "opinion",
        "recommends",
        "humanlike",
        "edge",
    ]
    assert list(asked[1].answers) == list(MODELS)
    assert all(
        set(text) == {"zh", "en"}
        for question in asked
        for text in (question.asks, *question.answers.values())
    )


@given(full_facts)
def test_full_facts_leave_nothing_open(facts: PathFacts) -> None:
    found = decide_path(PACK, facts)
    assert (found.open, found.possible) == ((), ())
    assert len(found.reasons) == 1


@given(partial_facts, full_facts)
def test_what_is_said_holds_for_every_answer_still_to_come(known: PathFacts, later: PathFacts) -> None:
    early = decide_path(PACK, known)
    missing = {name: getattr(later, name) for name in ANSWERS if getattr(known, name) is None}
    final = decide_path(PACK, replace(known, **missing))
    if not early.possible:
        assert final.outcome == early.outcome
        assert {reason.rule for reason in final.reasons} <= {reason.rule for reason in early.reasons}
    else:
        assert final.outcome in {procedure.outcome for procedure in early.possible}
    assert {p.outcome for p in early.also} <= {p.outcome for p in final.also}


@given(partial_facts, full_facts, full_facts)
def test_answering_the_open_questions_is_enough(
    known: PathFacts, first: PathFacts, second: PathFacts
) -> None:
    asked = {question.fact for question in decide_path(PACK, known).open}
    answered = replace(known, **{name: getattr(first, name) for name in asked})
    rest = [name for name in ANSWERS if getattr(answered, name) is None]
    ends = [decide_path(PACK, replace(answered, **{n: getattr(f, n) for n in rest})) for f in (first, second)]
    assert ends[0].outcome == ends[1].outcome
    assert ends[0].also == ends[1].also


@pytest.mark.parametrize(
    ("condition", "facts", "verdict"),
    [
        (None, PathFacts(), True),
        ("edge=true", PathFacts(), None),
        ("edge=true", PathFacts(edge=False), False),
        ("model=own|fine_tuned", PathFacts(model="fine_tuned"), True),
        ("public=true and model=own", PathFacts(model="called"), False),
        ("public=true and model=own", PathFacts(model="own"), None),
    ],
)
def test_conditions_have_three_answers(condition: str | None, facts: PathFacts, verdict: bool | None) -> None:
    assert applies(condition, facts) is verdict


@pytest.mark.parametrize(
    "condition", ["", "public", "public=yes", "publik=true", "public=true and public=false", "model=own|"]
)
def test_broken_conditions_are_explained(condition: str) -> None:
    assert broken_condition(condition)


@pytest.mark.parametrize(
    ("build", "where"),
    [
        (lambda: PathFacts(model="bought"), "assurance.path.model"),
        (lambda: PathFacts(public="yes"), "assurance.path.public"),
        (lambda: SampleConfig(content=-1), "assurance.sample.content"),
        (lambda: SampleConfig(content=True), "assurance.sample.content"),
        (lambda: SampleConfig(corpus_technical_share="0"), "assurance.sample.corpus_technical_share"),
        (lambda: SampleConfig(corpus_technical_share="NaN"), "assurance.sample.corpus_technical_share"),
        (lambda: SampleConfig(corpus_technical_share=0.1), "assurance.sample.corpus_technical_share"),
        (lambda: AssuranceConfig("", "assistant"), "assurance.standard"),
        (lambda: AssuranceConfig("x", "assistant", banks=()), "assurance.banks"),
        (lambda: AssuranceConfig("x", "assistant", banks=("a", "a")), "assurance.banks"),
    ],
)
def test_configuration_refuses_what_it_cannot_mean(build: Callable[[], object], where: str) -> None:
    with pytest.raises(MofangError) as error:
        build()
    assert error.value.where == where
