"""What a run would do, without doing it: which jobs are known, which would run."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version

from mofang.compute.graph import Node, PlannedJob, action_key, expand
from mofang.compute.run import known_outputs
from mofang.evidence.digest import Digest
from mofang.evidence.workspace import Workspace


def forecast(ws: Workspace | None, nodes: Iterable[Node]) -> dict[str, bool]:
    """Job id -> whether it would run. A job whose inputs are still to be made would; without a workspace all would."""
    writer = version("pyarrow")
    outputs: dict[str, dict[str, Digest]] = {}
    would_run: dict[str, bool] = {}
    for job_id, job in expand(nodes).items():
        known = _known(ws, job, outputs, writer) if ws is not None else None
        would_run[job_id] = known is None
        if known is not None:
            outputs[job_id] = known
    return would_run


def _known(
    ws: Workspace, job: PlannedJob, outputs: dict[str, dict[str, Digest]], writer: str
) -> dict[str, Digest] | None:
    if not job.needs <= outputs.keys():
        return None
    params = {**job.params, "missing": []} if job.node.tolerant else job.params
    inputs: dict[str, Digest | list[Digest]] = {}
    for name, parts in job.sources.items():
        found = [outputs[need][part.output] for part in parts for need in part.jobs]
        inputs[name] = found if any(part.gathered for part in parts) else found[0]
    reused = known_outputs(ws, action_key(job.kind, params, inputs, writer))
    return None if reused is None else dict(reused.outputs)
