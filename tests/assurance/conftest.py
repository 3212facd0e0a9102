"""A workspace, the pack, the starter bank, a small corpus and the scripted endpoint for the tests of this
room."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mofang.assurance.banks.bank import Bank, store_bank
from mofang.assurance.banks.starter import starter_questions
from mofang.assurance.config import AssuranceConfig, PathFacts, SampleConfig
from mofang.assurance.plan import Asked, CorpusRefs, Declared, plan
from mofang.assurance.prepare import prepare
from mofang.assurance.standard.pack import load_pack
from mofang.assurance.standard.schema import Pack
from mofang.compute.executors import InProcess
from mofang.compute.graph import Node
from mofang.compute.run import Run, failures, run_graph
from mofang.corpus.config import CorpusConfig, Policy, Source
from mofang.corpus.inventory import scan
from mofang.corpus.lexicon import demo_file
from mofang.corpus.plan import plan as plan_corpus
from mofang.evidence.leaves import read_leaves
from mofang.evidence.workspace import Workspace
from mofang.models.config import EndpointConfig
from mofang.models.identity import declared

if "scripted" not in sys.modules:
    _spec = importlib.util.spec_from_file_location("scripted", Path(__file__).parents[1] / "scripted.py")
    assert _spec is not None
    assert _spec.loader is not None
    sys.modules["scripted"] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules["scripted"])

from scripted import ScriptedEndpoint

FACTS = PathFacts(public=True, opinion=True, model="called", recommends=False, humanlike=False, edge=False)
SAMPLE = SampleConfig(
    content=12, should_refuse=6, should_not_refuse=6, corpus_manual=4, corpus_technical_share="0.10"
)
CLEAN = "社区图书馆工作日九时至十七时开放，借书需要出示读者证，逾期请在服务台续借。第{n}条。"


REFUSABLE = {question.text for question in starter_questions() if question.kind == "should_refuse"}


def well_behaved(question: str) -> str:
    """Refuses what should be refused and answers the rest."""
    return "很抱歉，我无法回答这个问题。" if question in REFUSABLE else "可以，请带上读者证到服务台办理。"


@pytest.fixture
def scripted() -> Iterator[ScriptedEndpoint]:
    """An endpoint with a well-behaved service behind it; turn its knobs in the test."""
    with ScriptedEndpoint() as endpoint:
        endpoint.answer = well_behaved
        yield endpoint


@pytest.fixture(scope="session")
def pack() -> Pack:
    return load_pack("cn_gbt_45654_2025")


@dataclass
class Project:
    """A project whose assessment can be run again and again; turn its knobs between runs."""

    ws: Workspace
    folder: Path
    pack: Pack
    banks: list[Bank]
    endpoint: EndpointConfig
    config: AssuranceConfig
    budget: dict[str, int | None] = field(default_factory=dict)
    lexicon: Path | None = field(default_factory=demo_file)
    as_of: str = "2026-11-01"

    def nodes(self, record: bool = True) -> list[Node]:
        prepared = prepare(self.ws, self.config, self.pack, self.banks, record=record)
        return [*self.corpus(), *self.assurance(prepared)]

    def corpus(self) -> list[Node]:
        inventories = [scan(source, self.folder) for source in SOURCES]
        config = CorpusConfig(sources=SOURCES, role="retrieval", policy=Policy(min_chars=5))
        return plan_corpus(config, inventories, pii_key_id="k", hmac_key_hex="5a" * 32, lexicon=self.lexicon)

    def assurance(self, prepared: Any) -> list[Node]:
        service = {
            "model": self.endpoint.model,
            "endpoint": self.endpoint.host,
            "identity": {"level": "declared"},
        }
        project = {"name": "assistant", "title": {"zh": "助手", "en": "Assistant"}}
        return plan(
            self.config,
            prepared,
            service=Asked(self.endpoint.wire(), declared(self.endpoint).wire()),
            declared=Declared(service, project, self.as_of),
            corpus=CorpusRefs(
                role="retrieval",
                published=tuple(f"corpus.publish/{source.id}:published" for source in SOURCES),
                dataset="corpus.manifest:dataset",
                ledger_counts="corpus.manifest:ledger_counts",
                lexicon=None if self.lexicon is None else "corpus.lexicon:lexicon",
            ),
            budget=self.budget,
        )

    def run(self) -> Run:
        with self.ws.lock("test"):
            return run_graph(self.ws, self.nodes(), InProcess())

    def assess(self) -> Assessment:
        done = self.run()
        assert [error.diagnostics() for error in failures(done)] == []
        return self.assessment(done)

    def assessment(self, done: Run) -> Assessment:
        return Assessment(self.ws, done)


@dataclass
class Assessment:
    """What a run left behind."""

    ws: Workspace
    run: Run

    @property
    def findings(self) -> dict[str, Any]:
        return dict(self.ws.objects.json(self.run.outputs("assurance.conclude:findings")[0]))

    def clause(self, id: str) -> dict[str, Any]:
        return next(clause for clause in self.findings["clauses"] if clause["id"] == id)

    def conclusions(self) -> dict[str, str]:
        return {clause["id"]: clause["conclusion"] for clause in self.findings["clauses"]}

    def leaves(self, ref: str) -> list[dict[str, Any]]:
        (digest,) = self.run.outputs(ref)
        return list(read_leaves(self.ws.objects, digest))

    def figures(self) -> dict[str, Mapping[str, Any]]:
        from mofang.evidence.figures import Figure

        found = [Figure.parse(leaf) for leaf in self.leaves("assurance.conclude:figures")]
        return {figure.id: figure.wire() for figure in found}

    def value(self, clause: str, check: str, name: str) -> Any:
        (wire,) = [row for row in self.clause(clause)["checks"] if row["id"] == check]
        return self.figures()[wire["figures"][name]]["value"]


SOURCES = (
    Source("handbook", "data/handbook", "CC-BY-4.0", "domestic", "open"),
    Source("notes", "data/notes", "own", "domestic", "self_collected"),
)


def begin(folder: Path, scripted: ScriptedEndpoint) -> Project:
    """A new project in ``folder``: eleven small records in two sources, the starter bank, a called model."""
    ws = Workspace.create(folder)
    for name, count in (("handbook", 6), ("notes", 5)):
        (folder / "data" / name).mkdir(parents=True)
        for n in range(count):
            (folder / "data" / name / f"{n}.txt").write_text(CLEAN.format(n=f"{name}-{n}"), encoding="utf-8")
    pack = load_pack("cn_gbt_45654_2025")
    config = AssuranceConfig(pack.id, "assistant", sample=SAMPLE, path=FACTS)
    endpoint = EndpointConfig(
        endpoint=scripted.url, model="scripted", location="local", max_tokens=64, retries=0
    )
    bank = store_bank(ws.objects, "starter", starter_questions())
    return Project(ws, folder, pack, [bank], endpoint, config)


@pytest.fixture
def project(tmp_path: Path, scripted: ScriptedEndpoint) -> Project:
    return begin(tmp_path / "project", scripted)


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "workspace")


@pytest.fixture
def bank(ws: Workspace) -> Bank:
    return store_bank(ws.objects, "starter", starter_questions())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assessment]:
    """One finished assessment of a well-behaved service, for tests that only read it."""
    with pytest.MonkeyPatch.context() as patch, ScriptedEndpoint() as endpoint:
        patch.setenv("MOFANG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        patch.setenv("MOFANG_LANG", "en")
        endpoint.answer = well_behaved
        yield begin(tmp_path_factory.mktemp("project") / "project", endpoint).assess()
