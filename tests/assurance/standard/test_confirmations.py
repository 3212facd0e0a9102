"""A person's word on a rule: it holds, it is void when the rule changes, and two persons may disagree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from mofang.assurance.errors import PackError
from mofang.assurance.prepare import pack_wire, parse_pack
from mofang.assurance.standard.confirmations import (
    Confirmation,
    confirmation,
    confirmed_anew,
    read_confirmations,
    rule_digest,
    rules_called,
    with_confirmations,
    write_confirmations,
)
from mofang.assurance.standard.pack import Pack, load_pack, with_digest
from mofang.evidence.digest import canonical

PACK = load_pack("cn_gbt_45654_2025")
EDITION = "GB/T 45654-2025 官方出版"


def word(name: str, pack: Pack = PACK, **given: Any) -> Confirmation:
    (rule,) = rules_called(pack, name)
    return confirmation(pack, rule, **{"edition": EDITION, "by": "王芳", "on": "2026-11-20", **given})


def states(pack: Pack) -> list[tuple[str, str, str]]:
    return [(one.rule, one.by, one.state) for one in pack.readings]


def changed(pack: Pack, id: str, **fields: Any) -> Pack:
    checks = tuple(replace(check, **fields) if check.id == id else check for check in pack.checks)
    return with_digest(replace(pack, checks=checks))


def test_a_word_that_holds_settles_the_rule() -> None:
    pack = with_confirmations(PACK, [word("check/EV-C1", value="0.960"), word("clause/EV-C1")])
    check = pack.check("EV-C1")
    assert (check.confirmed_by, check.confirmed_edition, check.confirmed_on) == (
        "王芳",
        EDITION,
        "2026-11-20",
    )
    assert check.carry_over is None
    assert pack.settled(pack.clause("EV-C1"))
    assert not PACK.settled(PACK.clause("EV-C1"))
    assert not any("确认" in text["zh"] for text in pack.caveats(check))
    assert pack.digest != PACK.digest
    assert pack.checks_of("EV-C2") == PACK.checks_of("EV-C2")


def test_a_clause_is_not_settled_while_its_numbers_are_open() -> None:
    pack = with_confirmations(PACK, [word("clause/KW-2")])
    assert pack.clause("KW-2").confirmed_by == "王芳"
    assert not pack.settled(pack.clause("KW-2"))
    assert "KW-2a, KW-2b" in pack.caveats(pack.clause("KW-2"))[0]["en"]


def test_a_check_for_a_document_follows_its_clause() -> None:
    pack = with_confirmations(PACK, [word("clause/SVC-1")])
    assert pack.confirmed(pack.check("SVC-1-doc"))
    assert pack.settled(pack.clause("SVC-1"))


@pytest.mark.parametrize(
    "fields", [{"value": "0.97"}, {"op": "=="}, {"sample_min": 5000}, {"judge": "model"}]
)
def test_a_change_of_the_rule_voids_it_visibly(fields: dict[str, Any]) -> None:
    mine = [word("check/EV-C1")]
    pack = with_confirmations(changed(PACK, "EV-C1", **fields), mine)
    assert states(pack) == [("check/EV-C1", "王芳", "changed")]
    assert pack.check("EV-C1").confirmed_by is None
    assert any("不再有效" in text["zh"] for text in pack.caveats(pack.check("EV-C1")))
    assert any("不再有效" in text["zh"] for text in pack.caveats(pack.clause("EV-C1")))


@pytest.mark.parametrize(
    "fields",
    [{"note": {"zh": "甲", "en": "a"}}, {"confidence": "M"}, {"sources": ("S9",)}, {"level": "0.99"}],
)
def test_a_change_beside_the_rule_leaves_it(fields: dict[str, Any]) -> None:
    pack = with_confirmations(changed(PACK, "EV-C1", **fields), [word("check/EV-C1")])
    assert states(pack) == [("check/EV-C1", "王芳", "holds")]


def test_another_value_in_the_official_text_never_confirms_the_pack() -> None:
    pack = with_confirmations(PACK, [word("check/EV-C1", value="0.97")])
    assert states(pack) == [("check/EV-C1", "王芳", "differs")]
    assert pack.check("EV-C1").value == "0.96"
    assert pack.check("EV-C1").confirmed_by is None
    assert any("0.97" in text["en"] for text in pack.caveats(pack.check("EV-C1")))


def test_two_persons_who_read_different_values_are_a_conflict() -> None:
    words = [word("check/EV-C1"), word("check/EV-C1", by="李强", value="0.97")]
    pack = with_confirmations(PACK, words)
    assert [state for _rule, _by, state in states(pack)] == ["conflict", "conflict"]
    assert pack.check("EV-C1").confirmed_by is None
    said = " ".join(text["zh"] for text in pack.caveats(pack.check("EV-C1")))
    assert "王芳" in said
    assert "李强" in said


def test_persons_who_disagree_undo_what_the_pack_itself_says() -> None:
    stated = {"confirmed_by": "编者", "confirmed_edition": "E", "confirmed_on": "2026-01-01"}
    pack = with_confirmations(changed(PACK, "EV-C1", **stated), [word("check/EV-C1", value="0.97")])
    assert pack.check("EV-C1").confirmed_by is None


def test_two_persons_and_two_editions_that_agree_hold_and_the_latest_is_named() -> None:
    later = {"edition": "GB/T 45654-2025 第1号修改单", "by": "李强", "on": "2026-11-21"}
    pack = with_confirmations(PACK, [word("check/EV-C1", **later), word("check/EV-C1")])
    assert [state for _rule, _by, state in states(pack)] == ["holds", "holds"]
    assert (pack.check("EV-C1").confirmed_by, pack.check("EV-C1").confirmed_edition) == (
        "李强",
        later["edition"],
    )


def test_two_editions_with_different_values_are_a_conflict_too() -> None:
    words = [word("check/EV-C1"), word("check/EV-C1", edition="第1号修改单", value="0.97")]
    assert {state for _rule, _by, state in states(with_confirmations(PACK, words))} == {"conflict"}


def test_a_persons_later_word_on_the_same_edition_takes_the_place_of_the_earlier() -> None:
    known = confirmed_anew((), word("check/EV-C1", value="0.97"))
    known = confirmed_anew(known, word("check/EV-C1"))
    assert states(with_confirmations(PACK, known)) == [("check/EV-C1", "王芳", "holds")]


def test_words_on_another_standard_say_nothing_here() -> None:
    old = load_pack("cn_tc260_003_2024")
    assert with_confirmations(PACK, [word("check/KW-1", old)]) == PACK
    assert rule_digest(old.check("KW-1")) == rule_digest(PACK.check("KW-1"))


def test_words_on_rules_that_do_not_exist_are_named() -> None:
    lost = replace(word("check/EV-C1"), rule="check/EV-C11", where="confirmations.yaml:5")
    with pytest.raises(PackError) as error:
        with_confirmations(PACK, [lost])
    assert (
        "confirmations.yaml:5: check/EV-C11 does not exist in cn_gbt_45654_2025; nearest: check/EV-C1"
        in str(error.value)
    )


def test_a_confirmed_pack_crosses_its_artifact() -> None:
    pack = with_confirmations(PACK, [word("check/EV-C1"), word("clause/EV-C1", by="李强")])
    assert parse_pack(pack_wire(pack), pack.digest) == pack
    assert canonical(pack_wire(pack))
    assert with_digest(pack).digest == pack.digest


def test_the_file_keeps_every_word(tmp_path: Path) -> None:
    file = tmp_path / "confirmations.yaml"
    words = (word("check/EV-C1", page="12", note="与正文核对"), word("clause/KW-2"))
    write_confirmations(file, words)
    read = read_confirmations(file)
    assert tuple(replace(one, where="") for one in read) == words
    assert [one.where for one in read] == ["confirmations.yaml:5", "confirmations.yaml:15"]
    assert file.read_text("utf-8").startswith("# Who compared which rule")
    assert yaml.safe_load(file.read_text("utf-8"))["format"] == 1
    assert read_confirmations(tmp_path / "none.yaml") == ()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("confirmations:\n  - {rule: EV-C1}\n", "2: rule is EV-C1; write clause/ID or check/ID"),
        ("confirmations:\n  - {rule: check/EV-C1}\n", "2: edition is missing or not text"),
        ("confirmations:\n  - {rule: check/EV-C1, digest: sha256:12}\n", "2: not a digest: sha256:12"),
        ("confirmations:\n  - {rule: check/EV-C1, on: yesterday}\n", "2: on is 'yesterday'; write a date"),
        ("confirmations:\n  - {rule: check/EV-C1, value: 0.96}\n", "2: 0.96 is not quoted"),
        ("confirmations:\n  - {rule: check/EV-C1, who: me}\n", "2: unknown field who"),
        ("confirmations: none\n", "1: a list is wanted here"),
        ("confirmation: []\n", "1: unknown section confirmation"),
        ("confirmations: [\n", "2: not YAML"),
    ],
)
def test_a_bad_file_is_named_line_by_line(tmp_path: Path, text: str, wanted: str) -> None:
    file = tmp_path / "confirmations.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PackError) as error:
        read_confirmations(file)
    assert f"confirmations.yaml:{wanted}" in str(error.value)


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("clause/KW-2", {"value": "200"}, "the clause KW-2 has no value of its own"),
        ("check/KW-1", {"value": "many"}, "many is no decimal number"),
        ("check/KW-1", {"by": " "}, "a confirmation names a person and the edition that was read"),
        ("check/KW-1", {"edition": ""}, "a confirmation names a person and the edition that was read"),
    ],
)
def test_a_word_that_says_too_little_is_refused(name: str, given: dict[str, str], message: str) -> None:
    with pytest.raises(PackError, match=message):
        word(name, **given)


def test_names_of_rules() -> None:
    assert len(rules_called(PACK, "KW-1")) == 2
    assert len(rules_called(PACK, "KW-2")) == 1
    with pytest.raises(PackError) as error:
        rules_called(PACK, "check/KW-2")
    assert "check/KW-2a" in str(error.value.remedy)
