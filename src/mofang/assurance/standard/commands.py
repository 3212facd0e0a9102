"""``mofang pack``: which standards there are, what they ask, whether a pack of one's own is sound, how two differ, and
who compared a rule with the official text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mofang.assurance.standard.comparing import diff
from mofang.assurance.standard.confirming import confirm, unconfirm
from mofang.assurance.standard.fields import mistakes_error
from mofang.assurance.standard.opening import load_standard
from mofang.assurance.standard.pack import Check, Clause, Pack, latest_pack_id, load_pack, pack_ids
from mofang.assurance.standard.printing import check_line, force_word, reading_line, summary
from mofang.i18n import _, pick

if TYPE_CHECKING:
    from mofang.assurance.standard.kit import Report

EXAMPLE = latest_pack_id()
PROJECT = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group(
    help=_(
        """Standards as data: what each clause asks, how it is measured, how sure we are, where we read it.

\b
  the standards that come with Mofang:       mofang pack list
  one of them, clause by clause:             mofang pack show {id}
  one clause with its checks and sources:    mofang pack show {id} KW-1
  every mistake in a pack of your own:       mofang pack check my-pack/
  what a new edition changes:                mofang pack diff {old} {id}
  I compared a rule with the official text:  mofang pack confirm KW-1 --standard {id}"""
    ).format(id=EXAMPLE, old=load_pack(EXAMPLE).inherits or EXAMPLE)
)
def pack() -> None:
    pass


pack.add_command(diff)
pack.add_command(confirm)
pack.add_command(unconfirm)


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
        mark = _(" (a new project starts with it)") if one.id == EXAMPLE else ""
        click.echo(f"{one.id}  {one.number}  {pick(one.title)}{mark}")
        click.echo("  " + summary(one))


@pack.command(
    help=_(
        """One standard clause by clause, or one CLAUSE with its checks, sources and doubts.

ID names a standard that comes with Mofang, or the folder of a pack of yours. What was confirmed in the project's
folder is shown with it.

\b
Example:
  mofang pack show {id}
  mofang pack show {id} KW-1"""
    ).format(id=EXAMPLE)
)
@click.argument("id")
@click.argument("clause", required=False)
@click.option("--project", type=PROJECT, default=".", help=_("the project's folder (here by default)"))
@click.option("--as-of", help=_("say which rules are not in force on this day, YYYY-MM-DD"))
@click.option("--json", "as_json", is_flag=True, help=_("print JSON for machines"))
def show(id: str, clause: str | None, project: Path, as_of: str | None, as_json: bool) -> None:
    found = load_standard(id, project)
    if clause is not None:
        _show_clause(found, found.clause(clause), as_of, as_json)
    elif as_json:
        clauses = [_clause_facts(found, one, as_of) for one in found.clauses]
        _print_json({**_heading(found), "clauses": clauses})
    else:
        _show_pack(found, as_of)


@pack.command(
    help=_(
        """Read the pack in FOLDER and name every mistake with its file and line.

With --dry-run every check is also measured on a tiny synthetic evidence set, to see that each of them yields a
figure or names what it waits for.

