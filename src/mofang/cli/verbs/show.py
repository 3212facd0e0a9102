"""``mofang show`` and ``mofang lineage``: open what a reference points to, and walk where it came from."""

from __future__ import annotations

from pathlib import Path

import click

from mofang.cli.options import json_option, open_workspace, print_json, project_option
from mofang.cli.sizes import columns
from mofang.i18n import _


@click.command(
    help=_(
        """Open whatever REF points to.

\b
REF is one of
  sha256:9f3c…        an artifact; any unique beginning will do
  sha256:9f3c…#17     leaf 17 of it: a question, an answer, a verdict, a record
  fig:3f2a…           a figure of the dossier: metric, inputs, value, samples
  runs/latest         a name; `mofang status` lists them

\b
Example:
  mofang show fig:3f2a91c0

Texts of questions and answers stay veiled until --reveal."""
    )
)
@click.argument("ref")
@click.option("--reveal", is_flag=True, help=_("show veiled texts"))
@project_option
@json_option
def show(ref: str, reveal: bool, project: Path | None, as_json: bool) -> None:
    from mofang.evidence.show import show as open_ref
    from mofang.project.wiring import wire

    wire()
    shown = open_ref(open_workspace(project), ref, reveal=reveal)
    if as_json:
        facts = [{"label": label, "value": value} for label, value in shown.facts]
        print_json({"title": shown.title, "facts": facts, "body": shown.body, "links": list(shown.links)})
        return
    click.secho(shown.title, bold=True)
    width = max((columns(label) for label, _value in shown.facts), default=0)
    for label, value in shown.facts:
        click.echo(f"  {label}{' ' * (width - columns(label))}  {value}")
    if shown.body:
        click.echo(f"\n{shown.body}")
    for link in shown.links:
        click.echo(f"  → mofang show {link}")


@click.command(
    help=_(
        """Walk the lineage of REF: upwards to what made it, or downwards to what came of it.

\b
Example:
  mofang lineage dossiers/latest
  mofang lineage sha256:9f3c --down"""
    )
)
@click.argument("ref")
@click.option("--down", is_flag=True, help=_("what came of it, instead of what made it"))
@project_option
@json_option
def lineage(ref: str, down: bool, project: Path | None, as_json: bool) -> None:
    from mofang.evidence.lineage import lineage as walk
    from mofang.evidence.lineage import render, wire_form
    from mofang.evidence.show import find

    ws = open_workspace(project)
    tree = walk(ws, find(ws, ref), "down" if down else "up")
    if as_json:
        print_json(wire_form(tree))
    else:
        click.echo(render(tree))
