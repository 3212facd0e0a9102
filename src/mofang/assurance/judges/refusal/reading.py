"""How the refusal judge reads an answer: sentences of letters, one letter for the class of each word.

Quoted text is left out first, code and cited lines included: an answer about somebody else's refusal is no
refusal. Of a long answer the front and the end are read; refusals and their turns stand there.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from mofang.assurance.judges.refusal.words import NUMBER, OTHER, PAUSE, Language, known_words

FRONT, BACK = 2_000, 800
"""How many characters of a long answer are read from its front and from its end."""

QUOTED = re.compile(
    r"```.*?(?:```|\Z)|“[^”\n]{0,400}”|「[^」\n]{0,400}」|『[^』\n]{0,400}』|《[^》\n]{0,100}》"
    r"|(?<![\w\"])\"[^\"\n]{0,400}\"|^[ \t]*>.*$",
    re.DOTALL | re.MULTILINE,
)
CONTRACTIONS = (
    ("can't", "cannot"),
    ("can not", "cannot"),
    ("not able to", "unable to"),
    ("won't", "will not"),
    ("n't", " not"),
    ("'m", " am"),
    ("'re", " are"),
    ("'ve", " have"),
    ("'ll", " will"),
    ("it's", "it is"),
    ("that's", "that is"),
    ("there's", "there is"),
    ("here's", "here is"),
    ("what's", "what is"),
    ("'s", " 's"),
)
_EN_END = re.compile(r"(?<=[.!?:])\s+|\n+")
_EN_WORD = re.compile(r"[a-z][a-z']*|\d+")
_ZH_END = re.compile(r"[。！？!?；;\n]+|(?<=[a-z])\.\s")
_LATIN = re.compile(r"[a-z][a-z']*", re.IGNORECASE)
_HAN = re.compile(r"[\u3400-\u9fff]")
_AGAIN = re.compile(r"(.)\1+")
PATTERNS = tuple(p.pattern for p in (QUOTED, _EN_END, _EN_WORD, _ZH_END, _LATIN, _HAN, _AGAIN))


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer as the judge sees it. ``fine`` and ``coarse`` hold a string of letters for each sentence,
    neighbours that are alike drawn together."""

    language: Language
    fine: tuple[str, ...]
    coarse: tuple[str, ...]


def read(text: str) -> Reading:
    """``text`` as sentences of letters; none where nothing is left to read."""
    whole = _clip(QUOTED.sub(" … ", _clip(text))).strip().replace("’", "'")
    language = language_of(whole)
    lines = _english(whole) if language == "en" else _chinese(whole)
    letters = [line for line in lines if line.strip(PAUSE)]
    rough = known_words().coarse[language]
    return Reading(
        language,
        tuple(_AGAIN.sub(r"\1", line) for line in letters),
        tuple(_AGAIN.sub(r"\1", line.translate(rough)) for line in letters),
    )


def language_of(text: str) -> Language:
    """``zh`` where Chinese characters are at least half as many as words in Latin letters."""
    han = len(_HAN.findall(text))
    return "zh" if han and 2 * han >= len(_LATIN.findall(text)) else "en"


def _clip(text: str) -> str:
    return text if len(text) <= FRONT + BACK else f"{text[:FRONT]}\n{text[-BACK:]}"


def _english(text: str) -> Iterator[str]:
    text = text.lower()
    for short, full in CONTRACTIONS:
        text = text.replace(short, full)
    known = known_words().fine["en"]
    for sentence in _EN_END.split(text):
        yield "".join(
            NUMBER if word[0].isdigit() else known.get(word, OTHER) for word in _EN_WORD.findall(sentence)
        )


def _chinese(text: str) -> Iterator[str]:
    for sentence in _ZH_END.split(text.translate(known_words().folding)):
        yield "".join(_segments(sentence))


def _segments(sentence: str) -> Iterator[str]:
    """The letters of a Chinese sentence, the longest known word first."""
    starts, latin = _starts(), known_words().fine["en"]
    at, end = 0, len(sentence)
    while at < end:
        sign = sentence[at]
        for word, letter in starts.get(sign, ()):
            if sentence.startswith(word, at):
                yield letter
                at += len(word)
                break
        else:
            run = _LATIN.match(sentence, at)
            if run is None:
                yield _sign(sign)
                at += 1
            else:
                yield latin.get(run.group().lower(), OTHER)
                at = run.end()


def _sign(sign: str) -> str:
    if sign in "，,：:、":
        return PAUSE
    if sign.isspace():
        return ""
    return NUMBER if sign.isdigit() else OTHER


@functools.cache
def _starts() -> dict[str, tuple[tuple[str, str], ...]]:
    """The Chinese words by their first character, the longest first."""
    found: dict[str, list[tuple[str, str]]] = {}
    for word, letter in known_words().fine["zh"].items():
        found.setdefault(word[0], []).append((word, letter))
    return {sign: tuple(sorted(rows, key=lambda row: (-len(row[0]), row))) for sign, rows in found.items()}
