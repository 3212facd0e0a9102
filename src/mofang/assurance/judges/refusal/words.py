"""The classes of words that the refusal judge knows, from ``words.yaml``."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

import yaml

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
OTHER, NUMBER, PAUSE = ".", "#", ","
"""The letters of a word in no class, of a number and of a pause inside a Chinese sentence."""


@dataclass(frozen=True, slots=True)
class Words:
    """``letter`` gives the letter of a class by its name, ``fine`` that of a word ("" leaves the word out),
    ``coarse`` what a letter becomes in the rougher reading; ``folding`` takes traditional characters to
    simplified ones."""

    letter: Mapping[str, str]
    fine: Mapping[Language, Mapping[str, str]]
    coarse: Mapping[Language, Mapping[int, str]]
    folding: Mapping[int, str]

    def letters(self, *names: str) -> str:
        """The letters of the classes called ``names``."""
        return "".join(self.letter[name] for name in names)


def source() -> str:
    """The file itself, for the digest of what decides."""
    return (resources.files(__package__) / "words.yaml").read_text(encoding="utf-8")


@functools.cache
def known_words() -> Words:
    """The classes that this version was made with; read once."""
    return parse(source())


def parse(text: str) -> Words:
    """The classes in ``text``. A word or a letter that stands twice raises ``ValueError``."""
    raw = yaml.safe_load(text)
    classes: dict[str, dict[str, Any]] = raw["classes"]
    letter = {name: row["letter"] for name, row in classes.items()}
    if len(set(letter.values()) | {OTHER, NUMBER, PAUSE}) != len(letter) + 3:
        raise ValueError("two classes share a letter")
    return Words(
        letter,
        {language: _fine(classes, language) for language in LANGUAGES},
        {language: _coarse(classes, language) for language in LANGUAGES},
        _folding(raw["folded"]["traditional"], raw["folded"]["simplified"]),
    )


def _fine(classes: Mapping[str, Mapping[str, Any]], language: Language) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, row in classes.items():
        for word in row.get(language, "").split():
            if word in found:
                raise ValueError(f"{word!r} stands in {name} and in another class")
            found[word] = row["letter"]
    return found


def _coarse(classes: Mapping[str, Mapping[str, Any]], language: Language) -> dict[int, str]:
    return {ord(row["letter"]): row["coarse"][language] for row in classes.values() if row["letter"]}


def _folding(traditional: str, simplified: str) -> dict[int, str]:
    return {ord(old): new for old, new in zip(traditional, simplified, strict=True)}
