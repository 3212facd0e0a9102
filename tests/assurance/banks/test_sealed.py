"""A sealed bank file: what went in comes out with the key, and nothing else is readable or believed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.assurance.banks.bank import Question
from mofang.assurance.banks.files import bank_questions
from mofang.assurance.banks.sealed import (
    LABEL,
    is_sealed_bank,
    read_sealed,
    seal_questions,
    sealed_questions,
)
from mofang.assurance.errors import BankError
from mofang.assurance.standard.pack import load_pack
from mofang.errors import MofangError
from mofang.evidence import sealing
from mofang.evidence.errors import ObjectDamaged

TEXT = "城北的花房几点开门，票价是多少？"


def question(n: int, text: str = TEXT, risk: str = "A.1.a") -> Question:
    return Question(
        id=f"q{n}",
        kind="content",
        risk=risk,
        text=text,
        language="zh",
        cluster=f"c{n}",
        author="虚构",
        licence="CC0",
        added="2026-10-01",
    )


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    path = tmp_path / "bank.sealed"
    seal_questions(path, (question(1), question(2, "第二题：温室有几间？")))
    return path


def test_what_was_sealed_comes_back(bank: Path) -> None:
    assert sealed_questions(bank) == (question(1), question(2, "第二题：温室有几间？"))
    assert bank_questions(bank.name, load_pack("cn_gbt_45654_2025"), bank.parent) == sealed_questions(bank)
    content = bank.read_bytes()
    assert TEXT.encode() not in content
    assert b"q1" not in content


@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), max_size=5))
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    asked = tuple(question(n, f"题{text}") for n, text in enumerate(texts))
    path = tmp_path_factory.mktemp("sealed") / "bank.sealed"
    seal_questions(path, asked)
    assert sealed_questions(path) == asked


def test_sealing_the_same_bank_twice_gives_two_files(bank: Path) -> None:
    before = bank.read_bytes()
    seal_questions(bank, sealed_questions(bank))
    assert bank.read_bytes() != before  # a nonce of its own: equal banks cannot be told by their files
    assert len(sealed_questions(bank)) == 2


@pytest.mark.parametrize("name", ["bank.jsonl", "bank", "sealed"])
def test_another_ending_is_refused(tmp_path: Path, name: str) -> None:
    assert not is_sealed_bank(name)
    with pytest.raises(BankError) as caught:
        seal_questions(tmp_path / name, (question(1),))
    assert ".sealed" in caught.value.diagnostics()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"MOFANG", b'{"id": "q1"}\n'])
def test_a_file_that_is_no_sealed_bank(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bank.sealed"
    path.write_bytes(content)
    with pytest.raises(BankError, match="no sealed bank") as caught:
        read_sealed(path)
    assert caught.value.where == str(path)


def test_every_changed_byte_is_named(bank: Path) -> None:
    whole = bank.read_bytes()
    for place in range(len(sealing.MAGIC) + 16, len(whole), 7):
        bank.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(ObjectDamaged):
            sealed_questions(bank)
    bank.write_bytes(whole[: sealing.HEADER + 3])
    with pytest.raises(ObjectDamaged):
        sealed_questions(bank)


def test_a_sealed_artifact_is_no_sealed_bank(tmp_path: Path) -> None:
    path = tmp_path / "bank.sealed"
    path.write_bytes(sealing.sealed(b"{}", "sha256:something else"))
    with pytest.raises(ObjectDamaged):
        read_sealed(path)


@pytest.mark.parametrize("plain", [b"no JSON", b'{"id": "q1"}', b'{"unknown": 1}', b"[]"])
def test_what_this_version_cannot_read_is_said_to_be_so(tmp_path: Path, plain: bytes) -> None:
    path = tmp_path / "bank.sealed"
    path.write_bytes(sealing.sealed(plain, LABEL))
    with pytest.raises(BankError, match="cannot read"):
        sealed_questions(path)


def test_codes_of_another_standard_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bank.sealed"
    seal_questions(path, (question(1, risk="no.such.code"),))
    with pytest.raises(MofangError) as caught:
        bank_questions(path.name, load_pack("cn_gbt_45654_2025"), tmp_path)
    assert TEXT not in caught.value.diagnostics()


def test_without_its_key_nothing_is_read(bank: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sealing._key.cache_clear()
    monkeypatch.setenv("MOFANG_KEY_FILE", str(tmp_path / "other" / "key.pem"))
    with pytest.raises(MofangError) as caught:
        sealed_questions(bank)
    assert "MOFANG_KEY_FILE" in caught.value.diagnostics()
    sealing._key.cache_clear()
