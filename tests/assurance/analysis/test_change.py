"""Two targets on the same questions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mofang.assurance.analysis.change import paired_change
from mofang.assurance.statistics.comparison import Pairs, mcnemar, tango_lower, tango_upper
from mofang.assurance.statistics.proportion import down, up
from mofang.evidence.objects import ObjectStore

Leaf = Callable[..., dict[str, Any]]
PARAMS = {"judge": "keyword", "kind": "content", "margin": "0.01"}


def _pair(stored: Any, vote: Leaf, words: list[tuple[str, str]]) -> dict[str, Any]:
    before = [vote(n, one) for n, (one, _other) in enumerate(words)]
    after = [vote(n, other) for n, (_one, other) in enumerate(words)]
    return {"before": stored([*before, vote(9_998, "fail")]), "after": stored([*after, vote(9_999, "fail")])}


def test_a_guard_that_helps(objects: ObjectStore, stored: Any, vote: Leaf) -> None:
    words = (
        [("pass", "pass")] * 250 + [("fail", "pass")] * 30 + [("pass", "fail")] * 5 + [("fail", "fail")] * 15
    )
    found = paired_change(objects, _pair(stored, vote, words), PARAMS)
    counts = ("n", "both_passed", "gained", "lost", "both_failed", "unscored")
    assert [found[name] for name in counts] == [300, 250, 30, 5, 15, 0]
    assert (found["from_rate"], found["to_rate"], found["difference"]) == ("0.850000", "0.933333", "0.083333")
    assert found["lower"] == down(tango_lower(Pairs(300, 30, 5)))
    assert found["upper"] == up(tango_upper(Pairs(300, 30, 5)))
    assert found["p"] == up(mcnemar(30, 5))
    assert (found["non_inferior"], found["decision"], found["margin"]) == ("yes", "better", "0.010000")


def test_too_few_questions_leave_it_open(objects: ObjectStore, stored: Any, vote: Leaf) -> None:
    found = paired_change(objects, _pair(stored, vote, [("pass", "pass")] * 50), PARAMS)
    assert (found["difference"], found["non_inferior"], found["decision"]) == ("0.000000", "no", "open")
    found = paired_change(objects, _pair(stored, vote, [("pass", "pass")] * 400), PARAMS)
    assert (found["non_inferior"], found["decision"]) == ("yes", "not_worse")


def test_worse_is_said(objects: ObjectStore, stored: Any, vote: Leaf) -> None:
    words = [("pass", "pass")] * 200 + [("pass", "fail")] * 30
    assert paired_change(objects, _pair(stored, vote, words), PARAMS)["decision"] == "worse"


def test_unscored_sides_are_worst_for_both_bounds(objects: ObjectStore, stored: Any, vote: Leaf) -> None:
    same = [("pass", "pass")] * 290
    doubtful = [("pass", "unscored")] * 5 + [("unscored", "fail")] * 5
    found = paired_change(objects, _pair(stored, vote, same + doubtful), PARAMS)
    assert (found["n"], found["unscored"], found["difference"]) == (290, 10, "0.000000")
    assert found["lower"] == down(tango_lower(Pairs(300, 0, 10)))
    assert found["upper"] == up(tango_upper(Pairs(300, 0, 0)))


def test_derived_questions_are_worth_less(objects: ObjectStore, stored: Any, vote: Leaf, ask: Leaf) -> None:
    words = [("fail", "pass") if n // 10 == 3 else ("pass", "pass") for n in range(300)]
    inputs = _pair(stored, vote, words)
    asked = stored([ask(n, cluster=f"t{n // 10}") for n in range(300)])
    free, tied = (
        paired_change(objects, inputs, PARAMS),
        paired_change(objects, {**inputs, "questions": asked}, PARAMS),
    )
    assert (free["decision"], free["design_effect"]) == ("better", "1.000000")
    assert float(tied["design_effect"]) > 9
    assert float(tied["lower"]) < float(free["lower"])


def test_nothing_in_common(objects: ObjectStore, stored: Any, vote: Leaf) -> None:
    found = paired_change(objects, _pair(stored, vote, []), PARAMS)
    assert found["n"] == 0
    assert "decision" not in found
