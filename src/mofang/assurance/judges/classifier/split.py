"""Which texts train and which are held out. Near-duplicates stay on one side, groups and labels keep their shares.

Likeness is judged by MinHash (Broder 1997): 32 minima over a text's features, looked up in eight bands of
four. Texts that agree in twenty minima or more (about six tenths of their features) are one cluster.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mofang.assurance.judges.classifier.features import Counts

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

HELD_OUT = -1
_MINIMA, _BANDS, _AGREE = 32, 8, 20


def clusters(counted: Counts) -> Array:
    """For each text the number of the first text of its cluster, itself where nothing resembles it."""
    import numpy as np

    signs = _minima(counted)
    width = _MINIMA // _BANDS
    parent = list(range(counted.n))
    for band in range(_BANDS):
        part = signs[:, band * width : (band + 1) * width]
        order = np.lexsort(part.T)
        same = (part[order][1:] == part[order][:-1]).all(axis=1)
        first = np.maximum.accumulate(np.where(np.concatenate([[False], same]), 0, np.arange(counted.n)))
        one, other = order[first], order
        close = (one != other) & ((signs[one] == signs[other]).sum(axis=1) >= _AGREE)
        for a, b in zip(one[close].tolist(), other[close].tolist(), strict=True):
            _join(parent, a, b)
    return np.array([_root(parent, n) for n in range(counted.n)], dtype=np.int64)


def _minima(counted: Counts) -> Array:
    """One row of minima a text. A text without features resembles nothing."""
    import numpy as np

    ends = counted.ends()
    full = np.flatnonzero(ends[1:] > ends[:-1])
    signs = np.arange(counted.n, dtype=np.uint64)[:, None] + (
        np.arange(_MINIMA, dtype=np.uint64) << np.uint64(40)
    )
    salts = np.random.Generator(np.random.PCG64(1)).integers(1, 1 << 63, _MINIMA, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for n, salt in enumerate(salts | np.uint64(1)):
            hashed = (counted.features.astype(np.uint64) + np.uint64(n + 1)) * salt
            hashed = (hashed ^ (hashed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9) >> np.uint64(24)
            signs[full, n] = np.minimum.reduceat(hashed, ends[:-1][full])
    return signs


def _root(parent: list[int], n: int) -> int:
    while parent[n] != n:
        parent[n] = parent[parent[n]]
        n = parent[n]
    return n


def _join(parent: list[int], a: int, b: int) -> None:
    a, b = sorted((_root(parent, a), _root(parent, b)))
    parent[b] = a


def deal(cluster: Array, strata: Sequence[object], share: float, folds: int, seed: int) -> Array:
    """For each text its fold (0 to ``folds`` - 1), or HELD_OUT for a ``share`` of every stratum.

    A cluster is dealt whole, in the stratum of its first text."""
    import numpy as np

    chance = np.random.Generator(np.random.PCG64(seed))
    firsts, sizes = np.unique(cluster, return_counts=True)
    size_of = dict(zip(firsts.tolist(), sizes.tolist(), strict=True))
    by_stratum: dict[object, list[int]] = {}
    for first in firsts.tolist():
        by_stratum.setdefault(strata[first], []).append(first)
    part_of: dict[int, int] = {}
    filled = [0] * folds
    for stratum in sorted(by_stratum, key=repr):
        members = by_stratum[stratum]
        wanted, out = share * sum(size_of[first] for first in members), 0
        for first in (members[n] for n in chance.permutation(len(members)).tolist()):
            if out + size_of[first] / 2 <= wanted:
                out, part_of[first] = out + size_of[first], HELD_OUT
            else:
                part_of[first] = min(range(folds), key=lambda fold: (filled[fold], fold))
                filled[part_of[first]] += size_of[first]
    return np.array([part_of[first] for first in cluster.tolist()], dtype=np.int64)
