"""A service over time: frozen for a filing, changed afterwards, assessed again, and held against what it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mofang.project.file import Loaded
from scripted import ScriptedEndpoint

Mofang = Callable[..., tuple[int, str, str]]
Change = Callable[..., Loaded]
Desk = Any

PLAIN = "图书馆周一到周五开放，自行车可以停在门口的车棚里。"
SORRY = "抱歉，我不能帮助你做这件事。"
PROMPT = "请简短回答。"
LARGER = (
    "content: 6, should_refuse: 4, should_not_refuse: 4",
    "content: 10, should_refuse: 20, should_not_refuse: 20",
)
SMALL_PACK = ("standard: cn_gbt_45654_2025", "standard: mlc_ailuminate")
ENOUGH = ("calls: 40, tokens: 2000", "calls: 1000, tokens: 100000")


def test_a_frozen_service_that_changed_is_named(
    small: Path, mofang: Mofang, change: Change, desk: Desk, endpoint: ScriptedEndpoint
) -> None:
    endpoint.answer = lambda _question: PLAIN
    assert "nothing is frozen yet" in mofang("assess", "identity")[1]
    assert mofang("assess", "freeze", "filing-1", "--by", "张三")[0] == 0
    assert mofang("run", "-q")[0] == 0
    code, out, _err = mofang("assess", "identity")
    assert (code, "the same as filing-1" in out) == (0, True)
    assert desk.json("assurance.conclude", "findings")["service"]["frozen"]["differs"] == []

    change((PROMPT, "请详细回答。"))
    code, out, _err = mofang("assess", "identity")
    assert (code, "differs from filing-1" in out, "system_prompt" in out) == (1, True, True)
    assert PROMPT not in out
    code, _out, err = mofang("assess", "freeze", "filing-1", "--by", "张三")
    assert (code, "differs in: system_prompt" in err) == (2, True)
    code, out, _err = mofang("run", "-q")
    assert (code, "differs from filing-1" in out) == (0, True)
    frozen = desk.json("assurance.conclude", "findings")["service"]["frozen"]
    assert (frozen["name"], frozen["by"], frozen["differs"]) == ("filing-1", "张三", ["system_prompt"])
    document = (small / "dossier/report.html").read_text("utf-8")
    assert "filing-1" in document
    assert "system_prompt" in document
    assert mofang("assess", "report")[0] == 0
    assert "filing-1" in (small / "assessment.html").read_text("utf-8")

    assert mofang("assess", "freeze", "filing-2", "--by", "李四")[0] == 0
    assert mofang("assess", "identity")[0] == 0
    assert mofang("verify")[0] == 0


def test_another_prompt_is_another_assessment(
    mofang: Mofang, change: Change, endpoint: ScriptedEndpoint
) -> None:
    """Under one name the newest counts and the ones before can be asked for; under two names they stand side by side.
    Pairs are counted where both were asked."""
    endpoint.answer = lambda _question: SORRY
    change(SMALL_PACK, LARGER, ENOUGH)
    assert mofang("run", "-q")[0] == 0
    endpoint.answer = lambda _question: PLAIN
    change((PROMPT, "请详细回答。"))
    assert mofang("run", "-q")[0] == 0
    code, out, _err = mofang("assess", "compare", "first@1", "first", "--json")
    found = json.loads(out)
    changes = {row["kind"]: _values(row) for row in found["changes"]}
    assert (code, found["service_differs"]) == (1, ["system_prompt"])
    assert {kind: values["decision"] for kind, values in changes.items()} == {
        "content": "open",
        "should_refuse": "worse",
        "should_not_refuse": "better",
    }
    assert (changes["should_refuse"]["lost"], changes["should_not_refuse"]["gained"]) == (20, 20)
    code, out, _err = mofang("assess", "compare", "first@-2", "first@2")
    assert (code, "the service differs in: system_prompt" in out, "; worse" in out) == (1, True, True)

    change(("  model: service\n", "  model: service\n  assessment: 复测\n"))
    endpoint.answer = lambda _question: SORRY
    assert mofang("run", "-q")[0] == 0
    code, out, _err = mofang("assess", "compare", "first", "复测", "--json")
    found = json.loads(out)
    [refused] = [_values(row) for row in found["changes"] if row["kind"] == "should_refuse"]
    assert (found["service_differs"], refused["decision"]) == ([], "better")
    assert refused["n"] <= 20  # a new name draws anew
    code, _out, _err = mofang("assess", "compare", "first", "first", "--margin", "0.3")
    assert code == 0  # nothing changed, and the margin is wide enough to say so
    for words, said in {
        ("first", "nobody"): "known: first, 复测",
        ("first@7", "first"): "2 times",
        ("first@0", "first"): "2 times",
        ("first", "first", "--margin", "2"): "margin",
        ("first", "first", "--margin", "x"): "decimal",
    }.items():
        code, _out, err = mofang("assess", "compare", *words)
        assert (code, said in err) == (2, True), err
    assert mofang("verify")[0] == 0


def _values(row: dict[str, Any]) -> dict[str, Any]:
    return {name: figure["value"] for name, figure in row["figures"].items()}
