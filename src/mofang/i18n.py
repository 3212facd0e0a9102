"""The interface's two languages. Messages go through gettext; pack texts carry their own zh and en fields."""

from __future__ import annotations

import functools
import gettext
import os
from collections.abc import Mapping
from importlib import resources

Text = Mapping[str, str]
"""A text in both languages: ``{"zh": …, "en": …}``."""


def language() -> str:
    """``"zh"`` or ``"en"``: MOFANG_LANG first, then the usual locale variables; Chinese where the locale says so."""
    for name in ("MOFANG_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


@functools.cache
def _catalogue(code: str) -> gettext.NullTranslations:
    if code == "en":
        return gettext.NullTranslations()
    with resources.as_file(resources.files("mofang.locale")) as folder:
        return gettext.translation("mofang", folder, languages=["zh_CN"], fallback=True)


def _(message: str) -> str:
    """``message`` in the interface's language."""
    return _catalogue(language()).gettext(message) if message else ""


def pick(text: Text, code: str | None = None) -> str:
    """One language of a two-language text; the other one stands in where it is missing."""
    wanted = code or language()
    return text.get(wanted) or text.get("zh") or text.get("en") or ""
