"""The plan of an assessment: its nodes, what enters their keys, and what it costs to look at it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mofang.assurance.banks.bank import store_bank
from mofang.assurance.banks.starter import starter_questions
from mofang.assurance.config import GuardConfig, JudgesConfig
from mofang.assurance.draw import SAMPLING
from mofang.assurance.judges.plan import ModelJudge
from mofang.assurance.plan import Asked, CorpusRefs, Declared, plan
from mofang.assurance.prepare import Brought, file_pack, pack_wire, parse_pack, prepare
from mofang.assurance.standard.pack import load_pack, pack_ids
from mofang.assurance.standard.schema import Pack
from mofang.compute.executors import ProcessPool
from mofang.compute.graph import Node, expand
from mofang.compute.run import failures, run_graph
from mofang.evidence.digest import Digest
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
        "assurance.catalogue/bank/starter",
        "assurance.catalogue/questions",
        "assurance.catalogue/lexicon",
        "assurance.sample_corpus",
        "assurance.check_corpus",
        "assurance.judge",
        "assurance.inspect",
        "assurance.declare",
        "assurance.conclude",
        "assurance.analyse",
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
            service=Asked({}, {"level": "weights"}),
            declared=Declared({}, {}, "2026-11-01"),
        )
    )
    assert "assurance.sample_corpus" not in nodes
    assert set(nodes["assurance.conclude"].inputs) == {
        "standard", "project", "attachments", "banks", "questions", "answers", "verdicts",
    }  # fmt: skip
    assert list(expand(nodes.values()))


def full(project: Any, tmp_path: Path, **more: Any) -> dict[str, Node]:
    """Everything an assessment can have: three targets, four voices, a second standard."""
    judge, replies = tmp_path / "own.judge", tmp_path / "replies.jsonl"
    judge.write_bytes(b"any file: the plan does not look inside")
    replies.write_text('{"text": "请联系人工客服。"}\n', "utf-8")
    config = replace(
        project.config,
        guard=GuardConfig(lexicon=True, classifier=True),
        judges=JudgesConfig(classifier="own.judge", model="judge"),
        repeats=3,
    )
    further = load_pack(next(id for id in pack_ids() if id != project.pack.id))
    prepared = prepare(
        project.ws,
        config,
        project.pack,
        project.banks,
        also=[further],
        brought=Brought(judge, replies),
        record=False,
    )
    asked = Asked({}, {"level": "weights", "digest": "sha256:" + "0" * 64})
    return named(
        plan(
            config,
            prepared,
            service=asked,
            declared=Declared({}, {}, "2026-11-01"),
            corpus=CorpusRefs("retrieval", ("p:published",), "m:dataset", "m:ledger_counts", "l:lexicon"),
            alone=asked,
            judge=ModelJudge({}, asked.identity, Digest("sha256:" + "1" * 64)),
            **more,
        )
    )


def test_every_target_is_judged_by_every_voice(project: Any, tmp_path: Path) -> None:
    nodes = full(project, tmp_path)
    voices = ("judge", "classify", "read_judge")
    assert nodes["assurance.conclude"].inputs["verdicts"] == tuple(f"assurance.{v}:verdicts" for v in voices)
    assert nodes["assurance.analyse"].inputs["verdicts_alone"] == tuple(
        f"assurance.{voice}/alone:verdicts" for voice in voices
    )
    assert nodes["assurance.analyse"].inputs["verdicts_guard"] == ("assurance.guard:verdicts",)
    assert nodes["assurance.conclude"].inputs["corpus_verdicts"] == (
        "assurance.check_corpus:verdicts",
        "assurance.classify_corpus:verdicts",
    )
    assert nodes["assurance.ask"].params["repeats"] == nodes["assurance.ask/alone"].params["repeats"] == 3


def test_further_standards_rest_on_the_same_evidence(project: Any, tmp_path: Path) -> None:
    nodes = full(project, tmp_path)
    [further] = [name for name in nodes if name.startswith("assurance.conclude/")]
    own, other = nodes["assurance.conclude"].inputs, nodes[further].inputs
    differing = {name for name in own if own[name] != other[name]}
    assert differing == {"standard", "attachments"}
    assert "assurance.analyse/" + further.partition("/")[2] in nodes


def test_sealing_is_told_to_whoever_files_texts_and_enters_no_key(project: Any, tmp_path: Path) -> None:
    plain, sealed = full(project, tmp_path), full(project, tmp_path, sealed=True)
    hidden = {name for name, node in sealed.items() if node.locations.get("sealed")}
    assert hidden == {
        f"assurance.{name}" for name in ("draw", "ask", "ask/alone", "ask_judge", "ask_judge/alone")
    }
    assert all(node.params == plain[name].params for name, node in sealed.items())


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
            service=Asked({}, {"level": level}),
            declared=Declared({}, {}, "2026-11-01"),
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
    heavy = ("numpy", "scipy", "pyarrow", "aiohttp", "docx", "rich", "openpyxl", "daachorse", "resiliparse")
    code = (
        "import sys, mofang.assurance.plan, mofang.assurance.attach, mofang.assurance.prepare\n"
        "mofang.assurance.plan.judge_identities()\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
