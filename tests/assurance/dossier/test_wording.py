"""The documents' own labels."""

from __future__ import annotations

from pathlib import Path

import yaml

import mofang.assurance.dossier as room
from mofang.assurance.dossier.wording import Wording, both

LABELS = Path(room.__file__).parent / "wording.yaml"
SOURCES = [*Path(room.__file__).parent.rglob("*.j2"), LABELS]


class _NoRepeats(yaml.SafeLoader):
    """Refuses a mapping with the same key twice, which YAML's own loader lets pass."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        keys = [self.construct_object(key, deep) for key, _value in node.value]
        assert sorted(keys) == sorted(set(keys))
        return super().construct_mapping(node, deep)


def test_every_label_stands_once_and_in_both_languages() -> None:
    labels = yaml.load(LABELS.read_text("utf-8"), _NoRepeats)
    assert [
        name
        for name, text in labels.items()
        if set(text) != {"zh", "en"} or not all(isinstance(one, str) and one for one in text.values())
    ] == []


def test_the_documents_never_speak_as_an_authority() -> None:
    found = [
        (path.name, word)
        for path in SOURCES
        for word in ("通过", "认证", "合格证")
        if word in path.read_text("utf-8")
    ]
    assert found == []


def test_a_pack_overrides_what_it_words_and_nothing_else() -> None:
    wording = {"disclaimer": {"zh": "声明", "en": "notice"}, "gap": {"zh": "乱", "en": "x"}}
    aspects = [{"code": "culture", "name": {"zh": "文化", "en": "culture"}}]
    words = Wording({"dossier": {"wording": wording}, "aspects": aspects})
    assert words["disclaimer"]["zh"] == "声明"
    assert words["gap"]["zh"] == "缺什么"
    assert words.term("risk", "culture")["zh"] == "文化"


def test_an_unknown_code_stands_for_itself() -> None:
    assert Wording().term("metric", "pass_rate")["zh"] == "合格率"
    assert Wording().term("metric", "novel") == {"zh": "novel", "en": "novel"}


def test_a_text_in_one_language_reads_the_same_in_both() -> None:
    assert both({"zh": "语料"}) == {"zh": "语料", "en": "语料"}
    assert both(None) == {"zh": "", "en": ""}
    assert both(7) == {"zh": "7", "en": "7"}
