"""Loads a standard pack: reads its files, lays it over its parent, checks every row, freezes it.

pack = load_pack(id)         a pack that comes with Mofang, see pack_ids()
pack = load_folder(path)     a pack of your own, which may inherit one of ours
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from dataclasses import asdict
from importlib.resources.abc import Traversable
from typing import Any

from mofang.assurance.errors import PackError
from mofang.assurance.standard.files import Sheets, packs_folder, read_sheets
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


def pack_ids() -> list[str]:
    """The ids of the packs that come with Mofang, sorted."""
    return sorted(
        f.name for f in packs_folder().iterdir() if f.is_dir() and f.joinpath("pack.yaml").is_file()
    )


def latest_pack_id() -> str:
    """The id of the pack whose standard came into force last."""
    return max(pack_ids(), key=lambda id: load_pack(id).effective)


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
    """The pack in ``folder``; its parent is looked up among Mofang's own packs.

    ``metrics``: the metric names that checks may use. Raises PackError listing all mistakes by line.
    """
    rows = PackRows(_inherit(folder, ()), metrics)
    heading = rows.heading()
    content: dict[str, Any] = {
        **heading,
        "groups": rows.groups(),
        "risks": rows.risks(),
        "aspects": rows.aspects(),
        "sources": rows.sources(),
        "clauses": rows.clauses(),
        "checks": rows.checks(),
        "path": rows.path(),
        "dossier": rows.dossier(),
    }
    rows.fields.finish(_("pack {id}").format(id=heading["id"] or folder.name))
    return Pack(**content, digest=sha256_bytes(canonical(_wire(content))))


def _wire(content: dict[str, Any]) -> dict[str, Any]:
    return {
        name: [asdict(thing) for thing in value] if isinstance(value, tuple) else value
        for name, value in content.items()
    }


def _inherit(folder: Traversable, heirs: tuple[str, ...]) -> Sheets:
    sheets = read_sheets(folder)
    heading = sheets.heading
    parent = heading.values.get("inherits")
    if parent is None:
        return sheets
    if parent in heirs or parent not in pack_ids():
        raise PackError(
            _("inherits {parent}: no such pack comes with Mofang, or it inherits itself").format(
                parent=parent
            ),
            where=heading.at("inherits"),
            remedy=_("known: {names}").format(names=", ".join(pack_ids())),
        )
    return sheets.over(_inherit(packs_folder().joinpath(parent), (*heirs, parent)))
