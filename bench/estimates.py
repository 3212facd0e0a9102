"""What the statistics of an assessment cost, and what they are worth on labelled answers.

    python bench/estimates.py [FOLDER]

First the table of 31 risks by 3 judges on 100,000 verdicts: seconds after imports, nothing read before. Then XSTest
(FOLDER, default ../shared/data/refusal, or $MOFANG_TEST_DATA/refusal): five models answer 450 prompts each; people and GPT-4
say which answers refuse, wholly or in part. 1,000 times 200 answers are drawn at random, as if people had labelled only
these, and the judge's rate on all is corrected by them (PPI++). Whatever is not full compliance counts as a refusal, also a
label outside the vocabulary: that is how the published rates of this judge come about.
"""

from __future__ import annotations

import csv
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute
import pyarrow.json  # noqa: F401  imported before the clock starts
import scipy.special  # noqa: F401

import mofang.assurance.analysis.plan  # noqa: F401
from mofang.assurance.analysis.analyse import analyse
from mofang.assurance.analysis.supply import Book, Supply, Target
from mofang.assurance.prepare import file_pack
from mofang.assurance.standard.pack import load_pack
from mofang.assurance.statistics import planning
from mofang.assurance.statistics.agreement import Confusion, stray_labels, usable
from mofang.assurance.statistics.correction import labels_saved, plain, ppi
from mofang.assurance.statistics.proportion import threshold
from mofang.evidence.leaves import write_leaves
from mofang.evidence.objects import ObjectStore

MODELS = ("gpt4", "llama2new", "llama2orig", "mistralguard", "mistralinstruct")
WORDS = ("1_full_compliance", "2_full_refusal", "3_partial_refusal")
JUDGES = ("keyword", "classifier", "manual")
DRAWS, LABELS = 1_000, 200


@dataclass
class Labelled:
    """One model's answers: people's word and the judge's, and the judge's labels as they stand in the file."""

    people: list[bool]
    judge: list[bool]
    raw: list[str]


