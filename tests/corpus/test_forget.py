"""What a request to forget touches, in tables and in leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mofang.compute.executors import InProcess
from mofang.compute.graph import Node
from mofang.compute.run import Run, run_graph
from mofang.corpus import tables
from mofang.corpus.config import Source
from mofang.corpus.errors import CorpusError
from mofang.corpus.explain import explain
from mofang.corpus.forget import Request, Touched, touched
from mofang.evidence.digest import Digest
from mofang.evidence.leaves import LEAVES, read_leaves, write_leaves
from mofang.evidence.statements import Subject
from mofang.evidence.withdrawal import withdraw
from mofang.evidence.workspace import Workspace

PHONE = "13800138000"
LONG = "模坊是一间作坊，从语料到备案，每一步都留下证据，谁都可以再算一遍。"


@pytest.fixture
def sources(tmp_path: Path, declare: Callable[..., Source]) -> tuple[Source, Source]:
    for name, texts in {
        "one": [LONG, f"{LONG}张小三，电话138 0013 8000。"],
        "two": [f"{LONG}二", f"{LONG}三"],
    }.items():
        (tmp_path / name).mkdir()
        for n, text in enumerate(texts):
            (tmp_path / name / f"{n}.txt").write_text(text, encoding="utf-8")
    return declare("one", "one"), declare("two", "two")


@pytest.fixture
def ran(
    tmp_path: Path, sources: tuple[Source, Source], nodes_of: Callable[..., list[Node]]
) -> tuple[Workspace, Run, Digest]:
    """A workspace after a run, with a sample and answers as leaves."""
    ws = Workspace.create(tmp_path / ".mofang")
    with ws.lock("test"):
        run = run_graph(ws, nodes_of(*sources), InProcess())
        published = [
            row for digest in run.outputs("corpus.publish/one:published") for row in rows(ws, digest)
        ]
        sample = [
            {"record_id": row["record_id"].hex(), "source_id": "one", "text": row["text"]}
            for row in published
        ]
        answers = [{"question": "q1", "text": f"他是张小三，{PHONE}"}, {"question": "q2", "text": "不知道"}]
        segment = write_leaves(ws.objects, [*sample, *answers])
        ws.record(
            "https://example.org/test/v1", [Subject("sample", segment.digest, LEAVES, segment.root)], {}
        )
    return ws, run, segment.digest


def rows(ws: Workspace, digest: Digest) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tables.read(ws.objects, digest).to_pylist()
    return found


def of_source(run: Run, source: str) -> set[Digest]:
    steps = {"read": ("text", "keys"), "pii": ("pii",), "publish": ("published",)}
    return {
        d
        for step, names in steps.items()
        for name in names
        for d in run.outputs(f"corpus.{step}/{source}:{name}")
    }


def test_a_source_goes_with_its_tables_and_its_leaves(ran: tuple[Workspace, Run, Digest]) -> None:
    ws, run, sample = ran
    found = touched(ws, Request(source="one"))
    assert set(found.artifacts) == of_source(run, "one")
    assert found.leaves == {sample: (0, 1)}
    assert {source: len(ids) for source, ids in found.records.items()} == {"one": 2}


def test_a_record_goes_with_its_shard_and_its_leaf(ran: tuple[Workspace, Run, Digest]) -> None:
    ws, run, _sample = ran
    name = explain(ws, "two/1.txt").records[0].record_id
    found = touched(ws, Request(record=name))
    assert set(found.artifacts) == of_source(run, "two")
    assert (found.leaves, found.records) == ({}, {"two": (name,)})


@pytest.mark.parametrize(
    ("value", "leaves"),
    [
        (PHONE, (2,)),
        ("138 0013-8000", (2,)),
        ("１３８００１３８０００", (2,)),
        ("张小三", (1, 2)),
        ("张 小三", (1, 2)),
    ],
)
def test_a_value_is_found_however_it_is_written(
    ran: tuple[Workspace, Run, Digest], value: str, leaves: tuple[int, ...]
) -> None:
    ws, run, sample = ran
    found = touched(ws, Request(value=value))
    assert set(found.artifacts) == of_source(run, "one")
    assert [len(ids) for ids in found.records.values()] == [1]
    assert set(leaves) <= set(found.leaves[sample])
    assert 3 not in found.leaves[sample]


def test_nobody_known_touches_nothing(ran: tuple[Workspace, Run, Digest]) -> None:
    ws, _run, _sample = ran
    assert touched(ws, Request(value="李无名")) == Touched((), {}, {})
    assert not touched(ws, Request(source="three"))


def test_after_withdrawal_a_new_run_holds_nothing_of_it(
    ran: tuple[Workspace, Run, Digest], sources: tuple[Source, Source], nodes_of: Callable[..., list[Node]]
) -> None:
    ws, before, _sample = ran
    found = touched(ws, Request(value="张小三"))
    with ws.lock("test"):
        withdraw(
            ws, artifacts=found.artifacts, leaves=found.leaves, reason="request", request={"kind": "person"}
        )
        after = run_graph(ws, nodes_of(*sources, withdrawn=found.records), InProcess())
    assert after.in_state("failed") == []
    assert not touched(ws, Request(value="张小三"))
    assert before.outputs("corpus.read/two:text") == after.outputs("corpus.read/two:text")
    assert [job.id for job in after.in_state("done") if "/two" in job.id and "read" in job.id] == []
    with pytest.raises(CorpusError):
        explain(ws, "张小三")


@pytest.mark.parametrize("wrong", [{}, {"source": "a", "value": "bb"}, {"record": "xyz"}, {"value": " 甲"}])
def test_a_request_names_exactly_one_thing(wrong: dict[str, str]) -> None:
    with pytest.raises(CorpusError) as error:
        Request(**wrong)
    assert error.value.remedy


def test_withdrawn_leaves_are_passed_over(ran: tuple[Workspace, Run, Digest]) -> None:
    ws, _run, sample = ran
    with ws.lock("test"):
        withdraw(ws, leaves={sample: [2]}, reason="request", request={"kind": "person"})
    found = touched(ws, Request(value=PHONE))
    (copy,) = found.leaves
    assert copy != sample
    assert len(found.leaves[copy]) == 1
    assert [number for number, leaf in enumerate(read_leaves(ws.objects, copy)) if "$withdrawn" in leaf] == [
        2
    ]
