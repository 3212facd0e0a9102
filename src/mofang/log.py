"""Logging: one tree of loggers under ``mofang``, quiet unless $MOFANG_LOG asks for more."""

from __future__ import annotations

import logging
import os
import sys

from mofang.errors import MofangError
from mofang.i18n import _

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def get(room: str) -> logging.Logger:
    """The logger of a room."""
    return logging.getLogger(f"mofang.{room}")


def start(level: str | None = None) -> None:
    """Send the tree to standard error at ``level`` (default: $MOFANG_LOG, else WARNING). Raises MofangError."""
    root = logging.getLogger("mofang")
    wanted = (level or os.environ.get("MOFANG_LOG") or "WARNING").upper()
    if wanted not in LEVELS:
        raise MofangError(
            _("{level} is not a level of logging").format(level=wanted),
            where="$MOFANG_LOG",
            remedy=_("give one of: {levels}").format(levels=", ".join(LEVELS)),
        )
    root.setLevel(wanted)
    if not root.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        root.addHandler(handler)
        root.propagate = False
