"""``mofang verify``: recompute everything the evidence says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mofang.cli.options import json_option, open_workspace, print_json, project_option, variables_option
from mofang.errors import CheckFailed, MofangError
from mofang.i18n import _

if TYPE_CHECKING:
    from mofang.evidence.report import Problem


@click.command(
    help=_(
        """Recompute every digest, signature and figure, and name whatever differs.

\b
Without FILE    the workspace: objects, chain, signatures, ledger, names, Merkle roots, figures
FILE.docx       a report, edited or saved by an office program: every bound figure against the evidence
FILE.html       likewise
FILE.zip        a bundle, without the workspace it came from

--deep also executes the pure jobs of the latest run again and compares their bytes.

\b
Example:
  mofang verify
  mofang verify dossier/report.docx
  mofang verify station.zip

Exit codes: 0 everything holds, 1 something differs."""
    )
)
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--deep", is_flag=True, help=_("execute pure jobs again"))
@project_option
@variables_option
@json_option
def verify(
    file: Path | None, deep: bool, project: Path | None, variables: dict[str, str], as_json: bool
) -> None:
    from mofang.project.verifying import verify_bundle, verify_document, verify_workspace

    if file is not None and file.is_dir():
        raise MofangError(
            _("this is a folder, not a document or a bundle"),
            where=str(file),
            remedy=_("verify a project with: mofang verify --project {folder}").format(folder=file),
        )
    if file is None:
        report = verify_workspace(open_workspace(project), variables, deep=deep)
    elif file.suffix.lower() == ".zip":
        report = verify_bundle(file)
    else:
        report = verify_document(file, open_workspace(_project_of(file, project)))
    _tell(report.problems, report.counts, as_json)


def _project_of(file: Path, project: Path | None) -> Path | None:
    """A document inside a project belongs to it."""
    if project is not None:
        return project
    for folder in file.resolve().parents:
        if (folder / ".mofang").is_dir():
            return folder
    return None


def _said(name: str) -> str:
    """What is counted, in words."""
    words = {
        "objects": _("objects"),
        "statements": _("statements"),
        "refs": _("names"),
        "artifacts": _("artifacts"),
        "withdrawn": _("withdrawn"),
        "collected": _("collected"),
        "not_in_bundle": _("not in bundle"),
        "segments": _("segments"),
        "leaves": _("leaves"),
        "figures": _("figures"),
        "figures_recomputed": _("figures recomputed"),
        "figures_in_part": _("figures in part"),
        "figures_not_recomputed": _("figures not recomputed"),
        "reexecuted": _("jobs executed again"),
        "not_reexecuted": _("jobs not executed again"),
        "withheld": _("withheld"),
        "bound_figures": _("bound figures"),
        "differences": _("differences"),
    }
    return words.get(name, name.replace("_", " "))


def _tell(problems: Sequence[Problem], counts: Mapping[str, int], as_json: bool) -> None:
    if as_json:
        found: list[dict[str, Any]] = [
            {"what": p.what, "where": p.where, "remedy": p.remedy} for p in problems
        ]
        print_json({"holds": not problems, "problems": found, "counts": dict(counts)})
    else:
        click.echo(", ".join(f"{_said(name)} {count}" for name, count in counts.items()))
        for problem in problems:
            click.secho(f"✗ {problem.what}\n    @ {problem.where}\n    → {problem.remedy}", fg="red")
        if not problems:
            click.secho(_("everything holds"), fg="green")
    if problems:
        if as_json:
            click.get_current_context().exit(CheckFailed.exit_code)
        raise CheckFailed(_("{n} things do not hold").format(n=len(problems)))
