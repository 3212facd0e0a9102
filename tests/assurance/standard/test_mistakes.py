"""A pack with a mistake does not load, and every mistake is named with its file, its line and what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from mofang.assurance.errors import PackError
from mofang.assurance.standard.metric_names import METRIC_NAMES
from mofang.assurance.standard.pack import load_folder

NEW = "cn_gbt_45654_2025"
HEADING = """\
id: own
version: "1"
status: draft
title: {zh: 自有, en: own}
issuer: {zh: 自己, en: ourselves}
nature: {zh: 内部, en: internal}
number: OWN-1
issued: "2026-01-01"
effective: "2026-01-01"
inherits: cn_gbt_45654_2025
"""
RUBRIC = "{id: A.1, says: {zh: 甲, en: a}}"
MAPPED = "note: {zh: 甲, en: a}, confidence: L, sources: [MEM]"


def own_pack(tmp_path: Path, name: str = "own", **files: str) -> Path:
    """A pack of one's own that inherits ours; ``files`` are further files by stem."""
    folder = tmp_path / name
    folder.mkdir()
    for stem, text in {"pack": HEADING, **files}.items():
        (folder / f"{stem}.yaml").write_text(text, encoding="utf-8")
    return folder


def said(folder: Path) -> str:
    with pytest.raises(PackError) as error:
        load_folder(folder)
    return str(error.value)


CLAUSE = """\
id: X-1
    number: "1"
    block: model
    title: {zh: 甲, en: a}
    says: {zh: 乙, en: b}
    force: shall
    confidence: M
    sources: [MEM]
    proof: person
    owner: {zh: 丙, en: c}"""


FILE_OF = {"blocks": "dossier", "wordings": "dossier", "rules": "path", "aspects": "risks"}

