"""Office files are zip archives: writing them so that the same content gives the same bytes, reading them
with care."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from mofang.errors import MofangError
from mofang.i18n import _

MEMBERS = 2_000
UNPACKED = 200_000_000
RATIO = 200
SMALL = 1_000_000
EPOCH = (1980, 1, 1, 0, 0, 0)
FIRST = "[Content_Types].xml"

Change = Callable[[bytes], bytes]


def repack(data: bytes, changes: Mapping[str, Change] | None = None) -> bytes:
    """The archive again with fixed dates and sorted members, so that equal content has equal bytes.

    ``changes`` rewrite single members. Members are stored, not deflated: deflate's bytes differ between
    zlib builds.
    """
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as target,
    ):
        for name in sorted(source.namelist(), key=lambda name: (name != FIRST, name)):
            content = source.read(name)
            if changes and name in changes:
                content = changes[name](content)
            info = zipfile.ZipInfo(name, EPOCH)
            info.create_system, info.external_attr = 3, 0o600 << 16
            target.writestr(info, content)
    return packed.getvalue()


def read_member(path: Path, name: str) -> bytes:
    """One member of an Office file. Raises MofangError for anything that is no such file, is cut off, lacks
    the member, or would unpack to more than it should."""
    members = read_members(path, [name])
    if name not in members:
        raise MofangError(
            _("this file has no {name} inside").format(name=name),
            where=str(path),
            remedy=_("give a Word document (.docx)"),
        )
    return members[name]


def read_members(path: Path, names: list[str]) -> dict[str, bytes]:
    """Those of ``names`` that the archive holds, checked as :func:`read_member`."""
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_bombs(archive, path)
            held = set(archive.namelist())
            return {name: archive.read(name) for name in names if name in held}
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
        raise MofangError(
            _("this file cannot be opened as an Office document: {reason}").format(reason=error),
            where=str(path),
            remedy=_("save it again as .docx, without a password"),
        ) from error
    except OSError as error:
        raise MofangError(
            _("this file cannot be read: {reason}").format(reason=error), where=str(path)
        ) from error


def _refuse_bombs(archive: zipfile.ZipFile, path: Path) -> None:
    infos = archive.infolist()
    size = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if len(infos) > MEMBERS or size > UNPACKED or (size > SMALL and size > RATIO * max(packed, 1)):
        raise MofangError(
            _("this file would unpack to {size} bytes in {n} parts; it is not opened").format(
                size=size, n=len(infos)
            ),
            where=str(path),
            remedy=_("give the document that this program wrote, or an edited copy of it"),
        )
