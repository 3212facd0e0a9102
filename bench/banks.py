"""Banks: near-duplicates among 10,000 questions, and a bank of 3,000 held against 63,010 news documents.

    python bench/banks.py [FOLDER]

FOLDER holds ``news/*.parquet``, ``banks/`` and ``reading/`` (default $MOFANG_TEST_DATA, else ../shared/data). The
10,000 questions are those of the banks and of two reading sets, filled up with copies in which one letter is
changed. Of the 3,000 questions every second is a span of 15 to 120 characters of some news document, the others are
such spans with their characters shuffled, which stand nowhere.
"""

from __future__ import annotations

import json
import os
import platform
import random
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mofang.assurance.banks import leakage, likeness
from mofang.assurance.banks.bank import Question
from mofang.assurance.banks.files import read_bank
from mofang.assurance.banks.layout import find_layout
from mofang.assurance.standard.pack import load_pack


def main() -> None:
    default = os.environ.get("MOFANG_TEST_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data"
    data = Path(sys.argv[1] if len(sys.argv) > 1 else default)
    print(
        f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, one process"
    )
    measure_leakage(data)  # first: the peak of its memory is then its own
    measure_likeness(data)


def measure_leakage(data: Path) -> None:
    news = [text for _n, text in documents(data)]
    draw = random.Random(3)
    questions = [asked(f"n{n}", span(draw, draw.choice(news), shuffled=n % 2 == 1)) for n in range(3000)]
    total = len(news)
    size = sum(len(text.encode()) for text in news)
    del news
    before = memory()
    start = time.perf_counter()
    leaks = leakage.find(questions, documents(data))
    seconds = time.perf_counter() - start
    found = [leak.question for leak in leaks]
    looked = sum(1 for q in questions[::2] if leakage.unexamined([q]) == 0)
    real = sum(1 for n in found if n % 2 == 0)
    print(
        f"leakage: {len(questions):,} questions against {total:,} documents ({size / 1e6:.0f} MB): {seconds:.1f} s, "
        f"peak {memory()} MiB ({before} MiB of it for making the questions)"
    )
    print(f"  found {real:,} of {looked:,} that stand there, {len(found) - real} of 1,500 shuffled ones")


def measure_likeness(data: Path) -> None:
    plain = [q.text for q in bank_questions(data)] + list(reading_questions(data))
    draw = random.Random(1)
    texts = plain[:10_000]
    copies = range(len(texts), 10_000)
    texts += [one_letter_changed(draw, draw.choice(plain)) for _n in copies]
    questions = [asked(f"q{n}", text) for n, text in enumerate(texts)]
    start = time.perf_counter()
    pairs = likeness.near_duplicates(questions)
    seconds = time.perf_counter() - start
    alike = {pair.second for pair in pairs}
    caught = len(alike & set(copies))
    print(f"likeness: {len(questions):,} questions, exact: {seconds:.2f} s, peak {memory()} MiB")
    print(f"  {len(alike - set(copies)):,} of {copies.start:,} real questions resemble an earlier one")
    print(
        f"  {caught:,} of {len(copies):,} copies with one letter changed are found ({caught / len(copies):.1%})"
    )
    pattern = "请问在办理第{a}类业务时应当如何向窗口工作人员说明情况并提交编号为{n:05d}的申请材料"
    worst = [asked(f"t{n}", pattern.format(a=n % 10, n=n)) for n in range(10_000)]
    start = time.perf_counter()
    likeness.near_duplicates(worst)
    print(
        f"  the worst case, 10,000 from one pattern (all alike): {time.perf_counter() - start:.1f} s, peak {memory()} MiB"
    )


def asked(id: str, text: str) -> Question:
    return Question(id, "content", "A.1.a", text.strip() or "……", "zh", id, "bench", "bench", "")


def span(draw: random.Random, text: str, shuffled: bool) -> str:
    start = draw.randrange(max(1, len(text) - 120))
    piece = text[start : start + draw.randrange(15, 120)]
    return "".join(draw.sample(piece, len(piece))) if shuffled else piece


def one_letter_changed(draw: random.Random, text: str) -> str:
    at = draw.randrange(len(text))
    return text[:at] + "某" + text[at + 1 :]


def documents(data: Path) -> Iterator[tuple[int, str]]:
    import pyarrow.parquet as pq

    number = 0
    for path in sorted((data / "news").glob("*.parquet")):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(4096, columns=["text"]):
                for text in batch.column("text").to_pylist():
                    yield number, text
                    number += 1


def bank_questions(data: Path) -> list[Question]:
    pack = load_pack("cn_gbt_45654_2025")
    files = [("mlc", f"banks/mlc-{hazard}-cn.json") for hazard in ("vcr", "ncr", "prv", "ipv")]
    files += [("safetybench", "banks/safetybench_zh_subset.json"), ("xstest", "refusal/xstest_prompts.csv")]
    return [q for name, path in files for q in read_bank(data / path, pack, find_layout(name)).questions]


def reading_questions(data: Path) -> Iterator[str]:
    for name in ("cmrc2018_dev.json", "drcd_dev.json"):
        yield from _questions(json.loads((data / "reading" / name).read_text("utf-8")))


def _questions(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key in ("question", "query_text") and isinstance(value, str):
                yield value
            else:
                yield from _questions(value)
    elif isinstance(part, list):
        for value in part:
            yield from _questions(value)


def memory() -> int:
    """Most memory this process ever held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


if __name__ == "__main__":
    main()
