"""The object store: artifacts 制品 filed under their digest, sha256/ab/<rest>. Written once, never changed.

An object may be sealed at rest (:mod:`mofang.evidence.sealing`); whoever reads it here gets the plain bytes.

Objects appear by rename, so they are whole or absent. They are flushed to the disk when a statement first
speaks of them (:meth:`ObjectStore.settle`), not one by one: a flush takes milliseconds, a put microseconds.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from mofang.evidence import files, sealing
from mofang.evidence.digest import Digest, canonical, sha256_bytes, sha256_file
from mofang.evidence.errors import ObjectDamaged, ObjectMissing
from mofang.i18n import _

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """Artifacts under ``root`` (a workspace's ``objects`` folder). Small, picklable: workers get a copy.

    With ``seals`` whatever is filed lies sealed on the disk."""

    root: Path
    seals: bool = False

    def sealing(self, wanted: bool = True) -> ObjectStore:
        """The same store, filing sealed objects from now on (or not)."""
        return replace(self, seals=wanted)

    def put(self, data: bytes) -> Digest:
        """File ``data``; the digest it has from now on. Raises StorageError, KeyFileError for sealing."""
        digest = sha256_bytes(data)
        place = self._place(digest)
        if not _holds(place, len(data), self.seals):
            temporary = self._temporary()
            content = sealing.sealed(data, digest) if self.seals else data
            with files.reported(place):
                try:
                    _write(temporary, content)
                    self._file(temporary, place)
                finally:
                    temporary.unlink(missing_ok=True)
        return digest

    def put_json(self, value: Any) -> Digest:
        """File ``value`` as RFC 8785 JSON. Raises DigestError for floats and the like."""
        return self.put(canonical(value))

    def put_file(self, path: Path) -> Digest:
        """File a copy of the file at ``path``."""
        with self.create() as writer, files.reported(path), open(path, "rb") as file:
            while piece := file.read(_PIECE):
                writer.write(piece)
        return writer.digest

    @contextmanager
    def create(self) -> Iterator[ObjectWriter]:
        """A new object, written piece by piece or by another library at ``writer.path``; then
        ``writer.digest``. A sealed one is collected in memory: its plain bytes never touch the disk."""
        if self.seals:
            hidden = HiddenWriter()
            yield hidden
            hidden.digest = self.put(bytes(hidden.data))
            return
        writer = ObjectWriter(self._temporary())
        try:
            yield writer
            with files.reported(writer.path):
                digest, size = writer.close()
                place = self._place(digest)
                if not _holds(place, size, False):
                    self._file(writer.path, place)
        finally:
            writer.discard()

    def get(self, digest: Digest) -> bytes:
        """All bytes, checked. Raises ObjectMissing, ObjectDamaged."""
        with self.open(digest) as file:
            data = file.read()
        if sha256_bytes(data) != digest:
            raise self._damaged(digest)
        return data

    def json(self, digest: Digest) -> Any:
        """The JSON value of an object. Raises ObjectMissing, ObjectDamaged."""
        try:
            return json.loads(self.get(digest))
        except (ValueError, RecursionError) as error:
            raise ObjectDamaged(
                _("this artifact is not JSON: {reason}").format(reason=error), where=str(digest)
            ) from error

    def open(self, digest: Digest) -> BinaryIO:
        """The bytes as a file, unchecked. Raises ObjectMissing."""
        place = self.path(digest)
        with files.reported(place):
            file = open(place, "rb")  # noqa: SIM115
            if file.read(len(sealing.MAGIC)) != sealing.MAGIC:
                file.seek(0)
                return file
            with file:
                content = sealing.MAGIC + file.read()
        return io.BytesIO(sealing.unsealed(content, digest, str(place)))

    def sealed(self, digest: Digest) -> bool:
        """Whether the object lies sealed on the disk. Raises ObjectMissing."""
        place = self.path(digest)
        with files.reported(place):
            return sealing.is_sealed(place)

    def path(self, digest: Digest) -> Path:
        """Where the object lies. Raises ObjectMissing."""
        place = self._place(digest)
        if not self.has(digest):
            raise ObjectMissing(
                _("the workspace holds no artifact {digest}").format(digest=digest),
                where=str(place),
                remedy=_("run again to make it anew, or restore this file from a copy"),
            )
        return place

    def has(self, digest: Digest) -> bool:
        """Whether the object is here. Raises StorageError if its folder cannot be searched."""
        place = self._place(digest)
        with files.reported(place):
            return place.is_file()

    def size(self, digest: Digest) -> int:
        """Plain bytes. Raises ObjectMissing."""
        place = self.path(digest)
        with files.reported(place):
            return place.stat().st_size - (sealing.OVERHEAD if sealing.is_sealed(place) else 0)

    def remove(self, digest: Digest) -> bool:
        """Remove an object; False if it was not there. For withdrawal and collection only."""
        return files.remove_file(self._place(digest))

    def check(self, digest: Digest) -> bool:
        """Whether the bytes still have their digest. Raises ObjectMissing; KeyFileError for a sealed object whose
        key is not here."""
        if not self.sealed(digest):
            return sha256_file(self.path(digest)) == digest
        try:
            with self.open(digest) as file:
                return sha256_bytes(file.read()) == digest
        except ObjectDamaged:
            return False

    def settle(self, digests: Iterable[Digest]) -> None:
        """Wait until these objects, so far as they exist, are on the disk."""
        for digest in dict.fromkeys(digests):
            place = self._place(digest)
            with files.reported(place), suppress(FileNotFoundError):
                # After the rename: Linux file systems then write the name as well.
                files.flush(place)
        files.fault("settled objects")

    def sweep(self) -> None:
        """Remove what dead processes left in tmp. Call it under the workspace's lock."""
        files.sweep(self.root / "tmp")

    def __iter__(self) -> Iterator[Digest]:
        """Every digest, in order. Files that are no objects are passed over."""
        for folder in _listed(self.root / "sha256"):
            for place in _listed(folder):
                name = folder.name + place.name
                if len(folder.name) == 2 and len(name) == 64 and not set(name) - set("0123456789abcdef"):
                    yield Digest("sha256:" + name)

    def _place(self, digest: Digest) -> Path:
        name = Digest(digest).hex
        # In one go: a check asks for it ten thousand times.
        return self.root / f"sha256/{name[:2]}/{name[2:]}"

    def _temporary(self) -> Path:
        folder = files.make_folder(self.root / "tmp")
        return folder / f".mofang-{os.getpid()}-{secrets.token_hex(6)}.tmp"

    def _file(self, temporary: Path, place: Path) -> None:
        files.make_folder(place.parent)
        files.place(temporary, place, durable=False)

    def _damaged(self, digest: Digest) -> ObjectDamaged:
        return ObjectDamaged(
            _("the bytes of artifact {digest} have changed").format(digest=digest),
            where=str(self._place(digest)),
            remedy=_("remove this file and run again, or restore it from a copy"),
        )


class ObjectWriter:
    """Bytes on their way into the store. ``path`` is a real file that other libraries may write instead."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.digest: Digest
        with files.reported(path):
            self._file = open(path, "xb")  # noqa: SIM115
        self._hash = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes) -> None:
        with files.reported(self.path):
            self._file.write(data)
        self._hash.update(data)
        self._size += len(data)

    def close(self) -> tuple[Digest, int]:
        """The digest and size of what stands at ``path`` now."""
        self._file.close()
        size = self.path.stat().st_size
        # Where another library wrote at the path, our own running hash knows nothing.
        own = self._size > 0 and size == self._size
        self.digest = Digest.of(self._hash.digest()) if own else sha256_file(self.path)
        return self.digest, size

    def discard(self) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)


class HiddenWriter(ObjectWriter):
    """Bytes of a sealed object on their way: in memory only, so there is no path to write at."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.digest: Digest

    def write(self, data: bytes) -> None:
        self.data += data


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        files.fault("write object", lambda: os.write(handle, data[: len(data) // 2]))
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]
    finally:
        os.close(handle)


def _listed(folder: Path) -> list[Path]:
    with files.reported(folder):
        return sorted(folder.iterdir()) if folder.is_dir() else []


def _holds(place: Path, size: int, seals: bool) -> bool:
    # A power failure can leave an unsettled object short; such a one is written anew. A plain object is not
    # enough where a sealed one is wanted.
    with files.reported(place):
        try:
            found = place.stat().st_size
            if found == size + sealing.OVERHEAD and sealing.is_sealed(place):
                return True
            return found == size and not seals
        except (FileNotFoundError, NotADirectoryError):
            return False
