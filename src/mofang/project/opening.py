"""Opening a project's workspace for writing."""

from __future__ import annotations

from mofang.evidence.withdrawal import finish
from mofang.evidence.workspace import Workspace
from mofang.project.file import Loaded


def open_or_create(loaded: Loaded) -> Workspace:
    """The project's workspace, made if there is none. What a crash left half-withdrawn is finished under its lock."""
    exists = (loaded.workspace / "format").is_file()
    ws = Workspace.open(loaded.workspace, writable=True) if exists else Workspace.create(loaded.workspace)
    ws.recoveries.append(finish)
    return ws
