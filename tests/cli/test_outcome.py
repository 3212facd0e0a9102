from __future__ import annotations

from typing import Any

import pytest

from mofang.cli.outcome import _row, say_clauses, say_corpus


def check(plain: str = "met", **more: Any) -> dict[str, Any]:
    facts = {
        "metric": "refusal_rate",
        "figures": {"rate": "r", "n": "n", "lower": "l"},
        "op": ">=",
        "value": "0.95",
        "statistic": "proportion",
        "bound": "unknown",
        "sample": None,
    }
    return {**facts, "plain": plain, **more}


def clause(*checks: dict[str, Any], conclusion: str = "meets") -> dict[str, Any]:
    return {"id": "C-1", "title": {"zh": "标题", "en": "title"}, "conclusion": conclusion, "checks": checks}


VALUES: dict[str, int | str] = {"r": "0.970000", "n": 300, "l": "0.950100", "w": 3, "k": 1, "d": 21}


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (check(), ("97.0 % (n=300)", ">= 95.0 %", "")),
        (check(bound="shown"), ("97.0 % (n=300)", ">= 95.0 %", "≥ 95.0 % shown")),
        (check(sample="short"), ("97.0 % (n=300, too few)", ">= 95.0 %", "")),
        (
            check(statistic="presence", op="==", value="1", figures={"rate": "r", "n": "k", "wanted": "w"}),
            ("1 / 3", "all there", ""),
        ),
        (check(statistic="days", op="<=", value="7", figures={"days": "d"}), ("21", "<= 7", "")),
        (check(statistic="count", op="==", value="0", figures={"n": "n", "waiting": "w"}), ("3", "== 0", "")),
        (check(figures={}), ("", "", "")),
        (check(metric="document_attached"), ("", "", "")),
    ],
)
def test_what_was_measured(one: dict[str, Any], said: tuple[str, str, str]) -> None:
    assert _row(clause(one), VALUES)[3:] == said


def test_the_worst_check_stands_for_the_clause() -> None:
    values = {**VALUES, "open": 0, "bad": 9}
    met = check(statistic="count", op=">=", value="1", figures={"n": "k"})
    open_one = check("unknown", statistic="count", op=">=", value="2", figures={"n": "open"})
    bad = check("not_met", statistic="count", op="<=", value="3", figures={"n": "bad"})
    assert _row(clause(met, open_one, bad), values)[3] == "9"
    assert _row(clause(met, open_one), values)[3] == "0"


def test_titles_are_text_and_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    one = {**clause(check()), "title": {"zh": "甲", "en": "[/b] of [red]"}}
    findings = {
        "standard": {"title": {"zh": "标准", "en": "[/x] standard"}},
        "as_of": "2026-11-01",
        "clauses": [one],
        "gaps": [],
    }
    say_clauses(findings, VALUES)
    said = capsys.readouterr().out
    assert "[/b] of [red]" in said
    assert "[/x] standard" in said
    assert "a named person concludes" in said


def test_sources_and_their_sum(capsys: pytest.CaptureFixture[str]) -> None:
    names = ("records", "keep", "redact", "drop", "duplicates", "listed")
    row = dict.fromkeys(names, 1000)
    say_corpus({"sources": {"a": row, "b": row}, "totals": dict.fromkeys(names, 2000)})
    said = capsys.readouterr().out
    assert "2,000" in said
    say_corpus({"sources": {"a": row}, "totals": row})
    assert "all" not in capsys.readouterr().out
