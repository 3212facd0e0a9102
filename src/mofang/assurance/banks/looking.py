"""``mofang bank show | diff | likeness``: what a bank is, what changed in it, what repeats in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mofang.assurance.errors import BankError
from mofang.i18n import _

if TYPE_CHECKING:
    from mofang.assurance.banks.bank import Question
    from mofang.assurance.banks.card import Card
    from mofang.assurance.banks.diff import BankDiff
    from mofang.assurance.banks.likeness import Pair

SHOWN = 20
"""Rows of a kind printed; ``--json`` lists all."""
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    help=_(
        """The card of a bank file: name, version, licence, authors, dates, counts, digest and root, where it came from.

\b
Example:
  mofang bank show bank.jsonl"""
    )
)
@click.argument("file", type=_FILE)
@click.option("--standard", default=None, help=_("id of the standard pack that knows the risk codes"))
@click.option("--json", "as_json", is_flag=True, help=_("print JSON for machines"))
def show(file: Path, standard: str | None, as_json: bool) -> None:
    from mofang.assurance.banks.card import read_card

    made, current = read_card(file, _questions(file, standard))
    if as_json:
        _print_json({**made.wire(), "card_is_current": current})
        return
    for label, value in _facts(made):
        click.echo(f"{label}: {value}")
    if not current:
        click.echo(_("the questions have changed since the card was written; import again to renew it"))


def _facts(made: Card) -> list[tuple[str, Any]]:
    dates = f"{made.oldest} … {made.newest}" if made.newest else _("none")
    facts = [
        (_("bank"), made.name),
        (_("version"), made.version or _("none")),
        (_("questions"), made.total),
        *[(f"  {kind}", sum(by_risk.values())) for kind, by_risk in made.counts.items()],
        (_("patterns"), made.clusters),
        (_("with a reply of the bank"), made.replies),
        (_("languages"), ", ".join(made.languages)),
        (_("licences"), ", ".join(made.licences)),
        (_("authors"), ", ".join(made.authors)),
        (_("dates"), dates),
        (_("without a date"), made.undated),
        (_("digest"), made.digest),
        (_("root"), made.root),
    ]
    if made.origin is not None:
        origin = made.origin
        facts += [
            (_("imported from"), f"{origin.file} ({origin.digest.short})"),
            (_("mapping"), f"{origin.layout or '-'} ({origin.layout_digest.short})"),
            (_("rows"), _("{kept} kept, {bad} left out, {skipped} passed over").format(
                kept=origin.kept, bad=origin.bad, skipped=origin.skipped)),
        ]  # fmt: skip
    if made.demo:
        facts.append((_("demonstration"), _("this bank holds demonstration questions and may not be filed")))
    return facts


@click.command(
    help=_(
        """What changed from bank file OLD to NEW, by id: added, removed, changed, under another id. Texts stay veiled
until --reveal.

\b
Example:
  mofang bank diff bank-2026-10.jsonl bank-2026-11.jsonl"""
    )
)
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE)
@click.option("--reveal", "--open", "reveal", is_flag=True, help=_("show veiled texts"))
@click.option("--standard", default=None, help=_("id of the standard pack that knows the risk codes"))
@click.option("--json", "as_json", is_flag=True, help=_("print JSON for machines"))
def diff(old: Path, new: Path, reveal: bool, standard: str | None, as_json: bool) -> None:
    from mofang.assurance.banks.diff import diff_banks

    found = diff_banks(_questions(old, standard), _questions(new, standard))
    if as_json:
        _print_json(_difference(found, reveal))
        return
    for question in found.added[:SHOWN]:
        click.echo("+ " + _line(question, reveal))
    for question in found.removed[:SHOWN]:
        click.echo("- " + _line(question, reveal))
    for change in found.changed[:SHOWN]:
        click.echo("~ " + _line(change.new, reveal) + f"  ({', '.join(change.fields)})")
    for before, after in found.renamed[:SHOWN]:
        click.echo(f"= {before.id} → " + _line(after, reveal))
    text = _(
        "{added} added, {removed} removed, {changed} changed, {renamed} under another id, {same} the same"
    )
    click.echo(
        text.format(
            added=len(found.added),
            removed=len(found.removed),
            changed=len(found.changed),
            renamed=len(found.renamed),
            same=found.same,
        )
    )


def _line(question: Question, reveal: bool) -> str:
    words = question.text if reveal else _("{n} characters").format(n=len(question.text))
    return f"{question.id}  {question.kind} {question.risk}  {words}"


def _difference(found: BankDiff, reveal: bool) -> dict[str, Any]:
    def row(question: Question) -> dict[str, Any]:
        wire = {"id": question.id, "kind": question.kind, "risk": question.risk}
        return {**wire, "text": question.text} if reveal else wire

    return {
        "added": [row(question) for question in found.added],
        "removed": [row(question) for question in found.removed],
        "changed": [{**row(change.new), "fields": list(change.fields)} for change in found.changed],
        "renamed": [{**row(after), "was": before.id} for before, after in found.renamed],
        "same": found.same,
    }


@click.command(
    help=_(
        """Questions that nearly repeat one another, inside a bank file and across several. Texts are not printed.

