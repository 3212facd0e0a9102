"""Training: from labelled texts to one file that holds the classifier and its model card.

1. Near-duplicates are clustered and a stratified part is held out, cluster by cluster.
2. Five folds of the rest give every text a score from a model that never saw it: these scores calibrate and set
   the threshold.
3. Where the table names groups, each is left out once, to see how far the classifier carries to a group that it
   never saw.
4. The model itself learns from everything but the held-out part, and is measured on that part.

The same labels, settings and seed give the same bytes. The card holds digests and counts, never a text, and no
clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mofang.assurance.judges.classifier import container, features, linear, peaks, scoring, split
from mofang.assurance.judges.classifier.calibration import (
    METHODS,
    calibrate,
    check_criterion,
    choose_threshold,
)
from mofang.assurance.judges.classifier.errors import LabelsError
from mofang.assurance.judges.classifier.features import Counts, Places
from mofang.assurance.judges.classifier.labels import Columns, Labelled
from mofang.assurance.judges.classifier.linear import Settings
from mofang.assurance.judges.classifier.measures import Measures, measure
from mofang.i18n import _

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

FOLDS = 5
FEWEST = 50
"""Texts of either label below which no classifier is trained: its figures would say nothing."""
FEWEST_HELD_OUT = 20

_SHARE = re.compile(r"0\.\d{1,6}")

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train. ``held_out``: share kept for the evaluation, a decimal string; ``method`` and ``criterion``:
    see :mod:`~mofang.assurance.judges.classifier.calibration`."""

    held_out: str = "0.10"
    method: str = "platt"
    criterion: str = "macro_f1"
    seed: int = 1
    settings: Settings = field(default_factory=Settings)
    second: peaks.Settings = field(default_factory=peaks.Settings)

    def __post_init__(self) -> None:
        check_criterion(self.criterion)
        if self.method not in METHODS:
            raise ValueError(self.method)
        if not _SHARE.fullmatch(self.held_out) or not 0.05 <= float(self.held_out) <= 0.5:
            raise LabelsError(
                _("a share of {share} cannot be held out").format(share=self.held_out),
                remedy=_("hold out between 0.05 and 0.5"),
            )


@dataclass(frozen=True, slots=True)
class Trained:
    """A classifier's file, its card, and what was measured on the held-out part."""

    data: bytes = field(repr=False)
    card: Mapping[str, Any]
    held_out: Measures


def train(
    labelled: Labelled,
    columns: Columns,
    recipe: Recipe | None = None,
    progress: Progress = lambda done, total, what: None,
) -> Trained:
    """Train on ``labelled``. Raises LabelsError where there is too little to learn from."""
    recipe = recipe or Recipe()
    _refuse_few(labelled)
    work = _Work(labelled, recipe, progress)
    scores = work.cross_fit()
    kept = work.parts != split.HELD_OUT
    calibration = calibrate(recipe.method, scores[kept], work.failed[kept])
    chances = calibration.chances(scores[kept])
    threshold = choose_threshold(recipe.criterion, chances, work.failed[kept])
    unseen = list(work.unseen_groups())
    model = work.fit(kept)
    decides = {
        "features": features.VERSION,
        "bias": f"{model.bias:.9f}",
        "share": f"{recipe.second.share:.9f}",
        "calibration": calibration.wire(),
        "threshold": threshold,
    }
    card = _card(labelled, columns, recipe, work, decides, unseen)
    draft = container.pack(model.parts(card))
    found = _measured(draft, labelled, work)
    card |= {
        "held_out": found.wire(),
        "cross_fitted": _cross_fitted(chances, threshold, work.failed[kept], recipe),
    }
    return Trained(container.pack(model.parts(card)), card, found)


def _refuse_few(labelled: Labelled) -> None:
    counts = labelled.counts()
    words = {"fail": _("that fail"), "pass": _("that pass")}
    fewest = min(counts, key=lambda word: counts[word])
    if not counts[fewest]:
        raise LabelsError(
            _("there are no texts {word}: one class alone teaches nothing").format(word=words[fewest]),
            remedy=_("check --fail, or add texts of the other kind"),
        )
    if counts[fewest] < FEWEST:
        raise LabelsError(
            _("there are {n} texts {word}; at least {fewest} are needed").format(
                n=counts[fewest], word=words[fewest], fewest=FEWEST
            ),
            remedy=_("label more; a few hundred of each kind make a judge worth asking"),
        )


@dataclass(frozen=True, slots=True)
class _Model:
    """Both views, fitted: arrays as the file holds them, and the sum of their biases."""

    arrays: tuple[Array, Array, Array, Array, Array]
    bias: float

    def parts(self, card: Mapping[str, Any]) -> container.Parts:
        return container.Parts(card, *self.arrays)

    def margins(self, places: Places, share: float) -> Array:
        found, _known = scoring.margins(self.parts({}), places, share)
        return found + self.bias