MISTAKES = [
    ("checks", "{id: KW-1, clause: KW-9}", "2: clause KW-9 does not exist; nearest: KW-"),
    ("checks", "{id: KW-1,\n     metric: pas_rate}", "3: unknown metric pas_rate; known: pass_rate"),
    ("checks", "{id: KW-1, value: 10000}", "2: value is 10000; write a decimal number in quotes"),
    ("checks", "{id: KW-1, value: '1e5'}", "2: value is '1e5'; write a decimal number in quotes"),
    ("checks", "{id: KW-1, op: '>'}", "2: op is '>'; it must be one of >=, <=, =="),
    ("checks", "{id: KW-1, params: {groups: [A.9]}}", "2: unknown risk group A.9"),
    ("checks", "{id: KW-1, params: {risk: A.1.z}}", "2: unknown risk code A.1.z"),
    ("checks", "{id: EV-C1, sample_min: 0}", "2: sample_min is 0"),
    ("checks", "{id: KW-1, treshold: '1'}", "2: unknown field treshold"),
    ("clauses", "{id: KW-1,\n     force: must}", "3: force is 'must'; it must be one of shall, should"),
    ("clauses", "{id: KW-1, confidence: high}", "2: confidence is 'high'; it must be one of H, M, L"),
    ("clauses", "{id: KW-1, sources: []}", "2: no source is named"),
    ("clauses", "{id: KW-1, sources: [S999]}", "2: sources names S999, which does not exist"),
    ("clauses", "{id: KW-1, title: {zh: 仅中文}}", "2: title needs zh and en texts"),
    ("clauses", "{id: KW-1, applies: 'model=bought'}", "2: applies is no condition: 'model=bought'"),
    ("clauses", "{id: KW-1, proof: document}", "2: KW-1 is proved by a document, but no document is named"),
    ("clauses", CLAUSE, "2: no check belongs to X-1"),
    ("clauses", CLAUSE, "2: X-1 stands in no block of the dossier"),
    ("blocks", "{id: model, clauses: [KW-1]}", "2: KW-1 says that its block is measures"),
    ("blocks", "{id: overall, clauses: [EV-M1, EV-M1, EV-M2]}", "2: EV-M1 stands in two blocks"),
    ("wordings", "{id: disclaimer, says: {zh: 甲}}", "2: says needs zh and en texts"),
    ("risks", "{id: A.1.a, group: B.1}", "2: group names B.1, which does not exist; nearest: A.1"),
    ("rules", "{id: own_model, outcome: permit}", "2: outcome is 'permit'"),
    ("rules", "{id: own_model, when: 'public=maybe'}", "2: when is no condition: 'public=maybe'"),
    # references
    ("checks", "{id: TB-2a, params: {kind: content, risk: A.1}}", "2: unknown risk code A.1; nearest: A.1.h"),
    ("checks", "{id: KW-1, slot: measure}", "2: slot names measure, which does not exist; nearest: measures"),
    ("clauses", "{id: KW-1, block: datas}", "2: block names datas, which does not exist; nearest: data"),
    (
        "blocks",
        "{id: overall, clauses: [EV-M1, EV-M2, EV-M3]}",
        "2: clauses names EV-M3, which does not exist; nearest: EV-M",
    ),
    ("clauses", "{id: KW-1, sources: [S13x]}", "2: sources names S13x, which does not exist; nearest: S13"),
    ("aspects", "{id: A.1.a, name: {zh: 甲, en: a}}", "2: A.1.a is the code of a risk and of an aspect"),
    ("rubric", "{id: A.9.z, says: {zh: 甲, en: a}}", "2: rubric names A.9.z, which does not exist"),
    ("rubric", "{id: A.1, says: {zh: 甲}}", "2: says needs zh and en texts"),
    (
        "crosswalk",
        f"{{id: cn_nothing, {MAPPED}, codes: {{}}}}",
        "2: maps to cn_nothing, but there is no such pack",
    ),
    (
        "crosswalk",
        f"{{id: cn_tc260_003_2024, {MAPPED}, codes: {{}}}}",
        "2: maps to cn_tc260_003_2024, which has the same codes",
    ),
    (
        "crosswalk",
        f"{{id: mlc_ailuminate, {MAPPED}, codes: {{A.1.z: [vcr]}}}}",
        "2: codes names A.1.z, which does not exist",
    ),
    (
        "crosswalk",
        f"{{id: mlc_ailuminate, {MAPPED}, codes: {{A.1.d: [vcx]}}}}",
        "2: A.1.d names vcx, which does not exist; nearest: vcr",
    ),
    (
        "crosswalk",
        f"{{id: mlc_ailuminate, {MAPPED}, codes: {{A.1.d: vcr}}}}",
        "2: A.1.d must be a list of names",
    ),
    # dates and confirmations
    ("clauses", "{id: KW-1, effective: '2027-02-30'}", "2: effective is '2027-02-30'; write a date such as"),
    (
        "checks",
        "{id: KW-1, effective: '2027-02-01', until: '2027-01-01'}",
        "2: in force from 2027-02-01, but only until 2027-01-01",
    ),
    (
        "clauses",
        "{id: KW-1, confirmed_by: 王芳}",
        "2: a confirmation needs all of confirmed_by, confirmed_edition",
    ),
    # rules that can never hold or never be measured
    ("checks", "{id: EV-G2, value: '90'}", "2: value is 90; a proportion lies between 0 and 1"),
    ("checks", "{id: KW-1, value: '1.5'}", "2: value is 1.5; a count is a whole number"),
    ("checks", "{id: KW-3, value: '-1'}", "2: value is -1; a days is a whole number"),
    ("checks", "{id: SVC-1-doc, value: '2'}", "2: value is 2; present is 1, absent is 0"),
    ("checks", "{id: ANN-4, value: '32'}", "2: value is 32; the pack has 31 risks"),
    (
        "checks",
        "{id: KW-1, sample_min: 5}",
        "2: sample_min is given, but keyword_count rests on no drawn sample",
    ),
    (
        "checks",
        "{id: SRC-2, sample_share: '0.1'}",
        "2: sample_share is given, but illegal_share rests on no drawn sample",
    ),
    (
        "checks",
        "{id: EV-C2, sample_share: '1.1'}",
        "2: sample_share is 1.1; a share lies above 0 and at most at 1",
    ),
    ("checks", "{id: EV-G2, sample_share: '0.1'}", "2: sample_share is a share of the corpus"),
    ("checks", "{id: EV-G2, level: '0.5'}", "2: level is 0.5; a confidence level lies above 0.5"),
    (
        "checks",
        "{id: EV-G2, estimator: fancy}",
        "2: estimator is 'fancy'; it must be one of plain, stratified_equal",
    ),
    (
        "checks",
        "{id: EV-R1, estimator: stratified_equal}",
        "2: estimator is stratified_equal; weights over risks need pass_rate",
    ),
    ("checks", "{id: EV-G2, judge: null}", "2: pass_rate needs a judge"),
    (
        "checks",
        "{id: EV-G2, judge: mood}",
        "2: judge is 'mood'; it must be one of keyword, refusal, classifier, model",
    ),
    ("checks", "{id: EV-G2, params: {}}", "2: pass_rate needs the param kind"),
    (
        "checks",
        "{id: EV-G2, params: {kind: contents}}",
        "2: kind is 'contents'; it must be one of content, should_refuse",
    ),
    (
        "checks",
        "{id: KW-1, params: {kind: content}}",
        "2: keyword_count knows no param kind; known: groups, risk",
    ),
    (
        "checks",
        "{id: KW-1, scope: each_source}",
        "2: keyword_count cannot go over each_source; known: each_risk",
    ),
    ("checks", "{id: KW-1, statistic: days}", "2: keyword_count is a count"),
    ("checks", "{id: TB-2a, params: {kind: content, groups: A.1}}", "2: groups must be a list of names"),
]