\b
Example:
  mofang bank likeness bank.jsonl
  mofang bank likeness ours.jsonl bought.jsonl --least 0.50"""
    )
)
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--least", default=None, metavar="SHARE",
              help=_("share of common letter runs from which on two are alike (0.60)"))  # fmt: skip
@click.option("--standard", default=None, help=_("id of the standard pack that knows the risk codes"))
@click.option("--json", "as_json", is_flag=True, help=_("print JSON for machines"))
def likeness(files: tuple[Path, ...], least: str | None, standard: str | None, as_json: bool) -> None:
    from mofang.assurance.banks.likeness import ALIKE, near_duplicates

    members = [(str(file), question) for file in files for question in _questions(file, standard)]
    pairs = near_duplicates([question for _file, question in members], least or ALIKE)
    shared = _shared(members)
    if as_json:
        _print_json({"least": least or ALIKE, "questions": len(members), "shared_ids": shared,
                     "pairs": [_pair(members, pair) for pair in pairs]})  # fmt: skip
        return
    for pair in pairs[:SHOWN]:
        first, second = members[pair.first], members[pair.second]
        click.echo(f"{pair.similarity[:4]}  {_place(*second, files)}  ~  {_place(*first, files)}")
    if len(pairs) > SHOWN:
        click.echo(_("and {n} more; --json lists all").format(n=len(pairs) - SHOWN))
    across = sum(1 for p in pairs if members[p.first][1].kind != members[p.second][1].kind)
    text = _("{n} of {all} questions resemble an earlier one; {across} pairs are of two kinds")
    click.echo(text.format(n=len({pair.second for pair in pairs}), all=len(members), across=across))
    if shared:
        line = _("{n} ids stand in more than one file: a project cannot use these banks together")
        click.echo(line.format(n=len(shared)))


def _pair(members: Sequence[tuple[str, Question]], pair: Pair) -> dict[str, Any]:
    first, second = members[pair.first], members[pair.second]
    return {
        "similarity": pair.similarity,
        "file": second[0],
        "id": second[1].id,
        "kind": second[1].kind,
        "like": {"file": first[0], "id": first[1].id, "kind": first[1].kind},
    }


def _place(file: str, question: Question, files: Sequence[Path]) -> str:
    name = f"{Path(file).name}:" if len(files) > 1 else ""
    return f"{name}{question.id} ({question.kind} {question.risk})"


def _shared(members: Sequence[tuple[str, Question]]) -> list[str]:
    found = Counter(question.id for _file, question in members)
    return sorted(id for id, n in found.items() if n > 1)


def _questions(file: Path, standard: str | None) -> Sequence[Question]:
    """The questions of a bank file without bad rows. Raises BankError."""
    from mofang.assurance.banks.files import clean_it, read_bank
    from mofang.assurance.standard.opening import plain_standard
    from mofang.assurance.standard.pack import latest_pack_id

    report = read_bank(file, plain_standard(standard or latest_pack_id(), Path()))
    if report.bad:
        raise BankError(
            _("bank {name} has {n} bad rows; line {line}: {reason}").format(
                name=file.name, n=len(report.bad), line=report.bad[0].line, reason=report.bad[0].reason
            ),
            where=f"{file}:{report.bad[0].line}",
            remedy=clean_it(file),
        )
    return report.questions


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
