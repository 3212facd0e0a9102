"""Opening a project's workspace for writing."""

from __future__ import annotations

from mofang.evidence.workspace import Workspace
from mofang.project.file import Loaded


def open_or_create(loaded: Loaded) -> Workspace:
    """The project's workspace, made if there is none."""
    exists = (loaded.workspace / "format").is_file()
    return Workspace.open(loaded.workspace, writable=True) if exists else Workspace.create(loaded.workspace)
