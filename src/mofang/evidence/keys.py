"""Ed25519 keys. The private one stays in the user's configuration, the workspace keeps the public ones.

A key's id is the first 16 hex digits of the SHA-256 of its 32 public bytes. ``key.pem`` (or $MOFANG_KEY_FILE)
signs new workspaces; beside it ``key-<keyid>.pem`` keeps every key that a rotation has replaced or prepared.
The signature says "this system recorded it", not that a person signed.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mofang.evidence import files
from mofang.evidence.errors import KeyFileError
from mofang.evidence.statements import ROTATION, Signature, Subject
from mofang.i18n import _
from mofang.log import get as get_logger
from mofang.settings import key_file

if TYPE_CHECKING:
    from mofang.evidence.workspace import Workspace

logger = get_logger("evidence")
PUBLIC_KEY = "application/x-pem-file"


class PublicKey:
    """A public key: checks signatures, knows its id and its PEM."""

    __slots__ = ("_key", "keyid")

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key
        self.keyid = hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]

    @classmethod
    def parse(cls, pem: bytes, where: str) -> PublicKey:
        """Reads a PEM. Raises KeyFileError naming ``where`` for a blank, foreign or damaged one."""
        if not pem.strip():
            _refuse(_("the public key file is blank"), where, _("restore it from a copy of the workspace"))
        try:
            key = serialization.load_pem_public_key(pem)
        except ValueError as error:
            _refuse(_("not a public key: {reason}").format(reason=error), where, None)
        if not isinstance(key, Ed25519PublicKey):
            _refuse(_("not an Ed25519 key"), where, None)
        return cls(key)

    def pem(self) -> bytes:
        return self._key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def verify(self, message: bytes, signature: Signature) -> bool:
        """Whether ``signature`` is this key's over ``message``."""
        try:
            self._key.verify(signature.raw(), message)
        except InvalidSignature:
            return False
        return signature.keyid == self.keyid

    def __repr__(self) -> str:
        return f"PublicKey({self.keyid})"


class SigningKey:
    """A private key. It is never printed and never pickled."""

    __slots__ = ("_key", "public")

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey(key.public_key())

    @classmethod
    def generate(cls) -> SigningKey:
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def parse(cls, pem: bytes, where: str) -> SigningKey:
        """Reads an unencrypted PKCS #8 PEM. Raises KeyFileError naming ``where``."""
        remedy = _("restore the key file from a copy, or name another one with MOFANG_KEY_FILE")
        if not pem.strip():
            _refuse(_("the key file is blank"), where, remedy)
        try:
            key = serialization.load_pem_private_key(pem, password=None)
        except TypeError:
            _refuse(
                _("the key file is encrypted with a password"), where, _("store the key without a password")
            )
        except ValueError:
            # The parser's own message may quote the file; a key file is never quoted.
            _refuse(_("the key file holds no private key in PEM"), where, remedy)
        if not isinstance(key, Ed25519PrivateKey):
            _refuse(_("not an Ed25519 key"), where, remedy)
        return cls(key)

    @property
    def keyid(self) -> str:
        return self.public.keyid

    def pem(self) -> bytes:
        """The private key as PKCS #8 PEM: for the key file only."""
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def sign(self, message: bytes) -> Signature:
        return Signature.made(self.keyid, self._key.sign(message))

    def hmac_key(self, label: str) -> bytes:
        """32 bytes for HMAC, another for every label: HKDF-SHA256 (RFC 5869) of the private key."""
        derivation = HKDF(
            algorithm=hashes.SHA256(), length=32, salt=None, info=b"mofang hmac " + label.encode()
        )
        return derivation.derive(self._key.private_bytes_raw())

    def __repr__(self) -> str:
        return f"SigningKey({self.keyid})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a private key is not pickled")


