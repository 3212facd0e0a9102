"""``mofang pack diff``: two packs side by side, thresholds first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from mofang.assurance.standard.difference import Comparison, Difference, compare_packs
from mofang.assurance.standard.opening import plain_standard
from mofang.assurance.standard.printing import check_line
from mofang.assurance.standard.schema import Check, Clause, Pack
from mofang.i18n import _, pick

SIGNS = {"added": "+", "removed": "-", "changed": "~"}
QUIET = (
    "note",
    "sources",
    "title",
    "says",
    "owner",
    "document",
    "number",
    "confidence",
    "carry_over",
    "block",
    "slot",
)
"""Fields that only print otherwise; named, but shown in full with --all."""


@click.command(
    help=_(
        """What NEW asks that OLD did not: checks first, thresholds before all, then clauses, risk codes and dates; and
what an assessment made by OLD must do again.

OLD and NEW are standards that come with Mofang, or folders with packs.

\b
Example:
  mofang pack diff my-pack/ my-pack-2027/
  mofang pack diff OLD NEW --all"""
    )
)
@click.argument("old")
@click.argument("new")
@click.option("--all", "everything", is_flag=True, help=_("show changed wording and sources too"))
@click.option("--json", "as_json", is_flag=True, help=_("print JSON for machines"))
def diff(old: str, new: str, everything: bool, as_json: bool) -> None:
    before, after = plain_standard(old, Path()), plain_standard(new, Path())
    found = compare_packs(before, after)
    if as_json:
        click.echo(json.dumps(found.wire(), ensure_ascii=False, indent=2))
        return
    if not found.differences:
        click.echo(_("{old} and {new} say the same").format(old=before.id, new=after.id))
        return
    titles = {
        "check": _("Checks"), "clause": _("Clauses"), "group": _("Risk groups"), "risk": _("Risks"),
        "aspect": _("Aspects"), "heading": _("The pack"),
    }  # fmt: skip
    for noun, title in titles.items():
        mine = [one for one in found.differences if one.noun == noun]
        if mine:
            click.echo("\n" + _("{title}: {n}").format(title=title, n=len(mine)))
        quiet = [] if everything else [one for one in mine if _quiet(one)]
        for one in mine:
            if one not in quiet:
                _show(one, before, after, everything)
        if quiet:
            click.echo(_("~ worded, sourced or known otherwise (see --all): {ids}").format(
                ids=", ".join(one.id for one in quiet)
            ))  # fmt: skip
    _show_again(found)


def _quiet(one: Difference) -> bool:
    return one.state == "changed" and not one.again and all(change.field in QUIET for change in one.changes)


def _show(one: Difference, before: Pack, after: Pack, everything: bool) -> None:
    again = {"draw": _("draw again"), "measure": _("measure again"), "decide": _("decide again")}
    todo = f"  [{again[one.again]}]" if one.again else ""
    click.echo(f"{SIGNS[one.state]} {_named(one, after if one.state != 'removed' else before)}{todo}")
    quiet = [change for change in one.changes if change.field in QUIET and not everything]
    for change in one.changes:
        if change not in quiet:
            click.echo(f"    {change.field}: {_said(change.old)} -> {_said(change.new)}")
    if quiet:
        fields = ", ".join(change.field for change in quiet)
        click.echo("    " + _("also changed: {fields}").format(fields=fields))


def _named(one: Difference, pack: Pack) -> str:
    rule: Clause | Check | None = None
    if one.noun == "clause":
        rule = pack.clause(one.id)
    elif one.noun == "check":
        rule = pack.check(one.id)
    if isinstance(rule, Check):
        clause = pack.clause(rule.clause)
        return f"{check_line(rule) if one.state == 'added' else one.id} {pick(clause.title)}"
    names = {group.code: group.name for group in pack.groups}
    names |= {risk.code: risk.name for risk in pack.risks}
    names |= {aspect.code: aspect.name for aspect in pack.aspects}
    title = rule.title if rule is not None else names.get(one.id)
    return one.id if title is None else f"{one.id} {pick(title)}"


def _said(value: Any) -> str:
    if isinstance(value, Mapping) and set(value) == {"zh", "en"}:
        return pick(value)
    return "—" if value is None else str(value) if isinstance(value, (str, int)) else json.dumps(value)


def _show_again(found: Comparison) -> None:
    click.echo("\n" + _("For an assessment made by {old}:").format(old=found.old))
    rows = {
        "draw": _("draw a larger sample for"),
        "measure": _("measure anew from the answers there are, for"),
        "decide": _("decide anew from the same figures, for"),
    }
    said = False
    for what, words in rows.items():
        ids = [one.id for one in found.differences if one.noun == "check" and one.again == what]
        if ids:
            said = True
            click.echo("  " + words + ": " + ", ".join(ids))
    if not said:
        click.echo("  " + _("nothing must be drawn, measured or decided again"))
