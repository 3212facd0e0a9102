"""``mofang show`` and ``mofang lineage``: open what a reference points to, and walk where it came from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mofang.cli.options import json_option, open_workspace, print_json, project_option
from mofang.cli.sizes import columns
from mofang.i18n import _

if TYPE_CHECKING:
    from mofang.evidence.workspace import Workspace


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

Texts of questions and answers stay veiled until --reveal. To reveal what is sealed at rest, say who reads it
(--by): every opening is recorded."""
    )
)
@click.argument("ref")
@click.option("--reveal", is_flag=True, help=_("show veiled texts"))
@click.option("--by", default="", metavar="NAME", help=_("who reads a sealed text; recorded as claimed"))
@click.option("--why", default="", metavar="TEXT", help=_("what a sealed text is read for; recorded"))
@project_option
@json_option
def show(ref: str, reveal: bool, by: str, why: str, project: Path | None, as_json: bool) -> None:
    from mofang.evidence.show import show as open_ref
    from mofang.project.wiring import wire

    wire()
    ws = open_workspace(project)
    if reveal:
        _record_if_sealed(ws, ref, by, why)
    shown = open_ref(ws, ref, reveal=reveal)
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


def _record_if_sealed(ws: Workspace, ref: str, by: str, why: str) -> None:
    """An opening is recorded before anything is read."""
    from mofang.evidence.openings import record_opening
    from mofang.evidence.show import find
    from mofang.evidence.workspace import Workspace

    if ref.startswith("fig:"):
        return
    digest = find(ws, ref)
    if ws.objects.has(digest) and ws.objects.sealed(digest):
        writable = Workspace.open(ws.path, writable=True)
        with writable.lock("opening"):
            record_opening(writable, digest, part=ref.partition("#")[2], by=by, why=why)


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
