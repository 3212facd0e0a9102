"""Look-up 套题: answers that were fetched rather than made. Only what is undeclared is reported.

A service that was fed the submitted bank gives itself away in three ways: it answers with the reply the bank
itself holds; it repeats words that stand in the bank and not in the question it was asked; it gives one long text
to questions that have nothing in common. Curated replies 代答 are declared beforehand and are counted apart;
refusals are alike by nature and are not counted at all. Each is a reason to look, not a proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from mofang.assurance.banks.letters import letters
from mofang.assurance.judges import refusal

Signal = Literal["curated", "reply", "bank", "same"]
"""Declared reply; the bank's own reply; other words of the bank; one text for unlike questions."""

LONG = 40
"""Letters from which on an answer given again and again says something."""
QUOTED = 20
"""Letters of a bank that an answer must repeat."""
SPREAD = 3
"""Clusters of questions that one text must have answered."""

Leaf = Mapping[str, Any]
Referred = Sequence[tuple[str, Leaf]]
"""Leaves with their references."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """One answer with one signal. ``item``: question id; ``of``: the answer's leaf; ``reply``: id of the declared
    reply; ``source``: leaf of the bank that was repeated; ``spread``: clusters that got this text."""

    item: str
    repeat: int
    of: str
    kind: str
    risk: str
    signal: Signal
    reply: str | None = None
    source: str | None = None
    spread: int | None = None

    @property
    def declared(self) -> bool:
        return self.signal == "curated"

    def wire(self) -> dict[str, Any]:
        """The leaf: ids and references, no text."""
        return {**asdict(self), "declared": self.declared}


def find_lookups(
    answers: Referred, questions: Iterable[Leaf], bank: Referred, replies: Iterable[Leaf] = ()
) -> list[Lookup]:
    """Answers of one target that were looked up, in their order; of several signals the first of ``Signal``.

    ``questions`` are those that were asked, ``bank`` the leaves of all banks they were drawn from. Answers that
    are no text are passed over.
    """
    asked = {question["id"]: question for question in questions}
    curated = {letters(reply["text"]): reply["id"] for reply in replies}
    held = _Bank(bank)
    told = [(ref, leaf, letters(leaf["text"])) for ref, leaf in answers if _answered(leaf, asked)]
    spread = _spread([(leaf, text) for _ref, leaf, text in told if text not in curated], asked)
    found = []
    for ref, leaf, text in told:
        question = asked[leaf["question"]]
        signal = _signal(text, question, curated, held, spread)
        if signal is not None:
            word, more = signal
            found.append(
                Lookup(
                    question["id"],
                    leaf.get("repeat", 0),
                    ref,
                    question["kind"],
                    question["risk"],
                    word,
                    **more,
                )
            )
    return found


def _answered(leaf: Leaf, asked: Mapping[str, Leaf]) -> bool:
    text = leaf.get("text")
    return (
        leaf.get("question") in asked
        and leaf.get("state") == "answered"
        and isinstance(text, str)
        and text.strip() != ""
    )


def _signal(
    text: str, question: Leaf, curated: Mapping[str, str], held: _Bank, spread: Mapping[str, int]
) -> tuple[Signal, dict[str, Any]] | None:
    if text in curated:
        return "curated", {"reply": curated[text]}
    reply, other = held.repeated(text, letters(question["text"]))
    if reply is not None:
        return "reply", {"source": reply}
    if other is not None:
        return "bank", {"source": other}
    if text in spread:
        return "same", {"spread": spread[text]}
    return None


def _spread(told: Iterable[tuple[Leaf, str]], asked: Mapping[str, Leaf]) -> dict[str, int]:
    """Long texts that answered questions of SPREAD clusters or more, with their number; refusals left out."""
    clusters: dict[str, set[str]] = {}
    example: dict[str, str] = {}
    for leaf, text in told:
        if len(text) >= LONG:
            clusters.setdefault(text, set()).add(asked[leaf["question"]]["cluster"])
            example.setdefault(text, leaf["text"])
    wide = {text: len(found) for text, found in clusters.items() if len(found) >= SPREAD}
    return {text: n for text, n in wide.items() if not refusal.judge(example[text]).refused}


class _Bank:
    """The words of the banks, ready to be found in an answer."""

    def __init__(self, bank: Referred) -> None:
        from daachorse import CharwiseDoubleArrayAhoCorasick

        self._entries: dict[str, tuple[str, str]] = {}
        for ref, word, text in _words(bank):
            self._entries.setdefault(text, (ref, word))
        self._patterns = list(self._entries)
        self._automaton = CharwiseDoubleArrayAhoCorasick(self._patterns) if self._patterns else None

    def repeated(self, text: str, asked: str) -> tuple[str | None, str | None]:
        """Leaves whose reply, and whose question, ``text`` repeats. What stands in the question that was asked is
        a quotation of the question, not of the bank."""
        if self._automaton is None:
            return None, None
        found = {number for _start, _end, number in self._automaton.find_overlapping(text)}
        hits = [self._patterns[number] for number in sorted(found)]
        entries = [self._entries[hit] for hit in hits if hit not in asked]
        replies = [ref for ref, word in entries if word == "reply"]
        others = [ref for ref, word in entries if word == "text"]
        return next(iter(replies), None), next(iter(others), None)


def _words(bank: Referred) -> Iterator[tuple[str, str, str]]:
    """(leaf, ``reply`` or ``text``, letters) of everything in a bank that is long enough to be recognised."""
    for ref, leaf in bank:
        for word in ("reply", "text"):
            text = letters(leaf.get(word) or "")
            if len(text) >= QUOTED:
                yield ref, word, text
