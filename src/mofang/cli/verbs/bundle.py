"""``mofang bundle``: a dossier with its evidence, for somebody who has no access to the workspace."""

from __future__ import annotations

from pathlib import Path

import click

from mofang.cli.options import json_option, open_workspace, print_json, project_option
from mofang.cli.sizes import human_size
from mofang.errors import MofangError
from mofang.i18n import _

TEXTS = {"questions": "questions", "answers": "answers", "samples": "sample", "lexicon": "lexicon"}
"""What a bundle withholds unless it is asked for: the word on the command line -> the output's name."""


@click.command(
    help=_(
        """Pack the latest dossier with the leaves its figures rest on, the statements and the public key.

The receiver checks it with `mofang verify FILE.zip`, without your workspace. Texts of questions, answers,
sampled records and listed terms are withheld (their digests stay, so counts and rates still verify) unless you name them
with --include.

\b
Example:
  mofang bundle -o station.zip
  mofang bundle -o reviewer.zip --include answers"""
    )
)
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help=_("the zip to write"))
@click.option(
    "--include",
    multiple=True,
    type=click.Choice(TEXTS),
    help=_("texts not to withhold"),
)
@project_option
@json_option
def bundle(output: Path, include: tuple[str, ...], project: Path | None, as_json: bool) -> None:
    from mofang.evidence.bundle import write_bundle

    ws = open_workspace(project)
    dossier = ws.refs.get("dossiers", "latest")
    if dossier is None:
        raise MofangError(_("there is no dossier yet"), remedy=_("make one with: mofang run"))
    withhold = [name for name in TEXTS if name not in include]
    made = write_bundle(ws, dossier, output, withhold=[TEXTS[name] for name in withhold])
    sealed = sum(1 for digest in made.withheld if ws.objects.has(digest) and ws.objects.sealed(digest))
    facts = {
        "file": str(output),
        "bytes": output.stat().st_size,
        "objects": made.objects,
        "withheld": withhold,
        "sealed": sealed,
    }
    if as_json:
        print_json(facts)
        return
    click.echo(
        _("{file}: {n} objects, {size}").format(
            file=output, n=made.objects, size=human_size(output.stat().st_size)
        )
    )
    click.echo(_("withheld: {names}").format(names=", ".join(withhold) or "-"))
    if sealed:
        click.echo(_("{n} sealed artifacts go along as hashes only").format(n=sealed))
    click.echo(_("the receiver checks it with: mofang verify {file}").format(file=output.name))
