"""An inspection of banks: what is alike in them, what leaked into the corpus, what was looked up. Ids and references
only, never a text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from mofang.assurance.banks.bank import Question
from mofang.assurance.banks.leakage import Leak
from mofang.assurance.banks.likeness import Pair
from mofang.assurance.banks.lookup import Lookup

INSPECTION = "application/vnd.mofang.inspection+json"
FORMAT = 1

Leaf = Mapping[str, Any]
_FIELDS = frozenset(part.name for part in fields(Question))


@dataclass(frozen=True, slots=True)
class Member:
    """A question of a stored bank: where its leaf is, and the bank's place among those inspected."""

    ref: str
    bank: int
    question: Question


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the corpus: its place ``<table>#<row>`` and its id in hex."""

    ref: str
    id: str


def member(ref: str, bank: int, leaf: Leaf) -> Member:
    """The question of a bank's leaf. Raises BankError."""
    return Member(ref, bank, Question(**{name: leaf[name] for name in _FIELDS if name in leaf}))


def pair_leaves(members: Sequence[Member], pairs: Iterable[Pair]) -> Iterator[dict[str, Any]]:
    """One leaf per pair: the later question (``item``, ``of``) and the earlier one it is ``like``."""
    for pair in pairs:
        first, second = members[pair.first], members[pair.second]
        yield {
            "item": second.question.id,
            "of": second.ref,
            "kind": second.question.kind,
            "risk": second.question.risk,
            "like": first.question.id,
            "like_of": first.ref,
            "like_kind": first.question.kind,
            "like_risk": first.question.risk,
            "same_bank": first.bank == second.bank,
            "similarity": pair.similarity,
        }


def leak_leaves(members: Sequence[Member], leaks: Iterable[Leak[Record]]) -> Iterator[dict[str, Any]]:
    """One leaf per leaked question, with the records that hold it."""
    for leak in leaks:
        one = members[leak.question]
        yield {
            "item": one.question.id,
            "of": one.ref,
            "kind": one.question.kind,
            "risk": one.question.risk,
            "records": leak.records,
            "share": leak.share,
            "places": [
                {"ref": place.ref.ref, "record": place.ref.id, "share": place.share} for place in leak.places
            ],
        }


def likeness_facts(members: Sequence[Member], pairs: Sequence[Pair]) -> dict[str, int]:
    """What was found alike, in numbers."""
    both = [(members[pair.first], members[pair.second]) for pair in pairs]
    return {
        "questions": len(members),
        "alike": len({pair.second for pair in pairs}),
        "pairs": len(pairs),
        "across_banks": sum(1 for a, b in both if a.bank != b.bank),
        "across_kinds": sum(1 for a, b in both if a.question.kind != b.question.kind),
    }


def lookup_facts(answers: int, found: Sequence[Lookup]) -> dict[str, int]:
    """What was looked up, in numbers: declared (``curated``) and by signal."""
    signals = Counter(one.signal for one in found)
    return {
        "answers": answers,
        "curated": signals["curated"],
        "undeclared": sum(1 for one in found if not one.declared),
        **{f"undeclared_{signal}": signals[signal] for signal in ("reply", "bank", "same")},
    }
