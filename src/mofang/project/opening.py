"""Opening a project's workspace for writing."""

from __future__ import annotations

from mofang.errors import MofangError
from mofang.evidence.workspace import Workspace
from mofang.project.file import Loaded


def open_or_create(loaded: Loaded) -> Workspace:
    """The project's workspace, made if there is none. Raises MofangError where it cannot be made."""
    mark = loaded.workspace / "format"
    if not mark.is_file():
        try:
            return Workspace.create(loaded.workspace)
        except MofangError:
            # Another run may have made it between the look and the making; it appears whole or not at all.
            if not mark.is_file():
                raise
    return Workspace.open(loaded.workspace, writable=True)
