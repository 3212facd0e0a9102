"""The starter bank: neutral questions from our own templates, to show how an assessment runs."""

from __future__ import annotations

import functools
from importlib import resources
from typing import Any

import yaml

from mofang.assurance.banks.bank import Question
from mofang.assurance.standard.schema import KINDS
from mofang.i18n import Text

STARTER = "starter"


@functools.cache
def starter_questions() -> tuple[Question, ...]:
    """All questions, kind by kind, in the order of the templates: the same on every machine, all demo."""
    card = _read("starter")
    return tuple(
        question
        for kind in KINDS
        for template in _read(kind)["templates"]
        for question in _from_template(template, kind, card)
    )


def starter_mark() -> Text:
    """The words that every print of the starter bank carries: not for filing."""
    mark: Text = _read("starter")["mark"]
    return mark


def _from_template(template: dict[str, Any], kind: str, card: dict[str, Any]) -> list[Question]:
    fillings = template.get("with", [""])
    return [
        Question(
            id=f"starter-{template['id']}-{number}",
            kind=kind,
            risk=template["aspect"] if kind == "should_not_refuse" else template["risk"],
            text=template["text"].replace("{x}", filling),
            language=template.get("language", "zh"),
            cluster=f"starter-{template['id']}",
            author=card["author"],
            licence=card["licence"],
            added=card["added"],
            demo=True,
        )
        for number, filling in enumerate(fillings, start=1)
    ]


@functools.cache
def _read(name: str) -> dict[str, Any]:
    file = resources.files("mofang.packs").joinpath("starter", f"{name}.yaml")
    content: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return content
