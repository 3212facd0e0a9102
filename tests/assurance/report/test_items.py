"""Questions, answers and votes as the script gets them."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mofang.assurance.report.items import LONGEST, data_block, read_items
from mofang.evidence.digest import sha256_bytes
from mofang.evidence.leaves import leaf_ref, read_leaves, write_leaves
from mofang.evidence.objects import ObjectStore

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_data_may_stand_in_a_script_element_and_come_back_unchanged(value: Any) -> None:
    written = str(data_block(value))
    assert json.loads(written) == value
    assert not {"<", ">", "&", "\u2028", "\u2029"} & set(written)


def test_disagreements_come_first_in_their_order(made: Any) -> None:
    items = read_items(made.objects, made.analysis, texts=False)
    rows, ranks = items.wire["answers"]["service"], items.wire["ranks"]["service"]
    asked = [(items.wire["items"][rows[n][0]][0], rows[n][1]) for n in ranks]
    wanted = [
        (one["item"], one["repeat"])
        for voices in made.analysis["voices"]
        if voices["target"] == "service"
        for one in voices["disagreements"]
    ]
    assert sorted(asked) == sorted(wanted)
    words = [[vote[1] for vote in rows[n][6]] for n in ranks]
    passed = [Fraction(each.count("p"), each.count("p") + each.count("f")) for each in words]
    assert all(0 < share < 1 for share in passed)
    assert [abs(share - Fraction(1, 2)) for share in passed] == sorted(
        abs(s - Fraction(1, 2)) for s in passed
    )


def test_every_answer_and_vote_is_there_once(made: Any) -> None:
    items = read_items(made.objects, made.analysis, texts=False)
    assert {name: len(rows) for name, rows in items.wire["answers"].items()} == {
        "alone": len(items.wire["items"]),
        "guard": len(items.wire["items"]),
        "service": 2 * len(items.wire["items"]),
    }
    assert items.texts is None
    for rows in items.wire["answers"].values():
        for row in rows:
            judges = [vote[0] for vote in row[6]]
            assert len(judges) == len(set(judges)) > 0


def test_long_texts_are_cut_and_marked(tmp_path: Any) -> None:
    objects = ObjectStore(tmp_path / "objects")
    questions = write_leaves(
        objects, [{"id": "q", "kind": "content", "risk": "A.1.a", "text": "长" * 30_000}]
    )
    answers = write_leaves(objects, [{"question": "q", "repeat": 0, "state": "answered", "text": "短"}])
    target = {"name": "service", "questions": questions.digest, "answers": answers.digest, "verdicts": []}
    found = read_items(objects, {"targets": [target]}, texts=True)
    assert found.texts == {"questions": [["长" * LONGEST, 1]], "answers": {"service": ["短"]}}


def test_texts_are_found_through_a_catalogue(made: Any) -> None:
    analysis = copy.deepcopy(made.analysis)
    digest = analysis["targets"][0]["questions"]
    catalogue = [
        {"of": leaf_ref(digest, n), **{name: leaf[name] for name in ("id", "kind", "risk", "demo")}}
        for n, leaf in enumerate(read_leaves(made.objects, digest))
    ]
    for target in analysis["targets"]:
        target["questions"] = write_leaves(made.objects, catalogue).digest
    plain, through = (read_items(made.objects, each, texts=True) for each in (made.analysis, analysis))
    assert through.texts == plain.texts
    assert through.wire["items"] == plain.wire["items"]


def test_without_texts_the_answers_are_not_opened(made: Any) -> None:
    analysis = copy.deepcopy(made.analysis)
    for target in analysis["targets"]:
        target["answers"] = sha256_bytes(b"sealed, its key elsewhere")
    closed, plain = (read_items(made.objects, each, texts=False) for each in (analysis, made.analysis))
    assert closed.gone == ()
    assert closed.wire == plain.wire
    states = {row[4] for rows in closed.wire["answers"].values() for row in rows}
    assert states == {"a", "e"}


def test_a_verdict_on_an_answer_that_is_not_there_is_kept(tmp_path: Any) -> None:
    objects = ObjectStore(tmp_path / "objects")
    questions = write_leaves(objects, [{"id": "q", "kind": "content", "risk": "A.1.a"}])
    verdict = {"item": "q", "of": "", "kind": "content", "risk": "A.1.a", "judge": "keyword"}
    verdicts = write_leaves(objects, [{**verdict, "verdict": "unscored", "reason": "missing"}])
    target = {"name": "guard", "questions": questions.digest, "answers": None, "verdicts": [verdicts.digest]}
    found = read_items(objects, {"targets": [target]}, texts=True)
    assert found.wire["answers"]["guard"] == [[0, 0, -1, -1, "m", 0, [[0, "u", 0, None, -1, 0]]]]
    assert found.texts == {"questions": [None], "answers": {"guard": [None]}}
