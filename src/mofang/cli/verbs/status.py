"""``mofang status``: what is there, how old, how large."""

from __future__ import annotations

from pathlib import Path

import click

from mofang.cli.options import json_option, open_workspace, print_json, project_option
from mofang.cli.sizes import human_size
from mofang.i18n import _


@click.command(
    help=_(
        """Say what the workspace holds: names, statements, artifacts, disk use, who writes.

\b
Example:
  mofang status
  mofang status --project examples/assistant"""
    )
)
@project_option
@json_option
def status(project: Path | None, as_json: bool) -> None:
    from mofang.project.status import status as take_stock

    found = take_stock(open_workspace(project))
    if as_json:
        print_json(found.wire())
        return
    click.echo(_("workspace  {path}").format(path=found.path))
    click.echo(_("statements {n}, artifacts {m}").format(n=found.statements, m=found.objects))
    sizes = ", ".join(f"{part} {human_size(size)}" for part, size in found.bytes.items() if size)
    click.echo(
        _("disk       {total} ({sizes})").format(total=human_size(sum(found.bytes.values())), sizes=sizes)
    )
    if found.newest:
        click.echo(_("last job   {moment}").format(moment=found.newest))
    if found.holder:
        click.echo(_("in use     {holder}").format(holder=found.holder))
    for name in found.names:
        mark = "" if name.present else _("  (withdrawn or collected)")
        click.echo(f"  {name.name:<28} {name.digest[:19]}{mark}")
