"""Opens the standard that a project names: a pack that comes with Mofang, or a folder with a pack of one's own,
with what persons confirmed in it."""

from __future__ import annotations

from pathlib import Path

from mofang.assurance.errors import PackError
from mofang.assurance.standard.confirmations import FILE, read_confirmations, with_confirmations
from mofang.assurance.standard.files import HEADING
from mofang.assurance.standard.pack import load_folder, load_pack, pack_ids
from mofang.assurance.standard.schema import Pack
from mofang.i18n import _
from mofang.registry import nearest


def load_standard(name: str, folder: Path, *, confirmations: Path | None = None) -> Pack:
    """The pack ``name``: an id of ours, or a folder with a pack, relative to the project's ``folder``.

    ``confirmations`` is the file laid over it, ``confirmations.yaml`` in the project's folder unless another is
    named. Raises PackError for what is no pack, a pack with mistakes, or confirmations of rules it does not have.
    """
    pack = plain_standard(name, folder)
    return with_confirmations(pack, read_confirmations(confirmations or folder / FILE))


def plain_standard(name: str, folder: Path) -> Pack:
    """The pack without what was confirmed in it."""
    if name in pack_ids():
        return load_pack(name)
    place = folder / name
    if not (place / HEADING).is_file():
        near = ", ".join(nearest(name, pack_ids()) or pack_ids())
        raise PackError(
            _("there is no standard pack {id}, neither one of ours nor a folder with a pack.yaml").format(
                id=name
            ),
            where=str(place),
            remedy=_("known: {names}").format(names=near),
        )
    pack = load_folder(place.resolve())
    if pack.id in pack_ids():
        raise PackError(
            _("{id} is the id of a pack that comes with Mofang").format(id=pack.id),
            where=f"{place / HEADING}",
            remedy=_("give the pack in this folder an id of its own; it may inherit ours"),
        )
    return pack
