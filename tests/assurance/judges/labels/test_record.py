"""Imports are segments with a signed statement and a name; a corrected sheet takes a name's place when asked to."""

from __future__ import annotations

from pathlib import Path

import pytest

from mofang.assurance.judges.labels.errors import LabelError
from mofang.assurance.judges.labels.label import Unit
from mofang.assurance.judges.labels.record import (
    LABELS,
    Imported,
    current_labels,
    import_labels,
    label_list,
    label_sets,
)
from mofang.evidence.digest import sha256_bytes, sha256_file
from mofang.evidence.errors import RefError
from mofang.evidence.leaves import read_leaves
from mofang.evidence.verify import verify
from mofang.evidence.workspace import Workspace

UNITS = [
    Unit(f"q{n}", kind, "X.1", 0, sha256_bytes(b"%d" % n), "sha256:0#0")
    for n, kind in enumerate(["content", "content", "should_refuse"])
]
HEAD = "item,answer,verdict,annotator,date\n"


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "workspace")


def sheet(folder: Path, *rows: tuple[int, str, str], name: str = "first.csv") -> Path:
    file = folder / name
    lines = [f"q{n},{UNITS[n].answer},{word},{person},2026-11-01\n" for n, word, person in rows]
    file.write_text(HEAD + "".join(lines), "utf-8")
    return file


def bring(ws: Workspace, file: Path, **more: bool | str) -> Imported:
    with ws.lock("test"):
        return import_labels(ws, file, UNITS, standard="pack", by="组长", **more)  # type: ignore[arg-type]


def test_an_import_is_evidence(ws: Workspace, tmp_path: Path) -> None:
    file = sheet(tmp_path, (0, "合格", "甲"), (2, "拒答", "乙"))
    made = bring(ws, file)
    assert made.statement is not None
    statement = ws.statement(made.statement)
    assert statement.predicate_type == LABELS
    assert statement.predicate == {
        "name": "first", "standard": "pack", "counts": {"content": 1, "should_refuse": 1}, "annotators": ["乙", "甲"],
        "claimed_by": "组长", "bound": "digest", "left_out": 0,
        "source": {"file": "first.csv", "digest": sha256_file(file)},
    }  # fmt: skip
    (subject,) = statement.subjects
    assert ws.refs.get("labels", "first") == subject.digest
    assert [leaf["item"] for leaf in read_leaves(ws.objects, subject.digest)] == ["q0", "q2"]
    assert verify(ws).problems == ()


def test_a_bad_row_keeps_everything_out_unless_the_good_ones_are_asked_for(
    ws: Workspace, tmp_path: Path
) -> None:
    file = sheet(tmp_path, (0, "合格", "甲"), (1, "?", "甲"))
    made = bring(ws, file)
    assert (made.statement, len(made.bad), label_sets(ws)) == (None, 1, [])
    kept = bring(ws, file, keep_good=True)
    assert kept.statement is not None
    assert ws.statement(kept.statement).predicate["left_out"] == 1


def test_the_same_sheet_again_changes_nothing(ws: Workspace, tmp_path: Path) -> None:
    file = sheet(tmp_path, (0, "合格", "甲"))
    bring(ws, file)
    head = ws.chain.head()
    made = bring(ws, file)
    assert (made.statement, made.again, ws.chain.head()) == (None, 1, head)


def test_a_name_is_taken_once(ws: Workspace, tmp_path: Path) -> None:
    bring(ws, sheet(tmp_path, (0, "合格", "甲")))
    other = sheet(tmp_path, (1, "合格", "乙"))
    with pytest.raises(LabelError, match="already"):
        bring(ws, other)
    bring(ws, other, name="second")
    assert [(made.name, made.current) for made in label_sets(ws)] == [("first", True), ("second", True)]
    assert [(leaf["item"], leaf["set"]) for leaf in current_labels(ws)] == [("q0", "first"), ("q1", "second")]


def test_a_corrected_sheet_takes_the_place(ws: Workspace, tmp_path: Path) -> None:
    bring(ws, sheet(tmp_path, (0, "合格", "甲")))
    corrected = sheet(tmp_path, (0, "不合格", "甲"))
    assert bring(ws, corrected).bad  # the recorded label says otherwise
    bring(ws, corrected, replace=True)
    assert [made.current for made in label_sets(ws)] == [False, True]
    assert [leaf["verdict"] for leaf in current_labels(ws)] == ["fail"]


def test_a_replaced_sheet_may_come_back(ws: Workspace, tmp_path: Path) -> None:
    first = sheet(tmp_path, (0, "合格", "甲"))
    bring(ws, first)
    bring(ws, sheet(tmp_path, (0, "不合格", "甲")), replace=True)
    bring(ws, sheet(tmp_path, (0, "合格", "甲")), replace=True)
    # The same words are the same statement, which the chain now holds twice.
    assert [made.current for made in label_sets(ws)] == [True, False]
    assert [leaf["verdict"] for leaf in current_labels(ws)] == ["pass"]


def test_one_person_cannot_say_two_things_in_two_sheets(ws: Workspace, tmp_path: Path) -> None:
    bring(ws, sheet(tmp_path, (0, "合格", "甲")))
    made = bring(ws, sheet(tmp_path, (0, "不合格", "甲"), (0, "不合格", "乙"), name="second.csv"))
    assert (made.statement, [bad.line for bad in made.bad]) == (None, [2])


def test_the_list_for_an_assessment_does_not_hang_on_the_order_of_imports(
    ws: Workspace, tmp_path: Path
) -> None:
    bring(ws, sheet(tmp_path, (1, "合格", "甲"), name="b.csv"))
    bring(ws, sheet(tmp_path, (0, "合格", "乙"), name="a.csv"))
    labels = current_labels(ws)
    assert label_list(ws.objects, labels) == label_list(ws.objects, labels[::-1])
    assert [leaf["item"] for leaf in read_leaves(ws.objects, label_list(ws.objects, labels).digest)] == [
        "q0",
        "q1",
    ]


@pytest.mark.parametrize(
    ("more", "error"), [({"name": "a/b"}, RefError), ({"name": "a/b", "replace": True}, RefError)]
)
def test_names_that_no_ref_can_have(ws: Workspace, tmp_path: Path, more: dict[str, str], error: type) -> None:
    with pytest.raises(error):
        bring(ws, sheet(tmp_path, (0, "合格", "甲")), **more)
    assert label_sets(ws) == []


def test_nobody_and_nothing(ws: Workspace, tmp_path: Path) -> None:
    with ws.lock("test"), pytest.raises(LabelError, match="names who brings it"):
        import_labels(ws, sheet(tmp_path, (0, "合格", "甲")), UNITS, standard="pack", by=" ")
    with pytest.raises(LabelError, match="nobody has filled in"):
        bring(ws, sheet(tmp_path, (0, "", "甲")))
