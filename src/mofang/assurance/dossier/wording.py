"""The documents' words in both languages: a pack's own wording first, then the house's labels."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib import resources
from typing import Any

import yaml

from mofang.i18n import Text


@functools.cache
def _labels() -> Mapping[str, Text]:
    labels = yaml.safe_load(resources.files(__package__).joinpath("wording.yaml").read_text("utf-8"))
    return {name: dict(text) for name, text in labels.items()}


FROM_PACK = {
    "disclaimer": "disclaimer",
    "not_shown_trained": "not_shown_trained",
    "unconfirmed": "unconfirmed_says",
    "carry_over": "carry_over_says",
    "proposed": "proposed_note",
    "path": "path_note",
    "meets": "conclusion_meets",
    "fails": "conclusion_fails",
    "not_applicable": "conclusion_not_applicable",
    "waits_person": "conclusion_waits_person",
    "waits_document": "conclusion_waits_document",
}
"""A pack's wordings, and the labels that they stand for."""


class Wording:
    """Labels by name. ``pack`` is a pack's wire form; its wordings win over the house's labels, and its
    aspects are called by their names."""

    def __init__(self, pack: Mapping[str, Any] | None = None) -> None:
        own = ((pack or {}).get("dossier") or {}).get("wording") or {}
        fixed = {FROM_PACK[name]: both(text) for name, text in own.items() if name in FROM_PACK}
        aspects = {f"risk_{one['code']}": both(one["name"]) for one in (pack or {}).get("aspects", ())}
        self._texts: Mapping[str, Text] = {**_labels(), **fixed, **aspects}

    def __getitem__(self, name: str) -> Text:
        return self._texts[name]

    def term(self, group: str, code: str) -> Text:
        """The label ``<group>_<code>``; a code without label stands for itself."""
        return self._texts.get(f"{group}_{code}") or both(code)

    def field(self, metric: str, name: str) -> Text:
        """What a field of a metric counts."""
        return self._texts.get(f"field_{metric}_{name}") or self.term("field", name)


def both(value: Any) -> Text:
    """Anything printable as a two-language text: a mapping keeps its languages, the rest reads the same in
    both."""
    if isinstance(value, Mapping):
        zh, en = value.get("zh"), value.get("en")
        return {"zh": str(zh or en or ""), "en": str(en or zh or "")}
    text = "" if value is None else str(value)
    return {"zh": text, "en": text}


def joined(texts: list[Text], zh: str = "；", en: str = "; ") -> Text:
    """Several texts as one, each language with its own separator."""
    return {"zh": zh.join(text["zh"] for text in texts), "en": en.join(text["en"] for text in texts)}
