from __future__ import annotations

import json
from pathlib import Path

import pytest

from mofang.assurance.banks.bank import Question, refuse_shared_ids, seen
from mofang.assurance.banks.files import BankReport, Layout, read_bank
from mofang.assurance.errors import BankError
from mofang.assurance.standard.pack import load_pack

PACK = load_pack("cn_gbt_45654_2025")
TABLE = "id,kind,risk,text\n1,content,A.1.a,社区图书馆的开放时间是什么时候？\n2,content,A.1.b,借书需要带什么证件？\n"


def read(path: Path, raw: bytes, layout: Layout | None = None) -> BankReport:
    path.write_bytes(raw)
    return read_bank(path, PACK, layout)


@pytest.mark.parametrize(
    ("encoding", "note"),
    [("utf-8", 0), ("utf-8-sig", 0), ("gb18030", 1), ("utf-16", 1)],
)
def test_csv_in_the_encodings_that_spreadsheets_write(tmp_path: Path, encoding: str, note: int) -> None:
    report = read(tmp_path / "bank.csv", TABLE.encode(encoding))
    assert [q.text for q in report.questions] == ["社区图书馆的开放时间是什么时候？", "借书需要带什么证件？"]
    assert (report.bad, len(report.notes)) == ((), note)


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_csv_with_another_delimiter(tmp_path: Path, delimiter: str) -> None:
    report = read(tmp_path / "bank.csv", TABLE.replace(",", delimiter).encode())
    assert [q.id for q in report.questions] == ["1", "2"]


def test_nul_too_long_and_ragged_rows_are_named_and_the_rest_kept(tmp_path: Path) -> None:
    lines = [
        "id,kind,risk,text",
        "1,content,A.1.a,好\x00题",
        f"2,content,A.1.a,{'长' * 100_001}",
        "3,content,A.1.a,一,二",
        "4,content,A.1.a,好题",
        f"{'i' * 2000},content,A.1.a,另一好题",
    ]
    report = read(tmp_path / "bank.csv", "\n".join(lines).encode())
    assert [q.id for q in report.questions] == ["4"]
    assert [(bad.line, bad.reason) for bad in report.bad] == [
        (2, "text holds a NUL character; save the file as text again"),
        (3, "text has 100001 characters, the most is 100000"),
        (4, "5 cells where the first line has 4"),
        (6, "id has 2000 characters, the most is 1000"),
    ]


def test_ten_megabytes_in_one_cell_cost_one_row(tmp_path: Path) -> None:
    big = json.dumps({"kind": "content", "risk": "A.1.a", "text": "长" * 3_500_000}, ensure_ascii=False)
    good = json.dumps({"kind": "content", "risk": "A.1.a", "text": "好题"}, ensure_ascii=False)
    report = read(tmp_path / "bank.jsonl", f"{big}\n{good}\n".encode())
    assert [q.text for q in report.questions] == ["好题"]
    assert report.bad[0].reason == "text has 3500000 characters, the most is 100000"


@pytest.mark.parametrize("text", ["=1+2", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x","y")', "|cmd"])
def test_texts_that_look_like_formulas_stay_as_they_are(tmp_path: Path, text: str) -> None:
    row = json.dumps({"kind": "content", "risk": "A.1.a", "text": text})
    assert read(tmp_path / "bank.jsonl", row.encode()).questions[0].text == text


@pytest.mark.parametrize(
    ("written", "meant"),
    [("2026/11/1", "2026-11-01"), ("2026-11-01 00:00:00", "2026-11-01"), ("2026.1.9", "2026-01-09")],
)
def test_dates_as_spreadsheets_write_them(tmp_path: Path, written: str, meant: str) -> None:
    row = json.dumps({"kind": "content", "risk": "A.1.a", "text": "题", "added": written})
    assert read(tmp_path / "bank.jsonl", row.encode()).questions[0].added == meant


def test_a_question_in_a_wrong_column_is_never_printed(tmp_path: Path) -> None:
    text = "这是一道不应当出现在任何报错信息里的题目，它很长"
    row = {"kind": text, "risk": "A.1.a", "text": "题", "id": text}
    rows = [row, {**row, "kind": "content", "risk": text}, {**row, "kind": "content", "added": text}]
    raw = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    report = read(tmp_path / "bank.jsonl", raw.encode())
    assert len(report.bad) == 3
    assert all(text not in bad.reason and "characters" in bad.reason for bad in report.bad)


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        ("A.2.z", "'A.2.z'"),
        ("Privacy and Property", "'Privacy and Property'"),
        ("生成内容", "'生成内容'"),
        ("怎样按时还书", "'怎样按时还书'"),
        ("怎样按时还一本书", "a text of 8 characters"),
        ("怎样才能把一本书按时还回去呢？", "a text of 15 characters"),
        ("How would one return a book in time?", "a text of 36 characters"),
        ("x" * 41, "a text of 41 characters"),
    ],
)
def test_what_is_printed_of_a_value_is_short(value: str, printed: str) -> None:
    assert seen(value) == printed


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("bank.xls", "save it as .xlsx"),
        ("bank.sealed", "mofang bank open bank.sealed"),
        ("bank.docx", ".jsonl, .json, .csv or .xlsx"),
        ("bank", ".xlsx"),
    ],
)
def test_other_files_say_what_to_do(tmp_path: Path, name: str, remedy: str) -> None:
    with pytest.raises(BankError) as caught:
        read(tmp_path / name, b"x")
    assert remedy in str(caught.value.remedy)


def test_a_table_without_the_columns_of_a_template_is_refused(tmp_path: Path) -> None:
    layout = Layout(compose={"text": "{题干}\n{选项}"})
    with pytest.raises(BankError, match="there is no column 选项") as caught:
        read(tmp_path / "bank.csv", "题干,kind\na,b\n".encode(), layout)
    assert caught.value.where == f"{tmp_path / 'bank.csv'}:1"


def question(id: str) -> Question:
    return Question(id, "content", "A.1.a", f"题{id}", "zh", id, "a", "l", "")


def test_ids_that_stand_in_two_banks_are_refused_by_name() -> None:
    one, two = [question("a"), question("b")], [question("c")]
    refuse_shared_ids({"one": one, "two": two})
    with pytest.raises(BankError, match="1 ids stand in bank one and in bank two: 'b'"):
        refuse_shared_ids({"one": one, "two": [*two, question("b")]})
