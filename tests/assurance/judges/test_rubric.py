"""The rubric is the pack's, or the neutral one; a risk is explained as closely as the pack can."""

from __future__ import annotations

from typing import Any

import pytest

from mofang.assurance.judges.rubric import LANGUAGES, rubric_of

RISK = {"code": "X.1.a", "group": "X.1", "name": {"zh": "名称", "en": "name"}}
INSTRUCTIONS = {"zh": "准则", "en": "criterion"}


def pack(**rubric: Any) -> dict[str, Any]:
    return {"risks": [RISK], "rubric": rubric}


def test_the_packs_rubric_is_used() -> None:
    found = rubric_of(pack(instructions=INSTRUCTIONS, categories={"X.1": {"zh": "组", "en": "group"}}))
    assert found.own
    assert found.instructions == INSTRUCTIONS
    assert found.category("X.1.a", "zh") == "组"


@pytest.mark.parametrize("wire", [{}, {"rubric": {}}, {"rubric": None}, pack(instructions={"zh": "仅中文"})])
def test_a_pack_without_a_whole_rubric_gets_the_neutral_one(wire: dict[str, Any]) -> None:
    found = rubric_of(wire)
    assert not found.own
    assert all(found.instructions[code] for code in LANGUAGES)


def test_category_then_group_then_name_then_nothing() -> None:
    found = rubric_of(
        pack(
            instructions=INSTRUCTIONS, categories={"X.1.a": {"zh": "类", "en": "class"}, "X.1": {"zh": "组"}}
        )
    )
    assert found.category("X.1.a", "en") == "class"
    named = rubric_of(pack(instructions=INSTRUCTIONS))
    assert named.category("X.1.a", "zh") == "名称"
    assert named.category("Y", "zh") == named.category(None, "zh") == ""