\b
Example:
  mofang pack check my-pack/
  mofang pack check my-pack/ --dry-run"""
    )
)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help=_("measure every check on synthetic evidence too"))
@click.option("--json", "as_json", is_flag=True, help=_("print JSON for machines"))
def check(folder: Path, dry_run: bool, as_json: bool) -> None:
    from mofang.assurance.standard.kit import check_pack

    report = check_pack(folder, dry_run=dry_run)
    if report.pack is None:
        raise mistakes_error(_("pack {id}").format(id=folder.resolve().name), report.mistakes)
    if as_json:
        tried = [{**asdict(one), "dead": one.dead} for one in report.tried]
        _print_json({**_heading(report.pack), "dry_run": tried, "dead": report.dead})
        return
    click.echo(_("no mistakes in {id}: {summary}").format(id=report.pack.id, summary=summary(report.pack)))
    if dry_run:
        _show_tried(report)


def _show_tried(report: Report) -> None:
    names = list(dict.fromkeys(one.check for one in report.tried))
    for name in names:
        mine = [one for one in report.tried if one.check == name]
        over = "" if mine[0].element is None else _(" on {n} elements").format(n=len(mine))
        if any(one.fields for one in mine):
            fields = ", ".join(dict.fromkeys(field for one in mine for field in one.fields))
            click.echo(f"  {name}{over}: {fields}")
        else:
            waits = mine[0].waits or ""
            click.echo(f"  {name}{over}: " + _waits(waits))
    if report.dead:
        raise mistakes_error(
            _("pack {id}").format(id=report.folder),
            [(name, _("nothing would ever be measured")) for name in report.dead],
        )


def _waits(word: str) -> str:
    return {
        "person": _("waits for a person"),
        "document": _("waits for a document"),
        "classifier": _("waits for a classifier"),
    }.get(word, _("nothing would ever be measured"))


def _show_pack(found: Pack, as_of: str | None) -> None:
    click.echo(f"{found.number}  {pick(found.title)}")
    click.echo(_("{nature}; issued {issued}, in force {effective}").format(
        nature=pick(found.nature), issued=found.issued, effective=found.effective
    ))  # fmt: skip
    click.echo(summary(found))
    if found.note:
        click.echo(pick(found.note))
    for block in found.dossier["blocks"]:
        click.echo("\n" + pick(block["title"]))
        for id in block["clauses"]:
            one = found.clause(id)
            mark = "*" if one.carry_over else " "
            out = as_of is not None and found.in_force(one, as_of) != "in_force"
            later = " " + _("(not in force)") if out else ""
            click.echo(
                f"  {one.id:<6} {force_word(one.force)} {one.confidence}{mark} {pick(one.title)} [{one.number}]{later}"
            )
    _show_crosswalk(found)
    click.echo("\n* " + pick(found.wording("carry_over")))
    click.echo(pick(found.wording("disclaimer")))


def _show_crosswalk(found: Pack) -> None:
    for one in found.crosswalk:
        click.echo("\n" + _("questions coded for {pack} count here ({confidence}):").format(
            pack=one.to, confidence=one.confidence
        ))  # fmt: skip
        for code, codes in one.codes.items():
            click.echo(f"  {code:<6} {' '.join(codes)}")
        click.echo("  " + pick(one.note))


def _show_clause(found: Pack, clause: Clause, as_of: str | None, as_json: bool) -> None:
    if as_json:
        _print_json(_clause_facts(found, clause, as_of))
        return
    click.echo(f"{clause.id}  {pick(clause.title)}  ({found.number}, {clause.number})")
    click.echo(pick(clause.says))
    click.echo(_("force: {force}; confidence: {confidence}; brought by: {owner}").format(
        force=force_word(clause.force), confidence=clause.confidence, owner=pick(clause.owner)
    ))  # fmt: skip
    if clause.document:
        click.echo(_("document: {document}").format(document=pick(clause.document)))
    if clause.applies:
        click.echo(_("applies if: {condition}").format(condition=clause.applies))
    _show_doubts(found, clause, as_of, "")
    for one in found.checks_of(clause.id):
        click.echo("  " + check_line(one))
        _show_doubts(found, one, as_of, "    ")
    for id in clause.sources:
        source = found.source(id)
        address = ", ".join(source.addresses) or _("no public address")
        click.echo(f"  [{id}] {pick(source.title)}: {address}")


def _show_doubts(found: Pack, rule: Clause | Check, as_of: str | None, indent: str) -> None:
    """Who confirmed a rule, and what must be said of it; of a check only what its clause does not say."""
    if rule.confirmed_by is not None:
        click.echo(indent + reading_line(rule))
    said = found.caveats(found.clause(rule.clause), as_of) if isinstance(rule, Check) else []
    for caveat in found.caveats(rule, as_of):
        if caveat not in said:
            click.echo(f"{indent}! {pick(caveat)}")


def _heading(one: Pack) -> dict[str, Any]:
    facts = ("id", "version", "status", "title", "number", "issued", "effective", "inherits", "digest")
    counts = {"clauses": len(one.clauses), "checks": len(one.checks), "risks": len(one.risks)}
    return {**{name: getattr(one, name) for name in facts}, "counts": counts}


def _clause_facts(found: Pack, clause: Clause, as_of: str | None) -> dict[str, Any]:
    checks: Sequence[Check] = found.checks_of(clause.id)
    return {
        **asdict(clause),
        "caveats": found.caveats(clause, as_of),
        "checks": [{**asdict(one), "caveats": found.caveats(one, as_of)} for one in checks],
        "sources": [asdict(found.source(id)) for id in clause.sources],
    }


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
