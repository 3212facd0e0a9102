"""Executing a recorded job again, to see whether the same bytes come out. Nothing is written to the workspace."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mofang.compute.executors import Task, perform
from mofang.compute.kinds import KINDS
from mofang.errors import MofangError
from mofang.evidence.digest import Digest
from mofang.evidence.objects import ObjectStore
from mofang.evidence.statements import Statement
from mofang.i18n import _


@dataclass(frozen=True, slots=True)
class OverlayStore(ObjectStore):
    """Reads from ``below`` what it does not hold itself; writes only what ``below`` does not have."""

    below: Path = Path()

    def _place(self, digest: Digest) -> Path:
        beneath = ObjectStore._place(ObjectStore(self.below), digest)
        return beneath if beneath.is_file() else ObjectStore._place(self, digest)


@dataclass(frozen=True, slots=True)
class Rerun:
    """What came of executing a job again. ``state``: same, different, not_repeated (with the reason in ``why``)."""

    node: str
    state: str
    why: str = ""


Locate = Callable[[str], Mapping[str, Any] | None]
"""The locations of a node in today's plan; None where the plan no longer has it."""


def reexecute(statement: Statement, objects: ObjectStore, locate: Locate) -> Rerun:
    """Execute a pure job again from its statement of provenance and compare every output's digest."""
    facts = statement.predicate
    node = str(facts["node"])
    if facts["kind"] not in KINDS:
        return Rerun(node, "not_repeated", _("this version knows no kind {kind}").format(kind=facts["kind"]))
    kind = KINDS.get(facts["kind"])
    locations = locate(node.partition("[")[0])
    why = _reason_not_to(kind.mode, kind.version, facts, locations, kind.parquet)
    if why or locations is None:
        return Rerun(node, "not_repeated", why or _("today's plan has no such step"))
    inputs = {name: _digests(value) for name, value in facts["inputs"].items()}
    with tempfile.TemporaryDirectory(prefix="mofang-rerun-") as folder:
        overlay = OverlayStore(Path(folder) / "objects", below=objects.root)
        task = Task(kind.run, facts["params"], inputs, locations, overlay, Path(folder) / "work")
        try:
            outcome = perform(task)
        except MofangError as error:
            return Rerun(node, "different", error.diagnostics())
    changed = [s.name for s in statement.subjects if outcome.outputs[s.name].digest != s.digest]
    if changed:
        return Rerun(node, "different", _("other bytes in {outputs}").format(outputs=", ".join(changed)))
    return Rerun(node, "same")


def _reason_not_to(
    mode: str, current: int, facts: Mapping[str, Any], locations: object, parquet: bool
) -> str:
    if mode != "pure":
        return _("observed once, never asked again")
    if facts["version"] != current:
        return _("made by version {old} of its kind, this is version {new}").format(
            old=facts["version"], new=current
        )
    written = facts["versions"].get("pyarrow")
    if parquet and written != version("pyarrow"):
        return _("written by pyarrow {old}, this is {new}").format(old=written, new=version("pyarrow"))
    return "" if locations is not None else _("today's plan has no such step")


def _digests(value: Any) -> Digest | list[Digest]:
    return [Digest(one) for one in value] if isinstance(value, list) else Digest(value)
