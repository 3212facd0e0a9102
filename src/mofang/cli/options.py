"""Arguments and options that several verbs share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from mofang.errors import MofangError
from mofang.evidence.workspace import Workspace
from mofang.i18n import _

F = TypeVar("F", bound=Callable[..., Any])


def project_argument(call: F) -> F:
    """``[PROJECT]``: a folder with a mofang.yaml; the current one by default."""
    return click.argument("project", type=click.Path(path_type=Path), default=Path("."))(call)


def project_option(call: F) -> F:
    """``--project FOLDER`` for verbs whose argument is something else."""
    text = _("the project's folder (default: this one or the nearest above)")
    return click.option("-p", "--project", type=click.Path(path_type=Path), default=None, help=text)(call)


def json_option(call: F) -> F:
    """``--json``: the answer for machines."""
    return click.option("--json", "as_json", is_flag=True, help=_("print JSON for machines"))(call)


def variables_option(call: F) -> F:
    """``--var NAME=VALUE`` for ``${NAME}`` in the project files."""
    return click.option(
        "--var",
        "variables",
        multiple=True,
        metavar="NAME=VALUE",
        callback=_pairs,
        help=_("value for ${NAME} in mofang.yaml"),
    )(call)


def _pairs(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name:
            raise click.BadParameter(_("write it as NAME=VALUE, not {value}").format(value=value))
        pairs[name] = text
    return pairs


def project_folder(project: Path | None) -> Path:
    """The folder of the project that ``project`` (or the current folder) belongs to."""
    from mofang.project.file import FILE

    start = (project or Path.cwd()).resolve()
    if start.is_file():
        start = start.parent
    for folder in (start, *start.parents) if project is None else (start,):
        if (folder / FILE).is_file() or (folder / ".mofang").is_dir():
            return folder
    raise MofangError(
        _("there is no {file} in {folder}").format(file=FILE, folder=start),
        remedy=_("go to the project's folder, name it with --project, or make one with: mofang init"),
    )


def open_workspace(project: Path | None, *, writable: bool = False) -> Workspace:
    """The workspace of a project that has run before."""
    folder = project_folder(project)
    if not (folder / ".mofang").is_dir():
        raise MofangError(
            _("this project has no workspace yet"),
            where=str(folder),
            remedy=_("make one with: mofang run {folder}").format(folder=folder),
        )
    return Workspace.open(folder / ".mofang", writable=writable)


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
