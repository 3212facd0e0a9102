"""``mofang bank seal | open | openings``: banks encrypted at rest, and who opened what."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from mofang.assurance.banks.files import clean_it, read_bank
from mofang.assurance.banks.sealed import read_sealed, seal_questions
from mofang.assurance.errors import BankError
from mofang.assurance.standard.opening import plain_standard
from mofang.assurance.standard.pack import latest_pack_id
from mofang.evidence.files import write_atomic
from mofang.evidence.openings import openings, record_opening
from mofang.evidence.workspace import Workspace
from mofang.i18n import _

_json = click.option("--json", "as_json", is_flag=True, help=_("print JSON for machines"))
_project = click.option(
    "-p",
    "--project",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path("."),
    help=_("the project's folder (default: this one or the nearest above)"),
)


@click.command(
    help=_(
        """Write the bank FILE encrypted to --out (it ends in .sealed); the key is the one that signs, outside
the project.

Name the sealed file under assurance.banks. Its questions and the answers to them then lie sealed in the
workspace as well, no document repeats them, and every opening is recorded. Remove the plain file yourself.

\b
Example:
  mofang bank seal bank.jsonl --out bank.sealed"""
    )
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help=_("the sealed file to write"))
@click.option("--standard", default=None, help=_("the pack whose codes the bank uses (default: the latest)"))
@_json
def seal(file: Path, out: Path, standard: str | None, as_json: bool) -> None:
    report = read_bank(file, plain_standard(standard or latest_pack_id(), Path()))
    if report.bad:
        first = report.bad[0]
        raise BankError(
            _("the bank has {n} bad rows; line {line}: {reason}").format(
                n=len(report.bad), line=first.line, reason=first.reason
            ),
            where=f"{file}:{first.line}",
            remedy=clean_it(file),
        )
    seal_questions(out, report.questions)
    if as_json:
        click.echo(json.dumps({"out": str(out), "questions": len(report.questions)}, ensure_ascii=False))
        return
    click.echo(_("{out}: {n} questions sealed").format(out=out, n=len(report.questions)))
    click.echo(
        _("the plain file {file} is still there; remove it when the sealed one is kept safe").format(
            file=file
        )
    )


@click.command(
    "open",
    help=_(
        """Write the questions of the sealed bank FILE in plain text to --out. Who does so, when and why is
recorded in the project's chain first.

\b
Example:
  mofang bank open bank.sealed --out bank.jsonl --by 张三 --why 年度更新"""
    ),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help=_("bank file to write"))
@click.option("--by", required=True, metavar="NAME", help=_("who opens it; recorded as claimed"))
@click.option("--why", default="", metavar="TEXT", help=_("what for; recorded"))
@_project
def open_bank(file: Path, out: Path, by: str, why: str, project: Path) -> None:
    plain = read_sealed(file)
    ws = Workspace.find(project, writable=True)
    with ws.lock("opening"):
        digest = ws.objects.sealing().put(plain)
        record_opening(ws, digest, part=file.name, by=by, why=why)
        ws.refs.set("openings", digest.hex[:16], digest)
    write_atomic(out, plain)
    click.echo(_("{out}: written in plain text; the opening is recorded").format(out=out))


@click.command(
    "openings",
    help=_(
        """Every recorded opening of a sealed text: when, who, what, why.

\b
Example:
  mofang bank openings"""
    ),
)
@_project
@_json
def list_openings(project: Path, as_json: bool) -> None:
    found = openings(Workspace.find(project))
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2))
        return
    if not found:
        click.echo(_("no sealed text was opened"))
    for one in found:
        part = f"#{one.part}" if one.part.isdigit() else f" {one.part}"
        click.echo(f"{one.recorded}  {one.by}  {one.digest.short}{part}  {one.why}")
