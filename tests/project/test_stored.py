"""Banks are read once: the same bytes under the same standard are remembered, anything else is read anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mofang.assurance.banks.sealed import seal_questions
from mofang.assurance.errors import BankError
from mofang.assurance.standard.pack import load_pack
from mofang.evidence.leaves import read_leaves
from mofang.evidence.workspace import Workspace
from mofang.project import stored
from mofang.project.stored import MEMORY, stored_banks

PACK = load_pack("cn_gbt_45654_2025")


def line(n: int, **more: Any) -> str:
    return json.dumps(
        {"id": f"q{n}", "kind": "content", "risk": "A.1.a", "text": f"第 {n} 号河流从哪里来？", **more}
    )


class Desk:
    """A folder with one bank, and how often it was read."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.ws = Workspace.create(folder / ".mofang")
        self.bank = folder / "bank.jsonl"
        self.bank.write_text("\n".join(map(line, range(5))), "utf-8")
        self.read: list[str] = []
        real = stored.bank_questions

        def counted(name: str, *rest: Any, **more: Any) -> Any:
            self.read.append(name)
            return real(name, *rest, **more)

        monkeypatch.setattr(stored, "bank_questions", counted)

    def banks(self, **options: Any) -> list[Any]:
        return stored_banks(self.ws, ["bank.jsonl"], PACK, self.folder, **{"record": True, **options})


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("MOFANG_KEY_FILE", str(tmp_path / "key.pem"))
    return Desk(tmp_path, monkeypatch)


def test_the_same_file_is_read_once(desk: Desk) -> None:
    first = desk.banks()
    assert desk.banks() == first
    assert desk.banks(record=False) == first
    assert desk.read == ["bank.jsonl"]
    assert (first[0].total, first[0].count("content", "A.1.a")) == (5, 5)


def test_another_byte_another_reading(desk: Desk) -> None:
    first = desk.banks()
    desk.bank.write_text(desk.bank.read_text("utf-8") + "\n" + line(5), "utf-8")
    second = desk.banks()
    assert (second[0].total, len(desk.read)) == (6, 2)
    assert second[0].digest != first[0].digest


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"key": 1}', b"\xff", b"null"])
def test_a_memory_that_cannot_be_read_is_none(desk: Desk, damage: bytes) -> None:
    first = desk.banks()
    (desk.ws.path / "work" / MEMORY).write_bytes(damage)
    assert desk.banks() == first
    assert len(desk.read) == 2


def test_a_bank_that_left_the_workspace_is_filed_again(desk: Desk) -> None:
    first = desk.banks()
    desk.ws.objects.remove(first[0].digest)
    assert desk.banks() == first
    assert len(list(read_leaves(desk.ws.objects, first[0].digest))) == 5


def test_rehash_reads_again_and_a_look_writes_nothing(desk: Desk) -> None:
    desk.banks(record=False)
    assert not (desk.ws.path / "work" / MEMORY).exists()
    desk.banks()
    desk.banks(rehash=True)
    assert len(desk.read) == 3


def test_a_bank_with_a_bad_row_is_not_remembered(desk: Desk) -> None:
    desk.bank.write_text(line(1) + "\n" + line(2, risk="none"), "utf-8")
    for _n in range(2):
        with pytest.raises(BankError):
            desk.banks()
    assert len(desk.read) == 2


def test_what_is_remembered_holds_no_question(desk: Desk) -> None:
    desk.banks()
    assert "河流" not in (desk.ws.path / "work" / MEMORY).read_text("utf-8")


def test_a_sealed_bank_is_filed_sealed_under_the_same_digest(desk: Desk) -> None:
    [plain] = desk.banks()
    questions = stored.bank_questions("bank.jsonl", PACK, desk.folder)
    seal_questions(desk.folder / "bank.sealed", questions)
    [sealed] = stored_banks(desk.ws, ["bank.sealed"], PACK, desk.folder, record=True)
    assert (sealed.digest, sealed.root, sealed.counts) == (plain.digest, plain.root, plain.counts)
    assert desk.ws.objects.sealed(sealed.digest)
    assert stored_banks(desk.ws, ["bank.sealed"], PACK, desk.folder, record=False) == [sealed]
