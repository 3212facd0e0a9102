"""Leakage 泄漏: questions of a bank that stand in the corpus. A model that has read the question proves little.

A question is cut into runs of 13 letters (the width at which GPT-3's authors looked for contamination; Brown et
al. 2020, appendix C). Evenly spaced runs of every question go into one automaton, and the corpus passes it once;
where a record holds one, the share of *all* the question's runs in that record is counted exactly. A question
shorter than that must stand there whole; one of a few letters is not looked for, since it stands everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Generic, TypeVar

from mofang.assurance.banks.bank import Question
from mofang.assurance.banks.letters import letters, shingles
from mofang.assurance.errors import BankError
from mofang.assurance.statistics.proportion import decimal_text, threshold
from mofang.i18n import _

LEAKED = "0.50"
"""Share of a question's runs in one record from which on it has leaked."""
WIDTH = 13
SHORTEST = 8
"""Letters below which a question is not looked for."""
PROBES = 32
"""Runs of one question in the automaton. A record that holds more consecutive runs than lie between two of them
cannot be missed: for a question of 400 letters, 13 runs."""
MOST = 20
"""Records named for one question; all are counted."""

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Place(Generic[R]):
    """A record that holds a question: the reference it came with, and the share of the question's runs in it, a
    decimal string, rounded down."""

    ref: R
    share: str


@dataclass(frozen=True, slots=True)
class Leak(Generic[R]):
    """A question (its place among those given) that stands in the corpus: the first MOST ``places``, the number
    of all ``records``, and the largest ``share``."""

    question: int
    records: int
    share: str
    places: tuple[Place[R], ...]


@dataclass(slots=True)
class _Found(Generic[R]):
    records: int = 0
    share: Fraction = Fraction(0)
    places: list[Place[R]] = field(default_factory=list)

    def add(self, ref: R, share: Fraction) -> None:
        self.records += 1
        self.share = max(self.share, share)
        if len(self.places) < MOST:
            self.places.append(Place(ref, _written(share)))


def find(questions: Sequence[Question], texts: Iterable[tuple[R, str]], least: str = LEAKED) -> list[Leak[R]]:
    """The questions of which at least ``least`` stands in one of ``texts`` (reference, text), in their order. One
    pass; memory grows with the questions alone. Raises BankError for a ``least`` outside (0, 1]."""
    limit = threshold(least)
    if not 0 < limit <= 1:
        raise BankError(
            _("{text} is not a share above 0 and at most 1").format(text=least),
            remedy=_('write it like "0.50"'),
        )
    runs = {n: shingles(text, WIDTH) for n, text in _looked_for(questions)}
    found: dict[int, _Found[R]] = {}
    if runs:
        for ref, n, share in _shares(runs, texts):
            if share >= limit:
                found.setdefault(n, _Found()).add(ref, share)
    return [
        Leak(n, found[n].records, _written(found[n].share), tuple(found[n].places)) for n in sorted(found)
    ]


def unexamined(questions: Iterable[Question]) -> int:
    """How many questions are too short to be looked for."""
    return sum(1 for question in questions if len(letters(question.text)) < SHORTEST)


def _looked_for(questions: Sequence[Question]) -> Iterator[tuple[int, str]]:
    for n, question in enumerate(questions):
        text = letters(question.text)
        if len(text) >= SHORTEST:
            yield n, text


def _shares(
    runs: Mapping[int, list[str]], texts: Iterable[tuple[R, str]]
) -> Iterator[tuple[R, int, Fraction]]:
    """(reference, question, share) wherever a text holds a probe of a question."""
    from daachorse import CharwiseDoubleArrayAhoCorasick

    owners: dict[str, list[int]] = {}
    for n, own in runs.items():
        for probe in _probes(own):
            owners.setdefault(probe, []).append(n)
    asked = list(owners.values())
    automaton = CharwiseDoubleArrayAhoCorasick(list(owners))
    for ref, text in texts:
        folded = letters(text)
        hits = {number for _start, _end, number in automaton.find_overlapping(folded)}
        for n in sorted({n for number in hits for n in asked[number]}):
            whole = set(runs[n])
            yield ref, n, Fraction(sum(1 for run in whole if run in folded), len(whole))


def _probes(runs: list[str]) -> list[str]:
    if len(runs) <= PROBES:
        return list(dict.fromkeys(runs))
    return list(dict.fromkeys(runs[n * (len(runs) - 1) // (PROBES - 1)] for n in range(PROBES)))


def _written(share: Fraction) -> str:
    return decimal_text(Fraction(share.numerator * 10**6 // share.denominator, 10**6))
