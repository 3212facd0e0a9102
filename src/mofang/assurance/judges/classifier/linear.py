"""A linear model: squared-hinge support vectors, bagged over random halves of the features.

Each member of the bag sees half of the features only, so that no single tell-tale word can carry the decision
(Ho 1998, random subspaces): on a subject that training never saw this is worth half a point of macro-F1. The
squared hinge forgives what is on the right side of the margin; labels that are partly wrong pull less than
under the logistic loss. Members are averaged into one vector of weights, so scoring costs nothing extra.

Solved in the primal by Newton steps with conjugate gradients (Keerthi & DeCoste 2005; what LIBLINEAR's
trust region does). No threaded linear algebra is used: the same data give the same weights, whatever the
number of processors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

Matrix = Any
"""scipy.sparse.csr_array of float64: one row a text."""

_STEPS = 60
_TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True)
class Settings:
    """``cost`` of an error against the size of the weights; ``members`` of the bag and the share of features
    that each of them ``sees``; how much a ``single`` token weighs against a pair; ``rare``: features of
    fewer texts are left out. Chosen on COLD's training part alone, leaving one topic out."""

    cost: float = 0.15
    members: int = 24
    sees: float = 0.5
    single: float = 1.5
    rare: int = 2

    def wire(self) -> dict[str, Any]:
        """As the model card holds it: decimal strings and whole numbers."""
        return {
            "cost": f"{self.cost:.6f}",
            "members": self.members,
            "sees": f"{self.sees:.6f}",
            "single": f"{self.single:.6f}",
            "rare": self.rare,
        }


def fit_bag(
    matrix: Matrix, signs: Array, weights: Array, settings: Settings, seed: int, tick: Callable[[], None]
) -> tuple[Array, float]:
    """Weights (one a column) and bias. ``signs`` are +1 and -1, ``weights`` say how much each row counts,
    ``tick`` is called after each member."""
    import numpy as np

    total, bias = np.zeros(matrix.shape[1]), 0.0
    columns = matrix.tocsc()
    for seen in _subspaces(matrix.shape[1], settings, seed):
        part = (columns[:, seen] / settings.sees).tocsr()
        found, constant = fit_one(part, signs, weights * settings.cost)
        total[seen] += found / settings.sees / settings.members
        bias += constant / settings.members
        tick()
    return total, bias


def _subspaces(size: int, settings: Settings, seed: int) -> Iterator[Array]:
    import numpy as np

    chance = np.random.Generator(np.random.PCG64(seed))
    for _member in range(settings.members):
        yield np.flatnonzero(chance.random(size) < settings.sees)


def fit_one(matrix: Matrix, signs: Array, costs: Array) -> tuple[Array, float]:
    """The minimum of ``(|w|² + b²) / 2 + Σ costs · max(0, 1 - signs · (matrix w + b))²``."""
    problem = _Problem(matrix, signs, costs)
    return problem.solve()


class _Problem:
    """Weights and bias are one vector; the bias is its last entry, and is shrunk like the others."""

    def __init__(self, matrix: Matrix, signs: Array, costs: Array) -> None:
        self.matrix, self.turned = matrix, matrix.T.tocsr()
        self.signs, self.costs = signs, costs

    def solve(self) -> tuple[Array, float]:
        import numpy as np

        point = np.zeros(self.matrix.shape[1] + 1)
        margin = np.zeros(len(self.signs))
        first = None
        for _step in range(_STEPS):
            active = margin * self.signs < 1
            slope = point + self._back(np.where(active, 2 * self.costs * (margin - self.signs), 0.0))
            size = _dot(slope, slope) ** 0.5
            first = size if first is None else first
            if size <= _TOLERANCE * first:
                break
            move = self._newton(slope, np.where(active, 2 * self.costs, 0.0))
            point, margin = self._walk(point, margin, move, _dot(slope, move))
        return point[:-1], float(point[-1])

    def _newton(self, slope: Array, curve: Array) -> Array:
        """Roughly the solution of ``(1 + XᵀDX) move = -slope``, by conjugate gradients."""
        import numpy as np

        move, rest = np.zeros_like(slope), -slope
        ahead, size = rest.copy(), _dot(rest, rest)
        enough = 0.01 * size
        for _step in range(_STEPS):
            pushed = ahead + self._back(curve * self._forward(ahead))
            length = size / _dot(ahead, pushed)
            move += length * ahead
            rest -= length * pushed
            size, before = _dot(rest, rest), size
            if size <= enough:
                break
            ahead = rest + size / before * ahead
        return move

    def _walk(self, point: Array, margin: Array, move: Array, slope: float) -> tuple[Array, Array]:
        """As far along ``move`` as the loss goes down in proportion."""
        step, here, far = 1.0, self._loss(point, margin), self._forward(move)
        for _halving in range(30):
            if self._loss(point + step * move, margin + step * far) <= here + 1e-4 * step * slope:
                break
            step /= 2
        return point + step * move, margin + step * far

    def _loss(self, point: Array, margin: Array) -> float:
        import numpy as np

        missing = np.maximum(0.0, 1 - self.signs * margin)
        return _dot(point, point) / 2 + _dot(self.costs, missing * missing)

    def _forward(self, point: Array) -> Array:
        found: Array = self.matrix @ point[:-1] + point[-1]
        return found

    def _back(self, pull: Array) -> Array:
        import numpy as np

        return np.append(self.turned @ pull, pull.sum())


def _dot(one: Array, other: Array) -> float:
    # Not numpy's dot: that is threaded, and its last digits change with the number of threads.
    return float((one * other).sum())
