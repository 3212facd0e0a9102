"""The sentences of findings, said in both languages at once; the texts stand in ``phrases.yaml``."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

import yaml

from mofang.i18n import Text

LANGUAGES = ("zh", "en")


@functools.cache
def _sentences() -> Mapping[str, Text]:
    file = resources.files("mofang.assurance").joinpath("phrases.yaml")
    found: Mapping[str, Text] = yaml.safe_load(file.read_text("utf-8"))
    return found


def say(id: str, **words: Any) -> dict[str, str]:
    """The sentence called ``id``; a word may be a text in both languages, a number or a plain string."""
    sentence = _sentences()[id]
    return {
        code: sentence[code].format(**{name: _word(word, code) for name, word in words.items()})
        for code in LANGUAGES
    }


def _word(word: Any, code: str) -> str:
    if isinstance(word, Mapping):
        return str(word[code])
    return f"{word:,}" if isinstance(word, int) else str(word)


def join(texts: Iterable[Text]) -> dict[str, str]:
    """Sentences one after another."""
    found = [text for text in texts if text]
    return {"zh": "".join(text["zh"] for text in found), "en": " ".join(text["en"] for text in found)}


def listed(texts: Iterable[Text | str]) -> dict[str, str]:
    """Words as a list within a sentence, each once."""
    found = list(dict.fromkeys((t, t) if isinstance(t, str) else (t["zh"], t["en"]) for t in texts))
    return {"zh": "、".join(zh for zh, _en in found), "en": ", ".join(en for _zh, en in found)}


def itemised(texts: Iterable[Text]) -> dict[str, str]:
    """Longer things as a list within a sentence, each once."""
    found = list(dict.fromkeys((text["zh"], text["en"]) for text in texts))
    return {"zh": "；".join(zh for zh, _en in found), "en": "; ".join(en for _zh, en in found)}
