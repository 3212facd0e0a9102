"""``mofang explain``: what happened to a record, and why."""

from __future__ import annotations

from pathlib import Path

import click

from mofang.cli.options import json_option, open_workspace, print_json, project_option
from mofang.i18n import _


@click.command(
    help=_(
        """Say what happened to a record of the corpus and give every reason.

\b
RECORD is one of
  3f2a91c0                     its id, or any unique beginning of it
  data/faq/faq.jsonl:12        the file and line it came from
  "差旅费报销"                  a piece of its text

\b
Example:
  mofang explain handbook/travel.txt

Personal information and listed terms are never printed, only their kind and place."""
    )
)
@click.argument("record")
@project_option
@json_option
def explain(record: str, project: Path | None, as_json: bool) -> None:
    from mofang.corpus.explain import explain as explain_record

    found = explain_record(open_workspace(project), record)
    if as_json:
        print_json(found.wire())
        return
    for line in found.lines():
        click.echo(line)
