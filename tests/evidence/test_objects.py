from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from mofang.evidence import files
from mofang.evidence.digest import Digest, sha256_bytes
from mofang.evidence.errors import DigestError, ObjectDamaged, ObjectMissing, StorageError
from mofang.evidence.objects import ObjectStore

NONE = sha256_bytes(b"none")
InChild = Callable[..., int]


def test_what_is_put_is_filed_under_its_digest(objects: ObjectStore) -> None:
    digest = objects.put(b"hello")
    assert digest == "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    assert objects.path(digest) == objects.root / "sha256" / "2c" / digest.hex[2:]
    assert objects.get(digest) == b"hello"
    assert objects.has(digest)
    assert objects.size(digest) == 5
    assert objects.check(digest)
    with objects.open(digest) as file:
        assert file.read() == b"hello"


def test_the_same_bytes_are_filed_once(objects: ObjectStore) -> None:
    place = objects.path(objects.put(b"hello"))
    before = place.stat().st_ino
    objects.put(b"hello")
    assert place.stat().st_ino == before
    assert list(objects) == [sha256_bytes(b"hello")]


def test_json_is_canonical(objects: ObjectStore) -> None:
    digest = objects.put_json({"b": 1, "a": "中"})
    assert objects.get(digest) == '{"a":"中","b":1}'.encode()
    assert objects.json(digest) == {"a": "中", "b": 1}
    with pytest.raises(DigestError):
        objects.put_json({"a": 0.5})


def test_files_and_pieces_have_the_same_digest_as_bytes(objects: ObjectStore, tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    (tmp_path / "data").write_bytes(data)
    with objects.create() as writer:
        writer.write(data[:100])
        writer.write(data[100:])
    assert writer.digest == objects.put_file(tmp_path / "data") == objects.put(data) == sha256_bytes(data)
    assert os.listdir(objects.root / "tmp") == []


def test_another_library_may_write_an_object(objects: ObjectStore) -> None:
    with objects.create() as writer:
        writer.path.write_bytes(b"from elsewhere")
    assert objects.get(writer.digest) == b"from elsewhere"


def test_an_empty_object(objects: ObjectStore) -> None:
    with objects.create() as writer:
        pass
    assert writer.digest == objects.put(b"") == sha256_bytes(b"")
    assert objects.get(writer.digest) == b""


def test_an_abandoned_object_leaves_nothing(objects: ObjectStore) -> None:
    def abandon() -> None:
        with objects.create() as writer:
            writer.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        abandon()
    assert list(objects) == []
    assert os.listdir(objects.root / "tmp") == []


def test_a_missing_object_is_named(objects: ObjectStore) -> None:
    for ask in (objects.get, objects.json, objects.open, objects.path, objects.size, objects.check):
        with pytest.raises(ObjectMissing) as caught:
            ask(NONE)
        assert str(NONE) in caught.value.message
        assert caught.value.where == str(objects.root / "sha256" / NONE.hex[:2] / NONE.hex[2:])
    assert not objects.has(NONE)
    assert not objects.remove(NONE)


def test_one_changed_byte_is_noticed(objects: ObjectStore) -> None:
    digest = objects.put(b'{"a":1}')
    objects.path(digest).write_bytes(b'{"a":2}')
    assert not objects.check(digest)
    for ask in (objects.get, objects.json):
        with pytest.raises(ObjectDamaged) as caught:
            ask(digest)
        assert caught.value.where == str(objects.path(digest))


def test_what_is_not_json_is_named(objects: ObjectStore) -> None:
    digest = objects.put(b"\xff{")
    with pytest.raises(ObjectDamaged, match="not JSON") as caught:
        objects.json(digest)
    assert caught.value.where == digest


def test_an_object_cut_short_by_a_power_failure_is_written_anew(objects: ObjectStore) -> None:
    place = objects.path(objects.put(b"hello"))
    place.write_bytes(b"")
    assert objects.get(objects.put(b"hello")) == b"hello"


def test_only_objects_are_listed(objects: ObjectStore) -> None:
    digests = sorted(objects.put(str(number).encode()) for number in range(20))
    objects.settle([*digests, NONE])
    (objects.root / "sha256" / "README").write_text("x")
    (objects.root / "sha256" / "ab").mkdir(exist_ok=True)
    (objects.root / "sha256" / "ab" / "short").write_text("x")
    assert list(objects) == digests
    assert objects.remove(digests[0])
    assert list(objects) == digests[1:]


def test_an_empty_store_lists_nothing(objects: ObjectStore) -> None:
    assert list(objects) == []
    objects.settle([NONE])


def test_workers_get_a_copy(objects: ObjectStore) -> None:
    digest = objects.put(b"hello")
    copy = pickle.loads(pickle.dumps(objects))
    assert copy == objects
    assert copy.get(digest) == b"hello"


def test_text_that_is_no_digest_never_becomes_a_path(objects: ObjectStore) -> None:
    with pytest.raises(DigestError):
        objects.path("../../etc/passwd")  # type: ignore[arg-type]


def test_a_full_disk_is_named_and_leaves_no_half_object(small_disk: Path) -> None:
    objects = ObjectStore(small_disk / "objects")
    kept = objects.put(b"small")
    with pytest.raises(StorageError, match="the disk is full"):
        objects.put(os.urandom(500_000))
    with pytest.raises(StorageError, match="the disk is full"), objects.create() as writer:
        writer.write(os.urandom(500_000))
    assert list(objects) == [kept]
    assert os.listdir(objects.root / "tmp") == []


def test_an_unwritable_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "objects").write_bytes(b"")
    with pytest.raises(StorageError, match="a file stands where a folder should be"):
        ObjectStore(tmp_path / "objects").put(b"x")


def test_a_killed_writer_leaves_whole_objects_or_none(objects: ObjectStore, in_child: InChild) -> None:
    def work() -> None:
        objects.put(b"first object")
        with objects.create() as writer:
            writer.write(b"second object")

    whole: list[list[Digest]] = []
    for point in range(1, 20):
        status = in_child(work, killed_at=point)
        assert all(objects.check(digest) for digest in objects)
        whole.append(list(objects))
        objects.sweep()
        assert not (objects.root / "tmp").is_dir() or os.listdir(objects.root / "tmp") == []
        if status == 0:
            break
        assert status == files.KILLED
    assert whole[0] == []
    assert whole[-1] == sorted([sha256_bytes(b"first object"), sha256_bytes(b"second object")])
    assert point == 4  # each attempt goes on where the one before was killed


def test_workers_may_put_the_same_bytes_at_once(objects: ObjectStore) -> None:
    def work() -> None:
        for number in range(60):
            objects.put(b"%d" % number * 1000)

    workers = []
    for _ in range(4):
        worker = os.fork()
        if worker == 0:
            try:
                work()
            except BaseException:  # noqa: BLE001 - the child must not go on as a test run
                os._exit(1)
            os._exit(0)
        workers.append(worker)
    assert [os.waitpid(worker, 0)[1] for worker in workers] == [0, 0, 0, 0]
    assert list(objects) == sorted(sha256_bytes(b"%d" % number * 1000) for number in range(60))
    assert all(objects.check(digest) for digest in objects)
    assert os.listdir(objects.root / "tmp") == []
