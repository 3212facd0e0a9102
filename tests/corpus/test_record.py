"""The identity of records."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from mofang.corpus.record import RecordNames, raw_digest
from mofang.evidence.digest import canonical

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)


@given(TEXT, TEXT, st.integers(0, 2**53 - 1), st.none() | TEXT, st.binary(max_size=20))
def test_a_record_id_is_the_digest_of_canonical_json(
    source: str, path: str, ordinal: int, key: str | None, raw: bytes
) -> None:
    name = ordinal if key is None else key
    expected = hashlib.sha256(canonical([source, path, name, raw_digest(raw)])).digest()[:16]
    assert RecordNames(source, path).id(ordinal, key, raw_digest(raw)) == expected


def test_a_key_that_looks_like_an_ordinal_is_another_record() -> None:
    names = RecordNames("s", "p")
    assert names.id(1, None, "00") != names.id(1, "1", "00")
