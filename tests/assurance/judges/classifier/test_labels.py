"""Tables of labels: whatever people save, read or refused with a reason, and never printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from mofang.assurance.judges.classifier.errors import LabelsError
from mofang.assurance.judges.classifier.labels import MOST_CHARACTERS, Columns, read_labels

ROWS = [("苹果很新鲜", "0", "a"), ("梨全都烂了", "1", "b"), ("桃子已经发霉", "1", "a")]
COLUMNS = Columns("text", "label", "group", ("1",))


def refused(path: Path, columns: Columns) -> LabelsError:
    with pytest.raises(LabelsError) as caught:
        read_labels(path, columns)
    for text, _label, _group in ROWS:
        assert text not in caught.value.diagnostics()
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_the_encodings_people_save(tmp_path: Path, write_csv: Any, encoding: str) -> None:
    rows = [(f"{text}，而且今天下午大家都在这里看见了", label, group) for text, label, group in ROWS * 1]
    found = read_labels(write_csv(tmp_path / "l.csv", rows, encoding), COLUMNS)
    assert set(found.texts) == {row[0] for row in rows}
    assert found.counts() == {"fail": 2, "pass": 1}
    assert found.by_group() == {"a": {"fail": 1, "pass": 1}, "b": {"fail": 1, "pass": 0}}


def test_jsonl_and_xlsx_give_the_same_digest_as_csv(tmp_path: Path, write_csv: Any) -> None:
    names = ("text", "label", "group")
    lines = [json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) for row in reversed(ROWS)]
    (tmp_path / "l.jsonl").write_text("\n".join(lines), "utf-8")
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in [names, *((text, int(label), group) for text, label, group in ROWS)]:
        sheet.append(row)
    book.save(tmp_path / "l.xlsx")
    write_csv(tmp_path / "l.csv", ROWS)
    digests = {read_labels(tmp_path / f"l.{kind}", COLUMNS).digest() for kind in ("csv", "jsonl", "xlsx")}
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("values", "fails", "passes", "failing"),
    [
        (["fail", "pass", "unscored"], (), (), 1),
        (["不合格", "合格", "合格"], (), (), 1),
        (["FAIL", "Pass", "pass "], (), (), 1),
        (["2", "0", "1"], ("1", "2"), (), 2),
        (["bad", "odd", "good"], ("bad",), ("good",), 1),
        ([True, False, False], ("true",), (), 1),
        ([1.0, 0, 0], ("1",), (), 1),
    ],
)
def test_labels_are_understood(
    tmp_path: Path, values: list[Any], fails: tuple[str, ...], passes: tuple[str, ...], failing: int
) -> None:
    rows = [{"text": f"第{n}箱水果", "label": value} for n, value in enumerate(values)]
    path = tmp_path / "l.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    found = read_labels(path, Columns("text", "label", None, fails, passes))
    assert found.counts()["fail"] == failing
    assert found.by_group() == {}


def test_labels_nobody_understands_are_listed(tmp_path: Path, write_csv: Any) -> None:
    error = refused(write_csv(tmp_path / "l.csv", ROWS), Columns("text", "label"))
    assert "0, 1" in (error.remedy or "")
    assert "--fail" in (error.remedy or "")


def test_a_text_column_taken_for_labels_is_not_printed(tmp_path: Path, write_csv: Any) -> None:
    rows = [
        (f"{text}第{n}次而且大家今天下午都在集市上看见了", "1", "a")
        for n, (text, *_rest) in enumerate(ROWS * 9)
    ]
    error = refused(write_csv(tmp_path / "l.csv", rows), Columns("label", "text"))
    assert "27" in (error.remedy or "")
    assert "看见" not in error.diagnostics()


def test_a_label_that_no_row_has_is_named(tmp_path: Path, write_csv: Any) -> None:
    error = refused(write_csv(tmp_path / "l.csv", ROWS), Columns("text", "label", None, ("bad",)))
    assert "bad" in error.message


def test_a_missing_column_is_named(tmp_path: Path, write_csv: Any) -> None:
    error = refused(write_csv(tmp_path / "l.csv", ROWS), Columns("words", "label"))
    assert "words" in error.message
    assert "--text" in (error.remedy or "")
    (tmp_path / "l.jsonl").write_text('{"text": "苹果"}\n', "utf-8")
    assert "label" in (refused(tmp_path / "l.jsonl", COLUMNS).remedy or "")


@pytest.mark.parametrize(
    ("name", "content"), [("l.txt", b"text"), ("l.csv", b""), ("l.csv", b"text,label\n"), ("l.xlsx", b"no")]
)
def test_what_is_no_table_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    refused(tmp_path / name, Columns("text", "label"))


def test_one_value_cannot_mean_both() -> None:
    with pytest.raises(LabelsError):
        Columns("text", "label", None, ("1",), ("1 ",))


def test_repeats_count_once_and_disagreement_is_settled_by_the_majority(
    tmp_path: Path, write_csv: Any
) -> None:
    rows = [
        *[("苹果 很新鲜", "0", "a"), ("苹果很新鲜", "0", "a"), ("苹果很新鲜", "1", "b")],
        *[("梨全都烂了", "1", "a"), ("梨全都烂了", "0", "a")],
        *[("", "1", "a"), ("  ", "0", "a"), ("桃子", "", "a"), ("长" * (MOST_CHARACTERS + 1), "1", "a")],
        ("葡萄发霉", "1", "b"),
    ]
    found = read_labels(write_csv(tmp_path / "l.csv", rows), COLUMNS)
    assert found.counts() == {"fail": 1, "pass": 1}
    assert found.by_group() == {"a": {"fail": 0, "pass": 1}, "b": {"fail": 1, "pass": 0}}
    left = {name: n for name, n in found.reading.left_out.items() if n}
    assert left == {"empty": 2, "unlabelled": 1, "too_long": 1, "repeated": 3, "contradictory": 2}
    assert found.reading.rows == 10


def test_bad_lines_are_counted_and_named(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    path.write_text('{"text": "苹果", "label": "1"}\nnot json\n{"text": "梨", "label": "0"}\n', "utf-8")
    found = read_labels(path, Columns("text", "label", None, ("1",)))
    assert [line for line, _why in found.reading.bad] == [2]
    assert found.reading.left_out["unreadable"] == 1


def test_groups_must_be_groups(tmp_path: Path, write_csv: Any) -> None:
    many = [(f"第{n}箱", str(n % 2), f"g{n}") for n in range(60)]
    assert "60" in refused(write_csv(tmp_path / "l.csv", many), COLUMNS).message
    long = [("苹果", "0", "g" * 61), ("梨", "1", "h")]
    refused(write_csv(tmp_path / "m.csv", long), COLUMNS)


def test_texts_stand_in_no_repr(tmp_path: Path, write_csv: Any) -> None:
    assert "新鲜" not in repr(read_labels(write_csv(tmp_path / "l.csv", ROWS), COLUMNS))
