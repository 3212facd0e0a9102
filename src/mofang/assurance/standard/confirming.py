"""``mofang pack confirm`` and ``unconfirm``: a named person's word that a rule is what the official text says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from mofang.assurance.errors import PackError
from mofang.assurance.standard.confirmations import (
    FILE,
    Confirmation,
    confirmation,
    confirmed_anew,
    read_confirmations,
    rules_called,
    said,
    with_confirmations,
    write_confirmations,
)
from mofang.assurance.standard.opening import plain_standard
from mofang.assurance.standard.schema import Check, Pack, Rule, rule_name
from mofang.i18n import _, pick

PROJECT = click.Path(exists=True, file_okay=False, path_type=Path)
FILE_OPTION = click.Path(dir_okay=False, path_type=Path)


@click.command(
    help=_(
        """Write down that NAME compared a clause or check with the official text.

RULE is the id of a clause, a check, or both where they share it; clause/ID or check/ID names one of them. The words go
into confirmations.yaml beside mofang.yaml, together with the rule as it is today: when the rule changes, they are void.
Read another value in the official text? Say --value: the rule then stays unconfirmed until the pack is mended.

\b
Example:
  mofang pack confirm KW-1 --standard STANDARD --edition "NUMBER, publisher" --by "Wang Fang" --page 12
  mofang pack confirm check/EV-C1 --standard STANDARD --edition "NUMBER, publisher" --by "Wang Fang" --value 0.96"""
    )
)
@click.argument("rule")
@click.option("--standard", required=True, help=_("the standard's id, or the folder of a pack"))
@click.option(
    "--edition", required=True, help=_("the official publication that was read: number and publisher")
)
@click.option("--by", required=True, help=_("who read it; this name stands in every document"))
@click.option("--value", help=_("the value read there, a decimal number; left out: as the pack has it"))
@click.option("--page", help=_("page or clause where it stands"))
@click.option("--on", help=_("the day of reading, YYYY-MM-DD (today by default)"))
@click.option("--note", help=_("a remark"))
@click.option("--project", type=PROJECT, default=".", help=_("the project's folder (here by default)"))
@click.option("--file", type=FILE_OPTION, help=_("another file for the confirmations"))
def confirm(
    rule: str,
    standard: str,
    edition: str,
    by: str,
    value: str | None,
    page: str | None,
    on: str | None,
    note: str | None,
    project: Path,
    file: Path | None,
) -> None:
    pack, place = plain_standard(standard, project), file or project / FILE
    words = [
        confirmation(
            pack, one, edition=edition, by=by, on=_day(on), page=page, note=note,
            value=value if isinstance(one, Check) else None,
        )
        for one in _meant(pack, rule, value)
    ]  # fmt: skip
    known = read_confirmations(place)
    with_confirmations(pack, known)  # a file that does not fit the pack is mended first
    for one in words:
        known = confirmed_anew(known, one)
    write_confirmations(place, known)
    after = with_confirmations(pack, known)
    for one in words:
        click.echo(f"{one.rule}: {one.read}")
        _say_state(after, one)
    _say_open_checks(after, words)
    click.echo(_("written to {file}").format(file=place))


@click.command(
    help=_(
        """Take back what NAME confirmed of a clause or check.

\b
Example:
  mofang pack unconfirm KW-1 --standard STANDARD --by "Wang Fang" """
    ).rstrip()
)
@click.argument("rule")
@click.option("--standard", required=True, help=_("the standard's id, or the folder of a pack"))
@click.option("--by", required=True, help=_("whose word is taken back"))
@click.option("--edition", help=_("only the word on this edition"))
@click.option("--project", type=PROJECT, default=".", help=_("the project's folder (here by default)"))
@click.option("--file", type=FILE_OPTION, help=_("another file for the confirmations"))
def unconfirm(
    rule: str, standard: str, by: str, edition: str | None, project: Path, file: Path | None
) -> None:
    place = file or project / FILE
    id = _pack_id(standard, project)
    known = read_confirmations(place)
    # A rule that the pack no longer has can be taken back too, so it is not looked up there.
    gone = [
        one
        for one in known
        if one.standard == id
        and rule in (one.rule, one.rule.partition("/")[2])
        and one.by == by
        and edition in (None, one.edition)
    ]
    if not gone:
        raise PackError(
            _("{by} has confirmed no {rule} of {pack}").format(by=by, rule=rule, pack=id),
            where=str(place),
            remedy=_("mofang pack show {pack} lists who confirmed what").format(pack=id),
        )
    write_confirmations(place, [one for one in known if one not in gone])
    for one in gone:
        click.echo(
            _("taken back: {rule}, {by}, {edition}").format(rule=one.rule, by=one.by, edition=one.edition)
        )


def _pack_id(standard: str, project: Path) -> str:
    try:
        return plain_standard(standard, project).id
    except PackError:
        return standard


def _meant(pack: Pack, name: str, value: str | None) -> tuple[Rule, ...]:
    """The rules of this name; with a value at least one of them must be a check."""
    found = rules_called(pack, name)
    if value is not None and not any(isinstance(one, Check) for one in found):
        checks = ", ".join(check.id for check in pack.checks_of(found[0].id))
        raise PackError(
            _("the clause {id} has no value of its own").format(id=found[0].id),
            where=rule_name(found[0]),
            remedy=_("its checks: {names}").format(names=checks),
        )
    return found


def _day(on: str | None) -> str:
    if on is None:
        return date.today().isoformat()
    try:
        if date.fromisoformat(on).isoformat() == on:
            return on
    except ValueError:
        pass
    raise PackError(_("{text} is no date").format(text=on), where="--on", remedy=_("write it as 2026-11-01"))


def _say_state(after: Pack, one: Confirmation) -> None:
    (state, *_more) = [
        reading.state
        for reading in after.readings
        if (reading.rule, reading.by, reading.edition) == (one.rule, one.by, one.edition)
    ]
    rule = next(rule for rule in after.rules() if rule_name(rule) == one.rule)
    if state == "holds":
        click.echo("  " + _("confirmed"))
        return
    for caveat in after.caveats(rule):
        click.echo("  ! " + pick(caveat))
    if state == "differs":
        click.echo("  " + _("the pack stays as it is; to mend it, write {value} in a pack of your own that inherits it").format(
            value=one.value
        ))  # fmt: skip
    elif state == "conflict":
        click.echo(
            "  "
            + _("one of them must take it back: mofang pack unconfirm {rule} --by NAME").format(rule=one.rule)
        )


def _say_open_checks(after: Pack, words: list[Confirmation]) -> None:
    """A clause's checks with numbers of their own are confirmed one by one."""
    for one in words:
        noun, _slash, id = one.rule.partition("/")
        open = [check for check in after.checks_of(id) if noun == "clause" and not after.confirmed(check)]
        if open:
            click.echo(_("not confirmed by this, each has its own number:"))
            for check in open:
                click.echo(f"  check/{check.id}: {said(check)}")
