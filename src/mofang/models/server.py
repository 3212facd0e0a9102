"""The process that serves the embedded model: ``python -m mofang.models.server``.

``serve_embedded`` starts it. It prints one line of JSON when it is ready, listens on the loopback only, and
ends with the process that started it, however that one ends.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType
from typing import Any

_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of linux/prctl.h
_POLL_SECONDS = 0.5


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until the parent is gone or SIGTERM comes. Exit code 1 when the model cannot be loaded."""
    options = _options(arguments)
    # Whatever our starter does with SIGTERM, here it ends the process at once: there is nothing to put away.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    _watch_parent(options.parent)
    # The model's own threads must not take the signal that tells of the parent's end.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    server = _load(options)
    print(json.dumps({"url": server.listening_address, "pid": os.getpid()}), flush=True)
    while os.getppid() == options.parent:
        _wait()
    os._exit(0)  # its destructor would wait for requests that nobody reads any more


def _wait() -> None:
    """Until the kernel tells of the parent's end, or until it is time to look."""
    if sys.platform == "linux":
        signal.sigtimedwait({signal.SIGUSR1}, _POLL_SECONDS)
    else:
        time.sleep(_POLL_SECONDS)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m mofang.models.server")
    parser.add_argument("--weights", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--slots", type=int, default=8)
    parser.add_argument("--context", type=int, default=2048)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args(arguments)


def _watch_parent(parent: int) -> None:
    """Ask the kernel for SIGUSR1 when the parent ends; where there is no prctl, polling alone finds out.

    A mere SIGKILL would not do: the kernel also sends it when only the *thread* that started us ends."""

    def end_if_orphan(_number: int, _frame: FrameType | None) -> None:
        if os.getppid() != parent:
            os._exit(0)

    signal.signal(signal.SIGUSR1, end_if_orphan)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_SET_DEATH_SIGNAL, signal.SIGUSR1, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def _load(options: argparse.Namespace) -> Any:
    """The running server of llama.cpp; it listens when this returns."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = options.weights
    params.model_alias = {options.name}
    params.hostnames = ["127.0.0.1"]
    params.port = options.port
    params.n_parallel = options.slots
    params.n_ctx = options.context * options.slots
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = options.threads
    params.offline = True
    params.verbosity = 1
    params.cache_ram_mib = 256  # remembered prompts; by default they may fill 8 GiB
    # Prompts are nobody else's business: no page, no list of slots, no other origin.
    params.ui = params.endpoint_slots = False
    params.cors_origins = "http://127.0.0.1"
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
