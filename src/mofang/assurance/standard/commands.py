"""``mofang pack``: which standards there are, what they ask, whether a pack of one's own is sound."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from mofang.assurance.standard.pack import Check, Clause, Pack, load_folder, load_pack, pack_ids
from mofang.i18n import _, pick

EXAMPLE = next(iter(pack_ids()), "STANDARD")


@click.group(
    help=_(
        """Standards as data: what each clause asks, how it is measured, how sure we are, where we read it.

\b
  the standards that come with Mofang:       mofang pack list
  one of them, clause by clause:             mofang pack show {id}
  one clause with its checks and sources:    mofang pack show {id} KW-1
  every mistake in a pack of your own:       mofang pack check my-pack/"""
    ).format(id=EXAMPLE)
)
def pack() -> None:
    pass


@pack.command(
    "list",
    help=_(
        """The standards that come with Mofang.

\b
Example:
  mofang pack list"""
    ),
)
@click.option("--json", "as_json", is_flag=True, help=_("print JSON for machines"))
def list_packs(as_json: bool) -> None:
    found = [load_pack(id) for id in pack_ids()]
    if as_json:
        _print_json([_heading(one) for one in found])
        return
    for one in found:
        click.echo(f"{one.id}  {one.number}  {pick(one.title)}")
        click.echo("  " + _summary(one))


@pack.command(
    help=_(
        """One standard clause by clause, or one CLAUSE with its checks, sources and doubts.

\b
Example:
  mofang pack show {id}
  mofang pack show {id} KW-1"""
    ).format(id=EXAMPLE)
)
@click.argument("id")
@click.argument("clause", required=False)
@click.option("--json", "as_json", is_flag=True, help=_("print JSON for machines"))
def show(id: str, clause: str | None, as_json: bool) -> None:
    found = load_pack(id)
    if clause is not None:
        _show_clause(found, found.clause(clause), as_json)
    elif as_json:
        _print_json({**_heading(found), "clauses": [_clause_facts(found, one) for one in found.clauses]})
    else:
        _show_pack(found)


@pack.command(
    help=_(
        """Read the pack in FOLDER and name every mistake with its file and line.

\b
Example:
  mofang pack check my-pack/"""
    )
)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help=_("print JSON for machines"))
def check(folder: Path, as_json: bool) -> None:
    found = load_folder(folder)
    if as_json:
        _print_json(_heading(found))
        return
    click.echo(_("no mistakes in {id}: {summary}").format(id=found.id, summary=_summary(found)))


def _show_pack(found: Pack) -> None:
    click.echo(f"{found.number}  {pick(found.title)}")
    click.echo(_("{nature}; issued {issued}, in force {effective}").format(
        nature=pick(found.nature), issued=found.issued, effective=found.effective
    ))  # fmt: skip
    click.echo(_summary(found))
    if found.note:
        click.echo(pick(found.note))
    for block in found.dossier["blocks"]:
        click.echo("\n" + pick(block["title"]))
        for id in block["clauses"]:
            one = found.clause(id)
            mark = "*" if one.carry_over else " "
            click.echo(
                f"  {one.id:<6} {_force(one.force)} {one.confidence}{mark} {pick(one.title)} [{one.number}]"
            )
    click.echo("\n* " + pick(found.wording("carry_over")))
    click.echo(pick(found.wording("disclaimer")))


def _show_clause(found: Pack, clause: Clause, as_json: bool) -> None:
    if as_json:
        _print_json(_clause_facts(found, clause))
        return
    click.echo(f"{clause.id}  {pick(clause.title)}  ({found.number}, {clause.number})")
    click.echo(pick(clause.says))
    click.echo(_("force: {force}; confidence: {confidence}; brought by: {owner}").format(
        force=_force(clause.force), confidence=clause.confidence, owner=pick(clause.owner)
    ))  # fmt: skip
    if clause.document:
        click.echo(_("document: {document}").format(document=pick(clause.document)))
    if clause.applies:
        click.echo(_("applies if: {condition}").format(condition=clause.applies))
    for caveat in found.caveats(clause):
        click.echo("! " + pick(caveat))
    for one in found.checks_of(clause.id):
        click.echo("  " + _check_line(one))
        if one.note:
            click.echo("    " + pick(one.note))
    for id in clause.sources:
        source = found.source(id)
        address = ", ".join(source.addresses) or _("no public address")
        click.echo(f"  [{id}] {pick(source.title)}: {address}")


def _check_line(one: Check) -> str:
    parts = [one.id + ":", one.metric, one.op, one.value]
    if one.scope:
        parts.append(one.scope)
    if one.sample_min is not None:
        parts.append(_("on at least {n} drawn").format(n=one.sample_min))
    if one.sample_share is not None:
        parts.append(_("on a share of {share} drawn").format(share=one.sample_share))
    if one.judge:
        parts.append(_("judged by {judge}").format(judge=one.judge))
    if one.waits_for:
        parts.append(_("waits for {what}").format(what=one.waits_for))
    line = " ".join(parts)
    return f"{line} ({_force(one.force)}, {one.confidence}{'*' if one.carry_over else ''})"


def _force(force: str) -> str:
    return {"shall": _("shall"), "should": _("should"), "may": _("may"), "practice": _("practice")}[force]


def _summary(one: Pack) -> str:
    return _(
        "{clauses} clauses, {checks} checks, {risks} risks; {open} not confirmed, {carried} carried over"
    ).format(
        clauses=len(one.clauses),
        checks=len(one.checks),
        risks=len(one.risks),
        open=sum(clause.confirmed_by is None for clause in one.clauses),
        carried=sum(clause.carry_over is not None for clause in one.clauses),
    )


def _heading(one: Pack) -> dict[str, Any]:
    facts = ("id", "version", "status", "title", "number", "issued", "effective", "inherits", "digest")
    counts = {"clauses": len(one.clauses), "checks": len(one.checks), "risks": len(one.risks)}
    return {**{name: getattr(one, name) for name in facts}, "counts": counts}


def _clause_facts(found: Pack, clause: Clause) -> dict[str, Any]:
    return {
        **asdict(clause),
        "caveats": found.caveats(clause),
        "checks": [asdict(one) for one in found.checks_of(clause.id)],
        "sources": [asdict(found.source(id)) for id in clause.sources],
    }


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
