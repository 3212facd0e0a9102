from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mofang.evidence import merkle
from mofang.evidence.digest import Digest, canonical, sha256_bytes
from mofang.evidence.errors import DigestError, LeafError, ObjectMissing
from mofang.evidence.leaves import (
    WITHDRAWN,
    WITHHELD,
    leaf_hashes,
    leaf_line,
    leaf_ref,
    marked,
    merkle_root,
    parse_ref,
    read_leaf,
    read_leaves,
    redact_leaves,
    write_leaves,
)
from mofang.evidence.objects import ObjectStore

RECORDS = [{"id": f"q-{number}", "text": f"第{number}题", "n": number} for number in range(7)]


def test_a_leaf_is_a_canonical_line(objects: ObjectStore) -> None:
    segment = write_leaves(objects, RECORDS)
    assert objects.get(segment.digest) == b"".join(canonical(record) + b"\n" for record in RECORDS)
    assert segment.count == 7
    assert segment.root == Digest.of(
        merkle.tree_hash([merkle.leaf_hash(canonical(record)) for record in RECORDS])
    )
    assert merkle_root(objects, segment.digest) == segment.root
    assert list(read_leaves(objects, segment.digest)) == RECORDS
    assert read_leaf(objects, segment.digest, 3) == RECORDS[3]


def test_a_leaf_is_proven_by_its_bytes(objects: ObjectStore) -> None:
    segment = write_leaves(objects, RECORDS)
    proof = merkle.inclusion_proof(list(leaf_hashes(objects, segment.digest)), 4)
    leaf = merkle.leaf_hash(canonical(RECORDS[4]))
    assert merkle.verify_inclusion(leaf, 4, segment.count, proof, segment.root.raw)


def test_a_segment_without_leaves(objects: ObjectStore) -> None:
    segment = write_leaves(objects, [])
    assert (segment.count, segment.root, segment.digest) == (0, sha256_bytes(b""), sha256_bytes(b""))
    assert list(read_leaves(objects, segment.digest)) == []


@pytest.mark.parametrize("index", [7, -1, 10**6])
def test_a_leaf_that_is_not_there(objects: ObjectStore, index: int) -> None:
    segment = write_leaves(objects, RECORDS)
    with pytest.raises(LeafError, match="has no leaf") as caught:
        read_leaf(objects, segment.digest, index)
    assert caught.value.where == f"{segment.digest}#{index}"


def test_references_read_back() -> None:
    digest = sha256_bytes(b"")
    assert leaf_ref(digest, 17) == f"{digest}#17"
    assert parse_ref(leaf_ref(digest, 17)) == (digest, 17)
    assert parse_ref(digest) == (digest, None)


@pytest.mark.parametrize("tail", ["#", "#x", "#-1", "#1.0", "#²", "#1#2", " "])
def test_what_is_no_reference_is_refused(tail: str) -> None:
    with pytest.raises(DigestError):
        parse_ref(sha256_bytes(b"") + tail)


@pytest.mark.parametrize("mark", [WITHDRAWN, WITHHELD])
def test_a_redacted_leaf_keeps_the_root_and_not_the_text(objects: ObjectStore, mark: str) -> None:
    old = write_leaves(objects, RECORDS)
    new = redact_leaves(objects, old.digest, {2: "request 12"}, mark=mark)
    assert new.digest != old.digest
    assert (new.root, new.count) == (old.root, old.count)
    assert merkle_root(objects, new.digest) == old.root
    assert "第2题".encode() not in objects.get(new.digest)
    leaf = read_leaf(objects, new.digest, 2)
    assert marked(leaf) == mark
    assert leaf == {
        mark: {"hash": Digest.of(merkle.leaf_hash(canonical(RECORDS[2]))), "reason": "request 12"}
    }
    readable = [each for each in read_leaves(objects, new.digest) if not marked(each)]
    assert readable == RECORDS[:2] + RECORDS[3:]


def test_part_of_a_redacted_leaf_may_stay_readable(objects: ObjectStore) -> None:
    old = write_leaves(objects, RECORDS)
    new = redact_leaves(objects, old.digest, {1: "text"}, mark=WITHHELD, keep=lambda leaf: {"id": leaf["id"]})
    assert read_leaf(objects, new.digest, 1)[WITHHELD]["kept"] == {"id": "q-1"}
    assert merkle_root(objects, new.digest) == old.root


