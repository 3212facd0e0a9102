"""Attaching a document to a clause of the project's standard."""

from __future__ import annotations

from pathlib import Path

from mofang.assurance.attach import Attachment, attach
from mofang.assurance.standard.opening import load_standard
from mofang.errors import MofangError
from mofang.i18n import _
from mofang.project.file import Loaded
from mofang.project.opening import open_or_create


def attach_document(
    loaded: Loaded,
    clause: str,
    file: Path,
    *,
    owner: str,
    date: str | None = None,
    expires: str | None = None,
    claimed_by: str | None = None,
) -> Attachment:
    """Attach ``file``; without a date it bears the project's ``as_of``. Raises MofangError, AttachmentError."""
    project = loaded.project
    if project.assurance is None:
        raise MofangError(
            _("the project names no standard"),
            where=str(loaded.folder / "mofang.yaml"),
            remedy=_("add a section assurance: with standard and model"),
        )
    pack = load_standard(project.assurance.standard, loaded.folder)
    ws = open_or_create(loaded)
    with ws.lock("attach"):
        return attach(
            ws,
            pack,
            clause,
            file,
            owner=owner,
            date=date or project.as_of,
            expires=expires,
            claimed_by=claimed_by,
            as_of=project.as_of,
        )
