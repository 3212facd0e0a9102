"""The classifier that trains on one's own labels, against a plain character n-gram model, on COLD.

    PYTHONPATH=src python bench/classifier.py [FOLDER]

FOLDER holds ``train.csv`` and ``dev.csv`` of COLD (default ../shared/data/cold): Chinese comments in three topics,
labelled offensive or not, partly with the help of models. About five minutes. No text is printed.

plain    TF-IDF over characters 1 to 4, linear support vectors (scikit-learn, its own defaults): what most people
         would try first. Learns from all of train.csv.
linear   our first view alone: tokens and pairs, bagged over halves of the features
both     both views, as `mofang judge train` makes them. Learns from 90 % of train.csv, like ``linear``.

Settings were chosen on train.csv, leaving one topic out at a time; the columns "unseen, train" are that choice. The
columns "unseen, dev" train on two topics of train.csv and judge the third one of dev.csv.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mofang.assurance.judges.classifier import load_classifier, peaks
from mofang.assurance.judges.classifier.calibration import calibrate
from mofang.assurance.judges.classifier.evaluating import evaluate
from mofang.assurance.judges.classifier.labels import Columns, Labelled, read_labels
from mofang.assurance.judges.classifier.measures import Measures, measure
from mofang.assurance.judges.classifier.training import Recipe, Trained, train

COLUMNS = Columns("TEXT", "label", "topic", ("1",))
Judged = Callable[[Labelled], Measures]


@dataclass
class Made:
    """A trained judge: how it judges, how long it took, how many texts a second it reads."""

    judged: Judged
    seconds: float
    speed: Callable[[Sequence[str]], None]
    said: Callable[[Sequence[str]], Any]
    trained: Trained | None = None


def part(labelled: Labelled, keep: Callable[[str], bool], grouped: bool = True) -> Labelled:
    """The texts of some topics; without their names where the training should not use them."""
    chosen = [n for n, group in enumerate(labelled.groups) if keep(group)]
    return replace(
        labelled,
        texts=tuple(labelled.texts[n] for n in chosen),
        failed=tuple(labelled.failed[n] for n in chosen),
        groups=tuple(labelled.groups[n] if grouped else "" for n in chosen),
    )


def plain(labelled: Labelled) -> Made:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.model_selection import cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    began = time.perf_counter()
    model = make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 4), min_df=2, sublinear_tf=True), LinearSVC()
    )
    failed = np.array(labelled.failed)
    margins = cross_val_predict(model, labelled.texts, failed, cv=5, method="decision_function")
    curve = calibrate("platt", margins, failed)
    model.fit(labelled.texts, failed)

    def judged(others: Labelled) -> Measures:
        scores = model.decision_function(others.texts)
        chances = np.round(curve.chances(scores), 6)
        return measure(chances, scores >= 0, np.array(others.failed), 1)

    seconds = time.perf_counter() - began
    return Made(judged, seconds, lambda texts: model.decision_function(texts), model.predict)


def ours(recipe: Recipe, labelled: Labelled) -> Made:
    began = time.perf_counter()
    trained = train(labelled, COLUMNS, recipe)
    seconds = time.perf_counter() - began
    loaded = load_classifier(trained.data)

    def said(texts: Sequence[str]) -> Any:
        return np.array([loaded.fails(one) for one in loaded.micro(texts).tolist()])

    return Made(
        lambda others: evaluate(loaded, others).measures,
        seconds,
        lambda texts: loaded.scores(texts),
        said,
        trained,
    )


def rate(estimate: Any) -> str:
    return f"{estimate.value:.4f} [{estimate.low:.4f}, {estimate.high:.4f}]"


def per_second(made: Made, texts: Sequence[str]) -> float:
    made.speed(texts[:100])
    best = min(_timed(made, texts) for _n in range(3))
    return len(texts) / best


def _timed(made: Made, texts: Sequence[str]) -> float:
    began = time.perf_counter()
    made.speed(texts)
    return time.perf_counter() - began


def unseen(build: Callable[[Labelled], Made], learned: Labelled, others: Labelled) -> None:
    topics = sorted(set(learned.groups))
    found: dict[str, list[Measures]] = {"train": [], "dev": []}
    for topic in topics:
        made = build(part(learned, lambda group, topic=topic: group != topic, grouped=False))
        for name, whole in (("train", learned), ("dev", others)):
            found[name].append(made.judged(part(whole, lambda group, topic=topic: group == topic)))
    for name, rows in found.items():
        f1, auc = ([getattr(row, which).value for row in rows] for which in ("macro_f1", "auc"))
        line = ", ".join(f"{topic} {one:.4f}" for topic, one in zip(topics, f1, strict=True))
        print(f"  unseen, {name:5}  macro-F1 {np.mean(f1):.4f} ({line}), AUC {np.mean(auc):.4f}")


def show(name: str, build: Callable[[Labelled], Made], learned: Labelled, others: Labelled) -> Made:
    print(f"{name}", flush=True)
    made = build(learned)
    found = made.judged(others)
    print(f"  dev            accuracy {rate(found.accuracy)}, macro-F1 {rate(found.macro_f1)}")
    print(f"                 AUC {rate(found.auc)}, calibration error {rate(found.ece)}")
    unseen(build, learned, others)
    size = f", file {len(made.trained.data):,} bytes" if made.trained else ""
    print(
        f"  training {made.seconds:.0f} s; {per_second(made, learned.texts):,.0f} texts/s{size}", flush=True
    )
    return made


def main() -> None:
    data = Path(os.environ.get("MOFANG_TEST_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else data / "cold"
    learned, others = (read_labels(folder / f"{name}.csv", COLUMNS) for name in ("train", "dev"))
    print(
        f"COLD: {len(learned.texts)} texts of train.csv, {len(others.texts)} of dev.csv, after equal texts are merged"
    )
    single = Recipe(second=peaks.Settings(width=1, epochs=1, share=0.0))
    judges = {
        "plain": plain,
        "linear": lambda labelled: ours(single, labelled),
        "both": lambda labelled: ours(Recipe(), labelled),
    }
    made = {name: show(name, build, learned, others) for name, build in judges.items()}
    right = {name: made[name].said(others.texts) == np.array(others.failed) for name in ("plain", "both")}
    better, worse = (right["both"] & ~right["plain"]).sum(), (right["plain"] & ~right["both"]).sum()
    print(
        f"on dev, both is right where plain is wrong {better} times, and wrong where plain is right {worse} times"
    )


if __name__ == "__main__":
    main()
