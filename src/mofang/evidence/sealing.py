"""Sealing 封存: artifacts encrypted at rest. The digest stays that of the plain bytes; only the file differs.

A sealed file is ``MOFANG-SEALED-1\\n``, the id of the signing key it hangs on (16 hex digits), a nonce of 12
bytes, and AES-256-GCM of the plain bytes (NIST SP 800-38D) with the digest as associated data. The key is
derived (HKDF-SHA256) from that signing key, which lives outside the workspace: a copied workspace tells its
sealed texts to nobody.
"""

from __future__ import annotations

import functools
import secrets
from pathlib import Path

from mofang.evidence.errors import KeyFileError, ObjectDamaged
from mofang.i18n import _

MAGIC = b"MOFANG-SEALED-1\n"
_ID, _NONCE, _TAG = 16, 12, 16
HEADER = len(MAGIC) + _ID + _NONCE
OVERHEAD = HEADER + _TAG
"""How many bytes a sealed file is longer than what it holds."""


def sealed(data: bytes, label: str) -> bytes:
    """``data`` as a sealed file under the user's present key. Raises KeyFileError."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from mofang.evidence.keys import signing_key

    keyid = signing_key().keyid
    nonce = secrets.token_bytes(_NONCE)
    hidden = AESGCM(_key(keyid)).encrypt(nonce, data, label.encode())
    return MAGIC + keyid.encode() + nonce + hidden


def unsealed(file: bytes, label: str, where: str) -> bytes:
    """What a sealed file holds. Raises KeyFileError where its key is not here, ObjectDamaged where a byte of
    it changed."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    keyid = file[len(MAGIC) : len(MAGIC) + _ID].decode("ascii", "replace")
    nonce = file[len(MAGIC) + _ID : HEADER]
    try:
        key = _key(keyid)
    except KeyFileError as error:
        if error.__cause__ is not None:  # a key file that cannot be read says so itself
            raise
        raise KeyFileError(
            _("the key {keyid}, with which this was sealed, is not here").format(
                keyid=keyid if keyid.isalnum() else "?"
            ),
            where=where,
            remedy=_("restore the key file of whoever sealed it, or name it with MOFANG_KEY_FILE"),
        ) from error
    try:
        return AESGCM(key).decrypt(nonce, file[HEADER:], label.encode())
    except (InvalidTag, ValueError) as error:
        raise ObjectDamaged(
            _("the bytes of the sealed file have changed: {label}").format(label=label),
            where=where,
            remedy=_("restore this file from a copy, or remove it and run again"),
        ) from error


def is_sealed(path: Path) -> bool:
    """Whether the file at ``path`` is a sealed one."""
    with open(path, "rb") as file:
        return file.read(len(MAGIC)) == MAGIC


@functools.lru_cache(maxsize=8)
def _key(keyid: str) -> bytes:
    from mofang.evidence.keys import signing_key

    return signing_key(keyid).hmac_key("sealed artifacts")
