from __future__ import annotations

import hashlib
import json
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.evidence.digest import Digest, canonical, sha256_bytes, sha256_file
from mofang.evidence.errors import DigestError, StorageError

EMPTY = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def test_a_digest_is_its_text() -> None:
    digest = sha256_bytes(b"")
    assert digest == EMPTY
    assert json.dumps(digest) == f'"{EMPTY}"'
    assert digest.hex == EMPTY[7:]
    assert digest.raw == hashlib.sha256().digest()
    assert digest.short == "sha256:e3b0c44298fc"
    assert Digest.of(digest.raw) == digest
    assert pickle.loads(pickle.dumps(digest)) == digest
    assert type(pickle.loads(pickle.dumps(digest))) is Digest


@pytest.mark.parametrize(
    "text",
    ["", "sha256:", EMPTY[:-1], EMPTY + "0", EMPTY.upper(), "md5:" + EMPTY[7:], EMPTY + "\n", None],
)
def test_what_is_no_digest_is_refused(text: object) -> None:
    with pytest.raises(DigestError) as caught:
        Digest(text)  # type: ignore[arg-type]
    assert caught.value.remedy == "a digest is sha256: and 64 lowercase hexadecimal digits"


def test_a_file_has_the_digest_of_its_bytes(tmp_path: Path) -> None:
    data = bytes(range(256)) * 5000
    (tmp_path / "data").write_bytes(data)
    assert sha256_file(tmp_path / "data") == sha256_bytes(data)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        sha256_file(tmp_path / "none")
    assert caught.value.where == str(tmp_path / "none")


def test_keys_stand_in_the_order_of_rfc_8785_section_3_2_3() -> None:
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    assert list(json.loads(canonical(value)).values()) == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


def test_strings_and_literals_are_written_as_in_rfc_8785_section_3_2_2() -> None:
    value = {"string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/", "literals": [None, True, False]}
    # The sample of the RFC without its floating-point numbers.
    expected = '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    assert canonical(value) == expected.encode()


@given(JSON)
def test_canonical_json_reads_back_and_is_a_fixed_point(value: object) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


@pytest.mark.parametrize(
    ("value", "place"), [(0.5, "$"), ({"a": [1, {"b": 1.0}]}, "$.a[1].b"), ([float("nan")], "$[0]")]
)
def test_floats_are_refused_and_their_place_is_named(value: object, place: str) -> None:
    with pytest.raises(DigestError, match="a floating-point number stands at") as caught:
        canonical(value)
    assert f"stands at {place}: " in caught.value.message


@pytest.mark.parametrize("value", [2**53, {1: "a"}, b"bytes", {"a": {1, 2}}, "\ud800"])
def test_values_without_a_canonical_form_are_refused(value: object) -> None:
    with pytest.raises(DigestError) as caught:
        canonical(value)
    assert caught.value.remedy
