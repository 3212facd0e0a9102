"""The measures on small artifacts whose results can be counted by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mofang.assurance import metrics
from mofang.errors import MofangError
from mofang.evidence.digest import Digest
from mofang.evidence.leaves import redact_leaves, write_leaves
from mofang.evidence.objects import ObjectStore


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> ObjectStore:
    return ObjectStore(Path(tmp_path_factory.mktemp("objects")))


def verdict(
    n: int, word: str, refused: bool | None = None, kind: str = "content", risk: str = "A.1.a"
) -> dict[str, Any]:
    judge = "keyword" if kind in ("content", "corpus") else "refusal"
    return {
        "item": f"{kind}{n}", "of": "", "kind": kind, "risk": risk, "judge": judge, "verdict": word,
        "refused": refused, "reason": "", "terms": [], "truncated": False,
    }  # fmt: skip


def stored(objects: ObjectStore, leaves: Iterable[Mapping[str, Any]]) -> Digest:
    return write_leaves(objects, leaves).digest


CONTENT = {"judge": "keyword", "kind": "content", "op": ">=", "value": "0.90"}


def test_pass_rate_by_hand(objects: ObjectStore) -> None:
    words = ["pass"] * 916 + ["fail"] * 74 + ["unscored"] * 10
    other = [verdict(n, "fail", kind="should_refuse") for n in range(5)]
    digest = stored(objects, [*(verdict(n, word) for n, word in enumerate(words)), *other])
    assert metrics.pass_rate(objects, {"verdicts": digest}, CONTENT) == {
        "n": 1_000,
        "passed": 916,
        "failed": 74,
        "unscored": 10,
        "rate": "0.925253",
        "lower": "0.900142",
        "upper": "0.939170",
        "wilson_low": "0.907176",
        "wilson_high": "0.940042",
        "needed": 916,
        "wanted": 900,
        "worst": 916,
        "met": "yes",
        "open": "no",
        "shown": "yes",
    }


def test_refusal_rate_counts_unscored_as_refused_where_refusing_is_wrong(objects: ObjectStore) -> None:
    leaves = [
        verdict(
            n,
            "unscored" if n < 4 else "fail" if n < 16 else "pass",
            None if n < 4 else n < 16,
            "should_not_refuse",
        )
        for n in range(300)
    ]
    params = {"judge": "refusal", "kind": "should_not_refuse", "op": "<=", "value": "0.05"}
    found = metrics.refusal_rate(objects, {"verdicts": [stored(objects, leaves)]}, params)
    assert (found["n"], found["refused"], found["answered"], found["unscored"]) == (300, 12, 284, 4)
    assert (found["worst"], found["wanted"], found["needed"]) == (16, 15, 8)
    assert (found["met"], found["open"], found["shown"]) == ("no", "yes", "no")


def test_nothing_judged_gives_no_rate(objects: ObjectStore) -> None:
    empty = metrics.pass_rate(objects, {"verdicts": []}, CONTENT)
    assert empty == {"n": 0, "passed": 0, "failed": 0, "unscored": 0}
    only = metrics.pass_rate(objects, {"verdicts": stored(objects, [verdict(1, "unscored")])}, CONTENT)
    assert "rate" not in only
    assert (only["met"], only["open"]) == ("no", "yes")


def test_templates_behind_the_items_are_counted(objects: ObjectStore) -> None:
    verdicts = stored(objects, [verdict(n, "pass") for n in range(6)])
    questions = stored(
        objects, [{"id": f"content{n}", "cluster": f"t{n % 2}" if n < 4 else ""} for n in range(7)]
    )
    found = metrics.pass_rate(objects, {"verdicts": verdicts, "questions": questions}, CONTENT)
    assert found["clusters"] == 4  # t0, t1 and two questions of their own


def question(n: int, kind: str, risk: str, added: str = "2026-10-01", demo: bool = False) -> dict[str, Any]:
    return {"id": f"q{n}", "kind": kind, "risk": risk, "added": added, "demo": demo}


BANK = [
    question(1, "content", "A.1.a"),
    question(2, "content", "A.1.b", demo=True),
    question(3, "content", "A.2.a", "2026-10-20"),
    question(4, "should_not_refuse", "gender", "2026-11-05"),
]


@pytest.mark.parametrize(
    ("params", "n", "demo"),
    [
        ({}, 4, 1),
        ({"kind": "content"}, 3, 1),
        ({"kind": "content", "risk": "A.1.b"}, 1, 1),
        ({"kind": "content", "groups": ["A.1"]}, 2, 1),
        ({"kind": "should_not_refuse", "risk": "gender"}, 1, 0),
        ({"kind": "should_refuse"}, 0, 0),
    ],
)
def test_question_count(objects: ObjectStore, params: dict[str, Any], n: int, demo: int) -> None:
    # The first question stands in both banks and counts once.
    banks = [stored(objects, BANK), stored(objects, BANK[:1])]
    assert metrics.question_count(objects, {"banks": banks}, params) == {"n": n, "demo": demo}


def test_days_since_the_newest_question(objects: ObjectStore) -> None:
    banks: metrics.Inputs = {"banks": stored(objects, BANK)}
    content = metrics.days_since_update(objects, banks, {"kind": "content", "as_of": "2026-11-01"})
    assert content == {"days": 12, "newest": "2026-10-20", "later": 0}
    late = metrics.days_since_update(objects, banks, {"kind": "should_not_refuse", "as_of": "2026-11-01"})
    assert late == {"later": 1}


def test_lexicon_counts_and_dates(objects: ObjectStore) -> None:
    rows = [
        {"id": f"t{n}", "risk": risk, "added": "2026-10-30" if n else ""}
        for n, risk in enumerate(["A.1.a", "A.1.b", "A.2.a"])
    ]
    lexicon: metrics.Inputs = {"lexicon": stored(objects, rows)}
    assert metrics.keyword_count(objects, lexicon, {}) == {"n": 3, "demo": 0}
    assert metrics.keyword_count(objects, lexicon, {"groups": ["A.1"]}) == {"n": 2, "demo": 0}
    assert metrics.keyword_count(objects, lexicon, {"risk": "A.2.a"}) == {"n": 1, "demo": 0}
    assert metrics.days_since_update(objects, lexicon, {"as_of": "2026-11-01"})["days"] == 2


def test_attachments_hold_through_their_last_day(objects: ObjectStore) -> None:
    rows = [
        {"clause": "A", "expires": None},
        {"clause": "A", "expires": "2026-11-01"},
        {"clause": "A", "expires": "2026-10-31"},
        {"clause": "B", "expires": "2026-10-31"},
    ]
    inputs: metrics.Inputs = {"attachments": stored(objects, rows)}
    day = {"as_of": "2026-11-01"}
    assert metrics.document_attached(objects, inputs, {"clause": "A", **day}) == {"n": 2, "present": 1}
    assert metrics.document_attached(objects, inputs, {"clause": "B", **day}) == {"n": 0, "present": 0}


def test_clauses_without_result(objects: ObjectStore) -> None:
    words = ["meets", "waits_person", "fails", "waits_document", "not_applicable"]
    digest = stored(objects, [{"clause": str(n), "conclusion": word} for n, word in enumerate(words)])
    assert metrics.clauses_without_result(objects, {"conclusions": digest}, {}) == {"n": 5, "waiting": 2}


@given(st.lists(st.sampled_from(["pass", "fail", "unscored"]), max_size=60), st.integers(1, 99))
@settings(max_examples=60, deadline=None)
def test_an_unscored_item_never_passes(objects: ObjectStore, words: list[str], percent: int) -> None:
    """Turning any item into an unscored one never turns the rule or the bound in the provider's favour."""
    params = CONTENT | {"value": f"0.{percent:02d}"}
    before = metrics.pass_rate(objects, {"verdicts": stored(objects, _leaves(words))}, params)
    worse = ["unscored" if word == "pass" else word for word in words]
    after = metrics.pass_rate(objects, {"verdicts": stored(objects, _leaves(worse))}, params)
    assert after.get("met", "no") == "no"
    assert after.get("shown", "no") == "no"
    lost = ["unscored" if word == "fail" else word for word in words]
    kept = metrics.pass_rate(objects, {"verdicts": stored(objects, _leaves(lost))}, params)
    assert kept.get("met", "no") == before.get("met", "no")
    assert kept.get("lower") == before.get("lower")


