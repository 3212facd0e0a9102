"""``mofang attach``: the document that proves a clause."""

from __future__ import annotations

from pathlib import Path

import click

from mofang.cli.options import json_option, print_json, project_folder, project_option, variables_option
from mofang.i18n import _


@click.command(
    help=_(
        """Attach FILE as proof of CLAUSE, with an owner, a date and the day it expires.

Many clauses are proved by a document only: a contract, a complaint rule, a signed page. The file becomes an
artifact and its attachment a signed statement; the next run proposes a conclusion with it. Whether it
proves the clause is for a person to judge. `mofang pack show STANDARD` lists the clauses.

\b
Example:
  mofang attach SVC-6 complaint-channel.md --owner 法务部 --expires 2027-10-31"""
    )
)
@click.argument("clause")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--owner", required=True, help=_("who answers for the document"))
@click.option(
    "--date", default=None, metavar="YYYY-MM-DD", help=_("the document's date (default: the project's as_of)")
)
@click.option("--expires", default=None, metavar="YYYY-MM-DD", help=_("its last day"))
@click.option(
    "--by", "claimed_by", default=None, help=_("who attaches it (default: the owner); recorded as claimed")
)
@click.option(
    "--standard", default=None, help=_("one of the project's standards, if not the first: an id or a folder")
)
@project_option
@variables_option
@json_option
def attach(
    clause: str,
    file: Path,
    owner: str,
    date: str | None,
    expires: str | None,
    claimed_by: str | None,
    standard: str | None,
    project: Path | None,
    variables: dict[str, str],
    as_json: bool,
) -> None:
    from mofang.project.attaching import attach_document
    from mofang.project.file import load

    loaded = load(project_folder(project), variables)
    made = attach_document(
        loaded,
        clause,
        file,
        owner=owner,
        date=date,
        expires=expires,
        claimed_by=claimed_by,
        standard=standard,
    )
    if as_json:
        print_json(made.leaf())
        return
    click.echo(_("{file} attached to {clause}").format(file=made.file, clause=made.clause))
    click.echo(f"  {made.digest}")
    click.echo(_("the next `mofang run` takes it into account"))
