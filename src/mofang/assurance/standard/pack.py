"""Loads a standard pack: reads its files, lays it over its parent, checks every row, freezes it.

pack = load_pack(id)         a pack that comes with Mofang, see pack_ids()
pack = load_folder(path)     a pack of your own, which may inherit one of ours or one beside it
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from dataclasses import asdict, replace
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from mofang.assurance.errors import PackError
from mofang.assurance.standard.fields import mistakes_error
from mofang.assurance.standard.files import HEADING, Sheets, packs_folder, read_heading, read_sheets
from mofang.assurance.standard.metric_names import METRIC_NAMES
from mofang.assurance.standard.rows import PackRows
from mofang.assurance.standard.schema import Aspect, Check, Clause, Group, Pack, Risk, Source
from mofang.evidence.digest import canonical, sha256_bytes
from mofang.i18n import _
from mofang.registry import nearest

__all__ = [
    "Aspect",
    "Check",
    "Clause",
    "Group",
    "Pack",
    "Risk",
    "Source",
    "latest_pack_id",
    "load_folder",
    "load_pack",
    "pack_ids",
]

Mistake = tuple[str, str]
"""``file:line`` and what is wrong there."""


def pack_ids() -> list[str]:
    """The ids of the packs that come with Mofang, sorted."""
    return sorted(f.name for f in packs_folder().iterdir() if f.is_dir() and f.joinpath(HEADING).is_file())


def latest_pack_id() -> str:
    """The id of the pack that a new project starts with: of those marked ``default``, the one that came into
    force last."""
    headings = [read_heading(packs_folder().joinpath(id)).values for id in pack_ids()]
    offered = [heading for heading in headings if heading.get("default") is True]
    return str(max(offered, key=lambda heading: heading["effective"])["id"])


@functools.cache
def load_pack(id: str) -> Pack:
    """The pack called ``id``. Raises PackError for an unknown id or a pack with mistakes."""
    if id not in pack_ids():
        raise PackError(
            _("there is no standard pack {id}").format(id=id),
            where=id,
            remedy=_("known: {names}").format(names=", ".join(nearest(id, pack_ids()) or pack_ids())),
        )
    return load_folder(packs_folder().joinpath(id))


def load_folder(folder: Traversable, metrics: Collection[str] = METRIC_NAMES) -> Pack:
    """The pack in ``folder``; its parent is looked up among Mofang's own packs, then beside the folder.

    ``metrics``: the metric names that checks may use. Raises PackError listing all mistakes by line.
    """
    pack, mistakes = read_pack(folder, metrics)
    if pack is None:
        raise mistakes_error(_("pack {id}").format(id=folder.name), mistakes)
    return pack


def read_pack(
    folder: Traversable, metrics: Collection[str] = METRIC_NAMES
) -> tuple[Pack | None, tuple[Mistake, ...]]:
    """The pack in ``folder``, or None with every mistake found. Raises PackError where there is no pack."""
    sheets = _inherit(folder, ())
    if sheets.broken:
        return None, tuple(sheets.mistakes)
    rows = PackRows(sheets, metrics, functools.partial(_codes, folder))
    content: dict[str, Any] = {
        **rows.heading(),
        "groups": rows.groups(),
        "risks": rows.risks(),
        "aspects": rows.aspects(),
        "sources": rows.sources(),
        "clauses": rows.clauses(),
        "checks": rows.checks(),
        "path": rows.path(),
        "dossier": rows.dossier(),
        "crosswalk": rows.crosswalk(),
        "rubric": rows.rubric(),
    }
    if rows.fields.mistakes:
        return None, tuple(rows.fields.mistakes)
    return with_digest(Pack(**content, digest=sha256_bytes(b""))), ()


def with_digest(pack: Pack) -> Pack:
    """The pack with the digest of what it says now."""
    wire = asdict(pack)
    del wire["digest"]
    return replace(pack, digest=sha256_bytes(canonical(wire)))


def _inherit(folder: Traversable, heirs: tuple[str, ...]) -> Sheets:
    """The sheets of a folder over those of its ancestors; ``heirs`` are the folders that inherit this one."""
    sheets = read_sheets(folder)
    parent = sheets.heading.values.get("inherits")
    if parent is None or sheets.broken:
        return sheets
    found, heirs = _beside(folder, str(parent)), (*heirs, str(folder))
    if found is None or str(found) in heirs:
        what = (
            _(
                "inherits {parent}: no such pack comes with Mofang or stands beside this folder; nearest: {names}"
            )
            if found is None
            else _("inherits {parent}, which inherits it in turn")
        )
        near = ", ".join(nearest(str(parent), pack_ids()) or pack_ids())
        where = sheets.heading.at("inherits")
        sheets.mistakes.append((where, what.format(parent=parent, names=near)))
        sheets.broken = True
        return sheets
    return sheets.over(_inherit(found, heirs))


def _beside(folder: Traversable, id: str) -> Traversable | None:
    """The folder of another pack: one that comes with Mofang, or one that stands beside ``folder``."""
    if id in pack_ids():
        return packs_folder().joinpath(id)
    if isinstance(folder, Path) and id not in ("", ".", "..") and "/" not in id:
        near = folder.resolve().parent / id
        return near if (near / HEADING).is_file() else None
    return None


def _codes(folder: Traversable, id: str) -> tuple[frozenset[str], str] | None:
    """The risk and aspect codes of another pack, and the taxonomy they belong to."""
    found = _beside(folder, id)
    if found is None:
        return None
    sheets = _inherit(found, ())
    return frozenset(sheets.ids("risks") | sheets.ids("aspects")), sheets.taxonomy
