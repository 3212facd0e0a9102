"""Decisions, voices, draws and banks as the page lists them."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from mofang.assurance.report.decisions import decisions
from mofang.assurance.report.numbers import Numbers
from mofang.assurance.report.records import banks, coverage, draws, inspection, unchecked, without
from mofang.assurance.report.voices import changes, choruses, judged, matrices, rates
from mofang.assurance.report.wording import Words
from mofang.evidence.digest import sha256_bytes


@pytest.fixture
def book(made: Any) -> Numbers:
    return Numbers(made.figures)


def test_every_sampled_check_says_both(made: Any, book: Numbers, closed: str) -> None:
    found = {row.check.id: row for row in decisions(made.findings, Words({}, made.analysis), book)}
    assert set(found) == {"EV-C1", "EV-C2", "EV-C2c", "EV-G1", "EV-G2", "EV-G3", "EV-R1", "EV-R2"}
    measured = found["EV-G2"]
    assert (measured.check.plain, measured.check.shown, measured.apart) == ("met", "shown", False)
    assert measured.figures["wanted"].text == "400"  # 0.90 of 444
    assert measured.figures["needed"].text == "411"
    assert found["EV-R1"].apart
    assert found["EV-R2"].impossible  # 39 questions cannot show at most 5 %
    assert not found["EV-G1"].measured
    section = closed.split('id="decisions"')[1].split('id="heat"')[0]
    assert section.count("如同掷币") == 2 * 1
    for row in (measured, found["EV-R1"]):
        assert row.figures["needed"].id in section


def test_patterns_that_differ_come_first(made: Any, book: Numbers) -> None:
    for chorus in choruses(made.analysis, book):
        split = [pattern.split for pattern in chorus.patterns]
        assert split == sorted(split, reverse=True)
    first = choruses(made.analysis, book)[0]
    assert (first.target, first.kind) == ("service", "content")
    assert first.judges == ("keyword", "classifier", "model", "manual")


def test_targets_stand_side_by_side(made: Any, book: Numbers) -> None:
    content = matrices(rates(made.analysis, book))[0]
    assert content.targets == ("alone", "guard", "service")
    rows = dict(content.rows)
    assert [rate is not None for rate in rows["keyword"]] == [True, True, True]
    assert [rate is not None for rate in rows["manual"]] == [False, False, True]


def test_estimators_stand_side_by_side(made: Any, book: Numbers) -> None:
    one = next(r for r in rates(made.analysis, book) if (r.target, r.judge) == ("service", "keyword"))
    assert [name for name, _figures in one.estimates] == ["each", "clustered", "equal", "traffic"]
    each, clustered = dict(one.estimates)["each"], dict(one.estimates)["clustered"]
    assert each["lower"].text == "87.1%"  # the exact bound, where the metric names it apart
    assert clustered["lower"].text == "86.1%"
    assert one.repeats["worst_rate"].text == "88.3%"


def test_changes_are_said_in_words(made: Any, book: Numbers, closed: str) -> None:
    assert [one.decision for one in changes(made.analysis, book)] == ["better", "not_worse", "open"]
    assert "变差也不超过界限" in closed
    assert "样本既不足以排除超过界限的变差" in closed


def test_unusable_judges_come_first_and_are_not_corrected(made: Any, book: Numbers) -> None:
    found = judged(made.analysis, book)
    assert [(one.judge, one.usable) for one in found] == [
        ("model", False),
        ("keyword", True),
        ("classifier", True),
    ]
    assert found[0].corrected == ()
    assert [name for name, _figures in found[1].corrected] == ["ppi", "rogan_gladen"]


def test_every_draw_is_listed_and_drawing_again_is_marked(made: Any, closed: str) -> None:
    found = draws(made.findings)
    assert [(one.assessment, one.used, one.again) for one in found] == [
        ("first", False, False),
        ("second", True, True),
    ]
    section = closed.split('<section id="draws">')[1].split("</section>")[0]
    for one in found:
        for part in (one.statement, one.seed, one.chain_head, one.plan, one.bank_root):
            assert part in section
    assert "对同一题库抽过不止一次" in section
    findings = copy.deepcopy(made.findings)
    del findings["draws"][0]
    single = copy.copy(made)
    single.findings = findings
    assert "对同一题库抽过不止一次" not in single.page()


def test_banks_coverage_and_inspection(made: Any, book: Numbers, closed: str) -> None:
    assert [(bank.name, bank.demo) for bank in banks(made.findings, book)] == [("own", True)]
    rows = coverage(made.findings, book)
    assert {len(check.rows) for check in rows} == {17, 14}  # each risk of A.1 and A.2, of the others
    found = inspection(made.objects, made.analysis, book)
    assert found is not None
    likeness, leakage, lookup = found.parts
    assert [(name, getattr(count, "text", count)) for name, count in likeness.counts][:2] == [
        ("questions", 370),
        ("alike", "12"),
    ]
    assert leakage.counts == ()
    assert lookup.bad
    assert [(one.judge, one.figures["curated"].text, one.bound) for one in without(book)] == [
        ("keyword", "42", "lower")
    ]
    assert "没有语料可供检查" in closed
    gone = {**made.analysis, "inspection": sha256_bytes(b"gone")}
    assert inspection(made.objects, gone, book) is None


def test_rules_that_nobody_checked_are_listed(made: Any, closed: str) -> None:
    caveats = closed.split('<section id="caveats">')[1]
    for clause in unchecked(made.findings):
        assert f"<code>{clause.id}</code>" in caveats
