"""Sealed at rest: the digest is of the plain bytes, the disk holds none of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.errors import MofangError
from mofang.evidence import sealing
from mofang.evidence.digest import sha256_bytes
from mofang.evidence.errors import KeyFileError, ObjectDamaged
from mofang.evidence.leaves import read_leaves, write_leaves
from mofang.evidence.objects import ObjectStore
from mofang.evidence.openings import openings, record_opening
from mofang.evidence.workspace import Workspace

TEXT = "这一句话只在解封之后才读得到。"


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return ObjectStore(tmp_path / "objects")


def on_disk(store: ObjectStore) -> bytes:
    return b"".join(path.read_bytes() for path in store.root.rglob("*") if path.is_file())


def test_a_sealed_segment_reads_as_a_plain_one_and_has_the_same_digest(
    store: ObjectStore, tmp_path: Path
) -> None:
    leaves = [{"id": str(n), "text": TEXT} for n in range(20)]
    sealed = write_leaves(store.sealing(), leaves)
    plain = write_leaves(ObjectStore(tmp_path / "plain"), leaves)
    assert sealed == plain
    assert list(read_leaves(store, sealed.digest)) == leaves
    assert TEXT.encode() not in on_disk(store)
    assert store.sealed(sealed.digest)
    assert store.check(sealed.digest)
    assert store.size(sealed.digest) == ObjectStore(tmp_path / "plain").size(plain.digest)


@given(data=st.binary(max_size=4000))
def test_what_is_sealed_comes_back(data: bytes) -> None:
    digest = sha256_bytes(data)
    file = sealing.sealed(data, digest)
    assert len(file) == len(data) + sealing.OVERHEAD
    assert sealing.unsealed(file, digest, "") == data


def test_a_plain_object_is_replaced_when_a_sealed_one_is_wanted_but_not_the_other_way(
    store: ObjectStore,
) -> None:
    digest = store.put(TEXT.encode())
    assert not store.sealed(digest)
    store.sealing().put(TEXT.encode())
    assert store.sealed(digest)
    store.put(TEXT.encode())
    assert store.sealed(digest)
    assert store.get(digest) == TEXT.encode()


def test_every_changed_byte_of_a_sealed_file_is_named(store: ObjectStore) -> None:
    digest = store.sealing().put(b"short")
    place = store.path(digest)
    whole = place.read_bytes()
    for index in range(len(sealing.MAGIC) + 16, len(whole)):
        place.write_bytes(whole[:index] + bytes([whole[index] ^ 1]) + whole[index + 1 :])
        assert not store.check(digest)
        with pytest.raises(ObjectDamaged):
            store.get(digest)


def test_without_the_key_nothing_is_read(
    store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = store.sealing().put(TEXT.encode())
    sealing._key.cache_clear()
    monkeypatch.setenv("MOFANG_KEY_FILE", str(tmp_path / "another" / "key.pem"))
    with pytest.raises(KeyFileError) as caught:
        store.get(digest)
    assert "MOFANG_KEY_FILE" in caught.value.diagnostics()
    sealing._key.cache_clear()


def test_an_opening_is_recorded_with_a_name(tmp_path: Path) -> None:
    ws = Workspace.create(tmp_path)
    with ws.lock("test"):
        digest = ws.objects.sealing().put(TEXT.encode())
        with pytest.raises(MofangError):
            record_opening(ws, digest, by=" ")
        record_opening(ws, digest, part="3", by="李四", why="复核")
    found = openings(Workspace.open(tmp_path))
    assert [(one.digest, one.part, one.by, one.why) for one in found] == [(digest, "3", "李四", "复核")]
    assert found[0].recorded.endswith("Z")
