"""The page's words: its own labels, then those of the dossier, the pack's wordings before both."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib import resources
from typing import Any

import yaml

from mofang.assurance.dossier.wording import FROM_PACK, Wording, both
from mofang.i18n import Text


@functools.cache
def _own() -> Mapping[str, Text]:
    labels = yaml.safe_load(resources.files(__package__).joinpath("wording.yaml").read_text("utf-8"))
    return {name: dict(text) for name, text in labels.items()}


class Words(Wording):
    """Labels by name. ``pack`` is a pack's wire form, ``analysis`` names the risks where there is no pack."""

    def __init__(self, pack: Mapping[str, Any], analysis: Mapping[str, Any]) -> None:
        super().__init__(pack)
        worded = (pack.get("dossier") or {}).get("wording") or {}
        fixed = {label for name, label in FROM_PACK.items() if name in worded}
        own = {name: text for name, text in _own().items() if name not in fixed}
        self._texts = {**self._texts, **own, **_names(pack, analysis)}

    def has(self, name: str) -> bool:
        return name in self._texts


def _names(pack: Mapping[str, Any], analysis: Mapping[str, Any]) -> dict[str, Text]:
    rows = [
        *(pack.get("risks") or ()),
        *(pack.get("aspects") or ()),
        *(analysis.get("risks") or ()),
        *(analysis.get("aspects") or ()),
    ]
    named = {f"risk_{row['code']}": both(row["name"]) for row in rows}
    return named | {f"group_{row['code']}": both(row["name"]) for row in pack.get("groups") or ()}
