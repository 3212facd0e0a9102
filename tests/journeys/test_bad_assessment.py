"""What people bring to an assessment and is not as it should be: a pack, a setting, a bank, a classifier, replies, labels.

Each time the message names place and remedy in both languages and tells neither secrets nor test texts, nobody is asked,
and nothing that is there is touched.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from mishaps import MARK, Place, lines, rows
from mofang.evidence import sealing
from scripted import ScriptedEndpoint

PACK = """\
id: mine
version: "1"
status: draft
title: {zh: 内部要求, en: own rules}
issuer: {zh: 本公司, en: we}
nature: {zh: 内部, en: internal}
number: X-1
issued: "2026-01-01"
effective: "2026-01-01"
inherits: mlc_ailuminate
note: {zh: 注, en: note}
"""
CHECK = """\
checks:
  - {{id: MINE, clause: {clause}, metric: {metric}, params: {{kind: content}}, op: ">=", value: "0.9",
     statistic: proportion, judge: keyword, force: practice, confidence: L, sources: [{source}]}}
"""


# --- the standard, and the section of the project -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (
            {"checks.yaml": CHECK.format(clause="NOPE", metric="pass_rate", source="S76")},
            "clause NOPE does not",
        ),
        (
            {"checks.yaml": CHECK.format(clause="BANK", metric="pas_rate", source="S76")},
            "unknown metric pas_rate",
        ),
        ({"checks.yaml": CHECK.format(clause="BANK", metric="pass_rate", source="S0")}, "sources names S0"),
        ({"checks.yaml": "checks: [ {id: \n"}, "not YAML"),
        ({"checks.yaml": b"\xff\xfe\x00"}, "not YAML in UTF-8"),
        ({"pack.yaml": ""}, "the file is empty"),
        ({"pack.yaml": PACK.replace("mlc_ailuminate", "nowhere")}, "inherits nowhere"),
    ],
    ids=["clause", "metric", "source", "no YAML", "bytes", "empty", "parent"],
)
def test_a_broken_pack(
    place: Place, endpoint: ScriptedEndpoint, files: dict[str, str | bytes], words: str
) -> None:
    for name, content in {"pack.yaml": PACK, **files}.items():
        place.write(f"mine/{name}", content)
    place.change("standard: mlc_ailuminate", "standard: mine")
    said = place.refused()
    assert words in said
    assert re.search(r"@ mine/(checks|pack)\.yaml", said)
    assert endpoint.chats == []


def test_a_pack_that_is_not_there_or_named_twice(place: Place, endpoint: ScriptedEndpoint) -> None:
    place.change("standard: mlc_ailuminate", "standard: mlc_aluminate")
    assert "known: mlc_ailuminate" in place.refused()
    place.change("standard: mlc_aluminate", "standard: mine")
    place.write("mine/pack.yaml", PACK)
    place.add("also: [./mine]")
    assert "the pack mine is named twice" in place.refused()
    assert endpoint.chats == []


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("also: [mlc_ailuminate]", "assurance.also is ['mlc_ailuminate']"),
        ("repeats: 0", "assurance.repeats is 0"),
        ('margin: "2"', "above 0 and below 1"),
        ("alone: nobody", "assurance.alone names nobody"),
        ("judges: {model: nobody}", "assurance.judges.model names nobody"),
        ("guard: {classifier: true}", "judges.classifier as well"),
        ("judges: {clasifier: c.bin}", "did you mean classifier?"),
        ("judges: {classifier: none.bin}", "none.bin"),
        ("replies: none.csv", "none.csv"),
        ('traffic: {vcr: "half"}', "assurance.traffic.vcr is 'half'"),
    ],
)
def test_a_setting_that_cannot_be_meant(
    place: Place, endpoint: ScriptedEndpoint, setting: str, words: str
) -> None:
    place.add(setting)
    said = place.refused()
    assert words in said
    assert (
        "@ mofang.yaml:13" in said or "none." in said
    )  # the line of the setting, or the file that is not there
    assert endpoint.chats == []


def test_a_foreign_judge_needs_the_projects_word(
    place: Place, endpoint: ScriptedEndpoint, judge: ScriptedEndpoint
) -> None:
    place.change("model: judge-7b, location: local", "model: judge-7b, location: foreign")
    place.add("judges: {model: judge}")
    said = place.refused()
    assert "models.judge.location" in said
    assert "allow_foreign: true" in said
    assert (endpoint.chats, judge.chats) == ([], [])


def test_a_budget_is_for_all_who_are_asked(
    place: Place, endpoint: ScriptedEndpoint, judge: ScriptedEndpoint
) -> None:
    """7 questions to the service, 7 to the model alone, and the judge hears both with its 6 canaries: 40."""
    place.add("alone: judge", "judges: {model: judge}")
    place.write("mofang.yaml", (place.folder / "mofang.yaml").read_text("utf-8") + "budget: {calls: 39}\n")
    assert "would ask 40 questions; the cap is 39" in place.refused()
    assert (endpoint.chats, judge.chats) == ([], [])


# --- banks, classifiers, replies, labels: files that people bring ---------------------------------------------------

QUESTION = f"{MARK}一道没有标题行的题目，它很长"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("bank.jsonl", lines([{"编号": 1, "题目": QUESTION}]), "line 1: no text"),
        ("bank.jsonl", lines([{**rows()[0], "risk": "vrc"}]), "unknown risk code 'vrc'; nearest: vcr"),
        ("bank.jsonl", lines([{**rows()[0], "kind": MARK * 2}]), "kind is a text of 8 characters"),
        ("bank.jsonl", lines([rows()[0], {**rows()[1], "id": "q-content-0"}]), "stands already in line 1"),
        ("bank.jsonl", lines(rows()).encode("gb18030"), "not UTF-8"),
        ("bank.jsonl", lines([f"{QUESTION} {{"]), "not JSON"),
        ("bank.jsonl", "", "has no rows"),
        ("bank.csv", f"{QUESTION},x\n{QUESTION},y\n", "no column text; the first line has: a text of"),
        ("bank.csv", f"题目,类型\n{QUESTION},x\n", "no column text; the first line has: 题目, 类型"),
        ("bank.xlsx", f"id,text\n1,{QUESTION}\n", "not an Excel workbook"),
        ("bank.pdf", b"%PDF-1.7", "is not a bank file"),
        ("bank.sealed", b"%PDF-1.7", "this is no sealed bank"),
    ],
)
def test_a_bank_that_is_not_as_it_should_be(
    place: Place, endpoint: ScriptedEndpoint, name: str, content: str | bytes, words: str
) -> None:
    place.write(name, content)
    place.change("[bank.jsonl]", f"[{name}]")
    said = place.refused()
    assert words in said
    assert f"@ {place.folder / name}" in said
    assert endpoint.chats == []


def test_ids_that_stand_in_two_banks(place: Place, endpoint: ScriptedEndpoint) -> None:
    place.write("more.jsonl", lines([{**rows()[0], "text": f"{MARK}另一道"}]))
    place.change("[bank.jsonl]", "[bank.jsonl, more.jsonl]")
    said = place.refused()
    assert "1 ids stand in bank bank.jsonl and in bank more.jsonl: 'q-content-0'" in said
    assert endpoint.chats == []


def test_the_import_of_another_sheet(place: Place) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    book.create_sheet("说明").append(["本表说明"])
    sheet = book.create_sheet("题库")
    for row in (["题目", "类型"], [QUESTION, "content"]):
        sheet.append(row)
    book.save(place.folder / "bank.xlsx")
    words = ("bank", "import", "bank.xlsx", "--out", "new.jsonl", "--standard", "mlc_ailuminate")
    assert "another sheet with --sheet: 题库" in place.refused(*words)
    assert "the file has: 说明, 题库" in place.refused(*words, "--sheet", "题")
    said = place.refused(*words, "--sheet", "题库")
    assert "no column text; the first line has: 题目, 类型" in said
    assert not (place.folder / "new.jsonl").exists()
    named = ("--map", "text=题目", "--map", "kind=类型", "--set", "risk=vcr")
    assert place(*words, "--sheet", "题库", *named).code == 0


def test_an_import_never_writes_over_what_it_reads(place: Place) -> None:
    before = place.write("bank.jsonl", lines([rows()[0], {**rows()[1], "kind": "x"}])).read_bytes()
    said = place.refused(
        "bank", "import", "bank.jsonl", "--out", "./bank.jsonl", "--standard", "mlc_ailuminate"
    )
    assert "bank-clean.jsonl" in said
    assert (place.folder / "bank.jsonl").read_bytes() == before


def classifier(number: int) -> bytes:
    """The file of a classifier that knows one feature, of format ``number``."""
    import numpy as np

    from mofang.assurance.judges.classifier.container import Parts, pack

    one = np.ones(1, "<f4")
    return pack(Parts({"format": number}, np.ones(1, "<u4"), one, one, np.zeros((2, 1), "|i1"), one))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7", "this is not a classifier file: it does not begin as one"),
        (classifier(1)[:-30], "this is not a classifier file: it is damaged or cut short"),
        (classifier(99), "this classifier has format 99"),
    ],
    ids=["none", "cut", "of the future"],
)
def test_a_classifier_file_is_looked_into_before_anybody_is_asked(
    place: Place, endpoint: ScriptedEndpoint, content: bytes, words: str
) -> None:
    file = place.write("own.classifier", content)
    place.add("judges: {classifier: own.classifier}")
    said = place.refused()
    assert words in said
    assert f"@ {file}" in said
    assert endpoint.chats == []


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("r.csv", f"回复,说明\n{QUESTION},x\n", "there is no column text; the first line has: 回复, 说明"),
        ("r.jsonl", lines([{"text": f"好的，{QUESTION}"}, {"txt": QUESTION}]), "line 2: no text"),
        ("r.jsonl", "", "holds no reply"),
        ("r.xlsx", b"PK\x03\x04", "not an Excel workbook"),
    ],
)
def test_declared_replies_that_cannot_be_read(
    place: Place, endpoint: ScriptedEndpoint, name: str, content: str | bytes, words: str
) -> None:
    place.write(name, content)
    place.add(f"replies: {name}")
    said = place.refused()
    assert words in said
    assert name in said
    assert endpoint.chats == []


def test_a_sealed_bank_and_another_key(
    place: Place, endpoint: ScriptedEndpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    words = ("--out", "bank.sealed", "--standard", "mlc_ailuminate")
    assert place("bank", "seal", "bank.jsonl", *words).code == 0
    place.change("[bank.jsonl]", "[bank.sealed]")
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("MOFANG_CONFIG_HOME", str(tmp_path / "other"))
        sealing._key.cache_clear()
        said = place.refused("plan")
    assert "with which this was sealed, is not here" in said
    assert f"@ {place.folder / 'bank.sealed'}" in said
    sealing._key.cache_clear()
    assert place("plan").code == 0
    file = place.folder / "bank.sealed"
    file.write_bytes(file.read_bytes()[:-9])
    assert "have changed" in place.refused("plan")
    assert endpoint.chats == []


def test_a_sheet_of_labels_for_other_answers(place: Place, endpoint: ScriptedEndpoint) -> None:
    assert place("run", "-q").code == 0
    assert place("label", "sheet", "--n", "4", "--out", "sheet.xlsx").code == 0
    assert "nobody has filled in this sheet" in place.refused("label", "import", "sheet.xlsx", "--by", "甲")
    book = load_workbook(place.folder / "sheet.xlsx")
    for row in book["标注"].iter_rows(min_row=2):
        row[4].value, row[5].value, row[7].value = "合格", "甲", "2026-11-01"
    book.save(place.folder / "sheet.xlsx")
    place.write("wrong.csv", f"题目,判定\n{QUESTION},合格\n")
    assert "names no columns item and verdict" in place.refused("label", "import", "wrong.csv", "--by", "甲")
    first = shutil.copytree(place.folder / ".mofang", place.folder.parent / "first")
    place.change("model: service\n", "model: service\n  assessment: second\n")
    endpoint.answer = lambda question: f"另答：{question}"
    assert place("run", "-q").code == 0
    for extra in ((), ("--keep-good",)):
        place.refused("label", "import", "sheet.xlsx", "--by", "甲", *extra)
    assert "no labels" in place("label", "list").out
    shutil.rmtree(place.folder / ".mofang")
    first.rename(place.folder / ".mofang")
    assert place("label", "import", "sheet.xlsx", "--by", "甲").code == 0
