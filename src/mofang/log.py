"""Logging: one tree of loggers under ``mofang``, quiet unless $MOFANG_LOG asks for more."""

from __future__ import annotations

import logging
import os
import sys


def get(room: str) -> logging.Logger:
    """The logger of a room."""
    return logging.getLogger(f"mofang.{room}")


def start(level: str | None = None) -> None:
    """Send the tree to standard error at ``level`` (default: $MOFANG_LOG, else WARNING)."""
    root = logging.getLogger("mofang")
    root.setLevel((level or os.environ.get("MOFANG_LOG") or "WARNING").upper())
    if not root.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        root.addHandler(handler)
        root.propagate = False
