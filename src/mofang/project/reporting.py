"""The page of an assessment: gathered from what the last run named, written to a file."""

from __future__ import annotations

from pathlib import Path

from mofang.assurance.report.page import build
from mofang.errors import MofangError
from mofang.evidence.digest import Digest
from mofang.evidence.figures import Figure
from mofang.evidence.files import write_atomic
from mofang.evidence.leaves import read_leaves
from mofang.evidence.openings import record_opening
from mofang.evidence.workspace import Workspace
from mofang.i18n import _
from mofang.project.wiring import wire


def write_report(
    ws: Workspace,
    out: Path,
    *,
    standard: str | None = None,
    language: str,
    texts: bool = False,
    by: str = "",
    why: str = "",
) -> Path:
    """Write the page of the last assessment. ``standard`` names one of its standards, the first by default; ``texts`` puts
    questions and answers in, veiled. Where they lie sealed, that is an opening, recorded with ``by`` before anything is
    read (the workspace must then be writable). Raises MofangError where nothing was assessed yet."""
    wire()
    record = _latest(ws)
    tail = _tail(ws, record, standard)
    findings, analysis = (_output(record, f"assurance.{node}{tail}") for node in ("conclude", "analyse"))
    if texts:
        _open(
            ws,
            [record[f"assurance.{node}"] for node in ("draw", "ask") if f"assurance.{node}" in record],
            by,
            why,
        )
    figures = {
        str(figure.id): figure
        for node in (findings, analysis)
        for leaf in read_leaves(ws.objects, Digest(node["figures"]))
        for figure in [Figure.parse(leaf)]
    }
    page = build(
        ws.objects,
        ws.objects.json(Digest(findings["findings"])),
        ws.objects.json(Digest(analysis["analysis"])),
        figures,
        language=language,
        texts=texts,
    )
    write_atomic(out, page.encode())
    return out


def _latest(ws: Workspace) -> dict[str, dict[str, str]]:
    digest = ws.refs.get("runs", "latest")
    if digest is None or not ws.objects.has(digest):
        raise MofangError(
            _("nothing was assessed here yet"), where=str(ws.path), remedy=_("begin with: mofang run")
        )
    record: dict[str, dict[str, str]] = ws.objects.json(digest)
    return record


def _tail(ws: Workspace, record: dict[str, dict[str, str]], standard: str | None) -> str:
    """What the nodes of a standard end in: nothing for the first."""
    if standard is None:
        return ""
    first = ws.objects.json(Digest(_output(record, "assurance.conclude")["findings"]))["standard"]["id"]
    further = [name.partition("/")[2] for name in record if name.startswith("assurance.conclude/")]
    if standard not in (first, *further):
        raise MofangError(
            _("the last run did not assess by {name}").format(name=standard),
            remedy=_("assessed: {names}").format(names=", ".join([first, *further])),
        )
    return "" if standard == first else f"/{standard}"


def _output(record: dict[str, dict[str, str]], node: str) -> dict[str, str]:
    if node not in record:
        raise MofangError(
            _("the last run made no {node}").format(node=node),
            remedy=_("run again and see what failed: mofang run"),
        )
    return record[node]


def _open(ws: Workspace, made: list[dict[str, str]], by: str, why: str) -> None:
    texts = [Digest(digest) for outputs in made for digest in outputs.values()]
    sealed = [digest for digest in texts if ws.objects.has(digest) and ws.objects.sealed(digest)]
    if not sealed:
        return
    writable = Workspace.open(ws.path, writable=True)
    with writable.lock("opening"):
        for digest in sealed:
            record_opening(writable, digest, part="report", by=by, why=why)
