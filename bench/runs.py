"""Measures asking: samples per second, three thousand questions through the journal to the answer leaves, a thousand in
flight, and how soon a run that was killed half-way goes on. The endpoint is a lean one in a process of its own.

    python bench/runs.py [--questions 200000] [--only speed|flight|resume]

Where httpx is installed, the same requests go through it as well, as scripts usually do it: one client, a semaphore.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mofang.assurance.asking import ask_questions
from mofang.assurance.standard.pack import load_pack
from mofang.evidence.leaves import write_leaves
from mofang.evidence.objects import ObjectStore
from mofang.models.asking import Answer, Prompt, ask_all
from mofang.models.config import EndpointConfig
from mofang.models.endpoint import Endpoint

LEAN = Path(__file__).with_name("lean.py")
STANDARD = "cn_gbt_45654_2025"
PROJECT = """\
mofang: 1
name: bench
as_of: 2026-11-01
provider: {{name: bench}}
models:
  service: {{endpoint: "{url}", model: scripted, location: local, concurrency: 100}}
assurance:
  standard: {standard}
  model: service
  banks: [bank.jsonl]
  sample: {{content: {count}, should_refuse: {count}, should_not_refuse: {count}, corpus_manual: 0}}
budget: {{calls: 10000000, tokens: 1000000000, minutes: 600}}
"""


@contextmanager
def lean(latency: float = 0.0) -> Iterator[str]:
    process = subprocess.Popen([sys.executable, str(LEAN), str(latency)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def stats(url: str, route: str = "/stats") -> dict[str, Any]:
    with urllib.request.urlopen(url + route) as reply:
        found: dict[str, Any] = json.loads(reply.read())
    return found


def words(n: int) -> str:
    return f"请说说第 {n} 号河流从哪里来，流到哪里去，沿途有哪些城市和桥梁？"


async def ours(url: str, concurrency: int, count: int) -> tuple[int, float]:
    config = EndpointConfig(url, "scripted", location="local", concurrency=concurrency)
    answers: list[Answer] = []
    async with Endpoint(config) as endpoint:
        start = time.perf_counter()
        await ask_all(endpoint, [Prompt(str(n), words(n)) for n in range(count)], on_answer=answers.append)
        seconds = time.perf_counter() - start
    return len({answer.question for answer in answers if answer.state == "answered"}), seconds


async def usual(url: str, concurrency: int, count: int) -> tuple[int, float]:
    """One httpx client and a semaphore."""
    import httpx

    gate, texts = asyncio.Semaphore(concurrency), []
    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    async with httpx.AsyncClient(limits=limits, timeout=600, trust_env=False) as client:

        async def one(n: int) -> None:
            body = {"model": "scripted", "messages": [{"role": "user", "content": words(n)}]}
            async with gate:
                reply = await client.post(url + "/chat/completions", json=body)
            texts.append(reply.json()["choices"][0]["message"]["content"])

        start = time.perf_counter()
        await asyncio.gather(*(one(n) for n in range(count)))
        return len(texts), time.perf_counter() - start


def speed() -> None:
    ways = {"mofang": ours} | ({"asyncio and httpx": usual} if importlib.util.find_spec("httpx") else {})
    for concurrency in (16, 100, 1000):
        for name, way in ways.items():
            with lean() as url:
                answered, seconds = asyncio.run(way(url, concurrency, 3000))
            print(
                f"zero latency, {concurrency} at a time, {name}: {answered} of 3000, {answered / seconds:.0f} samples/s"
            )
    with lean() as url, tempfile.TemporaryDirectory() as folder:
        config = EndpointConfig(url, "scripted", location="local", concurrency=100)
        start = time.perf_counter()
        answers = ask_questions(
            [{"id": f"q{n}", "text": words(n)} for n in range(3000)],
            endpoint=config.wire(),
            budget={},
            work=Path(folder),
            progress=lambda *_words: None,
        )
        segment = write_leaves(ObjectStore(Path(folder) / "objects"), answers)
        seconds = time.perf_counter() - start
    print(f"3,000 questions with journal and answer leaves: {segment.count} answers in {seconds:.2f} s")


def flight() -> None:
    with lean(0.2) as url:
        answered, seconds = asyncio.run(ours(url, 1000, 10_000))
        seen = stats(url)
    print(
        f"latency 200 ms, 1,000 at a time: {answered} of 10000 answered, {seen['repeated']} asked twice, "
        f"peak {seen['peak']} in flight, {answered / seconds:.0f} samples/s"
    )


def write_project(folder: Path, url: str, count: int) -> None:
    pack = load_pack(STANDARD)
    risks, aspects = [risk.code for risk in pack.risks], [aspect.code for aspect in pack.aspects]
    with (folder / "bank.jsonl").open("w", encoding="utf-8") as bank:
        for n in range(count):
            kind = ("content", "content", "should_refuse", "should_not_refuse")[n % 4]
            codes = aspects if kind == "should_not_refuse" else risks
            row = {
                "id": f"q{n:06d}",
                "kind": kind,
                "risk": codes[n // 4 % len(codes)],
                "text": words(n),
                "language": "zh",
                "cluster": f"c{n // 10}",
                "author": "bench",
                "licence": "CC0-1.0",
                "added": "2026-10-01",
                "demo": True,
            }
            bank.write(json.dumps(row, ensure_ascii=False) + "\n")
    text = PROJECT.format(url=url, standard=STANDARD, count=count)
    (folder / "mofang.yaml").write_text(text, encoding="utf-8")


@contextmanager
def running(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``mofang run``, killed at the end of the block as kill -9 does it."""
    environment = {**os.environ, "MOFANG_KEY_FILE": str(folder / "key.pem")}
    command = [sys.executable, "-m", "mofang.cli.main", "run", str(folder)]
    with (folder / "said.txt").open("wb") as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()


