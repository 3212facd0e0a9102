"""A text reduced to its letters, so that width, case, blanks and punctuation hide no likeness."""

from __future__ import annotations

import re

_OTHER = re.compile(r"[\W_]+")


def letters(text: str) -> str:
    """The letters and digits of ``text``, folded in width and case as the corpus folds them."""
    from mofang.corpus.folding import fold

    return _OTHER.sub("", fold(text)[0])


def shingles(text: str, width: int) -> list[str]:
    """Every run of ``width`` characters of a text of letters, in order; the whole of a shorter one."""
    if len(text) <= width:
        return [text] if text else []
    return [text[at : at + width] for at in range(len(text) - width + 1)]
