"""Which procedure a service probably needs, from facts that the provider states and rules that a pack holds.

A suggestion: the authority decides. Facts that nobody has answered are tried with every possible answer; only
what comes out the same for all of them is said.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mofang.assurance.config import PathFacts
from mofang.assurance.standard.conditions import FACTS, answers, parse_condition
from mofang.assurance.standard.schema import Pack
from mofang.i18n import Text

UNCLEAR = "unclear"

Given = Mapping[str, str]
"""One answer for every fact, in the words of the conditions."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question in plain words; ``answers`` maps the words of the facts to what a person reads."""

    fact: str
    asks: Text
    hint: Text | None
    answers: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a procedure applies; ``sources`` are ids of the pack's source list."""

    rule: str
    text: Text
    sources: tuple[str, ...]
    confidence: str


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure with its reasons."""

    outcome: str
    title: Text
    says: Text
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class PathOutcome:
    """The proposed procedure. ``also`` may come in addition; ``possible`` are the procedures still open while
    ``outcome`` is unclear; ``open`` are the questions whose answers would change something."""

    outcome: str
    title: Text
    says: Text
    reasons: tuple[Reason, ...]
    also: tuple[Procedure, ...]
    possible: tuple[Procedure, ...]
    open: tuple[Question, ...]
    notice: Text

    def wire(self) -> dict[str, Any]:
        """The outcome as it stands in the findings: plain values only."""
        return {
            "outcome": self.outcome,
            "title": dict(self.title),
            "reasons": [_reason_wire(reason) for reason in self.reasons],
            "also": [_procedure_wire(procedure) for procedure in self.also],
            "possible": [_procedure_wire(procedure) for procedure in self.possible],
            "open": [{"fact": question.fact, **question.asks} for question in self.open],
            "notice": dict(self.notice),
        }


def questions(pack: Pack) -> tuple[Question, ...]:
    """The questions of the pack's path check, in the order in which to ask them."""
    return tuple(Question(q["id"], q["asks"], q["hint"], q["answers"]) for q in pack.path["questions"])


def decide_path(pack: Pack, facts: PathFacts) -> PathOutcome:
    """The procedure that the pack's rules propose for these facts."""
    cases = list(_cases(facts))
    deciding = [_first(pack, case) for case in cases]
    outcomes = _distinct(rule["outcome"] if rule else UNCLEAR for rule in deciding)
    rules = _distinct_rules(deciding)
    settled = len(outcomes) == 1
    outcome = outcomes[0] if settled else UNCLEAR
    proposed = _procedure(pack, outcome, rules if settled else [])
    adding = [[rule["id"] for rule in _all(pack, case)] for case in cases]
    certain = [rule for rule in pack.path["also"] if all(rule["id"] in found for found in adding)]
    results = [
        (rule["outcome"] if rule else UNCLEAR, found) for rule, found in zip(deciding, adding, strict=True)
    ]
    return PathOutcome(
        outcome=outcome,
        title=proposed.title,
        says=proposed.says,
        reasons=proposed.reasons,
        also=tuple(_procedure(pack, rule["outcome"], [rule]) for rule in certain),
        possible=()
        if settled
        else tuple(_procedure(pack, o, [r for r in rules if r["outcome"] == o]) for o in outcomes),
        open=_open(pack, facts, dict(zip(map(_key, cases), results, strict=True))),
        notice=pack.wording("path"),
    )


def _cases(facts: PathFacts) -> Iterable[dict[str, str]]:
    given = answers(facts)
    choices = [FACTS[name] if given[name] is None else (str(given[name]),) for name in FACTS]
    return (dict(zip(FACTS, case, strict=True)) for case in itertools.product(*choices))


def _key(case: Given) -> tuple[str, ...]:
    return tuple(case[name] for name in FACTS)


def _open(pack: Pack, facts: PathFacts, results: Mapping[tuple[str, ...], Any]) -> tuple[Question, ...]:
    given = answers(facts)
    matter = {name for index, name in enumerate(FACTS) if given[name] is None and _matters(index, results)}
    return tuple(question for question in questions(pack) if question.fact in matter)


def _matters(index: int, results: Mapping[tuple[str, ...], Any]) -> bool:
    """Whether two cases that differ in this one fact alone end differently."""
    seen: dict[tuple[str, ...], Any] = {}
    return any(
        seen.setdefault(case[:index] + case[index + 1 :], result) != result
        for case, result in results.items()
    )


def _first(pack: Pack, case: Given) -> Mapping[str, Any] | None:
    return next((rule for rule in pack.path["rules"] if _holds(rule, case)), None)


def _all(pack: Pack, case: Given) -> list[Mapping[str, Any]]:
    return [rule for rule in pack.path["also"] if _holds(rule, case)]


def _holds(rule: Mapping[str, Any], case: Given) -> bool:
    condition = rule["when"]
    return condition is None or all(
        case[fact] in wanted for fact, wanted in parse_condition(condition).items()
    )


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _distinct_rules(rules: Iterable[Mapping[str, Any] | None]) -> list[Mapping[str, Any]]:
    return list({rule["id"]: rule for rule in rules if rule}.values())


def _procedure(pack: Pack, outcome: str, rules: Iterable[Mapping[str, Any]]) -> Procedure:
    words = next(o for o in pack.path["outcomes"] if o["id"] == outcome)
    reasons = tuple(Reason(r["id"], r["because"], tuple(r["sources"]), r["confidence"]) for r in rules)
    return Procedure(outcome, words["title"], words["says"], reasons)


def _reason_wire(reason: Reason) -> dict[str, Any]:
    return {**reason.text, "sources": list(reason.sources), "confidence": reason.confidence}


def _procedure_wire(procedure: Procedure) -> dict[str, Any]:
    return {
        "outcome": procedure.outcome,
        "title": dict(procedure.title),
        "reasons": [_reason_wire(reason) for reason in procedure.reasons],
    }