class _Work:
    """The features of all texts once, and fits on parts of them."""

    def __init__(self, labelled: Labelled, recipe: Recipe, progress: Progress) -> None:
        import numpy as np

        self.recipe, self.progress = recipe, progress
        self.failed = np.array(labelled.failed, dtype=bool)
        self.groups = np.array(labelled.groups, dtype=object)
        progress(0, 1, _("reading features"))
        self.places = features.read_all(labelled.texts)
        self.counted = features.count(self.places)
        strata = list(zip(labelled.groups, labelled.failed, strict=True))
        self.clusters = split.clusters(self.counted)
        self.parts = split.deal(self.clusters, strata, float(recipe.held_out), FOLDS, recipe.seed)
        self.left = [name for name in sorted(set(labelled.groups)) if self._enough(name)]
        self.left = self.left if len(self.left) > 1 else []
        steps = recipe.settings.members + recipe.second.epochs
        self.done, self.total = 0, (FOLDS + len(self.left) + 1) * steps
        self._refuse_thin()

    def _enough(self, group: str) -> bool:
        inside = self.groups == group
        fails = int((self.failed & inside).sum())
        return min(fails, int(inside.sum()) - fails) >= FEWEST_HELD_OUT

    def _refuse_thin(self) -> None:
        # One cluster may hold most texts of a kind: then no part of it can be held out.
        for part in range(-1, FOLDS):
            inside = self.failed[self.parts == part]
            if not inside.any() or inside.all():
                raise LabelsError(
                    _("the texts are too alike to hold a part of them out"),
                    remedy=_("add texts that are not variations of one another"),
                )

    def cross_fit(self) -> Array:
        """For each text that trains, the margin from a model that did not see its fold."""
        import numpy as np

        scores = np.zeros(len(self.failed))
        for fold in range(FOLDS):
            inside = self.parts == fold
            model = self.fit((self.parts != split.HELD_OUT) & ~inside)
            scores[inside] = self._margins(model, inside)
        return scores

    def unseen_groups(self) -> Iterator[dict[str, Any]]:
        """Each group, judged by a model that saw the others only. It is decided at margin 0: neither the
        calibration nor the threshold, which have seen the group, play a part."""
        for name in self.left:
            inside = self.groups == name
            model = self.fit(~inside & (self.parts != split.HELD_OUT))
            margins = self._margins(model, inside)
            found = measure(_squashed(margins), margins >= 0, self.failed[inside], self.recipe.seed)
            facts = found.wire()
            yield {"group": name, **{key: facts[key] for key in ("n", "accuracy", "macro_f1", "auc")}}

    def fit(self, chosen: Array) -> _Model:
        """A model from the chosen texts (bool, one a text)."""
        import numpy as np

        signs = np.where(self.failed[chosen], 1.0, -1.0)
        recipe = self.recipe
        vocabulary, scales = _vocabulary(self.counted, chosen, recipe.settings)
        matrix = _matrix(self.counted, chosen, vocabulary, scales)
        weights = _balanced(self.failed[chosen], self.groups[chosen])
        pulls, bias = linear.fit_bag(matrix, signs, weights, recipe.settings, recipe.seed, self._tick)
        tokens = scoring.tokens(vocabulary, self._some(chosen))
        pairs = features.is_pair(vocabulary)
        vectors, gains, shift = peaks.fit(
            tokens, signs > 0, pairs, weights, recipe.second, recipe.seed, self._tick
        )
        arrays = vocabulary, scales.astype(np.float32), pulls.astype(np.float32), vectors, gains
        # Rounded to what the file will hold, so that what is measured is what is stored.
        return _Model(arrays, round(bias + recipe.second.share * shift, 9))

    def _some(self, chosen: Array) -> Places:
        """The places of the chosen texts alone, numbered anew."""
        import numpy as np

        inside = chosen[self.places.rows]
        rows = (np.cumsum(chosen) - 1)[self.places.rows[inside]]
        return Places(int(chosen.sum()), rows, self.places.singles[inside], self.places.pairs[inside])

    def _margins(self, model: _Model, chosen: Array) -> Array:
        return model.margins(self._some(chosen), self.recipe.second.share)

    def _tick(self) -> None:
        self.done += 1
        self.progress(self.done, self.total, _("training"))


