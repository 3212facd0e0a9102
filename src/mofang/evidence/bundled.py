"""A workspace that came out of a bundle: read-only, and known to hold only a part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mofang.evidence.digest import Digest
from mofang.evidence.errors import DigestError, WorkspaceError
from mofang.evidence.workspace import Workspace
from mofang.i18n import _

BUNDLE_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle says about itself: the dossier it is about, the artifacts it carries, and the leaf
    segments that stand in it with their texts withheld (original digest -> digest of the copy)."""

    dossier: Digest
    objects: tuple[Digest, ...]
    withheld: Mapping[Digest, Digest]
    created_by: str

    def wire(self) -> dict[str, Any]:
        return {
            "format": BUNDLE_FORMAT,
            "dossier": self.dossier,
            "objects": sorted(self.objects),
            "withheld": dict(self.withheld),
            "created_by": self.created_by,
        }

    @classmethod
    def parse(cls, wire: Any, where: str) -> Manifest:
        """Reads ``manifest.json``. Raises WorkspaceError naming ``where``."""
        try:
            if wire["format"] != BUNDLE_FORMAT:
                raise WorkspaceError(
                    _("the bundle has format {found}; this program knows format {known}").format(
                        found=str(wire["format"])[:20], known=BUNDLE_FORMAT
                    ),
                    where=where,
                    remedy=_("use a newer version of Mofang"),
                )
            return cls(
                dossier=Digest(wire["dossier"]),
                objects=tuple(Digest(each) for each in wire["objects"]),
                withheld={Digest(old): Digest(new) for old, new in wire["withheld"].items()},
                created_by=str(wire["created_by"]),
            )
        except (KeyError, TypeError, AttributeError, DigestError) as error:
            raise WorkspaceError(
                _("the bundle's manifest cannot be read: {reason}").format(reason=repr(error)),
                where=where,
                remedy=_("ask for the bundle again"),
            ) from error


class BundledWorkspace(Workspace):
    """An unpacked bundle. Only :func:`mofang.evidence.bundle.open_bundle` makes one: what a folder claims
    about itself never makes a check more lenient."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        super().__init__(path, writable=False)
        self.manifest = manifest
