from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from mofang.assurance.banks.files import read_bank
from mofang.assurance.banks.layout import (
    Layout,
    find_layout,
    layout_names,
    layout_text,
    read_layout,
)
from mofang.assurance.errors import BankError
from mofang.assurance.standard.pack import load_pack

PACK = load_pack("cn_gbt_45654_2025")


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def rows(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "bank.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def test_known_layouts_describe_themselves_in_both_languages() -> None:
    assert {"mlc", "safetybench", "xstest"} <= set(layout_names())
    for name in layout_names():
        layout = find_layout(name)
        assert set(layout.about) == {"zh", "en"}
        assert layout.name == name
        assert "about:" in layout_text(name)


@pytest.mark.parametrize(
    ("hazard", "risk"), [("vcr", "A.1.f"), ("ncr", "A.1.h"), ("prv", "A.4.e"), ("ipv", "A.3.a")]
)
def test_mlc_banks_import_by_name(shared_data: Path, hazard: str, risk: str) -> None:
    report = read_bank(shared_data / "banks" / f"mlc-{hazard}-cn.json", PACK, find_layout("mlc"))
    assert (len(report.questions), report.bad) == (100, ())
    assert {(q.kind, q.risk, q.licence) for q in report.questions} == {("content", risk, "CC-BY-4.0")}


def test_safetybench_options_stand_in_the_text_and_two_categories_are_named(shared_data: Path) -> None:
    source = shared_data / "banks" / "safetybench_zh_subset.json"
    report = read_bank(source, PACK, find_layout("safetybench"))
    assert len(report.questions) + len(report.bad) == 2100
    assert Counter(bad.reason for bad in report.bad if "leaves" in bad.reason) == {
        "the mapping leaves Offensiveness out": 300,
        "the mapping leaves Ethics and Morality out": 300,
    }
    first = next(row for row in json.loads(source.read_text("utf-8")) if row["category"] == "Physical Health")
    found = next(q for q in report.questions if q.id == f"safetybench-{first['id']}")
    lines = found.text.splitlines()
    assert lines[0] == first["question"].splitlines()[0]
    assert lines[-1] == f"{'ABCD'[len(first['options']) - 1]}. {first['options'][-1]}"
    assert found.risk == "A.4.a"


def test_xstest_kinds_follow_the_label_and_what_has_no_aspect_is_named(shared_data: Path) -> None:
    report = read_bank(shared_data / "refusal" / "xstest_prompts.csv", PACK, find_layout("xstest"))
    kinds = Counter(q.kind for q in report.questions)
    assert kinds == {"should_refuse": 175, "should_not_refuse": 43}
    assert Counter(q.risk for q in report.questions if q.kind == "should_not_refuse") == {
        "history": 25, "ethnicity": 6, "gender": 5, "belief": 5, "age": 1, "health": 1,
    }  # fmt: skip
    assert len(report.bad) == 450 - 218
    reasons = Counter(bad.reason for bad in report.bad)
    assert len(reasons) == 10
    assert reasons["the mapping leaves privacy_fictional/* out"] == 25


def test_codes_of_a_child_pack_come_from_its_parent_and_others_are_refused() -> None:
    layout = Layout(codes={"cn_tc260_003_2024": {"x": "A.1.a"}}, name="mine")
    assert layout.for_pack(PACK).values["risk"] == {"x": "A.1.a"}
    with pytest.raises(BankError, match="mapping mine has no codes of the standard"):
        Layout(codes={"elsewhere": {"x": "1"}}, name="mine").for_pack(PACK)
    mlc = load_pack("mlc_ailuminate")
    assert find_layout("mlc").for_pack(mlc).values["risk"]["vcr"] in {risk.code for risk in mlc.risks}
    chosen = Layout(codes={"elsewhere": {}}, constants={"risk": "A.1.a"})
    assert chosen.for_pack(PACK) is chosen


def test_templates_lists_paths_wildcards_and_kept_rows(tmp_path: Path) -> None:
    mapping = written(
        tmp_path,
        """\
rows: parts.*.items
columns: {risk: about.topic}
compose: {id: "own-{n}", text: "{q.zh}\\n{options}", cluster: "{series?}x"}
values: {risk: {"job*": A.2.g, "job/old": A.2.f}}
keep: {state: [final, "2"]}
set: {kind: content}
""",
    )
    source = rows(
        tmp_path,
        {
            "parts": {
                "one": {"items": [
                    {"n": 1, "q": {"zh": "招聘时可以问年龄吗？"}, "options": ["可以", "不可以"], "state": "final",
                     "about": {"topic": "job/old"}, "series": "s"},
                    {"n": 2, "q": {"zh": "草稿"}, "options": [], "state": "draft", "about": {"topic": "job"}},
                ]},
                "two": {"items": [
                    {"n": 3, "q": {"zh": "这份工作要证书吗？"}, "options": ["要"], "state": 2, "about": {"topic": "jobs"}},
                    {"n": 4, "q": {"zh": "没有选项"}, "options": None, "state": "final", "about": {"topic": "job"}},
                ]},
            }
        },
    )  # fmt: skip
    report = read_bank(source, PACK, read_layout(mapping))
    assert [(q.id, q.text, q.risk, q.cluster) for q in report.questions] == [
        ("own-1", "招聘时可以问年龄吗？\nA. 可以\nB. 不可以", "A.2.f", "sx"),
        ("own-3", "这份工作要证书吗？\nA. 要", "A.2.g", "x"),
    ]
    assert (report.skipped, [(bad.line, bad.reason) for bad in report.bad]) == (1, [(4, "no options")])


def test_a_value_without_a_code_is_named(tmp_path: Path) -> None:
    source = rows(tmp_path, [{"text": "一题", "kind": "content", "risk": "other"}])
    report = read_bank(source, PACK, Layout(values={"risk": {"x": "A.1.a"}}))
    assert [bad.reason for bad in report.bad] == ["the mapping gives no code for 'other'"]


def test_codes_of_further_standards_are_known_when_they_are_named(tmp_path: Path) -> None:
    source = rows(tmp_path, [{"text": "一题", "kind": "content", "risk": "vcr"}])
    assert len(read_bank(source, PACK).bad) == 1
    assert read_bank(source, PACK, also=[load_pack("mlc_ailuminate")]).bad == ()


def test_everything_passed_over_is_said_to_be(tmp_path: Path) -> None:
    layout = Layout(keep={"state": ("final",)})
    with pytest.raises(BankError, match="has no rows") as caught:
        read_bank(rows(tmp_path, [{"text": "x", "state": "draft"}]), PACK, layout)
    assert caught.value.remedy == "all 1 rows are passed over by keep: in the mapping"


@pytest.mark.parametrize(
    "text",
    [
        "- a list",
        "colums: {text: q}",
        "columns: text",
        "columns: {text: [q]}",
        "values: {risk: [a]}",
        "values: {risk: {a: {b: c}}}",
        "keep: {state: final}",
        "keep: {state: [[a]]}",
        "rows: [a]",
        "compose: {colour: '{a}'}",
        "columns: {text: q",
        "text: !!python/object:os.system x",
    ],
)
def test_wrong_mapping_files_are_refused_by_name(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(BankError) as caught:
        find_layout(str(path))
    assert caught.value.where == str(path)


def test_unknown_names_and_files_say_what_is_known(tmp_path: Path) -> None:
    with pytest.raises(BankError, match="there is no mapping mcl") as caught:
        find_layout("mcl")
    assert "mlc" in str(caught.value.remedy)
    path = tmp_path / "latin.yaml"
    path.write_bytes("columns: {text: größe}".encode("latin-1"))
    with pytest.raises(BankError, match="UTF-8"):
        find_layout(str(path))


def test_digest_is_of_what_a_layout_does() -> None:
    a = Layout(columns={"text": "q"}, name="a", about={"zh": "甲", "en": "a"})
    assert a.digest == Layout(columns={"text": "q"}, name="b").digest
    assert a.digest != Layout(columns={"text": "p"}).digest
