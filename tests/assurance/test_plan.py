"""The plan of an assessment: its nodes, what enters their keys, and what it costs to look at it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from mofang.assurance.banks.bank import store_bank
from mofang.assurance.banks.starter import starter_questions
from mofang.assurance.draw import SAMPLING
from mofang.assurance.plan import plan
from mofang.assurance.prepare import file_pack, pack_wire, parse_pack, prepare
from mofang.assurance.standard.pack import load_pack, pack_ids
from mofang.assurance.standard.schema import Pack
from mofang.compute.executors import ProcessPool
from mofang.compute.graph import Node, expand
from mofang.compute.run import failures, run_graph
from mofang.evidence.workspace import Workspace


def named(nodes: list[Node]) -> dict[str, Node]:
    return {node.name: node for node in nodes}


def test_the_nodes_of_an_assessment(project: Any) -> None:
    nodes = named(project.nodes(record=False))
    assert [name for name in nodes if name.startswith("assurance.")] == [
        "assurance.given/standard",
        "assurance.given/attachments",
        "assurance.given/bank/starter",
        "assurance.draw",
        "assurance.ask",
        "assurance.judge",
        "assurance.sample_corpus",
        "assurance.check_corpus",
        "assurance.declare",
        "assurance.catalogue/bank/starter",
        "assurance.catalogue/questions",
        "assurance.catalogue/lexicon",
        "assurance.conclude",
    ]
    assert list(expand(nodes.values()))
    assert nodes["assurance.sample_corpus"].tolerant


def test_a_plan_without_a_corpus_or_a_lexicon(project: Any) -> None:
    project.lexicon = None
    prepared = prepare(project.ws, project.config, project.pack, project.banks, record=False)
    nodes = named(
        plan(
            project.config,
            prepared,
            endpoint={},
            identity={"level": "weights"},
            service={},
            project={},
            as_of="2026-11-01",
        )
    )
    assert "assurance.sample_corpus" not in nodes
    assert set(nodes["assurance.conclude"].inputs) == {
        "standard", "project", "attachments", "banks", "questions", "answers", "verdicts",
    }  # fmt: skip
    assert list(expand(nodes.values()))


def test_endpoint_and_budget_enter_no_key(project: Any) -> None:
    before = named(project.nodes(record=False))["assurance.ask"]
    project.budget = {"calls": 3, "tokens": None, "minutes": None}
    project.endpoint = replace(project.endpoint, concurrency=2, timeout_s=5, retries=1)
    after = named(project.nodes(record=False))["assurance.ask"]
    assert (after.params, after.inputs) == (before.params, before.inputs)
    assert after.locations["budget"]["calls"] == 3
    project.endpoint = replace(project.endpoint, system_prompt="请礼貌回答。")
    assert named(project.nodes(record=False))["assurance.ask"].params != before.params


@pytest.mark.parametrize(
    ("level", "bound"), [("weights", False), ("fingerprinted", True), ("declared", True)]
)
def test_answers_of_a_model_we_do_not_serve_hold_within_one_assessment(
    project: Any, level: str, bound: bool
) -> None:
    prepared = prepare(project.ws, project.config, project.pack, project.banks, record=False)
    nodes = named(
        plan(
            project.config,
            prepared,
            endpoint={},
            identity={"level": level},
            service={},
            project={},
            as_of="2026-11-01",
        )
    )
    assert ("assessment" in nodes["assurance.ask"].params) is bound


def test_preparing_for_show_writes_nothing(project: Any) -> None:
    ws = project.ws
    before = sorted(ws.objects)
    shown = prepare(ws, project.config, project.pack, project.banks, record=False)
    assert sorted(ws.objects) == before
    assert ws.ledger.statements(SAMPLING) == []
    with ws.lock("run"):
        made = prepare(ws, project.config, project.pack, project.banks)
        again = prepare(ws, project.config, project.pack, project.banks)
    assert again == made
    assert made.commitment.seed == shown.commitment.seed
    assert (made.standard, made.attachments) == (shown.standard, shown.attachments)
    assert [draw["used"] for draw in shown.draws] == [True]
    assert ws.objects.has(made.standard.digest)


@pytest.mark.parametrize("id", pack_ids())
def test_a_pack_survives_its_artifact(ws: Workspace, id: str) -> None:
    pack = load_pack(id)
    digest = file_pack(ws.objects, pack)
    assert digest == pack.digest
    assert parse_pack(ws.objects.json(digest), digest) == pack


def test_a_confirmed_rule_is_another_pack(pack: Pack) -> None:
    clauses = (replace(pack.clauses[0], confirmed_by="李律师 2026-10-30"), *pack.clauses[1:])
    assert pack_wire(replace(pack, clauses=clauses)) != pack_wire(pack)


def test_two_banks_are_drawn_from_together(project: Any) -> None:
    own = [replace(question, id=f"own-{n}", demo=False) for n, question in enumerate(starter_questions()[:7])]
    project.banks.append(store_bank(project.ws.objects, "own", own))
    project.config = replace(project.config, banks=("starter", "own"))
    made = project.assess()
    assert made.value("TB-1", "TB-1", "n") == project.banks[0].count("content") + 7
    assert made.value("TB-1", "TB-1", "demo") == project.banks[0].count("content")
    assert [bank["name"] for bank in made.findings["banks"]] == ["starter", "own"]


def test_processes_and_one_process_make_the_same_artifacts(project: Any) -> None:
    ws = project.ws
    alone = project.assess()
    key = {job.id: job.outputs for job in alone.run.jobs.values()}
    pure = [job for job in alone.run.jobs if job.startswith("assurance.") and job != "assurance.ask"]
    for job in pure:
        for digest in key[job].values():
            if not job.startswith("assurance.given"):
                ws.objects.remove(digest)
    with ws.lock("test"):
        pooled = run_graph(ws, project.nodes(), ProcessPool(2))
    assert failures(pooled) == []
    assert {job: pooled.jobs[job].outputs for job in pure} == {job: key[job] for job in pure}


def test_planning_imports_nothing_heavy() -> None:
    heavy = ("numpy", "scipy", "pyarrow", "httpx", "docx", "rich", "openpyxl", "daachorse", "resiliparse")
    code = (
        "import sys, mofang.assurance.plan, mofang.assurance.attach, mofang.assurance.prepare\n"
        "mofang.assurance.plan.judge_identities()\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
