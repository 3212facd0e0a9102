"""How far people agree: alpha over everybody, AC1 over pairs, each one beside the others."""

from __future__ import annotations

from typing import Any

from mofang.assurance.judges.labels.agreement import agreements
from mofang.evidence.digest import sha256_bytes


def labels(said: dict[str, str], kind: str = "content") -> list[dict[str, Any]]:
    """Annotator -> one letter an item: p, f, u for pass, fail, unscored, - for none."""
    words = {"p": "pass", "f": "fail", "u": "unscored"}
    return [
        {"answer": str(sha256_bytes(b"%d" % n)), "kind": kind, "annotator": name, "verdict": words[letter]}
        for name, letters in said.items()
        for n, letter in enumerate(letters)
        if letter in words
    ]


def test_two_people() -> None:
    # 10 items, 8 alike: 6 pass-pass, 2 fail-fail, 2 split. Po .8; AC1: mean share of fail .3, Pe .42 -> .655 (by hand).
    # alpha: 20 values, 14 pass and 6 fail: De = 2*14*6/(20*19) = .442, Do = .2 -> .548 (by hand).
    (found,) = agreements(labels({"甲": "ppppppffpf", "乙": "ppppppfffp"}))
    assert (found.answers, found.several, found.disputed) == (10, 10, 2)
    assert (found.alpha, found.ac1) == ("0.548", "0.655")
    assert found.low
    assert [(one.name, one.n, one.fail, one.compared, one.agreed) for one in found.annotators] == [
        ("乙", 10, 3, 10, 8), ("甲", 10, 3, 10, 8),
    ]  # fmt: skip


def test_where_nearly_all_pass_alpha_collapses_and_ac1_does_not() -> None:
    (found,) = agreements(labels({"甲": "p" * 99 + "f", "乙": "f" + "p" * 99}))
    assert float(found.alpha or 1) < 0
    assert float(found.ac1 or 0) > 0.95
    assert not found.low


def test_gaps_cannot_tell_and_single_labels() -> None:
    (found,) = agreements(labels({"甲": "pp-fu", "乙": "p--fp", "丙": "-p--p"}))
    assert (found.answers, found.several) == (4, 4)
    assert [one.unscored for one in found.annotators] == [0, 0, 1]


def test_one_person_agrees_with_nobody() -> None:
    (found,) = agreements(labels({"甲": "pf"}))
    assert (found.alpha, found.ac1, found.low) == (None, None, False)


def test_an_adjudicator_has_seen_the_dispute() -> None:
    some = labels({"甲": "pp", "乙": "ff"}) + [one | {"adjudicates": True} for one in labels({"丙": "pp"})]
    (found,) = agreements(some)
    assert [one.name for one in found.annotators] == ["乙", "甲"]


def test_kinds_stand_apart() -> None:
    found = agreements(labels({"甲": "p"}) + labels({"甲": "f"}, "should_refuse"))
    assert [one.kind for one in found] == ["content", "should_refuse"]
    assert agreements([]) == []
