"""The page's words."""

from __future__ import annotations

import re
from importlib import resources
from typing import Any

import yaml

from mofang.assurance.report.page import _SCRIPT_WORDS
from mofang.assurance.report.wording import Words

FILES = resources.files("mofang.assurance.report")


def _labels() -> dict[str, Any]:
    return dict(yaml.safe_load(FILES.joinpath("wording.yaml").read_text("utf-8")))


def test_every_label_has_both_languages_and_claims_nothing() -> None:
    for name, text in _labels().items():
        assert set(text) == {"zh", "en"}, name
        assert all(text.values()), name
        assert not re.search("您|通过|认证|合格证", text["zh"]), name


def test_every_label_is_used() -> None:
    used = "".join(
        file.read_text("utf-8")
        for folder in (FILES, FILES.joinpath("templates"))
        for file in folder.iterdir()
        if file.name.endswith((".py", ".j2", ".js"))
    )
    terms = ("field_", "metric_", "state_", "target_", "judge_", "reason_", "verdict_", "value_", "plan_")
    terms += ("estimate_", "change_", "corrected_", "inspected_", "draw_", "usable_", "refused_")
    unused = [name for name in _labels() if not name.startswith(terms) and f"'{name}'" not in used]
    assert [name for name in unused if f'"{name}"' not in used] == []


def test_the_script_asks_for_words_that_are_there() -> None:
    script = FILES.joinpath("script.js").read_text("utf-8")
    asked = set(re.findall(r'say\("(\w+)"\)', script))
    assert asked <= set(_SCRIPT_WORDS)
    words = Words({}, {})
    assert [name for name in _SCRIPT_WORDS if not words.has(name)] == []


def test_a_packs_wording_wins() -> None:
    said = {"zh": "包的说法", "en": "the pack's words"}
    pack = {"dossier": {"wording": {"proposed": said, "disclaimer": said}}}
    words = Words(pack, {})
    assert words["proposed_note"] == said
    assert words["disclaimer"] == said
    assert words["heat"] != said


def test_risks_are_called_by_name_from_the_pack_or_the_analysis() -> None:
    name = {"zh": "名称", "en": "name"}
    assert Words({"risks": [{"code": "r1", "name": name}]}, {}).term("risk", "r1") == name
    assert Words({}, {"aspects": [{"code": "a1", "name": name}]}).term("risk", "a1") == name
    assert Words({}, {}).term("risk", "r9") == {"zh": "r9", "en": "r9"}