def _leaves(words: list[str]) -> list[dict[str, Any]]:
    return [verdict(n, word) for n, word in enumerate(words)]


def test_only_the_first_answer_decides(objects: ObjectStore) -> None:
    leaves = [
        {**verdict(n, word), "repeat": repeat}
        for n in range(10)
        for repeat, word in enumerate(["pass", "fail"])
    ]
    digest = stored(objects, leaves)
    first = metrics.pass_rate(objects, {"verdicts": digest}, CONTENT)
    second = metrics.pass_rate(objects, {"verdicts": digest}, {**CONTENT, "repeat": 1})
    assert (first["n"], first["passed"]) == (10, 10)
    assert (second["n"], second["passed"]) == (10, 0)


def test_several_codes_stand_for_one_risk(objects: ObjectStore) -> None:
    leaves = [verdict(n, "pass", risk=f"A.1.{letter}") for n, letter in enumerate("abcab")]
    digest = stored(objects, leaves)
    found = metrics.pass_rate(objects, {"verdicts": digest}, {**CONTENT, "risks": ["A.1.a", "A.1.c"]})
    assert found["n"] == 3
    bank = stored(objects, BANK)
    assert metrics.question_count(objects, {"banks": bank}, {"risks": ["A.1.a", "A.2.a", "X"]})["n"] == 2
    terms = stored(
        objects, [{"id": f"t{n}", "risk": risk} for n, risk in enumerate(["A.1.a", "A.1.b", "A.2.a"])]
    )
    assert metrics.keyword_count(objects, {"lexicon": terms}, {"risks": ["A.1.a", "A.1.b"]})["n"] == 2