def test_redacting_again_changes_nothing(objects: ObjectStore) -> None:
    once = redact_leaves(objects, write_leaves(objects, RECORDS).digest, {1: "a", 2: "b"})
    assert redact_leaves(objects, once.digest, {1: "other"}) == once
    assert redact_leaves(objects, once.digest, {}) == once


def test_a_withheld_leaf_can_still_be_withdrawn(objects: ObjectStore) -> None:
    old = write_leaves(objects, RECORDS)
    withheld = redact_leaves(objects, old.digest, {1: "bundle"}, mark=WITHHELD, keep=lambda leaf: leaf)
    withdrawn = redact_leaves(objects, withheld.digest, {1: "request"}, mark=WITHDRAWN)
    assert set(read_leaf(objects, withdrawn.digest, 1)[WITHDRAWN]) == {"hash", "reason"}
    assert withdrawn.root == old.root


def test_redacting_a_leaf_that_is_not_there(objects: ObjectStore) -> None:
    segment = write_leaves(objects, RECORDS)
    with pytest.raises(LeafError, match="has no leaf 7"):
        redact_leaves(objects, segment.digest, {2: "x", 7: "x", 9: "x"})


@pytest.mark.parametrize("mark", [WITHDRAWN, WITHHELD])
def test_a_record_may_not_pose_as_redacted(objects: ObjectStore, mark: str) -> None:
    with pytest.raises(LeafError, match="may not have a field"):
        write_leaves(objects, [{mark: {"hash": sha256_bytes(b"x")}}])
    assert list(objects) == []


@pytest.mark.parametrize(
    ("data", "index"),
    [(b'{"a":1}\n{"a":\n', 1), (b'{"a":1}\n[1]\n', 1), (b'{"a":1}', 0), (b"\xff\n", 0), (b"\n", 0)],
)
def test_an_unreadable_line_is_named(objects: ObjectStore, data: bytes, index: int) -> None:
    digest = objects.put(data)
    with pytest.raises(LeafError) as caught:
        list(read_leaves(objects, digest))
    assert caught.value.where == f"{digest}#{index}"


def test_a_redacted_line_without_its_hash_is_named(objects: ObjectStore) -> None:
    digest = objects.put(b'{"$withdrawn":{"reason":"x"}}\n')
    with pytest.raises(LeafError, match="without its hash"):
        merkle_root(objects, digest)


def test_a_missing_segment(objects: ObjectStore) -> None:
    with pytest.raises(ObjectMissing):
        list(read_leaves(objects, sha256_bytes(b"none")))


RECORD = st.dictionaries(
    st.text("abz€😀", max_size=4),
    st.integers(-9, 9) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.none(),
    max_size=4,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.lists(RECORD, max_size=12), st.data())
def test_any_leaves_may_go_and_the_root_stays(
    objects: ObjectStore, records: list[dict[str, object]], data: st.DataObject
) -> None:
    gone = data.draw(st.sets(st.integers(0, len(records) - 1))) if records else set()
    old = write_leaves(objects, records)
    new = redact_leaves(objects, old.digest, dict.fromkeys(gone, "x"))
    assert (merkle_root(objects, new.digest), new.root, new.count) == (old.root, old.root, old.count)
    for index, leaf in enumerate(read_leaves(objects, new.digest)):
        assert marked(leaf) == (WITHDRAWN if index in gone else None)
        assert index in gone or leaf == records[index]


SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text()


@given(st.dictionaries(st.text(), SCALARS | st.lists(SCALARS, max_size=2), max_size=6))
def test_the_quick_way_to_a_line_writes_the_canonical_bytes(record: dict[str, object]) -> None:
    try:
        wanted = canonical(record)
    except DigestError:
        with pytest.raises(DigestError):
            leaf_line(record)
    else:
        assert leaf_line(record) == wanted


@pytest.mark.parametrize("value", [2**53, -(2**53), 0.5, {"deep": 1.0}, "\ud800"])
def test_what_has_no_canonical_form_is_refused_on_the_quick_way_too(value: object) -> None:
    with pytest.raises(DigestError):
        leaf_line({"n": value})
