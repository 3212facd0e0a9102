"""What a run would do, without doing it: which jobs are known, which would run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from mofang.compute.graph import Node, PlannedJob, action_key, expand
from mofang.compute.run import known_outputs, work_folder
from mofang.evidence.digest import Digest
from mofang.evidence.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Ahead:
    """Whether a job would run, and the scratch folder it would go on in: None where its inputs are still to be made, or
    there is no workspace."""

    runs: bool
    work: Path | None = None


def forecast(ws: Workspace | None, nodes: Iterable[Node]) -> dict[str, Ahead]:
    """Job id -> what would become of it. A job whose inputs are still to be made would run; without a workspace all would."""
    writer = version("pyarrow")
    outputs: dict[str, dict[str, Digest]] = {}
    found: dict[str, Ahead] = {}
    for job_id, job in expand(nodes).items():
        key = _key(job, outputs, writer) if ws is not None else None
        known = known_outputs(ws, key) if ws is not None and key is not None else None
        found[job_id] = Ahead(known is None, None if ws is None or key is None else work_folder(ws, key))
        if known is not None:
            outputs[job_id] = dict(known.outputs)
    return found


def _key(job: PlannedJob, outputs: dict[str, dict[str, Digest]], writer: str) -> Digest | None:
    """The job's action key, None where an input is still to be made."""
    if not job.needs <= outputs.keys():
        return None
    params = {**job.params, "missing": []} if job.node.tolerant else job.params
    inputs: dict[str, Digest | list[Digest]] = {}
    for name, parts in job.sources.items():
        found = [outputs[need][part.output] for part in parts for need in part.jobs]
        inputs[name] = found if any(part.gathered for part in parts) else found[0]
    return action_key(job.kind, params, inputs, writer)
