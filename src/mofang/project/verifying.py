"""Verifying a workspace, a document or a bundle, with every room's kinds and metrics known."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mofang.assurance.dossier.bound import Difference, check_document, read_bound_figures, read_findings
from mofang.compute.rerun import Locate, reexecute
from mofang.errors import MofangError
from mofang.evidence.bundle import open_bundle
from mofang.evidence.digest import Digest
from mofang.evidence.figures import FIGURES, Figure
from mofang.evidence.leaves import read_leaves
from mofang.evidence.report import Problem, Report
from mofang.evidence.statements import Statement
from mofang.evidence.verify import Deep, verify
from mofang.evidence.workspace import Workspace
from mofang.i18n import _
from mofang.project.file import load
from mofang.project.lockfile import read_lock
from mofang.project.planning import plan
from mofang.project.resolving import resolve
from mofang.project.wiring import wire

VERIFIABLE = (".docx", ".html", ".htm")
"""Documents that bind figures."""


def verify_workspace(
    ws: Workspace, variables: Mapping[str, str] | None = None, *, deep: bool = False
) -> Report:
    """Everything the workspace says, held against its bytes; with ``deep`` pure jobs run again."""
    wire()
    return verify(ws, _deep(ws, variables or {}) if deep else None)


def verify_bundle(path: Path) -> Report:
    """A bundle by itself. Raises MofangError for a file that is no sound bundle."""
    wire()
    return verify(open_bundle(path))


def verify_document(path: Path, ws: Workspace) -> Report:
    """A DOCX or HTML report: every bound figure against the evidence it was made from. Raises MofangError for a file
    that cannot be read or that holds no figures."""
    wire()
    if not path.is_file():
        raise MofangError(_("there is no such file"), where=str(path), remedy=_("check the path"))
    if path.suffix.lower() not in VERIFIABLE:
        raise MofangError(
            _("files of type {suffix} cannot be verified").format(suffix=path.suffix or "?"),
            where=str(path),
            remedy=_("give a report (.docx or .html) or a bundle (.zip)"),
        )
    differences = check_document(path, _figures_for(path, ws), ws.objects)
    counts = {"bound_figures": len(read_bound_figures(path)), "differences": len(differences)}
    return Report(tuple(_problem(difference, path) for difference in differences), counts)


def _figures_for(path: Path, ws: Workspace) -> list[Figure]:
    """The figures that were made together with the findings the document names; all of them where it names none."""
    origin = read_findings(path)
    segments: list[Digest] = []
    for recorded in ws.ledger.statements():
        subjects = ws.ledger.subjects(recorded.id)
        if origin is None or any(subject.digest == origin for subject in subjects):
            segments += [subject.digest for subject in subjects if subject.media_type == FIGURES]
    here = [digest for digest in dict.fromkeys(segments) if ws.objects.has(digest)]
    if not here:
        raise MofangError(
            _("this workspace holds no figures for that document"),
            where=str(path),
            remedy=_("verify it in the project it was made in, or run the project again"),
        )
    return [Figure.parse(leaf) for digest in here for leaf in read_leaves(ws.objects, digest)]


def _problem(found: Difference, path: Path) -> Problem:
    what = {
        "differs": _("figure {figure} says {stated}; the evidence gives {expected}"),
        "missing": _("figure {figure} ({expected}) is no longer in the document"),
        "unknown": _("the document binds {figure} ({stated}), which the evidence does not know"),
        "lost": _("figure {figure} says {stated}; it cannot be computed any more: {expected}"),
    }[found.what].format(figure=found.figure[:27], stated=found.stated, expected=found.expected)
    return Problem(
        what,
        f"{path}: {found.where}" if found.where else str(path),
        _("open it with: mofang show fig:{figure}").format(figure=found.figure.removeprefix("sha256:")[:12]),
    )


def _deep(ws: Workspace, variables: Mapping[str, str]) -> Deep:
    locate = _locations(ws, variables)
    latest = {line["key"] for line in read_lock(ws.path.parent).values()}

    def again(_ws: Workspace, statement: Statement) -> list[Problem] | None:
        if statement.predicate["key"] not in latest:
            return None  # of an earlier run: its source files may have changed since
        found = reexecute(statement, ws.objects, locate)
        if found.state != "different":
            return [] if found.state == "same" else None
        return [
            Problem(
                _("executed again, the job made something else: {why}").format(why=found.why),
                found.node,
                _("the statement or the code is not what it was; run the project again and compare"),
            )
        ]

    return again


def _locations(ws: Workspace, variables: Mapping[str, str]) -> Locate:
    """Where today's plan finds each node's inputs from outside. Nothing is located where there is no project file."""
    try:
        nodes = plan(resolve(load(ws.path.parent, variables), ws, record=False))
    except MofangError as error:
        raise MofangError(
            _("a deep check needs the project as it was run: {why}").format(why=error.message),
            where=error.where,
            remedy=error.remedy,
        ) from error
    known: dict[str, Mapping[str, Any]] = {node.name: node.locations for node in nodes}
    return known.get
