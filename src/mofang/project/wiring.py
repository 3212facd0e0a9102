"""Where the rooms meet: every kind of job and every metric is known once :func:`wire` has been called."""

from __future__ import annotations

import importlib

PLANS = ("mofang.corpus.plan", "mofang.assurance.plan", "mofang.assurance.dossier.plan")
"""The modules that register job kinds and metrics; none of them imports anything heavy."""


def wire() -> None:
    """Make every room's kinds and metrics known."""
    for name in PLANS:
        importlib.import_module(name)
