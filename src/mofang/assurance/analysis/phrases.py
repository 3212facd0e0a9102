"""The sentences of an analysis, said in both languages at once; the texts stand in ``phrases.yaml``."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib import resources

import yaml

from mofang.i18n import Text


@functools.cache
def _sentences() -> Mapping[str, Text]:
    file = resources.files("mofang.assurance.analysis").joinpath("phrases.yaml")
    found: Mapping[str, Text] = yaml.safe_load(file.read_text("utf-8"))
    return found


def say(id: str, **words: int | str) -> dict[str, str]:
    """The sentence called ``id`` with its words filled in."""
    return {code: text.format(**words) for code, text in _sentences()[id].items()}