@pytest.mark.parametrize(("section", "row", "wanted"), MISTAKES)
def test_mistakes_are_named_with_file_and_line(tmp_path: Path, section: str, row: str, wanted: str) -> None:
    file = FILE_OF.get(section, section)
    with pytest.raises(PackError) as error:
        load_folder(own_pack(tmp_path, **{file: f"{section}:\n  - {row}\n"}))
    assert f"own/{file}.yaml:{wanted}" in str(error.value)


def test_dropped_clause_leaves_no_dangling_check(tmp_path: Path) -> None:
    with pytest.raises(PackError) as error:
        load_folder(own_pack(tmp_path, clauses="drop: [KW-1]\n"))
    assert "cn_tc260_003_2024/checks.yaml:" in str(error.value)
    assert "clause KW-1 does not exist" in str(error.value)


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ({"clauses": "clauses:\n  - {id: KW-1, force: [\n"}, "own/clauses.yaml:3"),
        ({"clauses": "clauses:\n\t- x\n"}, "own/clauses.yaml:2"),
        ({"clauses": "clauses:\n  - {force: shall}\n"}, "own/clauses.yaml:2"),
        ({"clauses": "clauses:\n  - {id: KW-1}\n  - {id: KW-1}\n"}, "own/clauses.yaml:3"),
        ({"clauses": "clauses:\n  - {id: KW-1, force: may, force: may}\n"}, "own/clauses.yaml:2"),
        ({"clauses": "clauses: KW-1\n"}, "own/clauses.yaml:1"),
        ({"clauses": "checks: []\n"}, "own/clauses.yaml:1"),
        ({"clauses": "- KW-1\n"}, "own/clauses.yaml:1"),
        ({"clauses": "drop: [KW-99]\n"}, "own/clauses.yaml:1"),
        ({"checks": "checks:\n  - {id: KW-1, value: 0.9}\n"}, "own/checks.yaml:2"),
        ({"pack": HEADING.replace(NEW, "cn_nothing")}, "own/pack.yaml:10"),
        ({"pack": HEADING.replace("2026-01-01", "January")}, "own/pack.yaml:8"),
        ({"pack": HEADING + "default: perhaps\n"}, "own/pack.yaml:11"),
        ({"pack": HEADING + "until: '2025-12-31'\n"}, "own/pack.yaml:11"),
        ({"checks": "checks:\n  - {id: KW-1, value: 0x10}\n"}, "own/checks.yaml:2"),
        ({"checks": "checks:\n  - &me {id: KW-1, params: *me}\n"}, "own/checks.yaml:2"),
        ({"pack": ""}, "own/pack.yaml"),
    ],
)
def test_broken_layout_stops_at_its_line(tmp_path: Path, files: dict[str, str], where: str) -> None:
    with pytest.raises(PackError) as error:
        load_folder(own_pack(tmp_path, **files))
    assert error.value.where == where


