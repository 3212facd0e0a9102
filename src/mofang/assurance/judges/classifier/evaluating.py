"""Evaluating: a classifier against labels it was not trained on, as any judge is evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mofang.assurance.judges.classifier.labels import Columns, Labelled
from mofang.assurance.judges.classifier.measures import Measures, measure
from mofang.assurance.judges.classifier.scoring import TextClassifier

SEED = 1


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was found: on all scored texts, per group, and how many texts could not be scored. ``known`` says
    that these are the very labels the classifier was trained on, so that the figures flatter it."""

    measures: Measures
    groups: Mapping[str, Measures]
    unscored: int
    known: bool

    def wire(self) -> dict[str, Any]:
        return {
            **self.measures.wire(),
            "groups": {name: found.wire() for name, found in self.groups.items()},
            "unscored": self.unscored,
            "trained_on_these": self.known,
        }


def columns_of(classifier: TextClassifier, given: Mapping[str, Any]) -> Columns:
    """The columns to read: those given, else those the classifier was trained on."""
    meant = classifier.card["labels"]
    own = bool(given["label"] or given["fails"])
    return Columns(
        given["text"] or meant["text"],
        given["label"] or meant["label"],
        given["group"] or (None if own else meant["group"]),
        tuple(given["fails"]) or (() if own else tuple(meant["fail"])),
        tuple(given["passes"]) or (() if own else tuple(meant["pass"])),
    )


def evaluate(classifier: TextClassifier, labelled: Labelled) -> Evaluation:
    """Hold a classifier against labels. A text of which it knows nothing is unscored, and not counted."""
    import numpy as np

    micro, known = classifier.read(labelled.texts)
    said = np.array([classifier.fails(one) for one in micro.tolist()], dtype=bool)
    failed = np.array(labelled.failed, dtype=bool)
    groups = np.array(labelled.groups, dtype=object)
    scored = known > 0

    def on(chosen: Any) -> Measures:
        return measure(micro[chosen] / 10**6, said[chosen], failed[chosen], SEED)

    names = sorted(set(labelled.groups)) if set(labelled.groups) != {""} else []
    return Evaluation(
        on(scored),
        {name: on(scored & (groups == name)) for name in names},
        int((~scored).sum()),
        classifier.card.get("data", {}).get("digest") == labelled.digest(),
    )
