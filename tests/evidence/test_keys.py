from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from mofang.evidence import files, keys
from mofang.evidence.errors import KeyFileError, WorkspaceError
from mofang.evidence.keys import Keyring, PublicKey, SigningKey, signing_key
from mofang.evidence.statements import ROTATION
from mofang.evidence.workspace import Workspace
from mofang.settings import key_file

InChild = Callable[..., int]

# RFC 8032 section 7.1, test 2
SECRET = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
SIGNATURE = (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def test_signatures_are_those_of_rfc_8032() -> None:
    key = SigningKey(ed25519.Ed25519PrivateKey.from_private_bytes(SECRET))
    assert key.sign(b"\x72").raw().hex() == SIGNATURE
    assert key.keyid == "39f713d0a644253f"


def test_the_key_is_made_on_first_use_and_kept() -> None:
    path = key_file()
    assert not path.exists()
    key = signing_key()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert signing_key().keyid == key.keyid == signing_key(key.keyid).keyid
    assert os.listdir(path.parent) == [path.name]


def test_the_folders_made_for_a_key_are_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOFANG_KEY_FILE", str(tmp_path / "one" / "two" / "signing.pem"))
    key = signing_key()
    assert (tmp_path / "one").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "one" / "two").stat().st_mode & 0o777 == 0o700
    assert SigningKey.parse((tmp_path / "one" / "two" / "signing.pem").read_bytes(), "").keyid == key.keyid


def test_secrets_are_neither_printed_nor_pickled() -> None:
    key = signing_key()
    secret = key_file().read_text().splitlines()[1]
    for text in (repr(key), str(key), f"{key}", repr(key.public)):
        assert secret not in text
        assert key.keyid in text
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(key)


def test_hmac_keys_differ_by_label_and_by_key() -> None:
    key, other = SigningKey.generate(), SigningKey.generate()
    assert len(key.hmac_key("pii")) == 32
    assert key.hmac_key("pii") == key.hmac_key("pii")
    assert len({key.hmac_key("pii"), key.hmac_key("terms"), other.hmac_key("pii")}) == 3
    assert keys.hmac_key("pii") == signing_key().hmac_key("pii")


def _pem(key: object, password: bytes | None = None) -> bytes:
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(  # type: ignore[attr-defined,no-any-return]
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the key file is blank"),
        (b" \n", "the key file is blank"),
        (b"garbage", "the key file holds no private key in PEM"),
        (_pem(ed25519.Ed25519PrivateKey.generate())[:-40], "the key file holds no private key in PEM"),
        (_pem(ed25519.Ed25519PrivateKey.generate(), b"secret"), "the key file is encrypted with a password"),
        (_pem(ec.generate_private_key(ec.SECP256R1())), "not an Ed25519 key"),
    ],
    ids=["blank", "spaces", "garbage", "cut short", "encrypted", "another kind"],
)
def test_a_bad_key_file_is_named_and_never_replaced(content: bytes, message: str) -> None:
    path = key_file()
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(KeyFileError, match=message) as caught:
        signing_key()
    assert caught.value.where == str(path)
    assert caught.value.remedy
    assert path.read_bytes() == content


def test_a_folder_in_place_of_the_key_file() -> None:
    key_file().mkdir()
    with pytest.raises(KeyFileError, match="cannot be read: a folder stands where a file should be"):
        signing_key()


def test_a_key_file_below_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("MOFANG_KEY_FILE", str(tmp_path / "file" / "key.pem"))
    with pytest.raises(KeyFileError, match="a file stands where a folder should be"):
        signing_key()


def test_a_key_file_that_others_may_read_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    signing_key()
    key_file().chmod(0o644)
    signing_key()
    assert "chmod 600" in caplog.text


def test_two_processes_make_one_key(in_child: InChild) -> None:
    # The child's key is linked while the parent is about to link its own.
    key = SigningKey.generate()
    assert in_child(signing_key) == 0
    made = keys._create(key_file(), key)
    assert made.keyid != key.keyid
    assert signing_key().keyid == made.keyid


def test_a_killed_process_leaves_a_whole_key_or_none(in_child: InChild) -> None:
    for point in (1, 2):
        assert in_child(signing_key, killed_at=point) == files.KILLED
        assert not key_file().exists()
    assert signing_key().keyid == signing_key().keyid


def test_public_keys_read_back(tmp_path: Path) -> None:
    ring = Keyring(tmp_path / "keys")
    assert ring.ids() == []
    key = SigningKey.generate().public
    ring.add(key)
    assert ring.ids() == [key.keyid]
    assert ring.get(key.keyid).pem() == key.pem()


def test_bad_public_keys_are_named(tmp_path: Path) -> None:
    ring = Keyring(tmp_path)
    key, other = SigningKey.generate().public, SigningKey.generate().public
    with pytest.raises(KeyFileError, match="does not know key"):
        ring.get(key.keyid)
    with pytest.raises(KeyFileError, match="does not know key"):
        ring.get("")
    path = tmp_path / f"{key.keyid}.pub"
    for content, message in [
        (b"", "the public key file is blank"),
        (b"x", "not a public key"),
        (other.pem(), f"this file holds key {other.keyid}"),
    ]:
        path.write_bytes(content)
        with pytest.raises(KeyFileError, match=message) as caught:
            ring.get(key.keyid)
        assert caught.value.where == str(path)
    foreign = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = foreign.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(KeyFileError, match="not an Ed25519 key"):
        PublicKey.parse(pem, "here")


def test_a_rotation_is_signed_by_the_old_key_and_names_the_new(ws: Workspace) -> None:
    old = ws.signer()
    with ws.lock("rotate"):
        new = keys.rotate(ws)
        after = ws.record("https://mofang.dev/note/v1", [], {"text": "after"})
    rotation, note = list(ws.chain.entries())[1:]
    assert (rotation.type, rotation.signatures[0].keyid, rotation.seal.keyid) == (ROTATION, old, old)
    assert ws.statement(rotation.statement).predicate == {"old": old, "new": new}
    assert (note.statement, note.signatures[0].keyid) == (after, new)
    assert signing_key().keyid == ws.signer() == new
    assert ws.keys.ids() == sorted([old, new])
    assert ws.chain.check(ws.objects, ws.keys) == []


def test_other_workspaces_are_still_signed_after_a_rotation(ws: Workspace, tmp_path: Path) -> None:
    second = Workspace.create(tmp_path / "second")
    old = second.signer()
    with ws.lock("rotate"):
        new = keys.rotate(ws)
    with second.lock("note"):
        second.record("https://mofang.dev/note/v1", [], {})
        assert second.signer() == old
        assert keys.rotate(second) == new  # the user's present key, not a third one
    assert second.chain.check(second.objects, second.keys) == []


def test_a_lost_key_is_named(ws: Workspace) -> None:
    lost = ws.signer()
    key_file().unlink()
    signing_key()
    with ws.lock("note"), pytest.raises(KeyFileError, match=lost) as caught:
        ws.record("https://mofang.dev/note/v1", [], {})
    assert caught.value.where == str(key_file())
    assert [entry.n for entry in ws.chain.entries()] == [0]


def test_a_rotation_needs_the_lock(ws: Workspace) -> None:
    with pytest.raises(WorkspaceError, match="not locked"):
        keys.rotate(ws)
    assert ws.signer() == signing_key().keyid
