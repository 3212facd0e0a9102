"""What a reader is given and what it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from mofang.corpus.errors import ChangedFile
from mofang.corpus.record import RawRecord
from mofang.i18n import _


class Problem(NamedTuple):
    """Something of a file that could not be read: a code, the line or row (from 1), and what was wrong.

    The message never quotes the file's content, which may be personal.
    """

    code: str
    place: int
    message: str


@dataclass(frozen=True, slots=True)
class Part:
    """A file, or a span of one, as the inventory saw it. ``span`` is [start, end, first line] in bytes or
    rows."""

    root: Path
    path: str
    size: int
    digest: str
    text: str = "text"
    key: str | None = None
    span: tuple[int, int, int] | None = None
    span_digest: str | None = None

    @property
    def file(self) -> Path:
        return self.root / self.path

    def bytes(self) -> bytes:
        """The bytes of the file or span. Raises ChangedFile if they are not those of the inventory."""
        try:
            with self.file.open("rb") as file:
                if self.span is None:
                    data, wanted = file.read(), self.digest
                else:
                    file.seek(self.span[0])
                    data, wanted = file.read(self.span[1] - self.span[0]), self.span_digest or ""
        except OSError as error:
            raise self.changed(error.strerror or str(error)) from None
        if f"sha256:{hashlib.sha256(data).hexdigest()}" != wanted:
            raise self.changed(_("its bytes are not those of the inventory"))
        return data

    def changed(self, why: str) -> ChangedFile:
        return ChangedFile(
            _("the file changed while the corpus was read: {why}").format(why=why),
            where=str(self.file),
            remedy=_("leave the folder alone and run again"),
        )


class Reader(Protocol):
    """A module that reads one kind of file."""

    def read(self, part: Part, problems: list[Problem]) -> Iterator[RawRecord]:
        """The records of ``part`` in order; what cannot be read goes into ``problems``."""
        ...
