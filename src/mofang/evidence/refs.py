"""Refs: names for digests (runs, datasets, banks, dossiers), each with a log of what it named before."""

from __future__ import annotations

import builtins
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mofang.evidence import files
from mofang.evidence.chain import Chain
from mofang.evidence.digest import Digest, canonical
from mofang.evidence.errors import DigestError, RefError
from mofang.evidence.objects import ObjectStore
from mofang.i18n import _


@dataclass(frozen=True, slots=True)
class Ref:
    """``kind/name`` named ``digest`` (None: was removed) when the chain's newest entry was ``n``."""

    kind: str
    name: str
    digest: Digest | None
    n: int


class Refs:
    """The folder ``refs``: ``<kind>/<name>`` holds the digest, ``<name>.log`` one line for every change."""

    def __init__(
        self, folder: Path, chain: Chain, objects: ObjectStore, writing: Callable[[], None] = lambda: None
    ) -> None:
        self.folder = folder
        self._chain = chain
        self._objects = objects
        self._writing = writing

    def set(self, kind: str, name: str, digest: Digest) -> None:
        """Let ``kind/name`` name ``digest``; nothing is written if it does already. Needs the lock."""
        self._writing()
        path = self._path(kind, name)
        if self.get(kind, name) == digest:
            return
        files.make_folder(path.parent)
        self._objects.settle([digest])
        wire = self._logged(path, Digest(digest))
        files.write_atomic(path, wire + b"\n")

    def get(self, kind: str, name: str) -> Digest | None:
        """What ``kind/name`` names. Raises RefError if the file is damaged."""
        path = self._path(kind, name)
        data = files.read_whole(path)
        return None if data is None else self._parsed(data, path, kind, name).digest

    def list(self, kind: str | None = None) -> builtins.list[Ref]:
        """All refs, or those of one kind, by kind and name."""
        with files.reported(self.folder):
            places = sorted(path for path in self.folder.glob("*/*") if path.is_file())
        return [
            self._parsed(files.read_whole(path) or b"", path, path.parent.name, path.name)
            for path in places
            if kind in (None, path.parent.name) and not path.name.startswith(".") and path.suffix != ".log"
        ]

    def remove(self, kind: str, name: str) -> bool:
        """Forget a name; its log stays. False if there was none. Needs the lock."""
        self._writing()
        path = self._path(kind, name)
        if not path.is_file():
            return False
        self._logged(path, None)
        return files.remove_file(path)

    def log(self, kind: str, name: str) -> builtins.list[Ref]:
        """What ``kind/name`` named, oldest first."""
        path = self._path(kind, name).with_name(name + ".log")
        return [self._parsed(line, path, kind, name) for line in files.read_lines(path)]

    def _logged(self, path: Path, digest: Digest | None) -> bytes:
        # The log first: after a crash between the two, the name still stands for what it stood for.
        last = self._chain.last()
        wire = canonical({"digest": digest, "n": -1 if last is None else last.n})
        files.append_line(path.with_name(path.name + ".log"), wire)
        return wire

    def _path(self, kind: str, name: str) -> Path:
        for part in (kind, name):
            if not part or part.startswith(".") or part.endswith(".log") or set(part) & set("/\\\0\n"):
                raise RefError(
                    _("not a name for a ref: {name}").format(name=repr(part)),
                    remedy=_("names hold no slash, do not begin with a dot and do not end in .log"),
                )
        return self.folder / kind / name

    def _parsed(self, data: bytes, path: Path, kind: str, name: str) -> Ref:
        try:
            wire = json.loads(data)
            digest = wire["digest"]
            return Ref(kind, name, None if digest is None else Digest(digest), int(wire["n"]))
        except (ValueError, KeyError, TypeError, DigestError) as error:
            raise RefError(
                _("the ref {kind}/{name} cannot be read: {reason}").format(
                    kind=kind, name=name, reason=error
                ),
                where=str(path),
                remedy=_("its log beside it names the digests; remove the file and run again"),
            ) from error
