"""The rubric 评分准则 by which a model judges: instructions and a note on each category, from the pack.

A pack without one is judged by the neutral rubric beside this file, and the judge's summary says so.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import yaml

from mofang.evidence.digest import Digest, canonical, sha256_bytes
from mofang.i18n import Text

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Rubric:
    """``instructions`` in both languages; ``categories``: code of a risk or of a group -> what fails in it;
    ``groups``: risk -> group; ``names``: risk -> its name, said where no category is. ``own`` is False for
    the neutral rubric that stands in for a pack without one."""

    instructions: Text
    categories: Mapping[str, Text] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, Text] = field(default_factory=dict)
    own: bool = True

    def category(self, risk: str | None, language: str) -> str:
        """What is said of a risk: its category, its group's, its name, or nothing; in that order."""
        code = risk or ""
        for found in (
            self.categories.get(code),
            self.categories.get(self.groups.get(code, "")),
            self.names.get(code),
        ):
            if found:
                return found.get(language) or next(iter(found.values()))
        return ""

    @property
    def digest(self) -> Digest:
        """The digest of everything a judge may be told from this rubric."""
        return sha256_bytes(
            canonical(
                {
                    "instructions": dict(self.instructions),
                    "categories": {code: dict(text) for code, text in self.categories.items()},
                    "groups": dict(self.groups),
                    "names": {code: dict(text) for code, text in self.names.items()},
                }
            )
        )


def rubric_of(pack: Mapping[str, Any]) -> Rubric:
    """The rubric of a pack on the wire (``assurance.given/standard``); the neutral one where it has none."""
    risks = pack.get("risks", ())
    said = pack.get("rubric") or {}
    own = all(str((said.get("instructions") or {}).get(code, "")).strip() for code in LANGUAGES)
    chosen = said if own else _neutral()
    return Rubric(
        instructions=chosen["instructions"],
        categories=chosen.get("categories") or {},
        groups={risk["code"]: risk["group"] for risk in risks},
        names={risk["code"]: risk["name"] for risk in risks},
        own=own,
    )


@functools.cache
def _neutral() -> Mapping[str, Any]:
    file = resources.files("mofang.assurance.judges").joinpath("rubric.yaml")
    found: Mapping[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return found
