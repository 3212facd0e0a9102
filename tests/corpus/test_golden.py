"""The bytes that every kind writes. A digest that changes asks for a higher version of its kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mofang.compute.executors import InProcess, ProcessPool
from mofang.compute.graph import Node
from mofang.compute.kinds import KINDS, Outcome
from mofang.compute.run import run_graph
from mofang.corpus.config import Policy, Source
from mofang.evidence.workspace import Workspace

WRITER = "26.0.1"
GOLDEN = {
    "corpus.lexicon/1:lexicon": "2113dc78cc866225",
    "corpus.read/1:text": "ab3aba56e2c35104",
    "corpus.read/1:keys": "9509f5583be30fc4",
    "corpus.pii/1:pii": "74b44f950da3ae56",
    "corpus.screen/1:screen": "033ce394356a83ba",
    "corpus.dedup/1:duplicates": "c321e0a2c32816a2",
    "corpus.decide/1:decisions": "9a284228459a6658",
    "corpus.publish/1:published": "12c7646a26bdece9",
    "corpus.manifest/1:dataset": "0985fab26d566b96",
    "corpus.manifest/1:ledger_counts": "c51da3ba2afe8a8d",
}
"""Kind and version, output: the first 16 hex digits of its digest."""


def test_each_kind_writes_the_same_bytes_as_ever(
    tmp_path: Path,
    declare: Callable[..., Source],
    nodes_of: Callable[..., list[Node]],
    run_nodes: Callable[[list[Node]], dict[str, list[Outcome]]],
) -> None:
    if pa.__version__ != WRITER:
        pytest.skip(f"the golden digests are of pyarrow {WRITER}; this is {pa.__version__}")
    (tmp_path / "data").mkdir()
    lines = [
        '{"id": "a", "text": "模坊是一间作坊，ＡＢＣ　 从语料到备案，每一步都留下证据。"}',
        '{"id": "b", "text": "模坊是一间作坊,ABC从语料到备案，每一步都留下证据。"}',
        '{"id": "c", "text": "联系电话13800138000，邮箱a@example.com，工作日均可来电咨询。"}',
        '{"id": "d", "text": "这一条里写着虚构禁语甲，所以按照策略应当被整条丢弃掉才对。"}',
        '{"id": "e"}',
        '{"id": "f", "text": "短"}',
    ]
    (tmp_path / "data" / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "lexicon.csv").write_text("term,risk\n虚构禁语甲,A.1.f\n", encoding="utf-8")
    nodes = nodes_of(
        declare(key="id"), policy=Policy(drop_risks=("A.1.f",)), lexicon=tmp_path / "lexicon.csv"
    )
    made = run_nodes(nodes)
    found = {
        f"{node.kind}/{KINDS.get(node.kind).version}:{name}": output.digest[7:23]
        for node in nodes
        for outcome in made[node.name]
        for name, output in outcome.outputs.items()
    }
    assert found == GOLDEN


def test_one_process_and_two_write_the_same_bytes(
    tmp_path: Path, declare: Callable[..., Source], nodes_of: Callable[..., list[Node]], simplified: list[str]
) -> None:
    (tmp_path / "data").mkdir()
    for n in range(4):
        table = pa.table({"text": simplified[n * 100 : n * 100 + 100]})
        pq.write_table(table, tmp_path / "data" / f"{n}.parquet")
    nodes = nodes_of(declare())
    digests = []
    for n, executor in enumerate((InProcess(), ProcessPool(2))):
        ws = Workspace.create(tmp_path / f"ws{n}")
        with ws.lock("test"):
            digests.append(run_graph(ws, nodes, executor).output("corpus.manifest:dataset"))
    assert digests[0] is not None
    assert digests[0] == digests[1]
