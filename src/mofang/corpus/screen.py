"""Screening 筛查: where listed terms stand in a text.

One automaton for all terms (daachorse, charwise), run over the folded text, so that width, case, blanks
between characters and invisible characters hide nothing. Terms that begin or end in an ASCII letter or digit
match whole words only. Where matches overlap the leftmost wins, then the longest."""

from __future__ import annotations

from typing import NamedTuple

from daachorse import CharwiseDoubleArrayAhoCorasick

from mofang.corpus.folding import fold
from mofang.corpus.lexicon import Lexicon


class Hit(NamedTuple):
    """A listed term in text[start:end], by id, and the risk it stands for."""

    term: str
    risk: str
    start: int
    end: int


class Screener:
    """The terms of a lexicon made ready for finding."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.terms = lexicon.terms
        self._patterns = [fold(term.term)[0] for term in lexicon.terms]
        self._automaton = CharwiseDoubleArrayAhoCorasick(self._patterns) if self._patterns else None

    def find(self, text: str) -> list[Hit]:
        """Every hit in ``text``, in order of place, never overlapping."""
        if self._automaton is None:
            return []
        folded, where = fold(text)
        hits = []
        end = 0
        for start, stop, number in sorted(
            self._automaton.find_overlapping(folded), key=lambda m: (m[0], -m[1])
        ):
            if start >= end and self._stands_alone(folded, start, stop):
                end = stop
                term = self.terms[number]
                hits.append(Hit(term.id, term.risk, int(where[start]), int(where[stop - 1]) + 1))
        return hits

    @staticmethod
    def _stands_alone(folded: str, start: int, stop: int) -> bool:
        glued_before = start > 0 and _word(folded[start - 1]) and _word(folded[start])
        glued_after = stop < len(folded) and _word(folded[stop]) and _word(folded[stop - 1])
        return not glued_before and not glued_after


def _word(character: str) -> bool:
    return character.isascii() and character.isalnum()
