"""``mofang gc``: free the space of what nothing refers to."""

from __future__ import annotations

from pathlib import Path

import click

from mofang.cli.options import json_option, open_workspace, print_json, project_option
from mofang.cli.sizes import human_size
from mofang.i18n import _


@click.command(
    help=_(
        """Remove artifacts that no name refers to: leftovers of runs that newer ones replaced.

What a dossier, a draw, an attachment or the latest run rests on stays. Statements always stay.

\b
Example:
  mofang gc --dry-run"""
    )
)
@click.option("--dry-run", is_flag=True, help=_("say what would go, remove nothing"))
@project_option
@json_option
def gc(dry_run: bool, project: Path | None, as_json: bool) -> None:
    from mofang.evidence.collection import collect

    ws = open_workspace(project, writable=not dry_run)
    if dry_run:
        found = collect(ws, dry_run=True)
    else:
        with ws.lock("gc"):
            found = collect(ws, dry_run=False)
    total = sum(size for _digest, size in found)
    if as_json:
        print_json(
            {"dry_run": dry_run, "bytes": total, "artifacts": [{"digest": d, "bytes": n} for d, n in found]}
        )
        return
    if dry_run:
        for digest, size in found:
            click.echo(f"{digest}  {human_size(size)}")
        click.echo(_("{n} artifacts, {size} would go").format(n=len(found), size=human_size(total)))
    else:
        click.echo(_("{n} artifacts removed, {size} free").format(n=len(found), size=human_size(total)))
