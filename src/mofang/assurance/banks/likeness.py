"""Likeness 近似: questions that nearly repeat one another, inside a bank and across banks.

Two questions are as alike as the share of three-letter runs they have in common (Jaccard's index over character
3-grams; Broder 1997 calls it resemblance). The index is exact: all pairs come from one sparse product, block by
block, and no sketch is involved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from mofang.assurance.banks.bank import Question
from mofang.assurance.banks.letters import letters, shingles
from mofang.assurance.errors import BankError
from mofang.assurance.statistics.proportion import decimal_text, threshold
from mofang.i18n import _

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

ALIKE = "0.60"
"""From this share on two questions count as near-duplicates: about one changed letter in fifteen."""
WIDTH = 3
MOST = 3
"""Earlier questions named for one that resembles many: the most alike, then the earliest."""
_BLOCK = 128


@dataclass(frozen=True, slots=True)
class Pair:
    """``second`` resembles the earlier ``first``: places in what was compared. ``similarity`` is a decimal string
    in (0, 1], rounded down, so that 1.000000 means the same runs of letters."""

    first: int
    second: int
    similarity: str


def near_duplicates(questions: Sequence[Question], least: str = ALIKE) -> list[Pair]:
    """Pairs at least ``least`` (a decimal string in (0, 1]) alike, by the later question; for each at most MOST
    earlier ones. Questions of one cluster are declared to stem from one pattern and are not compared. Raises
    BankError for another ``least``."""
    limit = threshold(least)
    if not 0 < limit <= 1:
        raise BankError(
            _("{text} is not a share above 0 and at most 1").format(text=least),
            remedy=_('write it like "0.60"'),
        )
    return list(_pairs(questions, limit)) if len(questions) > 1 else []


def _pairs(questions: Sequence[Question], limit: Fraction) -> Iterator[Pair]:
    import numpy as np

    table, sizes = _runs([letters(question.text) for question in questions])
    cluster = np.unique([question.cluster for question in questions], return_inverse=True)[1]
    turned = table.T.tocsc()
    for start in range(0, len(sizes), _BLOCK):
        # Only earlier questions are asked for, and those of the block itself.
        shared = (table[start : start + _BLOCK] @ turned[:, : start + _BLOCK]).tocoo()
        second, first, common = shared.row + start, shared.col, shared.data.astype(np.int64)
        union = sizes[first] + sizes[second] - common
        near = (first < second) & (cluster[first] != cluster[second])
        near &= common * limit.denominator >= union * limit.numerator
        yield from _nearest(first[near], second[near], common[near], union[near])


def _runs(texts: list[str]) -> tuple[Any, npt.NDArray[np.int64]]:
    """A sparse table of which text (row) has which run (column), and how many different runs each text has."""
    import numpy as np
    from scipy.sparse import csr_array

    known: dict[str, int] = {}
    rows = [{known.setdefault(run, len(known)) for run in shingles(text, WIDTH)} for text in texts]
    sizes = np.array([len(row) for row in rows], dtype=np.int64)
    columns = np.fromiter(
        (run for row in rows for run in sorted(row)), dtype=np.int32, count=int(sizes.sum())
    )
    ends = np.concatenate([[0], np.cumsum(sizes)])
    ones = np.ones(len(columns), dtype=np.int32)
    return csr_array((ones, columns, ends), shape=(len(texts), max(1, len(known)))), sizes


def _nearest(
    first: npt.NDArray[Any], second: npt.NDArray[Any], common: npt.NDArray[Any], union: npt.NDArray[Any]
) -> Iterator[Pair]:
    import numpy as np

    # A float orders the pairs; what is written is the exact fraction.
    order = np.lexsort((first, -(common / union), second))
    taken, last = 0, -1
    for at in order.tolist():
        now = int(second[at])
        taken = taken + 1 if now == last else 1
        last = now
        if taken <= MOST:
            yield Pair(int(first[at]), now, _share(int(common[at]), int(union[at])))


def _share(common: int, union: int) -> str:
    return decimal_text(Fraction(common * 10**6 // union, 10**6))
