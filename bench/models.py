"""Measures the embedded model: load time, tokens per second. Asking itself is measured by bench/runs.py.

python bench/models.py
"""

from __future__ import annotations

import asyncio
import time

from mofang.models.asking import Answer, Prompt, Tally, ask_all
from mofang.models.config import EndpointConfig
from mofang.models.embedded import check_weights, connect, find_weights, serve_embedded
from mofang.models.endpoint import Endpoint


async def round_of(endpoint: Endpoint, count: int) -> tuple[Tally, float]:
    """Ask ``count`` questions; the tally and the seconds."""
    answers: list[Answer] = []
    prompts = [
        Prompt(str(n), f"Question {n}: name a river and say where it begins and ends.") for n in range(count)
    ]
    start = time.perf_counter()
    tally = await ask_all(endpoint, prompts, on_answer=answers.append)
    return tally, time.perf_counter() - start


async def embedded() -> None:
    start = time.perf_counter()
    check_weights(find_weights())
    print(f"embedded: weights hashed in {time.perf_counter() - start:.2f} s")
    start = time.perf_counter()
    with serve_embedded():
        print(f"embedded: ready after {time.perf_counter() - start:.2f} s")
    for slots in (1, 8):
        config = EndpointConfig("embedded", max_tokens=48, concurrency=slots)
        async with connect(config) as endpoint:
            tally, seconds = await round_of(endpoint, 4 * max(slots, 2))
        speed = tally.completion_tokens / seconds
        whole = speed + tally.prompt_tokens / seconds
        print(f"embedded: {slots} at a time: {speed:.0f} tokens/s generated, {whole:.0f} with the prompts")


def main() -> None:
    asyncio.run(embedded())


if __name__ == "__main__":
    main()
