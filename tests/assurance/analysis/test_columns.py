"""Segments as arrays: complete, in order, and read again when touched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mofang.assurance.analysis import columns
from mofang.assurance.analysis.columns import FAIL, PASS, UNSCORED
from mofang.evidence.digest import Digest
from mofang.evidence.errors import LeafError, ObjectMissing
from mofang.evidence.leaves import redact_leaves, write_leaves
from mofang.evidence.objects import ObjectStore

Leaf = Callable[..., dict[str, Any]]


def test_verdicts_of_several_segments_in_order(objects: ObjectStore, stored: Any, vote: Leaf) -> None:
    one = stored([vote(0, "pass"), vote(1, "fail", risk=None)])
    two = stored(
        [vote(1, "unscored", judge="model", reason="prose"), vote(2, "pass", refused=True, repeat=2)]
    )
    found = columns.verdicts(objects, {"verdicts": [one, two]})
    assert len(found) == 4
    assert found.word.tolist() == [PASS, FAIL, UNSCORED, PASS]
    assert [found.item.words[code] for code in found.item.codes] == ["q0", "q1", "q1", "q2"]
    assert found.risk.codes.tolist() == [0, -1, 0, 0]
    assert found.refused.tolist() == [-1, -1, -1, 1]
    assert found.repeat.tolist() == [0, 0, 0, 2]
    assert found.stray.tolist() == [False, False, True, False]
    assert found.judge.code("nobody") == -2
    assert found.judge.among(["model", "nobody"]).tolist() == [False, False, True, False]


def test_older_leaves_and_empty_segments(objects: ObjectStore, stored: Any, vote: Leaf) -> None:
    old = {name: value for name, value in vote(0, "pass").items() if name not in ("repeat", "score")}
    found = columns.verdicts(objects, {"verdicts": [stored([old]), stored([])]})
    assert found.repeat.tolist() == [0]
    assert len(columns.verdicts(objects, {"verdicts": []})) == 0
    assert len(columns.verdicts(objects, {})) == 0


def test_withdrawn_leaves_stay_as_rows_nobody_can_score(objects: ObjectStore, vote: Leaf) -> None:
    segment = write_leaves(objects, [vote(n, "pass") for n in range(4)])
    kept = redact_leaves(objects, segment.digest, {2: "withdrawn"})
    found = columns.verdicts(objects, {"verdicts": kept.digest})
    assert found.readable.tolist() == [True, True, False, True]
    assert found.word.tolist() == [PASS, PASS, UNSCORED, PASS]


def test_unknown_words_are_no_pass(objects: ObjectStore, stored: Any, vote: Leaf) -> None:
    found = columns.verdicts(objects, {"verdicts": stored([vote(0, "PASS"), vote(1, "ok")])})
    assert found.word.tolist() == [UNSCORED, UNSCORED]


def test_what_is_no_segment_is_refused_by_line(objects: ObjectStore, vote: Leaf) -> None:
    broken = objects.put(b'{"item":"q1"}\nnot json\n')
    with pytest.raises(LeafError, match="leaf 1"):
        columns.verdicts(objects, {"verdicts": broken})
    with pytest.raises(ObjectMissing):
        columns.verdicts(objects, {"verdicts": Digest("sha256:" + "0" * 64)})


def test_clusters_by_template(objects: ObjectStore, stored: Any, vote: Leaf, ask: Leaf) -> None:
    verdicts = stored([vote(n, "pass") for n in range(6)])
    # q0 and q1 share a template, q2's template has the name of q3's id, q4 has none, q5 is no question.
    asked = stored(
        [ask(0, cluster="t"), ask(1, cluster="t"), ask(2, cluster="q3"), ask(3), ask(4, cluster=None)]
    )
    found = columns.clusters(objects, {"verdicts": verdicts, "questions": asked}).tolist()
    assert found[0] == found[1]
    assert len(set(found)) == 5


def test_questions_and_catalogues_are_told_apart(objects: ObjectStore, stored: Any, ask: Leaf) -> None:
    assert columns.questions(objects, {"questions": stored([ask(0)])}).catalogue
    whole = columns.questions(objects, {"questions": stored([ask(0, text="问？")])})
    assert not whole.catalogue
    assert (whole.ids, whole.leaf, whole.place) == (("q0",), (0,), {"q0": 0})


def test_a_touched_file_is_read_again(objects: ObjectStore, stored: Any, vote: Leaf) -> None:
    digest = stored([vote(n, "pass") for n in range(3)])
    assert len(columns.verdicts(objects, {"verdicts": digest})) == 3
    path = objects.path(digest)
    path.chmod(0o644)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:1]))
    assert len(columns.verdicts(objects, {"verdicts": digest})) == 1
