"""Several judges on the same answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mofang.assurance.analysis import voices
from mofang.assurance.statistics.agreement import Confusion
from mofang.evidence.digest import Digest
from mofang.evidence.objects import ObjectStore

Leaf = Callable[..., dict[str, Any]]
AGAINST = {"kind": "content", "judge": "model", "against": "manual"}


@pytest.fixture(scope="module")
def three(stored: Any, vote: Leaf) -> list[Digest]:
    """Three judges; people saw four of six answers."""
    said = {
        "model": ["pass", "pass", "fail", "fail", "unscored", "pass"],
        "keyword": ["pass", "fail", "fail", "pass", "fail", "pass"],
        "manual": ["pass", "pass", "fail", "pass"],
    }
    return [
        stored([vote(n, word, judge=judge) for n, word in enumerate(words)]) for judge, words in said.items()
    ]


def test_judges_in_their_usual_order(objects: ObjectStore, three: list[Digest]) -> None:
    assert voices.judges_of(objects, {"verdicts": three}, "content") == ["keyword", "model", "manual"]
    assert voices.judges_of(objects, {"verdicts": three}, "should_refuse") == []


def test_patterns_add_up(objects: ObjectStore, three: list[Digest]) -> None:
    inputs = {"verdicts": three}
    found = voices.votes(objects, inputs, "content", ["keyword", "model", "manual"])
    patterns = voices.patterns(found)
    counts = [
        voices.vote_pattern(objects, inputs, {"kind": "content", "votes": pattern})["n"]
        for pattern in patterns
    ]
    assert sum(counts) == 6
    assert {"keyword": "fail", "model": "unscored", "manual": None} in patterns
    nobody = {"keyword": "unscored", "model": "pass", "manual": None}
    assert voices.vote_pattern(objects, inputs, {"kind": "content", "votes": nobody}) == {"n": 0}


def test_the_most_evenly_split_come_first(objects: ObjectStore, stored: Any, vote: Leaf) -> None:
    rows = {
        "keyword": "fail pass fail",
        "model": "pass pass pass",
        "classifier": "pass pass fail",
        "manual": "pass pass pass",
    }
    digests = [
        stored([vote(n, word, judge=judge) for n, word in enumerate(words.split())])
        for judge, words in rows.items()
    ]
    found = voices.votes(objects, {"verdicts": digests}, "content", sorted(rows))
    items = [found.verdicts.item.words[found.verdicts.item.codes[found.row[n]]] for n in voices.split(found)]
    assert items == ["q2", "q0"]


def test_the_more_cautious_word_stands(objects: ObjectStore, stored: Any, vote: Leaf) -> None:
    digest = stored(
        [vote(0, "pass"), vote(0, "fail"), vote(1, "pass"), vote(1, "unscored"), vote(1, "pass", repeat=1)]
    )
    found = voices.votes(objects, {"verdicts": digest}, "content", ["keyword"])
    assert voices.patterns(found) == [{"keyword": "fail"}, {"keyword": "unscored"}, {"keyword": "pass"}]


def _judged(vote: Leaf, table: Confusion, extra: int = 0) -> list[dict[str, Any]]:
    """Verdicts of model and people with this confusion, and ``extra`` answers that people did not see."""
    rows = [("fail", "fail")] * table.both + [("fail", "pass")] * table.judge
    rows += [("pass", "fail")] * table.people + [("pass", "pass")] * table.neither
    leaves = []
    for n, (judge, people) in enumerate(rows):
        leaves += [vote(n, judge, judge="model"), vote(n, people, judge="manual")]
    share = (table.both + table.judge) / max(1, table.n)
    return leaves + [
        vote(10_000 + n, "fail" if n < share * extra else "pass", judge="model") for n in range(extra)
    ]


def test_confusion_of_a_good_judge(objects: ObjectStore, stored: Any, vote: Leaf) -> None:
    digest = stored([*_judged(vote, Confusion(40, 6, 9, 45)), vote(900, "unscored", judge="model")])
    found = voices.judge_confusion(objects, {"verdicts": digest}, AGAINST)
    assert {name: found[name] for name in ("n", "both_fail", "only_judge_fails", "only_people_fail", "both_pass")} == {
        "n": 100, "both_fail": 40, "only_judge_fails": 6, "only_people_fail": 9, "both_pass": 45,
    }  # fmt: skip
    assert (found["kappa"], found["alpha"], found["pabak"]) == ("0.699519", "0.700752", "0.700000")
    assert (found["judge_rate"], found["people_rate"]) == ("0.540000", "0.510000")
    assert (found["usable"], found["why"]) == ("yes", "fine")
    assert (found["unscored_judge"], found["stray"]) == (0, 0)


@pytest.mark.parametrize(
    ("table", "strays", "word", "why"),
    [
        (Confusion(16, 50, 60, 324), 0, "no", "near_chance"),
        (Confusion(2, 0, 0, 90), 0, "unknown", "few_labels"),
        (Confusion(40, 6, 9, 45), 5, "no", "unreadable"),
        (Confusion(0, 0, 0, 0), 0, "unknown", "few_labels"),
    ],
)
def test_judges_that_must_not_be_used(
    objects: ObjectStore, stored: Any, vote: Leaf, table: Confusion, strays: int, word: str, why: str
) -> None:
    prose = [vote(5_000 + n, "unscored", judge="model", reason="prose") for n in range(strays)]
    digest = stored([*_judged(vote, table), *prose])
    found = voices.judge_confusion(objects, {"verdicts": digest}, AGAINST)
    assert (found["usable"], found["why"], found["stray"]) == (word, why, strays)


def test_unscored_words_are_counted_not_compared(objects: ObjectStore, stored: Any, vote: Leaf) -> None:
    digest = stored(
        [
            vote(0, "unscored", judge="model"), vote(0, "pass", judge="manual"),
            vote(1, "pass", judge="model"), vote(1, "unscored", judge="manual"),
            vote(2, "pass", judge="model"),
        ]
    )  # fmt: skip
    found = voices.judge_confusion(objects, {"verdicts": digest}, AGAINST)
    assert (found["n"], found["unscored_judge"], found["unscored_people"]) == (0, 1, 1)
    assert "kappa" not in found


def test_corrected_rates(objects: ObjectStore, stored: Any, vote: Leaf) -> None:
    # People: 49 of 100 fail. The judge overlooks nine and finds six too many; on 900 more it fails 46 %.
    digest = stored(_judged(vote, Confusion(40, 6, 9, 45), extra=900))
    found = voices.corrected_rate(objects, {"verdicts": digest}, {**AGAINST, "method": "ppi"})
    assert (found["n"], found["labelled"], found["unscored"]) == (1_000, 100, 0)
    assert (found["judge_rate"], found["people_rate"]) == ("0.540000", "0.510000")
    assert float(found["rate"]) == pytest.approx(0.51, abs=1e-3)
    assert float(found["people_low"]) < float(found["low"]) < float(found["lower"]) < float(found["rate"])
    assert 0.3 < float(found["saved"]) < 0.6
    other = voices.corrected_rate(objects, {"verdicts": digest}, {**AGAINST, "method": "rogan_gladen"})
    assert float(other["rate"]) == pytest.approx(0.51, abs=2e-3)
    assert float(other["low"]) < float(other["lower"]) < float(other["rate"]) < float(other["high"])
    assert other["sensitivity"] == "0.816327"


def test_answers_that_people_could_not_score_count_against_the_bound(
    objects: ObjectStore, stored: Any, vote: Leaf
) -> None:
    leaves = _judged(vote, Confusion(40, 6, 9, 45), extra=900)
    doubtful = [vote(20_000 + n, "pass", judge="model") for n in range(10)]
    doubtful += [vote(20_000 + n, "unscored", judge="manual") for n in range(10)]
    for method in ("ppi", "rogan_gladen"):
        params = {**AGAINST, "method": method}
        plain = voices.corrected_rate(objects, {"verdicts": stored(leaves)}, params)
        found = voices.corrected_rate(objects, {"verdicts": stored([*leaves, *doubtful])}, params)
        assert found["unscored"] == 10
        assert float(found["lower"]) < float(plain["lower"])
        assert float(found["upper"]) > float(plain["upper"]) - 0.001


def test_too_few_labels_correct_nothing(objects: ObjectStore, stored: Any, vote: Leaf) -> None:
    for table in (Confusion(8, 2, 2, 8), Confusion(2, 0, 0, 98)):
        digest = stored(_judged(vote, table, extra=100))
        for method in ("ppi", "rogan_gladen"):
            assert voices.corrected_rate(objects, {"verdicts": digest}, {**AGAINST, "method": method}) == {}
    everything = stored(_judged(vote, Confusion(40, 6, 9, 45)))
    assert (
        voices.corrected_rate(objects, {"verdicts": everything}, {**AGAINST, "method": "rogan_gladen"}) == {}
    )


def test_order_of_segments_changes_nothing(objects: ObjectStore, stored: Any, vote: Leaf) -> None:
    rng = np.random.default_rng(2)
    leaves = _judged(vote, Confusion(40, 6, 9, 45), extra=50)
    mixed = [leaves[n] for n in rng.permutation(len(leaves))]
    one, other = (
        voices.judge_confusion(objects, {"verdicts": stored(each)}, AGAINST) for each in (leaves, mixed)
    )
    assert one == other