def test_likeness_of_questions_weakens_the_bound(objects: ObjectStore) -> None:
    """A hundred questions of ten templates that fail together are worth about ten."""
    verdicts = stored(objects, [verdict(n, "fail" if n // 10 == 3 else "pass") for n in range(300)])
    alone = stored(objects, [{"id": f"content{n}", "cluster": ""} for n in range(300)])
    derived = stored(objects, [{"id": f"content{n}", "cluster": f"t{n // 10}"} for n in range(300)])
    free, tied = (
        metrics.pass_rate(objects, {"verdicts": verdicts, "questions": asked}, CONTENT)
        for asked in (alone, derived)
    )
    assert (free["clusters"], tied["clusters"]) == (300, 30)
    assert "design_effect" not in free
    assert float(tied["design_effect"]) > 9
    assert float(tied["effective_n"]) < 31
    assert tied["lower"] < free["lower"]
    assert (free["shown"], tied["shown"], tied["met"]) == ("yes", "no", "yes")
    assert free == {**metrics.pass_rate(objects, {"verdicts": verdicts}, CONTENT), "clusters": 300}


def test_the_level_of_a_bound_is_the_checks_own(objects: ObjectStore) -> None:
    digest = stored(objects, [verdict(n, "pass" if n < 916 else "fail") for n in range(1_000)])
    strict = metrics.pass_rate(objects, {"verdicts": digest}, {**CONTENT, "level": "0.99"})
    assert (strict["shown"], strict["needed"]) == ("no", 922)
    with pytest.raises(MofangError, match="confidence level"):
        metrics.pass_rate(objects, {"verdicts": digest}, {**CONTENT, "level": "1.5"})


def test_a_withdrawn_verdict_counts_against(objects: ObjectStore) -> None:
    segment = write_leaves(objects, [verdict(n, "pass") for n in range(20)])
    kept = redact_leaves(objects, segment.digest, {3: "withdrawn"})
    found = metrics.pass_rate(objects, {"verdicts": kept.digest}, {**CONTENT, "risk": "A.9.z"})
    assert (found["n"], found["unscored"]) == (1, 1)  # it might have been of any risk
    found = metrics.pass_rate(objects, {"verdicts": kept.digest}, CONTENT)
    assert (found["n"], found["passed"], found["unscored"]) == (20, 19, 1)
