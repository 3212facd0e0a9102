"""Texts as counted features: single tokens and pairs of neighbours. A token is a Chinese character, a mark of
punctuation, or a whole word where words are written apart.

Longer runs were tried and left out: on comments about a subject that training never saw they cost a point of
macro-F1, because they learn the subject and not the tone.

A feature is named by 32 bits of a hash; bit 0 says whether it is a pair. Everything works on whole arrays of
code points, so that ten thousand texts take a fraction of a second.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

VERSION = 1
"""Rises whenever a text would get other features: classifiers of another version are refused."""
BATCH_CHARACTERS = 1 << 18
"""Characters whose features are counted at a time; a longer text is a batch of its own."""

NONE = 0
"""Names no feature."""
_START, _END = 0xFFFE, 0xFFFF
"""Stand before and after each text; Unicode promises never to make characters of them."""
_LETTERS_END = 0x0E00
"""Scripts below write words apart (Latin, Greek, Cyrillic, Arabic …); above, every character is a token."""
_CHARACTER, _WORD, _BLANK, _HIDDEN = range(4)
_INVISIBLE = (
    *range(0x09),
    *range(0x0E, 0x20),
    *range(0x7F, 0xA0),
    0xAD,
    0x61C,
    0x180E,
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10),
    0xFEFF,
)


@dataclass(frozen=True, slots=True)
class Places:
    """What stands where, in the order of texts and within one of its tokens: three arrays of one length. Each
    text begins with its start, so that none is without a place. ``singles``: the token's feature, NONE for the
    start; ``pairs``: that of the token and what follows it."""

    n: int
    rows: Array
    singles: Array
    pairs: Array

    def begins(self) -> Array:
        """Where each text begins."""
        import numpy as np

        return np.searchsorted(self.rows, np.arange(self.n))


@dataclass(frozen=True, slots=True)
class Counts:
    """Which text has which feature how often: three arrays of one length, ordered by text, then feature.
    ``n`` is the number of texts, those without any feature included."""

    n: int
    rows: Array
    features: Array
    counts: Array

    def ends(self) -> Array:
        """Where the features of text i begin and end: ``[i]`` to ``[i + 1]``."""
        import numpy as np

        return np.searchsorted(self.rows, np.arange(self.n + 1))


def batches(texts: Sequence[str]) -> Iterator[slice]:
    """Consecutive parts of ``texts`` of bounded size."""
    begin, size = 0, 0
    for n, text in enumerate(texts):
        if n > begin and size + len(text) > BATCH_CHARACTERS:
            yield slice(begin, n)
            begin, size = n, 0
        size += len(text) + 2
    if begin < len(texts):
        yield slice(begin, len(texts))


def is_pair(features: Array) -> Array:
    """Which features are pairs of neighbours."""
    found: Array = (features & 1).astype(bool)
    return found


def read(texts: Sequence[str]) -> Places:
    """The features of ``texts`` in their places; a text of blanks has none but its start. Memory grows with
    their length: see :func:`batches`."""
    import numpy as np

    rows, tokens, inner = _tokens(texts)
    last = np.append(rows[1:] != rows[:-1], True)[: len(rows)]
    with np.errstate(over="ignore"):
        singles = np.where(inner, _named(_mixed(tokens + np.uint64(1)), 0), NONE)
        pairs = _named(_mixed(tokens * np.uint64(_ODD) + _mixed(np.roll(tokens, -1))), 1)
    # A text without any token of its own has no pair either: its two ends are no neighbours.
    pairs = np.where(inner | np.roll(inner, -1), pairs, NONE)
    return Places(len(texts), rows[~last], singles[~last].astype(np.uint32), pairs[~last].astype(np.uint32))


def read_all(texts: Sequence[str]) -> Places:
    """As :func:`read`, in parts of bounded size that are then joined."""
    import numpy as np

    found = [(part.start, read(texts[part])) for part in batches(texts)]
    return Places(
        len(texts),
        np.concatenate([one.rows + start for start, one in found]),
        np.concatenate([one.singles for _start, one in found]),
        np.concatenate([one.pairs for _start, one in found]),
    )


def count(places: Places) -> Counts:
    """How often each text has each feature."""
    import numpy as np

    rows = places.rows.astype(np.uint64) << np.uint64(32)
    keys = np.concatenate([rows | places.singles, rows | places.pairs])
    keys = np.sort(keys[keys.astype(np.uint32) != NONE])
    fresh = np.ones(len(keys), dtype=bool)
    fresh[1:] = keys[1:] != keys[:-1]
    first = np.flatnonzero(fresh)
    counts = np.diff(np.append(first, len(keys)))
    keys = keys[first]
    return Counts(places.n, (keys >> np.uint64(32)).astype(np.int64), keys.astype(np.uint32), counts)


def _named(hashed: Array, pair: int) -> Array:
    import numpy as np

    return np.asarray(np.maximum((hashed >> np.uint64(33)) << np.uint64(1), np.uint64(2)) | np.uint64(pair))


def _tokens(texts: Sequence[str]) -> tuple[Array, Array, Array]:
    """Row and hash of every token, both ends of each text included, and whether it is no end."""
    import numpy as np

    codes, rows = _codes(texts)
    folded, kinds = _tables()
    low = np.minimum(codes, 0xFFFF)
    kind = np.where(codes > 0xFFFF, _CHARACTER, kinds[low])
    codes = np.where(codes > 0xFFFF, codes, folded[low])
    seen = kind != _HIDDEN
    codes, rows, kind = codes[seen], rows[seen], kind[seen]
    begins = np.ones(len(codes), dtype=bool)
    begins[1:] = (kind[1:] != _WORD) | (kind[:-1] != _WORD)
    begins &= kind != _BLANK
    word_of = np.cumsum(begins) - 1
    solid = np.flatnonzero(kind != _BLANK)
    at = np.flatnonzero(begins)
    place = solid - at[word_of[solid]]  # within its word; no blank stands inside one
    with np.errstate(over="ignore"):
        values = _mixed(codes[solid].astype(np.uint64)) * _powers()[place % len(_powers())]
        tokens = _mixed(np.add.reduceat(values, np.flatnonzero(begins[solid]))) if len(at) else values
    return rows[at].astype(np.int64), tokens, (codes[at] != _START) & (codes[at] != _END)


def _codes(texts: Sequence[str]) -> tuple[Array, Array]:
    """Code points of all texts, one after another between their ends, and the text each belongs to."""
    import numpy as np

    joined = "".join(f"{chr(_START)}{text}{chr(_END)}" for text in texts)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    lengths = np.fromiter((len(text) + 2 for text in texts), dtype=np.int64, count=len(texts))
    return codes, np.repeat(np.arange(len(texts)), lengths)


_ODD = 0x9E3779B97F4A7C15


def _mixed(values: Array) -> Array:
    """Every bit of the result depends on every bit of the value (the finish of splitmix64)."""
    import numpy as np

    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(values ^ (values >> np.uint64(31)))


@functools.cache
def _powers() -> Array:
    import numpy as np

    return np.array([pow(_ODD, n, 1 << 64) for n in range(1, 65)], dtype=np.uint64)


@functools.cache
def _tables() -> tuple[Array, Array]:
    """By code point up to U+FFFF: width and case folded; and what kind of character it is."""
    import numpy as np

    folded = np.arange(0x10000, dtype=np.uint32)
    folded[0xFF01:0xFF5F] -= 0xFEE0
    kinds = np.full(0x10000, _CHARACTER, dtype=np.int8)
    for code in range(_LETTERS_END):
        letter = chr(code)
        lower = letter.lower()
        folded[code] = ord(lower) if len(lower) == 1 else code
        if letter.isalnum():
            kinds[code] = _WORD
    for code in range(0xFF01, 0xFF5F):
        folded[code] = folded[folded[code]]
        kinds[code] = kinds[code - 0xFEE0]
    kinds[[code for code in range(0x10000) if chr(code).isspace()]] = _BLANK
    kinds[list(_INVISIBLE)] = _HIDDEN
    return folded, kinds
