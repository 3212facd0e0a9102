"""The file: the same bytes for the same parts, and nothing odd is ever read."""

from __future__ import annotations

import io
import pickle
import zipfile
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.assurance.judges.classifier import container
from mofang.assurance.judges.classifier.container import Parts, pack, unpack
from mofang.assurance.judges.classifier.errors import ClassifierError
from mofang.evidence.digest import canonical

CARD = {"format": 1, "note": "测试"}


def parts(**changed: Any) -> Parts:
    given: dict[str, Any] = {
        "card": CARD,
        "features": np.array([2, 5, 9], dtype=np.uint32),
        "scales": np.array([1, 2, 1.5], dtype=np.float32),
        "weights": np.array([0.5, -0.25, 0], dtype=np.float32),
        "peaks": np.array([[0, 0], [1, 2], [3, 4], [-5, 6]], dtype=np.int8),
        "gains": np.array([0.1, -0.1], dtype=np.float32),
    }
    return Parts(**{**given, **changed})


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(content: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in content.items():
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return file.getvalue()


def changed(**content: bytes) -> bytes:
    known = members(pack(parts()))
    names = {"card": "card.json"}
    return container._zip({**known, **{names.get(name, name): data for name, data in content.items()}})


def test_what_is_packed_is_unpacked() -> None:
    data = pack(parts())
    again = unpack(data)
    assert again.card == CARD
    for name in ("features", "scales", "weights", "peaks", "gains"):
        assert (getattr(again, name) == getattr(parts(), name)).all()
    assert pack(again) == data == pack(parts())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        b"\x80\x04\x95",
        pickle.dumps({"format": 1}),
        pack(parts())[:-1],
        pack(parts())[:200],
        pack(parts()) + b"\0",
        b"\0" + pack(parts()),
        zipped(members(pack(parts()))),
        zipped(members(pack(parts())), zipfile.ZIP_DEFLATED),
        zipped({**members(pack(parts())), "more.py": b"print()"}),
        zipped(dict(reversed(members(pack(parts())).items()))),
        zipped({"card.json": b"{}"}),
        changed(card=b'{"format": 1}'),
        changed(card=b"[1]"),
        changed(card=b"not json"),
        changed(card=b'{"format":1,"x":NaN}'),
        changed(card=b"[" * 100_000),
        changed(weights=np.array([1, np.nan, 0], dtype="<f4").tobytes()),
        changed(weights=np.array([1, np.inf, 0], dtype="<f4").tobytes()),
        changed(gains=np.array([np.nan, 1], dtype="<f4").tobytes()),
        changed(scales=np.array([1, 0, 1], dtype="<f4").tobytes()),
        changed(features=np.array([2, 2, 9], dtype="<u4").tobytes()),
        changed(features=np.array([9, 5, 2], dtype="<u4").tobytes()),
        changed(features=b""),
        changed(weights=b"\0" * 8),
        changed(weights=b"\0" * 11),
        changed(peaks=b"\0" * 7),
        changed(peaks=b"\1" * 8),
        changed(gains=b""),
    ],
)  # fmt: skip
def test_odd_files_are_refused(data: bytes) -> None:
    with pytest.raises(ClassifierError) as caught:
        unpack(data, "own.judge")
    assert caught.value.where == "own.judge"
    assert caught.value.remedy


def test_another_format_is_named() -> None:
    with pytest.raises(ClassifierError, match="format 7"):
        unpack(changed(card=canonical({"format": 7})))


def test_a_file_beyond_the_cap_is_not_even_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pack(parts())
    monkeypatch.setattr(container, "MOST_BYTES", len(data) - 1)
    with pytest.raises(ClassifierError, match="larger"):
        unpack(data)


@given(st.binary(max_size=300))
def test_noise_is_refused(data: bytes) -> None:
    with pytest.raises(ClassifierError):
        unpack(data)


@given(st.data())
def test_a_changed_byte_is_noticed_or_harmless(given: st.DataObject) -> None:
    data = bytearray(pack(parts()))
    at = given.draw(st.integers(0, len(data) - 1))
    data[at] ^= given.draw(st.integers(1, 255))
    # Zip keeps a checksum of each member, and every other byte must be as we would write it.
    with pytest.raises(ClassifierError):
        unpack(bytes(data))


@pytest.mark.parametrize(
    "odd",
    [
        {"weights": np.array([1.0, np.nan, 0], dtype=np.float32)},
        {"features": np.array([2, 5], dtype=np.uint32)},
        {"peaks": np.ones((4, 2), dtype=np.int8)},
    ],
)
def test_odd_parts_are_not_written(odd: dict[str, Any]) -> None:
    with pytest.raises(ClassifierError):
        pack(parts(**odd))
