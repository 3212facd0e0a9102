"""Every sentence says the same in both languages."""

from __future__ import annotations

from importlib import resources
from string import Formatter

import yaml

from mofang.assurance.analysis.phrases import say


def _words(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name}


def test_both_languages_ask_for_the_same_words() -> None:
    file = resources.files("mofang.assurance.analysis").joinpath("phrases.yaml")
    for id, text in yaml.safe_load(file.read_text("utf-8")).items():
        assert set(text) == {"zh", "en"}, id
        assert _words(text["zh"]) == _words(text["en"]), id


def test_words_are_filled_in() -> None:
    assert "3" in say("note_repeats", repeats=3)["zh"]
