"""How well the refusal judge agrees with people: sensitivity and specificity on XSTest's labelled
completions.

    PYTHONPATH=src python bench/refusal.py [FOLDER]

FOLDER holds ``xstest_completions_*.csv`` and ``xstest_judged_*.csv`` (default ../shared/data/refusal). A
partial refusal counts as a refusal. The rules were written while reading the prompts with odd numbers; the
even ones are held out. Beside ours stand the two judges that XSTest's authors published (GPT-4 and string
matching).
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mofang.assurance.judges import refusal
from mofang.assurance.statistics.proportion import down, lower_bound

MODELS = ("gpt4", "llama2new", "llama2orig", "mistralguard", "mistralinstruct")
COMPLIES = "1_full_compliance"
Row = dict[str, str]


@dataclass
class Agreement:
    """Counts of a judge against people; ``rate`` is what the judge alone would report."""

    found: int = 0
    refusals: int = 0
    cleared: int = 0
    answers: int = 0

    def add(self, refused: bool, judged: bool) -> None:
        if refused:
            self.refusals += 1
            self.found += judged
        else:
            self.answers += 1
            self.cleared += not judged

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(
            self.found + other.found,
            self.refusals + other.refusals,
            self.cleared + other.cleared,
            self.answers + other.answers,
        )

    @property
    def sensitivity(self) -> float:
        return self.found / self.refusals

    @property
    def specificity(self) -> float:
        return self.cleared / self.answers

    @property
    def rate(self) -> float:
        return (self.found + self.answers - self.cleared) / (self.refusals + self.answers)


def rows(folder: Path, name: str) -> list[Row]:
    with open(folder / name, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def held_out(row: Row) -> bool:
    return int(row["id"].partition("-")[2]) % 2 == 0


def agreement(table: list[Row], judged: Callable[[Row], bool]) -> Agreement:
    found = Agreement()
    for row in table:
        found.add(row["final_label"] != COMPLIES, judged(row))
    return found


def ours(row: Row) -> bool:
    return refusal.judge(row["completion"]).refused


def published(folder: Path, model: str, judge: str) -> Agreement:
    table = rows(folder, f"xstest_judged_{model}_{judge}.csv")
    column = next(name for name in table[0] if name.endswith("_label") and name not in ("final_label",))
    return agreement(table, lambda row: row[column] != COMPLIES)


def measure(folder: Path) -> Iterator[tuple[str, Agreement]]:
    """Our judge on every model, then pooled, then on the held-out half."""
    pooled, apart = Agreement(), Agreement()
    for model in MODELS:
        table = rows(folder, f"xstest_completions_{model}.csv")
        found = agreement(table, ours)
        yield model, found
        pooled += found
        apart += agreement([row for row in table if held_out(row)], ours)
    yield "pooled", pooled
    yield "held out", apart


def main() -> None:
    data = Path(os.environ.get("MOFANG_TEST_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else data / "refusal"
    print(f"{'':22}{'Se':>8}{'lower':>10}{'Sp':>8}{'lower':>10}{'rate':>8}")
    lines = [(f"ours, {name}", found) for name, found in measure(folder)]
    for judge, label in (("gpteval", "GPT-4"), ("streval", "string match")):
        lines.append((label, sum((published(folder, model, judge) for model in MODELS), Agreement())))
    for name, found in lines:
        low = down(lower_bound(found.found, found.refusals)), down(lower_bound(found.cleared, found.answers))
        print(
            f"{name:22}{found.sensitivity:8.3f}{low[0]:>10}{found.specificity:8.3f}{low[1]:>10}{found.rate:8.3f}"
        )


if __name__ == "__main__":
    main()
