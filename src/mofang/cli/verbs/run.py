"""``mofang run``: the whole journey."""

from __future__ import annotations

from pathlib import Path

import click

from mofang.cli.options import json_option, print_json, project_argument, variables_option
from mofang.i18n import _


@click.command(
    help=_(
        """Read, clean and screen the corpus, assess corpus and model, write the dossier.

What is known is not done again: the second run of an unchanged project executes nothing. A run that was
interrupted goes on where it stopped, and answers of the model that were recorded are never asked again.

\b
Example:
  mofang run examples/assistant
  mofang run examples/news --var MOFANG_NEWS=/data/news

Exit codes: 0 done, 2 something failed (the rest is finished and kept)."""
    )
)
@project_argument
@variables_option
@click.option(
    "--wait", type=float, default=0.0, metavar="SECONDS", help=_("wait that long for another run to end")
)
@click.option(
    "--rehash", is_flag=True, help=_("read every source file again, even if size and time are unchanged")
)
@click.option("-q", "--quiet", is_flag=True, help=_("no progress"))
@json_option
def run(
    project: Path, variables: dict[str, str], wait: float, rehash: bool, quiet: bool, as_json: bool
) -> None:
    from mofang.cli.outcome import announce, exit_code, say_report, wire_form
    from mofang.cli.progress import watch
    from mofang.project.file import load
    from mofang.project.running import run_project

    loaded = load(project, variables)
    heard = None if quiet or as_json else announce
    with watch(quiet or as_json) as observer:
        report = run_project(loaded, observer, wait=wait, rehash=rehash, announce=heard)
    if as_json:
        print_json(wire_form(report))
    else:
        say_report(report, loaded)
    click.get_current_context().exit(exit_code(report))
