"""``mofang.lock``: what happened. One line of JSON a job: its action key and the digests it made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mofang.compute.run import Run
from mofang.errors import MofangError
from mofang.evidence.files import write_atomic
from mofang.i18n import _

FILE = "mofang.lock"


def lock_text(run: Run, identity: dict[str, str]) -> str:
    """The lock of a run: the same plan over the same inputs gives the same text. ``identity`` names pack and model."""
    jobs = [
        json.dumps(
            {"job": job.id, "key": job.key, "outputs": dict(sorted(job.outputs.items()))}, ensure_ascii=False
        )
        for job in sorted(run.jobs.values(), key=lambda settled: settled.id)
        if job.state in ("done", "reused")
    ]
    head = json.dumps({"lock": 1, **identity}, ensure_ascii=False)
    return "\n".join([head, *jobs]) + "\n"


def write_lock(folder: Path, run: Run, identity: dict[str, str]) -> Path:
    """Write the lock beside the project file, if it would change. Raises StorageError."""
    path = folder / FILE
    data = lock_text(run, identity).encode()
    if not path.is_file() or path.read_bytes() != data:
        write_atomic(path, data)
    return path


def read_lock(folder: Path) -> dict[str, dict[str, Any]]:
    """Job id -> its line; empty before the first run. Raises MofangError for a file that is no lock."""
    path = folder / FILE
    if not path.is_file():
        return {}
    try:
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        return {line["job"]: line for line in lines[1:]}
    except (ValueError, KeyError, TypeError):
        raise MofangError(
            _("this is not a lock file"), where=str(path), remedy=_("remove it; the next run writes it anew")
        ) from None
