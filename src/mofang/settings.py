"""What the machine and its user decide, not the project: folders, keys, number of workers."""

from __future__ import annotations

import os
from pathlib import Path

from mofang.errors import MofangError
from mofang.i18n import _


def config_home() -> Path:
    """The user's configuration folder: $MOFANG_CONFIG_HOME, else $XDG_CONFIG_HOME/mofang, else ~/.config/mofang."""
    own = os.environ.get("MOFANG_CONFIG_HOME")
    if own:
        return Path(own)
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "mofang"


def key_file() -> Path:
    """Where the private signing key lives, outside every workspace."""
    return Path(os.environ.get("MOFANG_KEY_FILE") or config_home() / "key.pem")


def workers() -> int:
    """Number of worker processes: $MOFANG_WORKERS, else the processors this process may use."""
    text = os.environ.get("MOFANG_WORKERS")
    if text is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not text.isdigit() or int(text) < 1:
        raise MofangError(
            _("MOFANG_WORKERS must be a whole number of 1 or more, not {text}").format(text=text),
            where="$MOFANG_WORKERS",
            remedy=_("unset it to use every processor"),
        )
    return int(text)