class Keyring:
    """The public keys of a workspace: ``keys/<keyid>.pub``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def ids(self) -> list[str]:
        with files.reported(self.folder):
            return sorted(path.stem for path in self.folder.glob("*.pub"))

    def get(self, keyid: str) -> PublicKey:
        """Raises KeyFileError if the key is absent, blank, damaged, or filed under another key's id."""
        path = self.folder / f"{keyid}.pub"
        if keyid not in self.ids():
            _refuse(_("the workspace does not know key {keyid}").format(keyid=keyid or '""'), str(path), None)
        with files.reported(path):
            key = PublicKey.parse(path.read_bytes(), str(path))
        if key.keyid != keyid:
            _refuse(_("this file holds key {keyid}").format(keyid=key.keyid), str(path), None)
        return key

    def add(self, key: PublicKey) -> None:
        files.make_folder(self.folder)
        files.write_atomic(self.folder / f"{key.keyid}.pub", key.pem())


def signing_key(keyid: str | None = None) -> SigningKey:
    """The user's key, made on first use; or the one called ``keyid``, current or replaced. Raises
    KeyFileError."""
    path = key_file()
    key = _read(path)
    if key is None and keyid is None:
        key = _create(path, SigningKey.generate())
    if keyid is None or (key is not None and key.keyid == keyid):
        assert key is not None
        return key
    kept = _read(_kept(path, keyid))
    if kept is None or kept.keyid != keyid:
        _refuse(
            _("the key {keyid}, which signs this workspace, is not here").format(keyid=keyid),
            str(path),
            _("restore its key file, or name it with MOFANG_KEY_FILE"),
        )
    return kept


def hmac_key(label: str) -> bytes:
    """:meth:`SigningKey.hmac_key` of the user's key."""
    return signing_key().hmac_key(label)


def rotate(ws: Workspace) -> str:
    """Replace the workspace's signing key by the user's present key, or by a new one if it is that; its id.
    The old key signs the statement that names the new. At whatever point this is interrupted, the key that
    signs next is in a key file. Needs the lock."""
    path, old, new = key_file(), ws.signing_key(), signing_key()
    if new.keyid == old.keyid:
        new = SigningKey.generate()
        _create(_kept(path, new.keyid), new)
    ws.keys.add(new.public)
    pem = ws.objects.put(new.public.pem())
    ws.record(
        ROTATION,
        [Subject("public-key", pem, PUBLIC_KEY)],
        {"old": old.keyid, "new": new.keyid},
    )
    if signing_key().keyid == old.keyid:
        _create(_kept(path, old.keyid), old)
        files.write_atomic(path, new.pem(), mode=0o600)
    return new.keyid


def _kept(path: Path, keyid: str) -> Path:
    return path.with_name(f"{path.stem}-{keyid}.pem")


def _read(path: Path) -> SigningKey | None:
    try:
        pem = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = files.storage_error(error, path)
        raise KeyFileError(
            _("the key file cannot be read: {reason}").format(reason=reason.message),
            where=str(path),
            remedy=reason.remedy,
        ) from error
    if path.stat().st_mode & 0o077:
        logger.warning("%s can be read by other users; run: chmod 600 %s", path, path)
    return SigningKey.parse(pem, str(path))


def _create(target: Path, key: SigningKey) -> SigningKey:
    """File ``key`` at ``target`` unless a key is there already; the key that then is."""
    with files.reported(target):
        _private_folder(target.parent)
        temporary = target.with_name(f".mofang-{os.getpid()}-{secrets.token_hex(6)}.tmp")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            files.fault("write key", lambda: os.write(handle, key.pem()[:20]))
            os.write(handle, key.pem())
            os.fsync(handle)
            files.fault("link key")
            os.link(temporary, target)  # unlike a rename, never replaces the key another process just made
            files.flush(target.parent)
        except FileExistsError:
            return _read(target) or key
        finally:
            os.close(handle)
            temporary.unlink(missing_ok=True)
    return key


def _private_folder(folder: Path) -> None:
    for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)


def _refuse(message: str, where: str, remedy: str | None) -> NoReturn:
    raise KeyFileError(
        message, where=where, remedy=remedy or _("restore this file from a copy of the workspace")
    )