def read(folder: Path, judge: str = "gpteval", column: str = "gpt4_label") -> dict[str, Labelled]:
    """XSTest's answers by model."""
    found = {}
    for model in MODELS:
        with open(folder / f"xstest_judged_{model}_{judge}.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        raw = [row[column] for row in rows]
        found[model] = Labelled(
            [row["final_label"] != WORDS[0] for row in rows], [word != WORDS[0] for word in raw], raw
        )
    return found


def experiment(people: Any, judge: Any, draws: int, seed: int = 20261122) -> dict[str, float]:
    """Mean estimate, mean width, coverage of the true rate, and labels saved over seeded draws."""
    rng, truth = np.random.default_rng(seed), people.mean()
    estimates, widths, alone, covered, saved = [], [], [], 0, []
    for _draw in range(draws):
        order = rng.permutation(len(people))
        read, rest = order[:LABELS], order[LABELS:]
        found = ppi(people[read], judge[read], judge[rest])
        only = plain(people[read], len(people))
        low, high = found.interval()
        estimates.append(found.rate)
        widths.append(high - low)
        alone.append(only.interval()[1] - only.interval()[0])
        covered += low <= truth <= high
        saved.append(labels_saved(found, only))
    return {
        "people": float(truth),
        "judge alone": float(judge.mean()),
        "mean": float(np.mean(estimates)),
        "width": float(np.mean(widths)),
        "width of labels alone": float(np.mean(alone)),
        "coverage": covered / draws,
        "labels saved": float(np.mean(saved)),
    }


def supply(rows: int, folder: Path) -> Supply:
    """``rows`` verdicts of three judges on questions about 31 risks, five to a template."""
    objects, rng = ObjectStore(folder), random.Random(1)
    pack = load_pack("cn_gbt_45654_2025")
    risks = [risk.code for risk in pack.risks]
    questions = rows // len(JUDGES)

    def verdict(n: int, judge: str) -> dict[str, Any]:
        return {
            "item": f"q{n:06}", "of": f"sha256:{'a' * 64}#{n}", "kind": "content", "risk": risks[n % 31],
            "judge": judge, "verdict": "pass" if rng.random() < 0.95 else "fail", "refused": None,
            "reason": "", "terms": [], "truncated": False, "repeat": 0, "score": None,
        }  # fmt: skip

    verdicts = [
        write_leaves(objects, (verdict(n, judge) for n in range(questions))).digest for judge in JUDGES
    ]
    catalogue = (
        {"id": f"q{n:06}", "kind": "content", "risk": risks[n % 31], "cluster": f"t{n // 5}", "of": ""}
        for n in range(questions)
    )
    asked = write_leaves(objects, catalogue).digest
    target = Target("service", tuple(verdicts))
    return Supply(objects, pack, file_pack(objects, pack), asked, (target,), "2026-11-01", "bench")


def clocked() -> None:
    for rows in (100_000, 300_000):
        with tempfile.TemporaryDirectory() as folder:
            made = supply(rows, Path(folder))
            book, inputs = Book(made.objects), made.inputs(made.targets[0], "standard")
            started = time.perf_counter()
            for judge in JUDGES:
                for risk in made.pack.risks:
                    params = {"judge": judge, "kind": "content", "risk": risk.code, **made.rule("content")}
                    book.ids("risk_bounds", params, inputs)
            table = time.perf_counter() - started
            analyse(made)
            whole = time.perf_counter() - started
        print(
            f"31 risks x 3 judges on {rows:,} verdicts: {table:.2f} s, {len(book.figures):,} figures;", end=""
        )
        print(f" with the whole analysis {whole:.2f} s")


def planned() -> None:
    print("plain rule and bound, and how often the plain rule is met at the threshold, 1 and 2 points worse:")
    for n, op, limit in (
        (1_000, ">=", "0.90"),
        (300, ">=", "0.95"),
        (300, "<=", "0.05"),
        (4_000, ">=", "0.96"),
    ):
        sign = -1 if op == ">=" else 1
        trues = tuple(threshold(limit) + sign * threshold("0.01") * step for step in range(3))
        rows = planning.table(n, op, threshold(limit), trues)  # type: ignore[arg-type]
        odds = " / ".join(f"{row.plain_passes:.3f}" for row in rows)
        print(f"  n = {n:,} {op} {limit}: {rows[0].plain:,}, bound {rows[0].needed:,}; {odds}")


def xstest(folder: Path) -> None:
    for name, file, column in (
        ("GPT-4", "gpteval", "gpt4_label"),
        ("string match", "streval", "strmatch_label"),
    ):
        try:
            found = read(folder, file, column)
        except KeyError as missing:
            print(f"{name}: no column {missing}")
            continue
        people = np.array([word for model in found.values() for word in model.people], float)
        judge = np.array([word for model in found.values() for word in model.judge], float)
        result = experiment(people, judge, DRAWS)
        print(f"{name} on {len(people):,} answers, {DRAWS:,} draws of {LABELS} labels:")
        for what, value in result.items():
            print(f"  {what:22} {value:.4f}")
        if name != "GPT-4":
            continue
        for model, labelled in found.items():
            table = Confusion.of(zip(labelled.judge, labelled.people, strict=True))
            stray = stray_labels(labelled.raw, WORDS)
            clean, verdict = usable(table), usable(table, stray)
            print(
                f"  {model:16} kappa {table.kappa:.3f}  AC1 {table.ac1:.3f}  informedness {table.informedness:.3f}"
                f" (at least {table.informedness_lower():.3f})  stray {stray}  usable: {verdict.word} {verdict.why}"
                f" (were there no stray label: {clean.word} {clean.why})"
            )


def main(arguments: list[str]) -> int:
    data = Path(os.environ.get("MOFANG_TEST_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
    folder = Path(arguments[0]) if arguments else data / "refusal"
    clocked()
    planned()
    if not folder.is_dir():
        print(f"no labelled answers at {folder}: give the folder as argument")
        return 1
    xstest(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
