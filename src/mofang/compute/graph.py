"""The plan as a graph: nodes as rooms plan them, expanded into jobs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mofang.compute.kinds import KINDS, JobKind
from mofang.evidence.digest import Digest, canonical, sha256_bytes

Refs = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A step of the plan.

    ``params`` enter the action key (JSON without floats). ``inputs`` name ``"node:output"``, or a tuple of those.
    ``items``: one job per item, which it finds in ``params["item"]``. ``each``: inputs taken element by element from
    expanded nodes, one job per element. A ``tolerant`` node goes on without producers that failed and finds their
    names in ``params["missing"]``. ``locations`` are for the task's eyes only (a key may be
    among them): they never enter the action key, nor a repr.
    """

    name: str
    kind: str
    params: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Refs] = field(default_factory=dict)
    locations: Mapping[str, Any] = field(default_factory=dict, repr=False)
    items: tuple[Mapping[str, Any], ...] | None = None
    each: tuple[str, ...] = ()
    tolerant: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Where a job finds one input: the jobs that make it, and whether it wants one digest or a list."""

    jobs: tuple[str, ...]
    output: str
    gathered: bool


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """One unit of work: a node, or one element of an expanded node."""

    id: str
    node: Node
    kind: JobKind
    params: Mapping[str, Any]
    sources: Mapping[str, tuple[Source, ...]]

    @property
    def needs(self) -> set[str]:
        return {job for parts in self.sources.values() for part in parts for job in part.jobs}


def expand(nodes: Iterable[Node]) -> dict[str, PlannedJob]:
    """All jobs of a plan by id, in the plan's order. Raises ValueError for an input nobody makes or a cycle."""
    made: dict[str, tuple[str, ...]] = {}
    expanded: set[str] = set()
    outputs: dict[str, tuple[str, ...]] = {}
    jobs: dict[str, PlannedJob] = {}
    for node in nodes:
        if node.name in made:
            raise ValueError(f"two nodes are called {node.name}")
        kind = KINDS.get(node.kind)
        sources = {
            name: _sources(node, name, refs, made, expanded, outputs) for name, refs in node.inputs.items()
        }
        elements = _elements(node, sources)
        if elements is not None:
            expanded.add(node.name)
        ids = (node.name,) if elements is None else tuple(f"{node.name}[{n}]" for n in range(elements))
        for n, job_id in enumerate(ids):
            jobs[job_id] = _job(node, kind, job_id, n, sources)
        made[node.name], outputs[node.name] = ids, kind.outputs
    return jobs


def _sources(
    node: Node,
    name: str,
    refs: Refs,
    made: Mapping[str, tuple[str, ...]],
    expanded: set[str],
    outputs: Mapping[str, tuple[str, ...]],
) -> tuple[Source, ...]:
    parts = []
    for ref in (refs,) if isinstance(refs, str) else refs:
        producer, _colon, output = ref.rpartition(":")
        if producer not in made or output not in outputs[producer]:
            raise ValueError(f"{node.name} wants {ref}, which no earlier node makes")
        parts.append(Source(made[producer], output, producer in expanded or not isinstance(refs, str)))
    return tuple(parts)


def _elements(node: Node, sources: Mapping[str, tuple[Source, ...]]) -> int | None:
    if node.items is not None:
        return len(node.items)
    if not node.each:
        return None
    lengths = {len(part.jobs) for name in node.each for part in sources[name]}
    if len(lengths) != 1:
        raise ValueError(f"{node.name} goes over inputs of different lengths {sorted(lengths)}")
    return lengths.pop()


def _job(
    node: Node, kind: JobKind, job_id: str, n: int, sources: Mapping[str, tuple[Source, ...]]
) -> PlannedJob:
    params = dict(node.params)
    if node.items is not None:
        params["item"] = dict(node.items[n])
    own = {
        name: tuple(Source((part.jobs[n],), part.output, False) for part in parts)
        if name in node.each
        else parts
        for name, parts in sources.items()
    }
    return PlannedJob(job_id, node, kind, params, own)


def action_key(
    kind: JobKind, params: Mapping[str, Any], inputs: Mapping[str, Digest | list[Digest]], writer: str | None
) -> Digest:
    """The digest that says two jobs are the same: kind, version, parameters, actual inputs and, for Parquet writers,
    the writer's version."""
    parts: dict[str, Any] = {"kind": kind.name, "version": kind.version, "params": params, "inputs": inputs}
    if kind.parquet:
        parts["writer"] = writer
    return sha256_bytes(canonical(parts))
