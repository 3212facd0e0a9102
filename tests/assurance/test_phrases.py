"""The sentences of findings: both languages, the same words in each."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from mofang.assurance import phrases
from mofang.assurance.phrases import itemised, join, listed, say

SOURCE = Path(phrases.__file__).parent
SENTENCES = phrases._sentences()


def places(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("id", sorted(SENTENCES))
def test_both_languages_use_the_same_words(id: str) -> None:
    sentence = SENTENCES[id]
    assert set(sentence) == {"zh", "en"}
    assert places(sentence["zh"]) == places(sentence["en"])
    assert not re.search(r"通过|认证|合格证", sentence["zh"])


def test_every_sentence_is_said_somewhere() -> None:
    code = "".join(file.read_text("utf-8") for file in SOURCE.rglob("*.py"))
    families = re.findall(r'f"(\w+_)\{', code)
    unsaid = [id for id in SENTENCES if f'"{id}"' not in code and not id.startswith(tuple(families))]
    assert unsaid == []


def test_words_are_filled_in() -> None:
    said = say("missing_sample", check="EV-G2", n=12, least=1_000)
    assert said == {
        "zh": "EV-G2：样本 12，要求不少于 1,000",
        "en": "EV-G2: a sample of 12, at least 1,000 required",
    }
    assert say("label_attachment", file={"zh": "甲", "en": "A"}) == {"zh": "附件 甲", "en": "attachment A"}


def test_lists_name_each_thing_once() -> None:
    one, two = {"zh": "甲", "en": "a"}, {"zh": "乙", "en": "b"}
    assert listed([one, two, one, "X"]) == {"zh": "甲、乙、X", "en": "a, b, X"}
    assert itemised([one, two, one]) == {"zh": "甲；乙", "en": "a; b"}
    assert join([one, {}, two]) == {"zh": "甲乙", "en": "a b"}
