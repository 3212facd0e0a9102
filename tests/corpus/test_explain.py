"""`explain` answers for every way of naming a record, and tells no personal value."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mofang.compute.executors import InProcess
from mofang.compute.graph import Node
from mofang.compute.run import run_graph
from mofang.corpus.config import Policy, Source
from mofang.corpus.errors import CorpusError
from mofang.corpus.explain import Story, explain
from mofang.corpus.lexicon import term_id
from mofang.evidence.withdrawal import withdraw
from mofang.evidence.workspace import Workspace

PHONE = "13800138000"
LONG = "模坊是一间作坊，从语料到备案，每一步都留下证据，谁都可以再算一遍。"


@pytest.fixture
def ws(tmp_path: Path, declare: Callable[..., Source], nodes_of: Callable[..., list[Node]]) -> Workspace:
    data = tmp_path / "data"
    (data / "sub").mkdir(parents=True)
    (data / "sub" / "call.txt").write_text(f"{LONG}请拨打{PHONE}，\r\nＡＢ 再见。", encoding="utf-8")
    rows = [
        {"id": "k1", "text": LONG},
        {"id": "k2", "text": LONG + " "},
        {"id": "k3", "text": LONG + "虚构禁语甲"},
    ]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (data / "rows.jsonl").write_text("\n".join([*lines, "{bad"]), encoding="utf-8")
    (data / "only-bad.jsonl").write_text("{bad", encoding="utf-8")
    (data / "old.docx").write_bytes(b"PK")
    (tmp_path / "lexicon.csv").write_text("term,risk\n虚构禁语甲,A.1.f\n", encoding="utf-8")
    nodes = nodes_of(
        declare(key="id"), policy=Policy(drop_risks=("A.1.f",)), lexicon=tmp_path / "lexicon.csv"
    )
    ws = Workspace.create(tmp_path / ".mofang")
    with ws.lock("test"):
        run = run_graph(ws, nodes, InProcess())
    assert run.in_state("failed") == []
    return ws


def one(ws: Workspace, query: str) -> Story:
    found = explain(ws, query)
    assert (len(found.records), found.more, found.unread) == (1, 0, ())
    return found.records[0]


@pytest.mark.parametrize(
    "query",
    ["sub/call.txt", "call.txt", "data/sub/call.txt", "own/sub/call.txt", "sub/call.txt:2", f"请拨打{PHONE}"],
)
def test_a_document_by_file_and_by_its_words(ws: Workspace, query: str) -> None:
    story = one(ws, query)
    assert (story.path, story.ordinal, story.decision, story.published) == ("sub/call.txt", 0, "redact", True)
    assert (story.source["id"], story.source["licence"]) == ("own", "CC-BY-4.0")
    assert story.bytes == (0, len(f"{LONG}请拨打{PHONE}，\r\nＡＢ 再见。".encode()))
    assert [edit["code"] for edit in story.edits] == ["newline", "width"]
    assert [found["kind"] for found in story.personal] == ["mobile"]
    assert [(reason["code"], reason["rule"]) for reason in story.reasons] == [
        ("personal_information", "redact")
    ]


def test_a_line_by_its_number_and_its_reasons(ws: Workspace) -> None:
    stories = [one(ws, f"rows.jsonl:{line}") for line in (1, 2, 3)]
    assert [story.key for story in stories] == ["k1", "k2", "k3"]
    kept, double = sorted(stories[:2], key=lambda story: story.duplicate_of is not None)
    assert (double.duplicate_of, double.decision) == (kept.record_id, "drop")
    assert (kept.duplicates, kept.published) == (1, True)
    assert (stories[2].decision, [(hit["term"], hit["risk"]) for hit in stories[2].listed]) == (
        "drop",
        [(term_id("虚构禁语甲"), "A.1.f")],
    )


def test_a_record_by_its_id_and_the_beginning_of_it(ws: Workspace) -> None:
    story = one(ws, "rows.jsonl:1")
    assert one(ws, story.record_id) == story
    assert one(ws, "rows.jsonl:3").excerpt == f"{LONG}[{term_id('虚构禁语甲')}]"
    assert one(ws, story.record_id[:9]) == story


def test_a_file_gives_all_its_records_and_a_piece_all_that_hold_it(ws: Workspace) -> None:
    assert [story.key for story in explain(ws, "rows.jsonl").records] == ["k1", "k2", "k3"]
    assert len(explain(ws, "从语料到备案， 每一步").records) == 4


def test_files_and_lines_that_gave_no_record(ws: Workspace) -> None:
    assert explain(ws, "old.docx").unread == ({"path": "old.docx", "code": "suffix"},)
    for query, place in (("rows.jsonl:4", "rows.jsonl:4"), ("only-bad.jsonl", "only-bad.jsonl:1")):
        found = explain(ws, query)
        assert (found.records, [entry["path"] for entry in found.unread]) == ((), [place])
        assert found.unread[0]["code"].startswith("bad_line")


@pytest.mark.parametrize("query", ["没有这样的话", "none.txt", "rows.jsonl:99", "abcdef", "x", "(["])
def test_nothing_known_is_said_with_a_remedy(ws: Workspace, query: str) -> None:
    with pytest.raises(CorpusError) as error:
        explain(ws, query)
    assert error.value.remedy


def test_no_form_of_the_explanation_tells_the_value(ws: Workspace) -> None:
    found = explain(ws, "call.txt")
    assert PHONE not in json.dumps(found.wire(), ensure_ascii=False)
    told = "\n".join(found.lines())
    assert PHONE not in told
    assert "[手机号]" in told
    assert "digest" not in found.records[0].personal[0]
    assert explain(ws, f"请拨打{PHONE}").query == "请拨打[手机号]"
    with pytest.raises(CorpusError) as error:
        explain(ws, "13900139000")
    assert "13900139000" not in error.value.diagnostics()


def test_a_withdrawn_shard_is_called_withdrawn(ws: Workspace) -> None:
    lookup = explain(ws, "call.txt")
    shards = ws.objects.json(lookup.dataset)["tables"]["text"]["shards"]["own"]
    withdraw(ws, artifacts=shards, reason="request", request={"kind": "source", "source": "own"})
    with pytest.raises(CorpusError, match="withdrawn by request"):
        explain(ws, "call.txt")


def test_before_the_first_run_there_is_nothing_to_explain(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no corpus"):
        explain(Workspace.create(tmp_path / "new"), "x")
