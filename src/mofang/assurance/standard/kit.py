"""The test kit for writers of packs: everything that can be said about a folder without an assessment.

from mofang.assurance.standard.kit import check_pack

def test_my_pack():
    report = check_pack("my-pack")
    assert report.ok, report.text()
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mofang.assurance.errors import PackError
from mofang.assurance.standard.pack import Pack, pack_ids, read_pack
from mofang.i18n import _

if TYPE_CHECKING:
    from mofang.assurance.standard.dry_run import Tried


@dataclass(frozen=True, slots=True)
class Report:
    """What is wrong with a pack, as ``(file:line, what)``, and what each of its checks yields on synthetic evidence.
    ``pack`` is None where there are mistakes."""

    folder: str
    pack: Pack | None
    mistakes: tuple[tuple[str, str], ...]
    tried: tuple[Tried, ...] = ()

    @property
    def dead(self) -> tuple[str, ...]:
        """Checks that would never yield a figure nor wait for anybody."""
        return tuple(dict.fromkeys(one.check for one in self.tried if one.dead))

    @property
    def ok(self) -> bool:
        return self.pack is not None and not self.mistakes and not self.dead

    def text(self) -> str:
        """Every mistake, a line each; empty where there is none."""
        lines = [f"{where}: {what}" for where, what in self.mistakes]
        return "\n".join(
            [*lines, *(_("{id}: nothing would ever be measured").format(id=id) for id in self.dead)]
        )


def check_pack(folder: Path | str, *, dry_run: bool = True) -> Report:
    """Reads the pack in ``folder`` and names every mistake; with ``dry_run`` every check is measured on a tiny
    synthetic evidence set. Raises nothing for a bad pack: the report says it."""
    place = Path(folder).resolve()
    try:
        pack, mistakes = read_pack(place)
    except PackError as error:
        return Report(str(folder), None, ((error.where or str(folder), error.message),))
    if pack is not None and pack.id in pack_ids() and not _ours(place):
        what = _("{id} is the id of a pack that comes with Mofang").format(id=pack.id)
        pack, mistakes = None, ((f"{place.name}/pack.yaml", what),)
    if pack is None or not dry_run:
        return Report(str(folder), pack, mistakes)
    from mofang.assurance.standard.dry_run import dry_run as run

    return Report(str(folder), pack, mistakes, run(pack))


def _ours(place: Path) -> bool:
    from mofang.assurance.standard.files import packs_folder

    return str(place.parent) == str(packs_folder())
