"""Every noun of the rooms stands in the glossary, in both languages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\|\s*([^|]+?)\s*\|\s*([^|]+?)\s*\|\s*([^|]+?)\s*\|", re.MULTILINE)


def glossary() -> dict[str, str]:
    rows = ROW.findall((ROOT / "docs" / "glossary.md").read_text("utf-8"))
    return {english.lower().strip("`*"): chinese for english, chinese, _meaning in rows}


def nouns(room: Path) -> list[str]:
    """The words after ``Nouns:`` in a room's menu, class names split into words."""
    text = ast.get_docstring(ast.parse((room / "__init__.py").read_text("utf-8"))) or ""
    found = re.search(r"Nouns:(.*?)(?:Verbs:|$)", text, re.DOTALL)
    names = re.findall(r"``~?([A-Za-z.]+)``|:class:`~?([A-Za-z_.]+)`", found.group(1)) if found else []
    return [(a or b).rpartition(".")[2] for a, b in names]


ROOMS = sorted(path.parent for path in (ROOT / "src" / "mofang").glob("*/__init__.py"))


@pytest.mark.parametrize("room", [room for room in ROOMS if nouns(room)], ids=lambda room: room.name)
def test_every_noun_of_a_room_is_explained(room: Path) -> None:
    known = glossary()
    missing = [noun for noun in nouns(room) if _spoken(noun) not in known and noun.lower() not in known]
    assert missing == []


@pytest.mark.parametrize(
    "word",
    [
        "artifact",
        "digest",
        "statement",
        "lineage",
        "job",
        "executor",
        "document",
        "record",
        "shard",
        "endpoint",
        "clause",
    ],
)
def test_words_of_the_plan_have_a_chinese_name(word: str) -> None:
    assert re.search(r"[一-鿿]", glossary()[word])


def _spoken(noun: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", noun).lower()
