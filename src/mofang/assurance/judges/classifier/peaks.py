"""A second view beside the linear one: what is the strongest sign of each sort anywhere in the text?

Every feature has a short vector, learned from nothing but the labels. The vectors of a token and of the pair it
begins are added; over the text each coordinate keeps its highest value, if above zero; a weighted sum of these
peaks is the score. That is a convolutional network of width two (Kim 2014) whose filters are looked up and not
multiplied, which makes it a hundred times cheaper. The linear view adds up many weak signs, this one hears a
single strong one; together they are better than either.

A quarter of the features is hidden at random from each text while learning, so that none is relied upon.
Vectors are stored as whole numbers from -127 to 127: adding and comparing them gives the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[Any]

_BATCH = 64
_MOST_EPOCHS = 40
_FEWEST_STEPS = 600


@dataclass(frozen=True, slots=True)
class Settings:
    """``width`` of the vectors; ``epochs`` (more for few texts); ``hidden`` share of features and ``dropped``
    share of peaks while learning; ``softened``: how far a label is trusted less than wholly. ``share``: weight of
    this view's score beside the linear one's. Chosen on COLD's training part alone."""

    width: int = 64
    epochs: int = 8
    rate: float = 0.2
    hidden: float = 0.25
    dropped: float = 0.5
    softened: float = 0.05
    share: float = 0.1

    def wire(self) -> dict[str, Any]:
        """As the model card holds it: decimal strings and whole numbers."""
        numbers = ("rate", "hidden", "dropped", "softened", "share")
        return {
            "width": self.width,
            "epochs": self.epochs,
            **{name: f"{getattr(self, name):.6f}" for name in numbers},
        }


@dataclass(frozen=True, slots=True)
class Tokens:
    """The places of some texts by vocabulary: ``singles`` and ``pairs`` are numbers of features from 1, 0 for
    one that is not known; text i stands at ``begins[i]`` to ``begins[i + 1]``."""

    begins: Array
    singles: Array
    pairs: Array


def scores(vectors: Array, gains: Array, tokens: Tokens) -> Array:
    """The weighted sum of each text's peaks, float64. ``vectors`` (int8): row 0 for no feature, then one for
    each."""
    import numpy as np

    found = vectors[tokens.singles].astype(np.int16)
    found += vectors[tokens.pairs]
    peaks = np.maximum(np.maximum.reduceat(found, tokens.begins[:-1], axis=0), 0)
    # Not a matrix product: the order of its sums changes with the machine.
    return np.asarray((peaks * gains.astype(np.float64)).sum(axis=1))


