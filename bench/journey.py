"""The whole journey measured: the news corpus through the corpus part, memory on four copies, second runs, help.

    MOFANG_NEWS=/data/news python bench/journey.py [--copies 4]

Every figure is of a whole process and its children: wall seconds, processor seconds, and the peak of the sum of their
resident memory, sampled every 50 ms.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

PROJECT = """\
mofang: 1
name: bench
as_of: 2026-11-01
provider: {name: bench}
corpus: {role: none, sources: sources.yaml, lexicon: demo, policy: {min_chars: 50}}
"""
SOURCES = "sources:\n  - {{id: news, path: {path}, licence: as stated by the source, origin: domestic, method: open, key: id}}\n"


@dataclass(frozen=True)
class Measured:
    wall: float
    processor: float
    peak: int
    code: int

    def __str__(self) -> str:
        return f"{self.wall:6.2f} s wall, {self.processor:6.2f} s processor, peak {self.peak / 1e6:6.0f} MB, exit {self.code}"


def measure(command: list[str], cwd: Path) -> Measured:
    """Run a command to its end, watching the memory of its process tree."""
    before = os.times()
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = [0]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            peak[0] = max(peak[0], sum(_resident(pid) for pid in _tree(process.pid)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    wall = time.perf_counter() - start
    done.set()
    watcher.join()
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return Measured(wall, spent, peak[0], code)


def _tree(pid: int) -> list[int]:
    try:
        inner = [
            int(word)
            for task in Path(f"/proc/{pid}/task").glob("*/children")
            for word in task.read_text().split()
        ]
    except OSError:
        return []
    return [pid, *(found for child in inner for found in _tree(child))]


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def project(folder: Path, news: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "mofang.yaml").write_text(PROJECT, encoding="utf-8")
    (folder / "sources.yaml").write_text(SOURCES.format(path=news), encoding="utf-8")
    return folder


def copies(news: Path, into: Path, count: int) -> Path:
    """``count`` copies of the corpus, each with three per cent of its texts edited by a seeded generator."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    into.mkdir()
    for copy in range(count):
        chance = random.Random(copy)
        for path in sorted(news.glob("*.parquet")):
            table = pq.read_table(path)
            texts = [
                text
                if chance.random() > 0.03
                else f"{text[: len(text) // 2]}（修订{copy}）{text[len(text) // 2 :]}"
                for text in table.column("text").to_pylist()
            ]
            ids = [f"{copy}-{name}" for name in table.column("id").to_pylist()]
            pq.write_table(pa.table({"id": ids, "text": texts}), into / f"{copy}-{path.name}")
    return into


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--copies", type=int, default=4)
    count = parser.parse_args().copies
    news = Path(
        os.environ.get("MOFANG_NEWS") or Path(__file__).resolve().parents[2] / "shared" / "data" / "news"
    )
    if not news.is_dir():
        sys.exit("set MOFANG_NEWS to a folder of .parquet files with the columns id and text")
    mofang = [sys.executable, "-m", "mofang.cli.main"]
    folder = Path(tempfile.mkdtemp(prefix="mofang-bench-"))
    try:
        one = project(folder / "one", news)
        print(f"help                     {measure([*mofang, '--help'], folder)}")
        print(f"help of run              {measure([*mofang, 'run', '--help'], folder)}")
        first = measure([*mofang, "run", "-q"], one)
        print(f"news, first run          {first}")
        print(f"news, nothing changed    {measure([*mofang, 'run', '-q'], one)}")
        print(f"news, verify             {measure([*mofang, 'verify'], one)}")
        many = project(folder / "many", copies(news, folder / "copies", count))
        wide = measure([*mofang, "run", "-q"], many)
        print(f"news x{count}, first run       {wide}")
        print(f"peak of x{count} over x1: {wide.peak / first.peak:.2f}")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
