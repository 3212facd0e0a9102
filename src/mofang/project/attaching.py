"""Attaching a document to a clause of one of the project's standards."""

from __future__ import annotations

from pathlib import Path

from mofang.assurance.attach import Attachment, attach
from mofang.assurance.config import AssuranceConfig
from mofang.assurance.standard.opening import load_standard
from mofang.assurance.standard.schema import Pack
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
    standard: str | None = None,
) -> Attachment:
    """Attach ``file`` to a clause of the project's standard, or of one of its further ones; without a date it bears the
    project's ``as_of``. Raises MofangError, AttachmentError."""
    project = loaded.project
    if project.assurance is None:
        raise MofangError(
            _("the project names no standard"),
            where=str(loaded.folder / "mofang.yaml"),
            remedy=_("add a section assurance: with standard and model"),
        )
    pack = _standard(loaded, project.assurance, standard)
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


def _standard(loaded: Loaded, config: AssuranceConfig, wanted: str | None) -> Pack:
    """The standard called ``wanted`` among those of the project; the first where none is named."""
    if wanted is None:
        return load_standard(config.standard, loaded.folder)
    packs = [load_standard(name, loaded.folder) for name in (config.standard, *config.also)]
    for name, pack in zip((config.standard, *config.also), packs, strict=True):
        if wanted in (name, pack.id):
            return pack
    raise MofangError(
        _("the project does not assess by {name}").format(name=wanted),
        where=str(loaded.folder / "mofang.yaml"),
        remedy=_("its standards: {names}").format(names=", ".join(pack.id for pack in packs)),
    )
