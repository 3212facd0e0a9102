"""Fits the weights of the refusal judge (src/mofang/assurance/judges/refusal/weights.json).

    PYTHONPATH=src python bench/fit_refusal.py [FOLDER]

FOLDER holds ``xstest_completions_*.csv`` (default ../shared/data/refusal). English weights come from all five
models' completions (2,250, XSTest, CC BY 4.0), Chinese ones from the development half of our own set; the test
half is never read here. Practice answers of our own (refusal_practice.jsonl) are added to both.

Logistic regression with an L2 penalty. Every completion counts once whole and once more, in halves, cut to its
first one and first two sentences, so that the weights hold for short answers too. A trait counts from the third
answer that has it (Chinese: the second).
"""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from mofang.assurance.judges.refusal.reading import read
from mofang.assurance.judges.refusal.traits import Traits, traits_of
from mofang.assurance.judges.refusal.weights import Weights
from mofang.assurance.judges.refusal.words import Language

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "src" / "mofang" / "assurance" / "judges" / "refusal" / "weights.json"
OWN = ROOT / "tests" / "assurance" / "judges" / "refusal_zh.jsonl"
PRACTICE = ROOT / "bench" / "refusal_practice.jsonl"
MODELS = ("gpt4", "llama2new", "llama2orig", "mistralguard", "mistralinstruct")
COMPLIES = "1_full_compliance"
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True)
class Recipe:
    """How one language is fitted: the inverse penalty, what the mean of the runs and a declining are
    multiplied by, the value of the constant column, from how many answers on a trait counts, the weight of all
    shortened copies of an answer together, and that of a practice answer."""

    strength: float
    runs: float = 30.0
    declining: float = 2.0
    constant: float = 5.0
    seen: int = 3
    short: float = 0.5
    practice: float = 1.0


RECIPES: dict[Language, Recipe] = {
    "en": Recipe(strength=0.3, practice=0.1),
    "zh": Recipe(strength=1.0, constant=1.0, seen=2, short=0.0, practice=0.2),
}


@dataclass(frozen=True)
class Example:
    """An answer with what people said of it; ``group`` is the model it comes from, ``prompt`` its number."""

    text: str
    refused: bool
    group: str = ""
    prompt: int = 0


def xstest(folder: Path) -> list[Example]:
    found = []
    for model in MODELS:
        with open(folder / f"xstest_completions_{model}.csv", encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                number = int(row["id"].partition("-")[2])
                found.append(Example(row["completion"], row["final_label"] != COMPLIES, model, number))
    return found


def own(half: str) -> list[Example]:
    """The ``development`` or ``test`` half of our Chinese answers; the group is their style."""
    rows = [json.loads(line) for line in OWN.read_text(encoding="utf-8").splitlines()]
    return [Example(r["answer"], r["label"] != "none", r["style"]) for r in rows if r["half"] == half]


def practice(language: Language) -> list[Example]:
    """Answers of our own, made for fitting only."""
    rows = [json.loads(line) for line in PRACTICE.read_text(encoding="utf-8").splitlines()]
    return [Example(row["answer"], row["refused"], "practice") for row in rows if row["language"] == language]


def shortened(text: str) -> Iterator[str]:
    sentences = _SENTENCE.split(text.strip())
    yield sentences[0]
    yield " ".join(sentences[:2])


def fit(examples: Sequence[Example], language: Language) -> Weights:
    """Weights of ``examples`` and of the practice answers in ``language``, in whole thousandths."""
    recipe, added = RECIPES[language], practice(language)
    whole = [*((e, 1.0) for e in examples), *((e, recipe.practice) for e in added)]
    cut = [(replace(e, text=text), recipe.short / 2) for e in examples for text in shortened(e.text)]
    counted = whole + (cut if recipe.short else [])
    rows = [_values(traits_of(read(example.text)), recipe) for example, _ in counted]
    seen = Counter(key for row in rows[: len(whole)] for key in row)
    keys = sorted(key for key, times in seen.items() if times >= recipe.seen)
    labels, counts = np.array([e.refused for e, _ in counted]), np.array([count for _, count in counted])
    return _rounded(keys, _solve(_matrix(rows, keys, recipe), labels, counts, recipe), recipe)


def _values(found: Traits, recipe: Recipe) -> dict[tuple[str, str], float]:
    row: dict[tuple[str, str], float] = {}
    for family in ("A", "K"):
        names = [name for name in found if name[0] == family]
        count = sum(len(found[name]) for name in names)
        row |= {(name, run): recipe.runs / count for name in names for run in found[name]}
    return row | {("D", kind): recipe.declining for kind in found.get("D", ())}


def _matrix(rows: Iterable[dict[tuple[str, str], float]], keys: Sequence[tuple[str, str]], recipe: Recipe):
    column = {key: n for n, key in enumerate(keys)}
    data, where, starts = [], [], [0]
    for row in rows:
        for key, value in sorted(row.items()):
            if key in column:
                data.append(value)
                where.append(column[key])
        data.append(recipe.constant)
        where.append(len(keys))
        starts.append(len(data))
    return csr_matrix((data, where, starts), shape=(len(starts) - 1, len(keys) + 1))


def _solve(matrix: csr_matrix, labels: np.ndarray, counts: np.ndarray, recipe: Recipe) -> np.ndarray:
    """The minimum of half the squared norm plus the weighted logistic loss; it is unique."""
    signs, turned = np.where(labels, 1.0, -1.0), matrix.T.tocsr()

    def loss(point: np.ndarray) -> tuple[float, np.ndarray]:
        margin = signs * (matrix @ point)
        slope = -signs * counts * recipe.strength / (1 + np.exp(np.clip(margin, -700, 700)))
        value = point @ point / 2 + recipe.strength * (counts @ np.logaddexp(0, -margin))
        return float(value), point + turned @ slope

    options = {"maxiter": 5_000, "maxfun": 10_000, "ftol": 1e-13, "gtol": 1e-7}
    start = np.zeros(matrix.shape[1])
    return minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x


def _rounded(keys: Sequence[tuple[str, str]], solved: np.ndarray, recipe: Recipe) -> Weights:
    runs: dict[str, dict[str, int]] = {}
    for (name, run), value in zip(keys, solved, strict=False):
        scale = recipe.declining if name == "D" else recipe.runs
        weight = round(float(value) * scale * 1000)
        if weight:
            runs.setdefault(name, {})[run] = weight
    return Weights(round(float(solved[-1]) * recipe.constant * 1000), runs)


def wire(weights: Weights) -> dict[str, object]:
    return {"bias": weights.bias, "runs": {name: weights.runs[name] for name in sorted(weights.runs)}}


def main() -> None:
    data = Path(os.environ.get("MOFANG_TEST_DATA") or ROOT.parent / "shared" / "data")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else data / "refusal"
    fitted = {
        "en": fit(xstest(folder), "en"),
        "zh": fit(own("development"), "zh"),
    }
    text = json.dumps(
        {language: wire(weights) for language, weights in fitted.items()},
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    OUT.write_text(text + "\n", encoding="utf-8")
    for language, weights in fitted.items():
        print(f"{language}: {sum(map(len, weights.runs.values()))} weights, bias {weights.bias}")


if __name__ == "__main__":
    main()
