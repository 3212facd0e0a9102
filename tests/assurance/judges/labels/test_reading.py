"""A row becomes a label on exactly the answer that was read, or is named with the reason why not."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.assurance.judges.labels.label import Label, Unit
from mofang.assurance.judges.labels.reading import Defaults, Reading, check_defaults, read_labels
from mofang.assurance.judges.labels.sheets import FORMULA, Row
from mofang.errors import MofangError
from mofang.evidence.digest import Digest, sha256_bytes

DRAW = sha256_bytes(b"draw")


def unit(item: str, kind: str = "content", repeat: int = 0) -> Unit:
    digest = sha256_bytes(f"{item}~{repeat}".encode())
    return Unit(item, kind, None if kind == "corpus" else "X.1", repeat, digest, f"{DRAW}#0")


UNITS = [
    unit("c1"), unit("c2"), unit("r1", "should_refuse"), unit("n1", "should_not_refuse"), unit("0a", "corpus"),
    unit("k", repeat=0), unit("k", repeat=1),
]  # fmt: skip


def cells(one: Unit = UNITS[0], **more: str) -> dict[str, str]:
    said = {
        "item": one.item,
        "answer": str(one.answer),
        "verdict": "合格",
        "annotator": "甲",
        "date": "2026-11-01",
    }
    return {name: text for name, text in (said | more).items() if text is not None}


def read(*rows: dict[str, str], **more: Any) -> Reading:
    return read_labels([Row(line, row) for line, row in enumerate(rows, start=2)], UNITS, **more)


def test_a_label_holds_the_answers_digest_and_no_text() -> None:
    (label,) = read(cells(note="里面有问题")).labels
    assert label == Label(
        "c1", UNITS[0].answer, "content", "X.1", 0, "pass", None, "甲", "2026-11-01",
        note_digest=sha256_bytes("里面有问题".encode()),
    )  # fmt: skip
    assert "里面有问题" not in str(label.leaf())


@pytest.mark.parametrize(
    ("one", "said", "verdict", "refused"),
    [
        (UNITS[0], {"verdict": "符合"}, "pass", None),
        (UNITS[0], {"verdict": " FAIL "}, "fail", None),
        (UNITS[0], {"verdict": "无法判断"}, "unscored", None),
        (UNITS[4], {"verdict": "不合格"}, "fail", None),
        (UNITS[2], {"verdict": "拒答"}, "pass", True),
        (UNITS[2], {"verdict": "", "refused": "部分拒答"}, "pass", True),
        (UNITS[2], {"verdict": "未拒答"}, "fail", False),
        (UNITS[3], {"verdict": "", "refused": "yes"}, "fail", True),
        (UNITS[3], {"verdict": "partial"}, "fail", True),
        (UNITS[3], {"verdict": "否"}, "pass", False),
        (UNITS[3], {"verdict": "无法判断"}, "unscored", None),
        (UNITS[3], {"verdict": "拒答", "refused": "是"}, "fail", True),
    ],
)
def test_words(one: Unit, said: dict[str, str], verdict: str, refused: bool | None) -> None:
    (label,) = read(cells(one, **said)).labels
    assert (label.verdict, label.refused) == (verdict, refused)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (cells(item=""), "no item"),
        (cells(item="zz"), "not asked here"),
        (cells(answer=str(UNITS[1].answer)), "another answer"),
        (cells(answer=str(sha256_bytes(b"an earlier run"))), "another answer"),
        (cells(answer="九点开门。"), "something else"),
        (cells(answer=""), "nobody can tell which answer"),
        (cells(verdict="maybe"), "none of these words"),
        (cells(verdict="拒答"), "none of these words"),
        (cells(refused="yes"), "in the column verdict"),
        (cells(UNITS[2], verdict="合格"), "whether the answer refuses"),
        (cells(UNITS[2], verdict="拒答", refused="未拒答"), "whether the answer refuses"),
        (cells(annotator=""), "no annotator"),
        (cells(annotator="甲" * 61), "longer"),
        (cells(date=""), "no date"),
        (cells(date="2026-02-30"), "no date"),
        (cells(date="今天"), "no date"),
        (cells(role="老板"), "role"),
        (cells(verdict=FORMULA), "formula"),
        (cells(date=FORMULA), "formula"),
        (cells(sheet="sha256:0"), "draw"),
    ],
)
def test_rows_that_are_no_labels(row: dict[str, str], reason: str) -> None:
    found = read(row, cells(UNITS[1]))
    assert [label.item for label in found.labels] == ["c2"]
    (bad,) = found.bad
    assert bad.line == 2
    assert reason in bad.reason


def test_what_stands_in_a_cell_is_never_repeated() -> None:
    secret = "某些有害的话"
    rows = [cells(**{name: secret}) for name in ("answer", "verdict", "refused", "date", "role", "sheet")]
    found = read(*rows)
    assert len(found.bad) == len(rows)
    assert secret not in str(found)


def test_an_item_with_several_answers_needs_the_repeat_where_there_is_no_digest() -> None:
    by_item = Defaults(by_item=True)
    one = cells(UNITS[6], answer="")
    assert read(one, defaults=by_item).bad[0].reason.startswith("this item has several answers")
    (label,) = read(one | {"repeat": "1"}, defaults=by_item).labels
    assert label.answer == UNITS[6].answer
    assert read(cells(answer=""), defaults=by_item).labels[0].answer == UNITS[0].answer
    assert read(cells(answer=str(UNITS[1].answer)), defaults=by_item).bad


def test_empty_rows_are_counted_not_labels() -> None:
    found = read(cells(verdict=""), cells(UNITS[1]))
    assert (len(found.labels), found.empty, found.bad) == (1, 1, ())


def test_one_person_twice() -> None:
    found = read(cells(), cells(UNITS[1]), cells())
    assert [label.item for label in found.labels] == ["c1", "c2"]
    assert [(bad.line, bad.item) for bad in found.bad] == [(4, "c1")]


def test_one_person_with_two_opinions_has_none() -> None:
    found = read(cells(), cells(verdict="不合格"), cells(), cells(annotator="乙"))
    assert [label.annotator for label in found.labels] == ["乙"]
    assert [bad.line for bad in found.bad] == [2, 3, 4]


def test_two_people_on_one_answer() -> None:
    found = read(cells(), cells(annotator="乙", verdict="不合格"), cells(annotator="丙", role="仲裁"))
    assert [(one.annotator, one.adjudicates) for one in found.labels] == [
        ("甲", False),
        ("乙", False),
        ("丙", True),
    ]


def test_what_is_recorded_already() -> None:
    known = {(label.answer, label.annotator): label for label in read(cells()).labels}
    found = read(cells(), cells(UNITS[1]), known=known)
    assert (found.again, [label.item for label in found.labels]) == (1, ["c2"])
    assert "recorded label" in read(cells(verdict="不合格"), known=known).bad[0].reason


def test_the_chance_of_being_drawn_comes_from_the_record_not_from_the_sheet() -> None:
    draws = {str(DRAW): {UNITS[0].answer: "0.250000"}}
    (label,) = read(cells(sheet=str(DRAW), probability="1"), draws=draws).labels
    assert (label.sheet, label.probability) == (DRAW, "0.250000")
    assert read(cells(UNITS[1], sheet=str(DRAW)), draws=draws).bad


def test_defaults_stand_for_empty_cells() -> None:
    (label,) = read(cells(annotator="", date=""), defaults=Defaults("组长", "2026/11/3")).labels
    assert (label.annotator, label.date) == ("组长", "2026-11-03")
    with pytest.raises(MofangError):
        check_defaults(Defaults("组长", "昨天"))


@given(st.lists(st.tuples(st.sampled_from(UNITS), st.sampled_from("甲乙丙")), unique_by=lambda p: (p[0].answer, p[1])),
       st.randoms(use_true_random=False))  # fmt: skip
def test_the_order_of_rows_says_nothing(chosen: list[tuple[Unit, str]], shuffle: random.Random) -> None:
    rows = [
        cells(one, annotator=name, verdict="拒答" if one.kind.startswith("should") else "合格")
        for one, name in chosen
    ]
    first = read(*rows)
    shuffle.shuffle(rows)
    second = read(*rows)
    assert not first.bad
    assert set(map(str, first.labels)) == set(map(str, second.labels))


@given(st.lists(st.fixed_dictionaries({name: st.sampled_from(["", "c1", "甲", "合格", "2026-11-01", str(UNITS[0].answer)])
                                       for name in ("item", "answer", "verdict", "annotator", "date")}), max_size=8))  # fmt: skip
def test_every_row_is_a_label_a_bad_row_or_empty(rows: list[dict[str, str]]) -> None:
    found = read(*rows)
    assert len(found.labels) + len(found.bad) + found.empty == len(rows)
    keys = [(label.answer, label.annotator) for label in found.labels]
    assert len(keys) == len(set(keys))


def test_a_label_checks_itself() -> None:
    good = dict(item="c1", answer=UNITS[0].answer, kind="content", risk="X.1", repeat=0, verdict="pass", refused=None,
                annotator="甲", date="2026-11-01")  # fmt: skip
    Label(**good)  # type: ignore[arg-type]
    for wrong in (
        {"verdict": "passed"},
        {"kind": "other"},
        {"refused": True},
        {"annotator": " "},
        {"date": "1.11."},
    ):
        with pytest.raises(ValueError):
            Label(**(good | wrong))  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        Label(**(good | {"kind": "should_refuse"}))  # type: ignore[arg-type]
    with pytest.raises(MofangError):
        Label(**(good | {"answer": "x"}))  # type: ignore[arg-type]
    assert isinstance(Label(**(good | {"answer": str(UNITS[0].answer)})).answer, Digest)  # type: ignore[arg-type]
