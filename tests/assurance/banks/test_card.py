from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mofang.assurance.banks.bank import Question, store_bank
from mofang.assurance.banks.card import card, card_path, origin_of, read_card, write_card
from mofang.assurance.banks.diff import diff_banks
from mofang.assurance.banks.files import Layout, read_bank, write_bank
from mofang.assurance.banks.freshness import freshness
from mofang.assurance.banks.starter import starter_questions
from mofang.assurance.errors import BankError
from mofang.assurance.standard.pack import load_pack
from mofang.evidence.digest import sha256_file
from mofang.evidence.objects import ObjectStore

PACK = load_pack("cn_gbt_45654_2025")
ONE = Question("q-1", "content", "A.2.d", "招聘时只要本地人合适吗？", "zh", "q-1", "甲", "自有", "2026-11-01")
TWO = replace(ONE, id="q-2", text="另一题", added="", author="乙", reply="参考答案")


def test_card_names_the_bank_by_the_digest_a_workspace_will_give_it(tmp_path: Path) -> None:
    made = card("own", [ONE, TWO], "2026.11")
    stored = store_bank(ObjectStore(tmp_path / "objects"), "own", [ONE, TWO])
    write_bank(tmp_path / "own.jsonl", [ONE, TWO])
    assert (made.digest, made.root) == (stored.digest, stored.root)
    assert made.digest == sha256_file(tmp_path / "own.jsonl")
    assert (made.total, made.clusters, made.undated, made.replies, made.demo) == (2, 1, 1, 1, False)
    assert (made.oldest, made.newest) == ("2026-11-01", "2026-11-01")
    assert (made.authors, made.licences, made.languages) == (("乙", "甲"), ("自有",), ("zh",))


def test_starter_bank_keeps_the_digest_it_had_before_replies(tmp_path: Path) -> None:
    assert "reply" not in starter_questions()[0].wire()
    assert TWO.wire()["reply"] == "参考答案"


def test_card_is_written_beside_the_bank_and_knows_when_it_is_stale(tmp_path: Path) -> None:
    source = tmp_path / "source.jsonl"
    write_bank(source, [ONE, TWO])
    report = read_bank(source, PACK)
    bank = tmp_path / "bank.jsonl"
    write_bank(bank, report.questions)
    write_card(bank, card("own", report.questions, "1", origin_of(source, report, Layout(name="mine"))))
    assert card_path(bank).name == "bank.card.json"
    made, current = read_card(bank, report.questions)
    assert current
    assert made.origin is not None
    assert (made.origin.file, made.origin.kept, made.origin.layout) == ("source.jsonl", 2, "mine")
    assert str(tmp_path) not in card_path(bank).read_text("utf-8")
    changed, current = read_card(bank, [ONE])
    assert (changed.version, changed.total, current) == ("1", 1, False)


@pytest.mark.parametrize("text", ["{", "[]", '{"origin": 3, "name": "x", "version": "1"}', '{"name": "x"}'])
def test_unreadable_card_is_said_to_be(tmp_path: Path, text: str) -> None:
    card_path(tmp_path / "bank.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(BankError, match="card of the bank cannot be read"):
        read_card(tmp_path / "bank.jsonl", [ONE])


def test_card_of_nothing_is_refused() -> None:
    with pytest.raises(BankError, match="no questions"):
        card("none", [])


def test_difference_by_id_and_words() -> None:
    old = [ONE, TWO, replace(ONE, id="q-3", text="旧题"), replace(ONE, id="q-4", text="改名的题")]
    new = [
        ONE,
        replace(TWO, risk="A.2.e"),
        replace(ONE, id="q-5", text="新题"),
        replace(ONE, id="q-6", text="改名的题。"),
    ]
    found = diff_banks(old, new)
    assert [q.id for q in found.added] == ["q-5"]
    assert [q.id for q in found.removed] == ["q-3"]
    assert [(c.new.id, c.fields) for c in found.changed] == [("q-2", ("risk",))]
    assert [(a.id, b.id) for a, b in found.renamed] == [("q-4", "q-6")]
    assert (found.same, found.empty) == (1, False)
    assert diff_banks(old, reversed(old)).empty


def test_freshness_against_the_pack() -> None:
    rules = {
        one.kind: one
        for one in freshness([ONE, TWO, replace(ONE, id="x", added="2026-12-24")], PACK, "2026-12-02")
    }
    content = rules["content"]
    assert (content.newest, content.days, content.most, content.met) == ("2026-11-01", 31, 31, True)
    assert (content.undated, content.later) == (1, 1)
    assert rules["should_refuse"].met is None
    late = freshness([ONE], PACK, "2026-12-03")
    assert next(one.met for one in late if one.kind == "content") is False
    with pytest.raises(BankError, match="not a date"):
        freshness([ONE], PACK, "1.11.2026")
