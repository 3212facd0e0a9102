"""How well the refusal judge agrees with people, in English and Chinese.

    PYTHONPATH=src python bench/refusal.py [FOLDER]

FOLDER is the folder of data (default ../shared/data): ``refusal/xstest_*.csv`` (XSTest, 450 prompts, five
models, labels of people), ``reading`` and ``abstention`` for the checks at the end. A partial refusal counts
as a refusal.

*Leave one model out.* Weights are fitted on the completions of four models and tried on the fifth. Words,
reading and traits are written by hand and the same for all five; their digest is printed. They were written
from knowledge of how assistants speak; no completion was read for them. Recipe and orders of runs were chosen
by leaving one model out on the prompts with odd numbers, so the odd half has been looked at as figures. The
prompts with even numbers were left out of all this: ``even`` tries the fifth model on even prompts with weights
from the odd prompts of the other four, so that neither the model nor the prompt has been seen. What this
cannot undo: version 1, rules alone, had been written while reading odd prompts of all five models, and whoever
wrote the classes knew those rules.

Looks: what stands here is the second version that was frozen and tried. The first (rules by hand sha256:4926...,
no English practice answers) came to 0.926 on the mean of five, worst 0.808; then words for moral objections and
190 practice answers were added, chosen by the odd half alone.

*Chinese.* Our own set (tests/assurance/judges/refusal_zh.jsonl) was written before the Chinese classes, and
split by the digest of the id. Cross-validation on the development half guided the classes, and its errors were
read. The test half was counted four times and its errors were read after the last: version 1 found Se 0.336, F1 0.475
there; the first weights F1 0.879 (weak on moralising, partial and role-played refusals, which is why practice
answers of those kinds were added); the second 0.924; what stands here is the last, after short helpful answers
from other tests had been called refusals. The same hand wrote set, practice and classes, so
a stranger's answers will do worse.

In an assessment an answer taken for a refusal by its manner alone, without one plain sign, is left to people
(``unscored``, ``manner_only``): babble has that manner too. The figures here count such answers as refusals.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from fit_refusal import COMPLIES, MODELS, RECIPES, Example, fit, own, xstest

from mofang.assurance.judges import refusal
from mofang.assurance.judges.refusal.reading import read
from mofang.assurance.judges.refusal.traits import traits_of
from mofang.assurance.judges.refusal.weights import Weights
from mofang.assurance.statistics.proportion import wilson

VERSION_1 = {  # F1 of the rules alone, on all prompts and on the even ones, measured with the same labels
    "gpt4": (0.953, 0.954),
    "llama2new": (0.936, 0.932),
    "llama2orig": (0.961, 0.943),
    "mistralguard": (0.869, 0.852),
    "mistralinstruct": (0.583, 0.500),
}
WORD_GRAMS = "0.97, 0.97, 0.95, 0.82 and 0.18 (gpt4)"
"""F1 of a linear classifier of words and their neighbours, fitted on the other four models."""


@dataclass(frozen=True)
class Agreement:
    """Counts of a judge against people; ``rate`` is what the judge alone would report."""

    found: int = 0
    refusals: int = 0
    cleared: int = 0
    answers: int = 0

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
    def said(self) -> int:
        return self.found + self.answers - self.cleared

    @property
    def precision(self) -> float:
        return self.found / self.said if self.said else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.found / (self.said + self.refusals)

    @property
    def rate(self) -> float:
        return self.said / (self.refusals + self.answers)

    def row(self) -> str:
        return f"{self.precision:8.3f}{self.sensitivity:8.3f}{self.f1:8.3f}{self.specificity:8.3f}{self.rate:8.3f}"


HEAD = f"{'':26}{'P':>8}{'R = Se':>8}{'F1':>8}{'Sp':>8}{'rate':>8}"


def agreement(pairs: Iterable[tuple[bool, bool]]) -> Agreement:
    """Counts over pairs of what people say and what the judge says."""
    found = Agreement()
    for refused, judged in pairs:
        found += Agreement(int(judged), 1, 0, 0) if refused else Agreement(0, 0, int(not judged), 1)
    return found


def shipped(examples: Iterable[Example]) -> Agreement:
    return agreement((example.refused, refusal.judge(example.text).refused) for example in examples)


def tried(weights: Weights, examples: Iterable[Example]) -> Agreement:
    return agreement((e.refused, judged(weights, e.text)) for e in examples)


def judged(weights: Weights, text: str) -> bool:
    found = read(text)
    return refusal.decide(found, weights.weigh(traits_of(found))).refused


def leave_one_out(
    examples: Sequence[Example],
    learns: Callable[[Example], bool] = lambda _: True,
    counts: Callable[[Example], bool] = lambda _: True,
) -> Iterator[tuple[str, Agreement]]:
    """Each model by weights of the other four; ``learns`` and ``counts`` pick their examples and its own."""
    for model in MODELS:
        weights = fit([e for e in examples if e.group != model and learns(e)], "en")
        yield model, tried(weights, [e for e in examples if e.group == model and counts(e)])


def published(folder: Path, model: str, judge: str) -> Agreement:
    """A judge that XSTest's authors published, on one model."""
    with open(folder / f"xstest_judged_{model}_{judge}.csv", encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    column = next(name for name in table[0] if name.endswith("_label") and name not in ("final_label",))
    return agreement((row["final_label"] != COMPLIES, row[column] != COMPLIES) for row in table)


def print_table(title: str, rows: Sequence[tuple[str, Agreement]], before: Callable[[str], float]) -> None:
    print(f"\n{title}\n{HEAD}{'before':>9}")
    for name, found in rows:
        print(f"{name:26}{found.row()}{before(name):9.3f}")
    scores = [found.f1 for _, found in rows]
    was = [before(name) for name, _ in rows]
    print(f"{'mean of five, F1':26}{sum(scores) / len(scores):24.3f}{sum(was) / len(was):25.3f}")
    print(f"{'worst, F1':26}{min(scores):24.3f}{min(was):25.3f}")


def english(folder: Path) -> None:
    examples = xstest(folder)
    rows = list(leave_one_out(examples))
    print_table("XSTest, leave one model out", rows, lambda name: VERSION_1[name][0])
    print(f"for comparison, word n-grams: {WORD_GRAMS}")
    rows = list(leave_one_out(examples, lambda e: e.prompt % 2 == 1, lambda e: e.prompt % 2 == 0))
    title = "even: neither the model nor the prompts seen (weights of odd prompts)"
    print_table(title, rows, lambda name: VERSION_1[name][1])
    print(f"\n{HEAD}")
    print(f"{'shipped, fitted on all':26}{shipped(examples).row()}")
    for judge, label in (("gpteval", "GPT-4"), ("streval", "string match")):
        pooled = sum((published(folder, model, judge) for model in MODELS), Agreement())
        print(f"{label:26}{pooled.row()}")


def chinese() -> None:
    development, test = own("development"), own("test")
    print(f"\nChinese, our own set\n{HEAD}")
    print(f"{'development, 10 folds':26}{crossed(development).row()}")
    found = shipped(test)
    print(f"{'test, shipped':26}{found.row()}{intervals(found)}")
    print("test half by style (right of all): " + "; ".join(by_style(test)))


def crossed(examples: list[Example]) -> Agreement:
    """Ten folds: each tenth by weights of the other nine."""
    found = Agreement()
    for fold in range(10):
        rest = [e for n, e in enumerate(examples) if n % 10 != fold]
        found += tried(fit(rest, "zh"), examples[fold::10])
    return found


def intervals(found: Agreement) -> str:
    se, sp = wilson(found.found, found.refusals), wilson(found.cleared, found.answers)
    return f"   95 %: Se {se[0]:.3f}-{se[1]:.3f} of {found.refusals}, Sp {sp[0]:.3f}-{sp[1]:.3f} of {found.answers}"


def by_style(examples: list[Example]) -> Iterator[str]:
    for style, refused in sorted({(e.group, e.refused) for e in examples}):
        part = [e for e in examples if (e.group, e.refused) == (style, refused)]
        right = sum(refusal.judge(e.text).refused == refused for e in part)
        yield f"{style} ({'refused' if refused else 'answered'}) {right}/{len(part)}"


def expository(folder: Path) -> None:
    """Texts in which nobody is asked anything: whatever the judge calls a refusal here is wrong."""
    print("\nChinese passages that refuse nothing")
    for name in ("cmrc2018_dev.json", "drcd_dev.json"):
        passages = sorted(set(contexts(json.loads((folder / name).read_text(encoding="utf-8")))))
        wrong = sum(refusal.judge(text).refused for text in passages)
        print(f"{name:26}{wrong:8} of {len(passages)} called a refusal")


def contexts(tree: object) -> Iterator[str]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key in ("context", "context_text") and isinstance(value, str):
                yield value
            else:
                yield from contexts(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from contexts(value)


def abstaining(folder: Path) -> None:
    """Not refusals but abstentions (NoMIRACL, English replies on Chinese passages): for information."""
    print("\nNoMIRACL-zh: how often the judge says refused")
    for part in ("relevant", "non_relevant"):
        lines = (folder / f"nomiracl_zh_{part}.jsonl").read_text(encoding="utf-8").splitlines()
        replies = [reply for line in lines for reply in json.loads(line)["results"].values() if reply.strip()]
        for label, chosen in (
            ("says it does not know", [r for r in replies if "i don't know" in r.lower().replace("’", "'")]),
            ("other", [r for r in replies if "i don't know" not in r.lower().replace("’", "'")]),
        ):
            said = sum(refusal.judge(reply).refused for reply in chosen)
            print(f"{part + ', ' + label:40}{said:6} of {len(chosen)}")


def speed(examples: Sequence[Example], name: str) -> None:
    refusal.judge(examples[0].text)
    start = time.perf_counter()
    for example in examples:
        refusal.judge(example.text)
    spent = time.perf_counter() - start
    mean = sum(len(e.text) for e in examples) / len(examples)
    print(f"{name:26}{len(examples) / spent:8.0f} answers/s of {mean:.0f} characters on average")


def main() -> None:
    data = Path(os.environ.get("MOFANG_TEST_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else data
    print(f"by hand, frozen: {refusal.rules_identity()}\nrecipe, frozen: {RECIPES['en']}")
    print(f"identity of the shipped judge: {refusal.identity()}")
    english(folder / "refusal")
    chinese()
    expository(folder / "reading")
    abstaining(folder / "abstention")
    print("\nSpeed, one process")
    speed(xstest(folder / "refusal"), "English (XSTest)")
    speed([*own("development"), *own("test")], "Chinese (our own)")


if __name__ == "__main__":
    main()
