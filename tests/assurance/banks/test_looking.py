from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mofang.assurance.banks.bank import Question
from mofang.assurance.banks.commands import bank as command
from mofang.assurance.banks.files import write_bank
from mofang.assurance.errors import BankError

SECRET = "图书馆的还书箱放在哪一个门口"
ONE = Question("q-1", "content", "A.2.d", SECRET, "zh", "q-1", "甲", "自有", "2026-11-01")


def mofang(*words: str | Path) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words])


def test_import_leaves_a_card_that_show_prints(tmp_path: Path) -> None:
    source, out = tmp_path / "题库.csv", tmp_path / "bank.jsonl"
    source.write_text("题,类\n图书馆几点开门,content\n图书馆几点关门,content\n坏行\n,,\n", encoding="utf-8")
    done = mofang(
        "import", source, "--map", "text=题", "--map", "kind=类", "--set", "risk=A.1.a",
        "--name", "馆藏", "--version", "2026.11", "--out", out,
    )  # fmt: skip
    assert "2 questions kept" in done.stdout, done.output
    shown = mofang("show", out).output
    assert "bank: 馆藏" in shown
    assert "version: 2026.11" in shown
    assert "rows: 2 kept, 1 left out, 0 passed over" in shown
    facts = json.loads(mofang("show", out, "--json").stdout)
    assert (facts["origin"]["file"], facts["card_is_current"]) == ("题库.csv", True)
    out.write_text(out.read_text("utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert "changed since the card was written" in mofang("show", out).output


def test_rows_left_out_for_one_reason_are_one_line(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    rows = "".join(f"题目{n},无此类\n" for n in range(50))
    source.write_text(f"text,risk\n{rows}好题,A.1.a\n", encoding="utf-8")
    done = mofang("import", source, "--set", "kind=content", "--out", tmp_path / "b.jsonl")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("50 rows, the first in line 2: unknown risk code '无此类'")


def test_difference_veils_texts_until_they_are_asked_for(tmp_path: Path) -> None:
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    write_bank(old, [ONE])
    write_bank(new, [replace(ONE, risk="A.2.e"), replace(ONE, id="q-2", text=SECRET + "呢")])
    veiled = mofang("diff", old, new)
    assert SECRET not in veiled.output
    assert "+ q-2  content A.2.d  15 characters" in veiled.output
    assert "~ q-1  content A.2.e  14 characters  (risk)" in veiled.output
    assert "1 added, 0 removed, 1 changed, 0 under another id, 0 the same" in veiled.output
    assert SECRET not in mofang("diff", old, new, "--json").output
    assert SECRET in mofang("diff", old, new, "--open").output
    assert (
        json.loads(mofang("diff", old, new, "--json", "--reveal").stdout)["added"][0]["text"] == SECRET + "呢"
    )


def test_likeness_names_files_kinds_and_shared_ids(tmp_path: Path) -> None:
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    write_bank(one, [ONE])
    write_bank(two, [replace(ONE, kind="should_refuse"), replace(ONE, id="q-3", text="别的一道毫不相干的题")])
    shown = mofang("likeness", one, two).output
    assert (
        "1.00  two.jsonl:q-1 (should_refuse A.2.d)  ~  one.jsonl:q-1 (content A.2.d)" not in shown
    )  # one cluster
    write_bank(two, [replace(ONE, kind="should_refuse", cluster="other")])
    shown = mofang("likeness", one, two).output
    assert "1.00  two.jsonl:q-1 (should_refuse A.2.d)  ~  one.jsonl:q-1 (content A.2.d)" in shown
    assert "1 of 2 questions resemble an earlier one; 1 pairs are of two kinds" in shown
    assert "1 ids stand in more than one file" in shown
    assert SECRET not in shown
    facts = json.loads(mofang("likeness", one, two, "--least", "0.9", "--json").stdout)
    assert (facts["shared_ids"], facts["pairs"][0]["similarity"]) == (["q-1"], "1.000000")


def test_coverage_says_how_old_the_bank_is(tmp_path: Path) -> None:
    path = tmp_path / "bank.jsonl"
    write_bank(path, [ONE])
    shown = mofang("coverage", path, "--as-of", "2026-12-24").output
    assert "TB-4  content: newest 2026-11-01, 53 of at most 31 days, too old" in shown
    assert "RB-3a  should_refuse: no question has a date; at most 31 days are asked for" in shown
    assert json.loads(mofang("coverage", path, "--as-of", "2026-11-02", "--json").stdout)["freshness"][0][
        "met"
    ]


def test_layouts_are_listed_and_printed(tmp_path: Path) -> None:
    assert {"mlc", "safetybench", "xstest"} <= {
        row["name"] for row in json.loads(mofang("layouts", "--json").stdout)
    }
    text = mofang("layouts", "mlc").stdout
    copied = tmp_path / "mine.yaml"
    copied.write_text(text, encoding="utf-8")
    source = tmp_path / "mlc.json"
    source.write_text(
        json.dumps({"examples": [{"id": "a", "input": "一道中性的题", "target": "vcr"}]}), encoding="utf-8"
    )
    done = mofang("import", source, "--mapping", copied, "--out", tmp_path / "b.jsonl")
    assert "1 questions kept" in done.stdout


@pytest.mark.parametrize("verb", [("show",), ("diff",), ("likeness",)])
def test_a_bank_with_bad_rows_is_to_be_imported_first(tmp_path: Path, verb: tuple[str]) -> None:
    path = tmp_path / "bank.jsonl"
    path.write_text('{"text": "x"}\n', encoding="utf-8")
    done = mofang(*verb, path, *([path] if verb[0] == "diff" else []))
    assert isinstance(done.exception, BankError)
    assert "mofang bank import" in str(done.exception.remedy)
