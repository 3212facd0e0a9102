"""Digests name artifacts; canonical JSON (RFC 8785) makes equal values equal bytes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import rfc8785

from mofang.evidence.errors import DigestError
from mofang.evidence.files import reported
from mofang.i18n import _

_FORM = re.compile(r"sha256:[0-9a-f]{64}\Z")


class Digest(str):
    """``sha256:`` and 64 lowercase hex digits. A str, so it goes into JSON as it is."""

    __slots__ = ()

    def __new__(cls, text: str) -> Digest:
        if type(text) is cls:
            return text
        if not isinstance(text, str) or not _FORM.match(text):
            raise DigestError(
                _("not a digest: {text}").format(text=repr(text)[:100]),
                remedy=_("a digest is sha256: and 64 lowercase hexadecimal digits"),
            )
        return super().__new__(cls, text)

    @classmethod
    def of(cls, raw: bytes) -> Digest:
        """The digest whose 32 raw bytes are ``raw``."""
        return cls("sha256:" + raw.hex())

    @property
    def hex(self) -> str:
        """The 64 hex digits."""
        return self[7:]

    @property
    def raw(self) -> bytes:
        """The 32 bytes."""
        return bytes.fromhex(self[7:])

    @property
    def short(self) -> str:
        """Algorithm and the first 12 hex digits, for people."""
        return self[:19]

    def __getnewargs__(self) -> tuple[str]:
        return (str(self),)


def sha256_bytes(data: bytes) -> Digest:
    return Digest("sha256:" + hashlib.sha256(data).hexdigest())


def sha256_file(path: Path) -> Digest:
    """Digest of a file's bytes, read in pieces. Raises StorageError naming the file."""
    with reported(path), open(path, "rb") as file:
        return Digest("sha256:" + hashlib.file_digest(file, "sha256").hexdigest())


def canonical(value: Any) -> bytes:
    """``value`` as RFC 8785 JSON. Floats are refused (two machines may print them from different sums):
    rates and thresholds are whole numbers or decimal strings. Raises DigestError naming the place."""
    _refuse_floats(value, "$")
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise DigestError(
            _("this value has no canonical JSON form: {reason}").format(reason=error),
            remedy=_("use strings, whole numbers below 2^53, true, false, null, lists and objects"),
        ) from error


def _refuse_floats(value: Any, place: str) -> None:
    if isinstance(value, float):
        raise DigestError(
            _("a floating-point number stands at {place}: {value}").format(place=place, value=value),
            remedy=_("use a whole number or a decimal string"),
        )
    if isinstance(value, Mapping):
        for key, item in value.items():
            _refuse_floats(item, f"{place}.{key}")
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            _refuse_floats(item, f"{place}[{index}]")
