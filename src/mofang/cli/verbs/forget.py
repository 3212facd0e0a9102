"""``mofang forget``: erasure on request."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mofang.cli.options import json_option, open_workspace, print_json, project_folder, project_option
from mofang.errors import MofangError
from mofang.i18n import _


@click.command(
    help=_(
        """Erase a source, a record, or everything that holds a person's data.

What is meant leaves every artifact of the workspace; a signed tombstone says that and why, without the value
itself, and lists everything that had been made from it. `mofang verify` then says "withdrawn by request". Later
runs leave it out. Your own files in the source folder are yours to delete.

\b
Example:
  mofang forget --source tickets --reason "contract ended"
  mofang forget --record 3f2a91c0d5e84b1f9a07c6e2b8d41f53 --reason "owner's request"
  mofang forget --person 13800138000 --reason "request of 2026-11-20" --dry-run"""
    )
)
@click.option("--source", default=None, help=_("id of a source"))
@click.option("--record", default=None, help=_("id of a record, as `mofang explain` prints it"))
@click.option(
    "--person",
    default=None,
    help=_("a name, number or address to look for everywhere; - reads it from standard input"),
)
@click.option(
    "--reason", required=True, help=_("why, in a few words; it is kept, so it must not repeat the value")
)
@click.option("--dry-run", is_flag=True, help=_("say what would go, remove nothing"))
@click.option("-y", "--yes", is_flag=True, help=_("do not ask"))
@project_option
@json_option
def forget(
    source: str | None,
    record: str | None,
    person: str | None,
    reason: str,
    dry_run: bool,
    yes: bool,
    project: Path | None,
    as_json: bool,
) -> None:
    from mofang.corpus.forget import Request
    from mofang.project.forgetting import forget as forget_it

    if person == "-":
        person = sys.stdin.readline().strip()
    request = Request(source, record, person)
    folder = project_folder(project)
    ws = open_workspace(project, writable=True)
    dossier = _dossier(folder)
    seen = forget_it(ws, request, reason=reason, dossier=dossier, dry_run=True)
    if not as_json:
        click.echo(
            _("{records} records, {artifacts} artifacts, {leaves} leaves").format(
                records=seen.records, artifacts=seen.artifacts, leaves=seen.leaves
            )
        )
    if dry_run:
        if as_json:
            print_json(seen.wire())
        return
    if not yes and not click.confirm(_("erase them for good?"), default=False, err=True):
        raise MofangError(_("nothing was erased"), remedy=_("give --yes to go without this question"))
    done = forget_it(ws, request, reason=reason, dossier=dossier)
    if as_json:
        print_json(done.wire())
        return
    assert done.tombstone is not None
    click.echo(_("erased; tombstone {statement}").format(statement=done.tombstone.statement))
    for step in done.tombstone.downstream:
        click.echo(
            _("  made from it: {node} {name} {digest}").format(**{**step, "digest": step["digest"][:19]})
        )
    for path in done.documents:
        click.echo(
            _(
                "  printed from it: {path} (the next run writes it anew; copies you gave away are yours to recall)"
            ).format(path=path)
        )
    click.echo(
        _("your own source files were not touched; run again to bring the rest up to date: mofang run")
    )


def _dossier(folder: Path) -> Path:
    """Where the project's documents land; the usual place where the project file cannot be read."""
    from mofang.project.file import load

    try:
        return load(folder).dossier
    except MofangError:
        return folder / "dossier"