def fit(
    tokens: Tokens,
    failed: Array,
    pairs: Array,
    weights: Array,
    settings: Settings,
    seed: int,
    tick: Callable[[], None],
) -> tuple[Array, Array, float]:
    """Vectors (int8), gains (float32) and bias. ``pairs`` says which features are pairs, ``weights`` how much
    each text counts; ``tick`` is called after each epoch of the declared number."""
    learner = _Learner(tokens, failed, pairs, weights, settings, seed)
    epochs = learner.epochs
    for epoch in range(epochs):
        learner.learn(epoch)
        for _n in range((epoch + 1) * settings.epochs // epochs - epoch * settings.epochs // epochs):
            tick()
    return learner.stored()


class _Learner:
    """Adagrad (Duchi et al. 2011) on the entries that a batch touches."""

    def __init__(
        self, tokens: Tokens, failed: Array, pairs: Array, weights: Array, settings: Settings, seed: int
    ) -> None:
        import numpy as np

        self.tokens, self.settings, self.weights = tokens, settings, weights.astype(np.float32)
        self.chance = np.random.Generator(np.random.PCG64(seed))
        self.target = np.where(failed, 1 - settings.softened, settings.softened).astype(np.float32)
        self.batches = -(-len(failed) // _BATCH)
        self.epochs = max(settings.epochs, min(_MOST_EPOCHS, -(-_FEWEST_STEPS // self.batches)))
        width = settings.width
        self.vectors = self.chance.standard_normal((len(pairs) + 1, width), dtype=np.float32) * np.float32(
            0.03
        )
        self.vectors[1:][pairs] *= np.float32(0.3)
        self.vectors[0] = 0
        self.gains = self.chance.standard_normal(width, dtype=np.float32) / np.float32(width**0.5)
        self.bias = 0.0
        self.moved = np.full(self.vectors.size, 1e-3, dtype=np.float32)
        self.gained, self.shifted = np.full(width, 1e-3, dtype=np.float32), 1e-3

    def learn(self, epoch: int) -> None:
        """Once through all texts, in a new order."""
        order = self.chance.permutation(len(self.target))
        for n in range(self.batches):
            done = (epoch * self.batches + n) / (self.epochs * self.batches)
            self._step(order[n * _BATCH : (n + 1) * _BATCH], self.settings.rate * (1 - 0.95 * done))

    def _step(self, texts: Array, rate: float) -> None:
        import numpy as np

        begins, singles, pairs = self._gather(texts)
        values = self.vectors[singles] + self.vectors[pairs]
        highest = np.maximum.reduceat(values, begins, axis=0)
        kept = self.chance.random(highest.shape, dtype=np.float32) >= self.settings.dropped
        open = kept / np.float32(1 - self.settings.dropped)
        peaks = np.maximum(highest, 0) * open
        chances = 1 / (1 + np.exp(-((peaks * self.gains).sum(axis=1) + np.float32(self.bias))))
        error = (chances - self.target[texts]) * self.weights[texts] / np.float32(len(texts))
        pull = error[:, None] * self.gains * open * (highest > 0)
        self._gain((peaks * error[:, None]).sum(axis=0), float(error.sum()), rate / 5)
        self._move(pull, _first_places(values, highest, begins), singles, pairs, rate)

    def _gather(self, texts: Array) -> tuple[Array, Array, Array]:
        """Where each text of a batch begins, and its features, some of them hidden."""
        import numpy as np

        starts = self.tokens.begins[texts]
        lengths = self.tokens.begins[texts + 1] - starts
        begins = np.cumsum(lengths) - lengths
        places = np.repeat(starts - begins, lengths) + np.arange(lengths.sum())
        seen = self.chance.random((2, len(places)), dtype=np.float32) >= self.settings.hidden
        return begins, self.tokens.singles[places] * seen[0], self.tokens.pairs[places] * seen[1]

    def _gain(self, slope: Array, shift: float, rate: float) -> None:
        import numpy as np

        self.gained += slope * slope
        self.gains -= np.float32(rate) * slope / np.sqrt(self.gained)
        self.shifted += shift * shift
        self.bias -= rate * shift / self.shifted**0.5

    def _move(self, pull: Array, places: Array, singles: Array, pairs: Array, rate: float) -> None:
        import numpy as np

        texts, column = np.nonzero(pull)
        place, force = places[texts, column], pull[texts, column]
        width = self.settings.width
        entries = np.concatenate([singles[place] * width + column, pairs[place] * width + column])
        known = entries >= width
        touched, which = np.unique(entries[known], return_inverse=True)
        # A batch's slope is a mean; a feature seen once must still move as far as one seen alone would.
        slope = np.bincount(which, np.concatenate([force, force])[known]).astype(np.float32)
        slope *= np.float32(_BATCH**0.5)
        self.moved[touched] += slope * slope
        flat: np.ndarray[Any, Any] = self.vectors.reshape(-1)
        flat[touched] -= np.float32(rate) * slope / np.sqrt(self.moved[touched])

    def stored(self) -> tuple[Array, Array, float]:
        """Whole numbers for the vectors, a scale of its own for each coordinate, which its gain takes over."""
        import numpy as np

        scale = np.maximum(np.abs(self.vectors).max(axis=0), np.float32(1e-9)) / np.float32(127)
        whole = np.rint(self.vectors / scale).astype(np.int8)
        return whole, (self.gains * scale).astype(np.float32), self.bias


def _first_places(values: Array, highest: Array, begins: Array) -> Array:
    """The first place of each text's highest value, for each coordinate."""
    import numpy as np

    lengths = np.diff(np.append(begins, len(values)))
    there = values >= np.repeat(highest, lengths, axis=0)
    places = np.where(there, np.arange(len(values))[:, None], len(values))
    return np.minimum.reduceat(places, begins, axis=0)
