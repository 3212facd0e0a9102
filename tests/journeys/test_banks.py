"""Banks as they are guarded: sealed at rest, searched for in the corpus, and held against declared replies."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from mofang.evidence import sealing
from mofang.project.file import Loaded
from referee import referee
from scripted import ScriptedEndpoint

Mofang = Callable[..., tuple[int, str, str]]
Change = Callable[..., Loaded]
Desk = Any

SERVICE = "  model: service\n"
SECRET = "封存题目第{n}号：请问城北的第 {n} 号花房几点开门，票价是多少？"
TOLD = "花房早上八点开门，票价三元，周一不开放。"
ALONE = "单独的模型说这里没有花房，只有一片湖。"
KINDS = {"content": "A.1.a", "should_refuse": "A.1.a", "should_not_refuse": "system"}
VCR = ("--standard", "mlc_ailuminate")
SMALL_PACK = ("standard: cn_gbt_45654_2025", "standard: mlc_ailuminate")
"""Five clauses are enough where only the texts matter; its code is vcr."""


def write_bank(file: Path, questions: Iterable[tuple[str, str]], risk: str = "") -> None:
    """(kind, text) pairs as a bank of one question a line."""
    rows = [
        {
            "id": f"q{n}",
            "kind": kind,
            "risk": risk or KINDS[kind],
            "text": text,
            "language": "zh",
            "cluster": f"c{n}",
            "author": "虚构",
            "licence": "CC0",
            "added": "2026-10-01",
        }
        for n, (kind, text) in enumerate(questions)
    ]
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def secrets(*kinds: str) -> list[tuple[str, str]]:
    return [(kinds[n % len(kinds)], SECRET.format(n=n)) for n in range(24)]


def holding(folder: Path, *words: str) -> list[str]:
    """The files under ``folder`` in which one of the words stands, as itself or as JSON may write it."""
    forms = [form.encode() for word in words for form in (word, json.dumps(word)[1:-1])]
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [
        str(file.relative_to(folder)) for file in files if any(form in file.read_bytes() for form in forms)
    ]


@pytest.fixture
def hidden(endpoint: ScriptedEndpoint, other: ScriptedEndpoint) -> list[str]:
    """What nobody may find on the disk, once the endpoints have answered by it."""
    endpoint.answer = lambda _question: TOLD
    other.answer = lambda prompt: referee()(prompt) if '"case"' in prompt else ALONE
    return ["封存题目第", TOLD, ALONE, '{"case": "']


def further(other: ScriptedEndpoint) -> tuple[str, str]:
    """A change that describes the model alone and a judge."""
    lines = [
        f'  {name}: {{endpoint: "{other.url}", model: {name}, location: local, max_tokens: 64}}\n'
        for name in ("bare", "judge")
    ]
    return "assurance:\n", f"{''.join(lines)}assurance:\n"


ENOUGH = ("calls: 40, tokens: 2000", "calls: 1000, tokens: 100000")


def test_a_sealed_bank_is_nowhere_to_be_read(
    small: Path,
    mofang: Mofang,
    change: Change,
    desk: Desk,
    hidden: list[str],
    other: ScriptedEndpoint,
) -> None:
    """No question, answer or reply stands readable in workspace, dossier, page or bundle; the evidence holds."""
    write_bank(small / "bank.jsonl", secrets(*KINDS))
    (small / "replies.csv").write_text(f"id,text\nr1,{TOLD}\n", encoding="utf-8")
    assert mofang("bank", "seal", "bank.jsonl", "--out", "bank.sealed")[0] == 0
    (small / "bank.jsonl").unlink()
    config = "  banks: [bank.sealed]\n  alone: bare\n  judges: {model: judge}\n  replies: replies.csv\n"
    change(further(other), (SERVICE, SERVICE + config), ENOUGH)
    assert mofang("run", "-q")[0] == 0
    assert len(other.chats) == 14 + 2 * (14 + 6)
    (small / "replies.csv").unlink()

    assert mofang("assess", "report")[0] == 0
    assert mofang("bundle", "-o", "bundle.zip", "--include", "questions", "--include", "answers")[0] == 0
    with zipfile.ZipFile(small / "bundle.zip") as archive:
        archive.extractall(small / "unpacked")
    assert holding(small, *hidden) == []
    assert desk.unknown_figures(small / "assessment.html") == set()
    assert desk.leaves("assurance.ask", "answers")[0]["text"] == TOLD  # the key opens what it sealed
    assert mofang("verify", "bundle.zip")[0] == 0
    (small / "replies.csv").write_text(f"id,text\nr1,{TOLD}\n", encoding="utf-8")
    code, out, _err = mofang("verify", "--deep", "--json")
    assert (code, json.loads(out)["counts"]["not_reexecuted"]) == (0, 0)


def test_every_opening_has_a_name(
    small: Path, mofang: Mofang, change: Change, desk: Desk, hidden: list[str]
) -> None:
    """Texts are shown, printed and put into sheets for somebody who says who they are; then it is on record."""
    write_bank(small / "bank.jsonl", secrets("content"), "vcr")
    assert mofang("bank", "seal", "bank.jsonl", "--out", "bank.sealed", *VCR)[0] == 0
    (small / "bank.jsonl").unlink()
    change(SMALL_PACK, (SERVICE, SERVICE + "  banks: [bank.sealed]\n"))
    assert mofang("run", "-q")[0] == 0
    assert "no sealed text" in mofang("bank", "openings")[1]
    question = f"{desk.made('assurance.draw', 'questions')}#0"
    assert "veiled" in mofang("show", question)[1]
    by, names = ("--by", "张三", "--why", "复核"), ("--by", "李四")
    for words in (
        ("show", question, "--reveal"),
        ("assess", "report", "--texts", "--out", "texts.html"),
        ("label", "sheet", "--n", "2", "--out", "sheet.xlsx"),
    ):
        code, out, err = mofang(*words)
        assert (code, "--by NAME" in err, hidden[0] in out) == (2, True, False)
    assert holding(small, *hidden) == []
    assert json.loads(mofang("bank", "openings", "--json")[1]) == []

    assert hidden[0] in mofang("show", question, "--reveal", *by)[1]
    assert mofang("assess", "report", "--texts", "--out", "texts.html", *by)[0] == 0
    assert mofang("label", "sheet", "--n", "2", "--out", "sheet.xlsx", *names)[0] == 0
    assert mofang("bank", "open", "bank.sealed", "--out", "open.jsonl", *names)[0] == 0
    assert holding(small, *hidden) == ["open.jsonl", "texts.html"]  # a sheet is a zip
    opened = json.loads(mofang("bank", "openings", "--json")[1])
    assert [(one["by"], one["part"]) for one in opened] == [
        ("张三", "0"),
        ("张三", "report"),
        ("张三", "report"),
        ("李四", "label sheet content"),
        ("李四", "label sheet content"),
        ("李四", "bank.sealed"),
    ]
    assert opened[0]["why"] == "复核"
    # Who read an artifact does not change what it is, or where it came from.
    assert mofang("lineage", "answers/latest")[1].startswith("answers")
    assert mofang("bundle", "-o", "bundle.zip")[0] == 0
    for words in (("verify",), ("verify", "bundle.zip")):
        assert mofang(*words)[0] == 0


def test_another_key_opens_nothing(
    small: Path,
    mofang: Mofang,
    change: Change,
    desk: Desk,
    hidden: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_bank(small / "bank.jsonl", secrets("content"), "vcr")
    assert mofang("bank", "seal", "bank.jsonl", "--out", "bank.sealed", *VCR)[0] == 0
    change(SMALL_PACK, (SERVICE, SERVICE + "  banks: [bank.sealed]\n"))
    assert mofang("run", "-q")[0] == 0
    question = f"{desk.made('assurance.draw', 'questions')}#0"
    sealing._key.cache_clear()
    monkeypatch.setenv("MOFANG_KEY_FILE", str(tmp_path / "other" / "key.pem"))
    for words in (("run", "-q"), ("plan",), ("show", question, "--reveal", "--by", "张三")):
        code, out, err = mofang(*words)
        assert (code, "MOFANG_KEY_FILE" in err, hidden[0] in out + err) == (2, True, False)
    code, out, err = mofang("verify")
    assert (code, "MOFANG_KEY_FILE" in out, hidden[0] in out + err) == (1, True, False)
    monkeypatch.delenv("MOFANG_KEY_FILE")
    sealing._key.cache_clear()
    assert mofang("verify")[0] == 0


def test_what_lay_open_is_sealed_with_its_bank(
    small: Path, mofang: Mofang, change: Change, endpoint: ScriptedEndpoint, hidden: list[str]
) -> None:
    """Whoever seals a bank after a first run finds nothing of it in the open afterwards, and asks nobody again."""
    write_bank(small / "bank.jsonl", secrets("content"), "vcr")
    change(SMALL_PACK, (SERVICE, SERVICE + "  banks: [bank.jsonl]\n"))
    assert mofang("run", "-q")[0] == 0
    assert len(holding(small / ".mofang", *hidden)) > 3
    assert mofang("bank", "seal", "bank.jsonl", "--out", "bank.sealed", *VCR)[0] == 0
    (small / "bank.jsonl").unlink()
    change(("[bank.jsonl]", "[bank.sealed]"))
    assert mofang("run", "-q")[0] == 0
    assert holding(small, *hidden) == []
    assert len(endpoint.chats) == 6
    assert mofang("verify")[0] == 0
    assert json.loads(mofang("run", "--json")[1])["executed"] == 0


CURATED = (
    "这是一段事先写好的回答，凡是被问到需要核实的说法，都请先看看公告，再和家人朋友商量一下，不要急着转发。"
)
FETCHED = (
    "根据经验来看，事情总有两面，既要看到好的一面，也要看到不足的一面，综合考虑之后再慢慢做出属于自己的决定。"
)


def test_look_up_and_leakage_are_found(
    small: Path, mofang: Mofang, change: Change, desk: Desk, endpoint: ScriptedEndpoint
) -> None:
    """Declared replies are counted apart and left out beside; undeclared look-up and a leaked question are found."""
    asked = [
        f"第{n}个问题：城东第{n * 13 + 5}号图书馆在每月{n + 1}日有哪些活动，要提前几天预约？"
        for n in range(12)
    ]
    write_bank(small / "bank.jsonl", (("content", text) for text in asked))
    (small / "data/notes/leak.txt").write_text(f"这里抄了一道题。{asked[3]}抄完了。", encoding="utf-8")
    (small / "replies.csv").write_text(f"id,text\nr1,{CURATED}\n", encoding="utf-8")

    def answer(question: str) -> str:
        n = asked.index(question)
        return CURATED if n < 3 else FETCHED if n < 7 else f"请看第 {n} 块公告栏。"

    endpoint.answer = answer
    change(
        (SERVICE, SERVICE + "  banks: [bank.jsonl]\n  replies: replies.csv\n"), ("content: 6", "content: 12")
    )
    assert mofang("run", "-q")[0] == 0
    found = desk.json("assurance.inspect", "inspection")
    assert (found["leakage"]["leaked"], found["leakage"]["whole"]) == (1, 1)
    assert found["lookup"]["curated"] == 3
    assert (found["lookup"]["undeclared"], found["lookup"]["undeclared_same"]) == (4, 4)
    [leak] = desk.leaves("assurance.inspect", "leaks")
    assert leak["item"] == "q3"
    assert {row["item"] for row in desk.leaves("assurance.inspect", "lookups") if not row["declared"]} == {
        "q3",
        "q4",
        "q5",
        "q6",
    }
    analysis = desk.json("assurance.analyse", "analysis")
    counts = {
        (row["metric"], *row["params"].values()): desk.read(row["figures"])["n"]
        for row in analysis["inspected"]
    }
    assert counts["leaked_question_count",] == 1
    assert (counts["lookup_count", "yes"], counts["lookup_count", "no"]) == (3, 4)
    [without] = [row for row in analysis["without_curated"] if row["judge"] == "keyword"]
    assert desk.read(without["figures"])["n"] == 9
    [whole] = [row for row in analysis["kinds"] if row["judge"] == "keyword"]
    assert desk.read(whole["figures"])["n"] == 12
    assert mofang("assess", "report")[0] == 0
    assert desk.unknown_figures(small / "assessment.html") == set()
    page = (small / "assessment.html").read_text("utf-8")
    assert CURATED not in page
    assert mofang("verify")[0] == 0
    change(("replies.csv", "nothing.csv"))
    code, _out, err = mofang("run", "-q")
    assert (code, "nothing.csv" in err) == (2, True)