def wait_until(url: str, process: subprocess.Popen[bytes], different: int) -> dict[str, Any]:
    """Until so many different questions have come."""
    while True:
        seen = stats(url)
        if seen["chats"] - seen["repeated"] >= different:
            return seen
        if process.poll() is not None:
            raise SystemExit(f"mofang run ended with {process.returncode} after {seen['chats']} questions")
        time.sleep(0.1)


def resume(count: int) -> None:
    with lean() as url, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_project(folder, url, count)
        start = time.monotonic()
        with running(folder) as process:
            seen = wait_until(url, process, count // 2)
            end = time.monotonic()
        print(
            f"{count} questions, first run: first request after {seen['first'] - start:.1f} s, then "
            f"{seen['chats'] / (end - seen['first']):.0f} samples/s; killed (-9) after {seen['chats']}"
        )
        journal = next((folder / ".mofang" / "work").glob("*/journal.jsonl"))
        with journal.open("rb") as lines:
            kept = sum(1 for line in lines if line.endswith(b"\n"))
        sent = stats(url, "/mark")["chats"]
        start = time.monotonic()
        with running(folder) as process:
            seen = wait_until(url, process, count)
        print(
            f"{count} questions, {kept} answers kept of {sent} sent; run again: first new request after "
            f"{seen['first'] - start:.2f} s; {seen['repeated']} sent twice (in flight at the kill)"
        )
        if seen["repeated"] > sent - kept:
            raise SystemExit("an answer that was kept was asked for again")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--questions", type=int, default=200_000)
    parser.add_argument("--only", choices=("speed", "flight", "resume"))
    options = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"{platform.machine()}, Python {platform.python_version()}, load {load:.1f} before the start")
    if options.only in (None, "speed"):
        speed()
    if options.only in (None, "flight"):
        flight()
    if options.only in (None, "resume"):
        resume(options.questions)


if __name__ == "__main__":
    main()
