"""A project folder with real text, and the plan's jobs run one after another in this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from mofang.compute.executors import Task, perform
from mofang.compute.graph import Node, PlannedJob, expand
from mofang.compute.kinds import Outcome
from mofang.corpus.config import CorpusConfig, Policy, Source
from mofang.corpus.inventory import Inventory, scan
from mofang.corpus.plan import plan
from mofang.evidence.digest import Digest
from mofang.evidence.objects import ObjectStore

KEY = "5a" * 32
Made = dict[str, list[Outcome]]


@pytest.fixture(scope="session")
def simplified(shared_data: Path) -> list[str]:
    """Passages of CMRC 2018 (simplified Chinese)."""
    data = json.loads((shared_data / "reading" / "cmrc2018_dev.json").read_text(encoding="utf-8"))
    return _passages(data)


@pytest.fixture(scope="session")
def traditional(shared_data: Path) -> list[str]:
    """Passages of DRCD (traditional Chinese)."""
    data = json.loads((shared_data / "reading" / "drcd_dev.json").read_text(encoding="utf-8"))
    return _passages(data)


def _passages(data: Any) -> list[str]:
    """SQuAD-like or flat: every different context, in order."""
    found: dict[str, None] = {}

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for name, part in value.items():
                if name in ("context", "context_text") and isinstance(part, str):
                    found[part] = None
                walk(part)
        elif isinstance(value, list):
            for part in value:
                walk(part)

    walk(data)
    assert len(found) > 100
    return list(found)


@pytest.fixture
def objects(tmp_path: Path) -> ObjectStore:
    return ObjectStore(tmp_path / "objects")


@pytest.fixture
def declare() -> Callable[..., Source]:
    """A source with everything that a test does not care about."""

    def make(id: str = "own", path: str = "data", **rest: Any) -> Source:
        return Source(
            **{"id": id, "path": path, "licence": "CC-BY-4.0", "origin": "domestic", "method": "open", **rest}
        )

    return make


@pytest.fixture
def nodes_of(tmp_path: Path) -> Callable[..., list[Node]]:
    """The plan for sources that lie under the test's folder."""

    def make(
        *sources: Source, policy: Policy | None = None, lexicon: Path | None = None, **rest: Any
    ) -> list[Node]:
        inventories: list[Inventory] = [scan(source, tmp_path) for source in sources]
        config = CorpusConfig(sources, "retrieval", None, policy or Policy())
        return plan(config, inventories, pii_key_id="test", hmac_key_hex=KEY, lexicon=lexicon, **rest)

    return make


@pytest.fixture
def run_nodes(objects: ObjectStore, tmp_path: Path) -> Callable[[list[Node]], Made]:
    """Runs every job in order; the outcomes of each node."""

    def run(nodes: list[Node]) -> Made:
        jobs = expand(nodes)
        outcomes: dict[str, Outcome] = {}
        made: Made = {node.name: [] for node in nodes}
        for name, job in jobs.items():
            outcomes[name] = perform(_task(job, outcomes, objects, tmp_path / "work"))
            made[job.node.name].append(outcomes[name])
        return made

    return run


def _task(job: PlannedJob, outcomes: Mapping[str, Outcome], objects: ObjectStore, work: Path) -> Task:
    inputs: dict[str, Digest | list[Digest]] = {}
    for name, parts in job.sources.items():
        found = [outcomes[need].outputs[part.output].digest for part in parts for need in part.jobs]
        inputs[name] = found if any(part.gathered for part in parts) else found[0]
    return Task(job.kind.run, {**job.params, "missing": []}, inputs, job.node.locations, objects, work)