def _vocabulary(counted: Counts, chosen: Array, settings: Settings) -> tuple[Array, Array]:
    """The features of at least ``rare`` chosen texts, and what one of each weighs: its inverse document
    frequency (Spärck Jones 1972), more for single tokens."""
    import numpy as np

    known, texts = np.unique(counted.features[chosen[counted.rows]], return_counts=True)
    often = texts >= settings.rare
    scales = np.log((1 + chosen.sum()) / (1 + texts[often])) + 1
    vocabulary = known[often]
    scales *= np.where(features.is_pair(vocabulary), 1.0, settings.single)
    return vocabulary, scales.astype(np.float32).astype(np.float64)


def _matrix(counted: Counts, chosen: Array, vocabulary: Array, scales: Array) -> linear.Matrix:
    """Weighted features of the chosen texts, each row of length 1."""
    import numpy as np
    from scipy.sparse import csr_array

    places = scoring.numbers(vocabulary, counted.features)
    inside = chosen[counted.rows] & (places > 0)
    places, counts = places[inside] - 1, counted.counts[inside]
    rows = (np.cumsum(chosen) - 1)[counted.rows[inside]]
    values = (1 + np.log(counts)) * scales[places]
    size = int(chosen.sum())
    norms = np.sqrt(np.bincount(rows, values * values, size))
    values /= norms[rows]  # every row that has a value has a length
    return csr_array((values, (rows, places)), shape=(size, len(vocabulary)))


def _balanced(failed: Array, groups: Array) -> Array:
    """Weights that let every label of every group count as much, within a factor of five."""
    import numpy as np

    _cells, place, sizes = np.unique(
        [f"{group}\0{fail}" for group, fail in zip(groups, failed, strict=True)],
        return_inverse=True,
        return_counts=True,
    )
    weights = np.clip(len(failed) / len(sizes) / sizes, 0.2, 5.0)[place]
    return np.asarray(weights * (len(weights) / weights.sum()))


def _squashed(margins: Array) -> Array:
    import numpy as np

    return np.asarray(1 / (1 + np.exp(-np.clip(margins, -500, 500))))


def _measured(draft: bytes, labelled: Labelled, work: _Work) -> Measures:
    """The held-out part, through the very door that users take."""
    import numpy as np

    held = np.flatnonzero(work.parts == split.HELD_OUT)
    classifier = scoring.load_classifier(draft)
    micro = classifier.micro([labelled.texts[n] for n in held.tolist()])
    said = np.array([classifier.fails(one) for one in micro.tolist()], dtype=bool)
    return measure(micro / 10**6, said, work.failed[held], work.recipe.seed)


def _cross_fitted(chances: Array, threshold: str, failed: Array, recipe: Recipe) -> dict[str, Any]:
    facts = measure(chances, chances >= float(threshold), failed, recipe.seed, replicates=0).wire()
    return {
        name: facts[name]["value"] for name in ("accuracy", "macro_f1", "sensitivity", "specificity", "auc")
    }


def _card(
    labelled: Labelled,
    columns: Columns,
    recipe: Recipe,
    work: _Work,
    decides: Mapping[str, Any],
    unseen: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    reading = labelled.reading
    trains = int((work.parts != split.HELD_OUT).sum())
    return {
        "format": container.FORMAT,
        "type": "text-classifier",
        "data": {
            "digest": labelled.digest(),
            "rows": reading.rows,
            "texts": len(labelled.texts),
            "trained_on": trains,
            "held_out": len(labelled.texts) - trains,
            **labelled.counts(),
            "groups": labelled.by_group(),
            "left_out": dict(reading.left_out),
            "clusters": len(set(work.clusters.tolist())),
            "languages": _languages(labelled.texts),
            "characters": _lengths(labelled.texts),
        },
        "labels": {
            "text": columns.text,
            "label": columns.label,
            "group": columns.group,
            "fail": [value for value, word in reading.meant.items() if word == "fail"],
            "pass": [value for value, word in reading.meant.items() if word == "pass"],
        },
        "settings": {
            **recipe.settings.wire(),
            "peaks": recipe.second.wire(),
            "seed": recipe.seed,
            "folds": FOLDS,
            "held_out": recipe.held_out,
            "criterion": recipe.criterion,
        },
        "decides": decides,
        "unseen_groups": list(unseen),
    }


def _languages(texts: Sequence[str]) -> dict[str, int]:
    """Texts with Chinese characters, texts of Latin letters alone, others."""
    found = {"zh": 0, "latin": 0, "other": 0}
    for text in texts:
        if any("\u3400" <= letter <= "\u9fff" for letter in text):
            found["zh"] += 1
        else:
            found["latin" if any(letter.isascii() and letter.isalpha() for letter in text) else "other"] += 1
    return found


def _lengths(texts: Sequence[str]) -> dict[str, int]:
    lengths = sorted(map(len, texts))
    at = {"p05": 5, "median": 50, "p95": 95, "longest": 100}
    return {name: lengths[(len(lengths) - 1) * share // 100] for name, share in at.items()}
