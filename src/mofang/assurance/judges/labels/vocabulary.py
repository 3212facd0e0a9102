"""The words of label sheets, from ``words.yaml``: names of columns, words of cells, guidance."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

import yaml


@functools.cache
def words() -> Mapping[str, Any]:
    """The whole file."""
    file = resources.files("mofang.assurance.judges.labels").joinpath("words.yaml")
    found: Mapping[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return found


def heard(section: str, text: str) -> str | None:
    """What ``text`` means in a section (``verdicts``, ``refusals``, ``roles``, ``columns``); None where it is none of
    its words. Width, case and blanks around do not count."""
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    found: Mapping[str, Sequence[str]] = words()[section]
    return next((name for name, spellings in found.items() if plain in spellings), None)


def spellings(section: str) -> str:
    """Every word of a section, for messages."""
    return ", ".join(word for said in words()[section].values() for word in said)