def test_bytes_that_are_no_utf8_are_named(tmp_path: Path) -> None:
    folder = own_pack(tmp_path)
    (folder / "clauses.yaml").write_bytes("clauses: []  # 条款".encode("gbk"))
    with pytest.raises(PackError) as error:
        load_folder(folder)
    assert error.value.where == "own/clauses.yaml"


def test_all_mistakes_are_listed_at_once(tmp_path: Path) -> None:
    files = {
        "clauses": "clauses:\n  - {id: KW-1, force: must}\n",
        "checks": "checks:\n  - {id: TB-1, metric: sums}\n",
    }
    with pytest.raises(PackError) as error:
        load_folder(own_pack(tmp_path, **files))
    assert str(error.value).splitlines() == [
        "pack own has 2 mistakes:",
        "  own/clauses.yaml:2: force is 'must'; it must be one of shall, should, may, practice",
        f"  own/checks.yaml:2: unknown metric sums; known: {', '.join(sorted(METRIC_NAMES))}",
    ]


def test_a_broken_file_is_named_without_what_follows_from_it(tmp_path: Path) -> None:
    files = {"clauses": "clauses:\n  - {id: [\n", "checks": "checks:\n\t- x\n"}
    text = said(own_pack(tmp_path, **files))
    assert "own has 2 mistakes" in text
    assert "does not exist" not in text


def test_mistakes_of_layout_and_of_rows_come_together(tmp_path: Path) -> None:
    files = {
        "checks": "checks:\n  - {id: KW-1, value: 0.9}\n  - {id: KW-1}\n  - {id: TB-1, op: '<'}\nchek: []\n"
    }
    text = said(own_pack(tmp_path, **files))
    for wanted in (
        "2: 0.9 is not quoted",
        "3: KW-1 stands twice in checks; the first one is at own/checks.yaml:2",
    ):
        assert wanted in text
    assert "5: unknown section chek; known: checks" in text
    assert "4: op is '<'" in text


def test_inheritance_that_runs_in_a_circle_is_named(tmp_path: Path) -> None:
    own_pack(tmp_path, "a", pack=HEADING.replace(NEW, "b"))
    own_pack(tmp_path, "b", pack=HEADING.replace(NEW, "a"))
    assert "pack.yaml:10: inherits b, which inherits it in turn" in said(tmp_path / "a").replace(
        "inherits a", "inherits b"
    )
    own_pack(tmp_path, "c", pack=HEADING.replace(NEW, "c"))
    assert "c/pack.yaml:10: inherits c, which inherits it in turn" in said(tmp_path / "c")


def test_a_pack_inherits_one_that_stands_beside_it(tmp_path: Path) -> None:
    own_pack(tmp_path, "base", checks="checks:\n  - {id: KW-1, value: '20000'}\n")
    pack = load_folder(own_pack(tmp_path, "child", pack=HEADING.replace(NEW, "base")))
    assert (pack.check("KW-1").value, pack.taxonomy) == ("20000", "cn_tc260_003_2024")


def test_a_parent_that_nobody_has_gets_near_names(tmp_path: Path) -> None:
    folder = own_pack(tmp_path, pack=HEADING.replace(NEW, "cn_gbt_45654"))
    assert (
        f"own/pack.yaml:10: inherits cn_gbt_45654: no such pack comes with Mofang or stands beside this folder; nearest: {NEW}"
        in said(folder)
    )


def test_a_rubric_without_instructions_is_none(tmp_path: Path) -> None:
    folder = own_pack(tmp_path, rubric=f"drop: [instructions]\nrubric:\n  - {RUBRIC}\n")
    assert "the rubric has no row instructions" in said(folder)
