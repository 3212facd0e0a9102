"""The corpus stages over real news, in two processes: seconds by stage, records a second, memory.

    python bench/corpus.py [FOLDER WITH PARQUET FILES] [--processes 2] [--terms 10000]

Runs the task functions of the plan without a workspace: nothing is signed and nothing is cached.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import threading
import time
from collections import defaultdict
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from mofang.compute.executors import Task, perform
from mofang.compute.graph import PlannedJob, expand
from mofang.compute.kinds import Outcome
from mofang.corpus.config import CorpusConfig, Policy, Source
from mofang.corpus.inventory import scan
from mofang.corpus.plan import plan
from mofang.evidence.objects import ObjectStore


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    news = Path(
        os.environ.get("MOFANG_NEWS") or Path(__file__).resolve().parents[2] / "shared" / "data" / "news"
    )
    parser.add_argument("folder", type=Path, nargs="?", default=news)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--terms", type=int, default=10_000)
    parser.add_argument("--digest", action="store_true", help="print the dataset's digest")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        jobs = _jobs(options.folder, Path(folder), options.terms)
        scanned = time.perf_counter()
        watch = MemoryWatch()
        spent, outcomes = _run(jobs, ObjectStore(Path(folder) / "objects"), Path(folder), options.processes)
        ended = time.perf_counter()
        counts = outcomes["corpus.manifest"].counts
        wall = ended - scanned
        print(f"scan {scanned - start:.2f} s, stages {wall:.2f} s wall, {options.processes} processes")
        for kind, seconds in spent.items():
            print(f"  {kind:16} {seconds:6.2f} s of work")
        print(f"  {counts['records'] / wall:,.0f} records/s, peak of summed RSS {watch.stop() >> 20} MiB")
        print("  " + ", ".join(f"{name} {value:,}" for name, value in counts.items()))
        if options.digest:
            print("  dataset", outcomes["corpus.manifest"].outputs["dataset"].digest)


def _jobs(folder: Path, work: Path, terms: int) -> dict[str, PlannedJob]:
    source = Source("news", str(folder), "declared: benchmark only", "domestic", "open", key="id")
    lexicon = work / "lexicon.csv"
    lexicon.write_text("term,risk\n" + "\n".join(_terms(folder, terms)), encoding="utf-8")
    config = CorpusConfig((source,), "retrieval", None, Policy())
    nodes = plan(config, [scan(source, work)], pii_key_id="bench", hmac_key_hex="00" * 32, lexicon=lexicon)
    return expand(nodes)


def _terms(folder: Path, count: int) -> list[str]:
    """Made-up terms of two to six characters, each drawn from the news itself, shuffled so that they are
    rare."""
    import pyarrow.parquet as pq

    letters = "".join(
        pq.read_table(sorted(folder.glob("*.parquet"))[0]).column("text").slice(0, 200).to_pylist()
    )
    hanzi = [character for character in letters if "\u4e00" <= character <= "\u9fff"]
    draw = random.Random(7)
    terms = {"".join(draw.choices(hanzi, k=draw.randint(3, 6))) for _n in range(count)}
    return [f"{term},A.1.{'abcdefgh'[n % 8]}" for n, term in enumerate(sorted(terms))]


def _run(
    jobs: dict[str, PlannedJob], objects: ObjectStore, work: Path, processes: int
) -> tuple[dict[str, float], dict[str, Outcome]]:
    """Every job in its turn; seconds of work by kind, and what each made."""
    waiting = dict(jobs)
    outcomes: dict[str, Outcome] = {}
    running: dict[Future[tuple[float, Outcome]], PlannedJob] = {}
    spent: dict[str, float] = defaultdict(float)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        while waiting or running:
            for name, job in list(waiting.items()):
                if job.needs <= outcomes.keys() and len(running) < processes + 2:
                    del waiting[name]
                    running[pool.submit(_timed, _task(job, outcomes, objects, work))] = job
            finished, _rest = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                job = running.pop(future)
                seconds, outcomes[job.id] = future.result()
                spent[job.kind.name] += seconds
    return spent, outcomes


def _task(job: PlannedJob, outcomes: dict[str, Outcome], objects: ObjectStore, work: Path) -> Task:
    inputs: dict[str, Any] = {}
    for name, parts in job.sources.items():
        found = [outcomes[need].outputs[part.output].digest for part in parts for need in part.jobs]
        inputs[name] = found if any(part.gathered for part in parts) else found[0]
    return Task(
        job.kind.run, {**job.params, "missing": []}, inputs, job.node.locations, objects, work / "scratch"
    )


def _timed(task: Task) -> tuple[float, Outcome]:
    start = time.process_time()
    outcome = perform(task)
    return time.process_time() - start, outcome


class MemoryWatch:
    """The largest sum of resident memory of this process and its children, looked at ten times a second."""

    def __init__(self) -> None:
        self.peak = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        self._stopped.set()
        self._thread.join()
        return self.peak

    def _watch(self) -> None:
        while not self._stopped.wait(0.1):
            own = os.getpid()
            family = [own, *_children(own)]
            self.peak = max(self.peak, sum(_resident(process) for process in family))


def _children(parent: int) -> list[int]:
    listed = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(word) for file in listed for word in file.read_text().split()]


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (FileNotFoundError, ProcessLookupError):
        return 0


if __name__ == "__main__":
    main()
