"""What a source holds today: its files with digests, what is left unread and why, and the shards they form.

A file's digest is looked up in a cache by size, times and inode, so that a second scan reads no file;
``rehash`` reads them all. The inventory depends on names and bytes alone: two machines with the same files
make the same shards."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mofang.corpus.config import Source
from mofang.corpus.errors import SourceError
from mofang.corpus.measuring import Measure, MeasureCache, Span, measure
from mofang.corpus.sharding import Piece, group
from mofang.i18n import _

SUFFIXES: Mapping[str, str] = {
    ".txt": "plain",
    ".text": "plain",
    ".md": "plain",
    ".markdown": "plain",
    ".html": "web",
    ".htm": "web",
    ".xhtml": "web",
    ".jsonl": "lines",
    ".ndjson": "lines",
    ".parquet": "columns",
}
"""Which reader takes which file."""
LARGEST_DOCUMENT = 64 << 20
"""Bytes of a file that is one record; a larger one is listed as unread."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that will be read. ``path`` is relative to the source, with ``/``; ``spans`` cut a big file."""

    path: str
    reader: str
    size: int
    digest: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that will not be read: a code, the reason and what to do about it."""

    path: str
    code: str
    reason: str
    remedy: str

    def wire(self) -> dict[str, str]:
        return {"path": self.path, "code": self.code}


@dataclass(frozen=True, slots=True)
class Inventory:
    """One source as it lies on disk. ``items`` are the shards: each is the ``item`` of one reading job."""

    source: Source
    root: Path
    files: tuple[FoundFile, ...]
    unread: tuple[Unread, ...]
    items: tuple[Mapping[str, Any], ...]
    contract_digest: str | None = None

    @property
    def bytes(self) -> int:
        return sum(file.size for file in self.files)

    def wire(self) -> dict[str, Any]:
        """What the dataset's manifest says about the source: the declaration, totals and what was left
        unread."""
        return {
            **self.source.wire(),
            "contract_digest": self.contract_digest,
            "files": len(self.files),
            "bytes": self.bytes,
            "unread": [entry.wire() for entry in self.unread],
        }


def scan(source: Source, folder: Path, *, cache: Path | None = None, rehash: bool = False) -> Inventory:
    """Take stock of ``source`` under the project's ``folder``.

    ``cache`` is a JSON file of earlier digests (made if absent), ``rehash`` ignores it. Raises SourceError
    when the source's path is not there; single files that cannot be read are listed in ``unread`` instead.
    """
    root, names = _start(source, folder)
    known = MeasureCache.load(cache, {} if rehash else None)
    files: list[FoundFile] = []
    unread: list[Unread] = []
    for name, problem in names:
        found = problem or _look(root, name, source, known)
        if isinstance(found, Unread):
            unread.append(found)
        else:
            files.append(found)
    known.save(cache)
    items = tuple({"files": [piece.wire() for piece in shard]} for shard in group(_pieces(files)))
    return Inventory(source, root, tuple(files), tuple(unread), items, _contract(source, folder))


def _start(source: Source, folder: Path) -> tuple[Path, Iterator[tuple[str, Unread | None]]]:
    top = folder / source.path
    if top.is_dir():
        return top, _walk(top)
    if top.is_file():
        return top.parent, iter([(top.name, None)])
    raise SourceError(
        _("the files of source {id} are not there").format(id=source.id),
        where=str(top),
        remedy=_("put them there, or correct its path; paths are relative to the project"),
    )


def _walk(root: Path) -> Iterator[tuple[str, Unread | None]]:
    """Every file below ``root`` in the order of names, or why it is not one to read."""
    inside = os.path.realpath(root)
    folders = [""]
    found: list[tuple[str, Unread | None]] = []
    while folders:
        folder = folders.pop()
        try:
            entries = list(os.scandir(root / folder))
        except OSError as error:
            found.append((folder, _unread(folder, "unreadable", error.strerror or "")))
            continue
        for entry in entries:
            name = f"{folder}/{entry.name}" if folder else entry.name
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(name)
            else:
                found.append((name, _odd(entry, name, inside)))
    return iter(sorted(found, key=lambda pair: pair[0].encode("utf-8", "surrogateescape")))


def _odd(entry: os.DirEntry[str], name: str, inside: str) -> Unread | None:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return _unread(name.encode("utf-8", "backslashreplace").decode(), "name")
    if not entry.is_symlink():
        return None if entry.is_file() else _unread(name, "not_a_file")
    target = os.path.realpath(entry.path)
    if os.path.commonpath([inside, target]) != inside:
        return _unread(name, "leaves_the_source")
    return None if os.path.isfile(target) else _unread(name, "link")


def _look(root: Path, name: str, source: Source, known: MeasureCache) -> FoundFile | Unread:
    suffix = os.path.splitext(name)[1].lower()
    reader = SUFFIXES.get(suffix)
    if reader is None:
        return _unread(name, "suffix", suffix)
    path = root / name
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return _unread(name, "not_a_file")
        if status.st_size == 0:
            return _unread(name, "empty")
        seen = known.get(name, status) or known.put(name, status, measure(path, reader))
    except OSError as error:
        return _unread(name, "unreadable", error.strerror or str(error))
    return _judge(name, reader, source, seen)


def _judge(name: str, reader: str, source: Source, seen: Measure) -> FoundFile | Unread:
    if seen.broken:
        return _unread(name, "broken", seen.broken)
    if reader in ("plain", "web") and seen.size > LARGEST_DOCUMENT:
        return _unread(name, "too_large", f"{seen.size >> 20} MiB")
    if reader == "columns" and not seen.spans:
        return _unread(name, "empty")
    if reader == "columns":
        for column in (source.text, source.key):
            if column is not None and column not in seen.columns:
                return _unread(name, "column", f"{column} ({', '.join(seen.columns)})")
    return FoundFile(name, reader, seen.size, seen.digest, seen.spans)


def _pieces(files: list[FoundFile]) -> list[Piece]:
    pieces = []
    for file in files:
        spans: tuple[Span | None, ...] = file.spans or (None,)
        pieces += [Piece(file.path, file.reader, file.size, file.digest, span) for span in spans]
    return pieces


def _contract(source: Source, folder: Path) -> str | None:
    if source.contract is None or not (folder / source.contract).is_file():
        return None
    return measure(folder / source.contract, "plain").digest


def _unread(path: str, code: str, detail: str = "") -> Unread:
    reason, remedy = {
        "suffix": (
            _("files of type {detail} are not read").format(detail=detail or "?"),
            _conversion(detail),
        ),
        "empty": (_("the file is empty"), _("remove it, or put its text in")),
        "unreadable": (_("it cannot be read: {detail}").format(detail=detail), _("check its permissions")),
        "broken": (
            _("it is damaged: {detail}").format(detail=detail),
            _("fetch it again from where it came"),
        ),
        "column": (
            _("it has no column {detail}").format(detail=detail),
            _("name the column in sources.yaml under text or key"),
        ),
        "too_large": (
            _("{detail} in one document").format(detail=detail),
            _("split it, or write one record a line and name it .jsonl"),
        ),
        "link": (_("the link leads nowhere, or to a folder"), _("put the files themselves here")),
        "leaves_the_source": (
            _("the link leads out of the source's folder"),
            _("copy the file here if it belongs to the source"),
        ),
        "not_a_file": (_("it is not a regular file"), _("remove it from the source's folder")),
        "name": (_("its name is not valid UTF-8"), _("rename it")),
    }[code]
    return Unread(path, code, reason, remedy)


def _conversion(suffix: str) -> str:
    if suffix in (".zip", ".gz", ".tar", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar"):
        return _("unpack it into the folder")
    if suffix in (".doc", ".docx", ".wps", ".pdf", ".rtf", ".odt", ".ppt", ".pptx", ".epub"):
        return _("save its text as .txt, .md or .html")
    if suffix in (".json", ".csv", ".tsv", ".xls", ".xlsx"):
        return _("write one record a line and name it .jsonl")
    return _("convert it to .txt, .md, .html, .jsonl or .parquet")
