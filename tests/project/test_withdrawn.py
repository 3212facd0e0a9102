from __future__ import annotations

from pathlib import Path

from mofang.corpus.forget import Request
from mofang.evidence.workspace import Workspace
from mofang.project.file import load
from mofang.project.forgetting import forget
from mofang.project.running import run_project
from mofang.project.withdrawn import records_from, records_text, withdrawn


def test_records_go_there_and_back() -> None:
    text = records_text({"b": ("2", "1"), "a": ("9",)})
    assert text == "a:9;b:1,2"
    assert records_from(text) == {"a": frozenset({"9"}), "b": frozenset({"1", "2"})}
    assert records_from("") == {}


def test_tombstones_say_what_to_leave_out(corpus: Path) -> None:
    run_project(load(corpus))
    ws = Workspace.open(corpus / ".mofang", writable=True)
    assert withdrawn(ws).sources == frozenset()
    request = Request(None, None, "接待人")
    looked = forget(ws, request, reason="r", dossier=corpus / "dossier", dry_run=True)
    assert (looked.records, looked.tombstone) == (1, None)
    assert withdrawn(ws).records == {}
    done = forget(ws, request, reason="r", dossier=corpus / "dossier")
    assert done.tombstone is not None
    gone = withdrawn(ws)
    assert [len(ids) for ids in gone.records.values()] == [1]
    again = run_project(load(corpus))
    assert again.corpus
    assert again.corpus["totals"]["records"] == 1


def test_a_source_that_went_takes_the_project_with_it(corpus: Path) -> None:
    run_project(load(corpus))
    ws = Workspace.open(corpus / ".mofang", writable=True)
    forget(ws, Request("notes", None, None), reason="r", dossier=corpus / "dossier")
    assert withdrawn(ws).sources == {"notes"}
