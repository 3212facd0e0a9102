"""Which documents quote a text: a page printed from answers still holds them when the answers are
withheld."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

from mofang.evidence.digest import Digest
from mofang.evidence.leaves import read_leaves, strings
from mofang.evidence.objects import ObjectStore

SHORTEST, LONGEST = 8, 40  # characters of a fragment; shorter ones stand in any document by chance
_PLAIN = re.compile(r"[^\s\"'\\&<>\x00-\x1f]+(?: [^\s\"'\\&<>\x00-\x1f]+)*")
_CODE = re.compile(r"[A-Za-z0-9._:#/+-]*\Z")


def fragments(objects: ObjectStore, segment: Digest) -> set[str]:
    """For every text in the leaves of a segment the beginning of its longest stretch without characters that
    JSON or HTML would write differently. Texts without spaces in ASCII are codes and give none."""
    leaves = read_leaves(objects, segment)
    return {found for leaf in leaves for text in _texts(leaf) if (found := _fragment(text))}


def quoting(objects: ObjectStore, documents: Iterable[Digest], wanted: set[str]) -> set[Digest]:
    """The documents (text, HTML, JSON, office files) that hold one of the fragments."""
    sought = [fragment.encode() for fragment in sorted(wanted)]
    return {
        digest
        for digest in documents
        if sought and any(each in part for part in _parts(objects.get(digest)) for each in sought)
    }


def _texts(value: Any) -> Iterator[str]:
    return (text for text in strings(value) if not _CODE.match(text))


def _fragment(text: str) -> str | None:
    longest = max(_PLAIN.findall(text), key=len, default="")[:LONGEST]
    return longest if len(longest) >= SHORTEST else None


def _parts(data: bytes) -> list[bytes]:
    if not data.startswith(b"PK\x03\x04"):
        return [data]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [archive.read(name) for name in archive.namelist() if name.endswith(".xml")]
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError):
        return [data]
