"""Conditions on the path facts, as packs write them: ``public=true and model=own|fine_tuned``."""

from __future__ import annotations

from dataclasses import fields

from mofang.assurance.config import MODELS, PathFacts

FACTS: dict[str, tuple[str, ...]] = {
    fact.name: MODELS if fact.name == "model" else ("true", "false") for fact in fields(PathFacts)
}
"""Every fact that a condition may name, with its possible answers."""


def parse_condition(condition: str) -> dict[str, tuple[str, ...]]:
    """Fact -> answers that satisfy it; all facts must. Raises ValueError saying which part is wrong."""
    wanted: dict[str, tuple[str, ...]] = {}
    for part in condition.split(" and "):
        fact, _equals, answers = part.strip().partition("=")
        if fact not in FACTS or fact in wanted:
            raise ValueError(f"{part.strip()!r}: the facts are {', '.join(FACTS)}, each at most once")
        wanted[fact] = tuple(answers.split("|"))
        for answer in wanted[fact]:
            if answer not in FACTS[fact]:
                raise ValueError(f"{part.strip()!r}: {fact} is one of {', '.join(FACTS[fact])}")
    return wanted


def broken_condition(condition: str) -> str | None:
    """What is wrong with a condition, or None."""
    try:
        parse_condition(condition)
    except ValueError as error:
        return str(error)
    return None


def answers(facts: PathFacts) -> dict[str, str | None]:
    """The facts as the words that conditions use; None where nobody has answered."""
    found: dict[str, str | None] = {}
    for name in FACTS:
        value = getattr(facts, name)
        found[name] = str(value).lower() if isinstance(value, bool) else value
    return found


def applies(condition: str | None, facts: PathFacts) -> bool | None:
    """Whether a condition holds: True, False, or None where an unanswered fact decides. ``None`` holds."""
    if condition is None:
        return True
    given = answers(facts)
    verdicts = [
        None if given[fact] is None else given[fact] in wanted
        for fact, wanted in parse_condition(condition).items()
    ]
    if False in verdicts:
        return False
    return None if None in verdicts else True
