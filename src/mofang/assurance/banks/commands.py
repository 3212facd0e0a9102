"""``mofang bank``: bring a question bank in, see what it covers, write the starter bank."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import click

from mofang.assurance.banks.bank import Cover, Question, count_questions, coverage
from mofang.assurance.banks.files import BadRow, BankReport, Layout, read_bank, write_bank
from mofang.assurance.banks.freshness import Fresh, freshness
from mofang.assurance.banks.layout import find_layout, layout_names, layout_text
from mofang.assurance.errors import BankError
from mofang.assurance.standard.opening import plain_standard
from mofang.assurance.standard.pack import Pack, latest_pack_id
from mofang.i18n import _, pick

SHOWN = 20
"""Reasons of bad rows printed; the rest is counted. ``--json`` lists all rows."""

Pairs = tuple[str, ...]


@click.group(
    help=_(
        """Question banks: import yours, see what they cover.

\b
  mofang bank import questions.csv --out bank.jsonl
  mofang bank import 题库.xlsx --sheet 生成内容 --map text=题目 --out bank.jsonl
  mofang bank layouts                published files whose layout is known: --mapping NAME
  mofang bank show bank.jsonl        the card: version, licence, dates, counts, digest
  mofang bank coverage bank.jsonl    counts and dates against the standard's minimums
  mofang bank likeness a.jsonl b.jsonl   questions that nearly repeat one another
  mofang bank diff old.jsonl new.jsonl   what changed between two states
  mofang bank seal bank.jsonl --out bank.sealed   encrypted at rest, for questions nobody should read by accident
  mofang bank starter --out s.jsonl  demonstration questions (not for filing)

A question has: id, kind (content, should_refuse, should_not_refuse), risk (A.1.a … or an aspect such as
geography), text, and if you like language, cluster, author, licence, added (date), reply (the bank's own answer)."""
    )
)
def bank() -> None:
    pass


def _standard_option(call: Any) -> Any:
    text = _("standard pack that knows the risk codes: an id or a folder (default: the latest)")
    return click.option("--standard", default=None, help=text)(call)


def _json_option(call: Any) -> Any:
    return click.option("--json", "as_json", is_flag=True, help=_("print JSON for machines"))(call)


@bank.command(
    "import",
    help=_(
        """Read FILE (.jsonl, .json, .csv or .xlsx), name every bad row, write the good ones to --out, and a card
beside it that says where they came from.

\b
Example:
  mofang bank import questions.csv --out bank.jsonl
  mofang bank import prompts.csv --map text=prompt --set kind=content --set risk=A.4.a --out bank.jsonl
  mofang bank import mlc-vcr-cn.json --mapping mlc --set added=2026-11-01 --out vcr.jsonl"""
    ),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help=_("bank file to write")
)
@click.option(
    "--map", "columns", multiple=True, metavar="FIELD=COLUMN", help=_("the column that holds a field")
)
@click.option("--set", "constants", multiple=True, metavar="FIELD=VALUE", help=_("one value for all rows"))
@click.option("--mapping", default=None, metavar="NAME",
              help=_("a known layout (mofang bank layouts), or a YAML file of yours"))  # fmt: skip
@click.option("--sheet", default=None, help=_("sheet of an Excel file: name, or number from 1"))
@click.option("--name", default=None, help=_("what the bank is called (default: the name of --out)"))
@click.option("--version", default="", help=_("what this state of the bank is called"))
@_standard_option
@_json_option
def import_bank(
    file: Path,
    out: Path,
    columns: Pairs,
    constants: Pairs,
    mapping: str | None,
    sheet: str | None,
    name: str | None,
    version: str,
    standard: str | None,
    as_json: bool,
) -> None:
    from mofang.assurance.banks.card import card, origin_of, write_card

    if out.exists() and out.samefile(file):
        raise BankError(
            _("--out is the file that is read: rows left out would be lost"),
            where=str(out),
            remedy=_("write to another file: --out {name}").format(name=f"{file.stem}-clean.jsonl"),
        )
    layout = _layout(mapping, _pairs(columns), _pairs(constants))
    report = read_bank(file, _pack(standard), layout, sheet=sheet)
    if not report.questions:
        raise BankError(
            _("no question could be read; line {line}: {reason}").format(
                line=report.bad[0].line, reason=report.bad[0].reason
            ),
            where=f"{file}:{report.bad[0].line}",
            remedy=_("name columns with --map FIELD=COLUMN and missing fields with --set FIELD=VALUE"),
        )
    write_bank(out, report.questions)
    origin = origin_of(file, report, layout, sheet)
    write_card(out, card(name or out.stem, report.questions, version, origin))
    _print_import(report, out, as_json)


@bank.command(
    help=_(
        """List the published files whose layout is known, or print one layout as YAML to copy and change.

\b
Example:
  mofang bank layouts
  mofang bank layouts xstest > my-xstest.yaml"""
    )
)
@click.argument("name", required=False)
@_json_option
def layouts(name: str | None, as_json: bool) -> None:
    if name is not None:
        text = layout_text(name)
        click.echo(json.dumps(text, ensure_ascii=False) if as_json else text, nl=as_json)
        return
    known = {found: find_layout(found) for found in layout_names()}
    if as_json:
        _print_json(
            [
                {
                    "name": found,
                    "about": dict(one.about),
                    "digest": one.digest,
                    "standards": sorted(one.codes),
                }
                for found, one in known.items()
            ]
        )
        return
    width = max(len(found) for found in known)
    for found, one in known.items():
        click.echo(f"{found:{width}}  {pick(one.about)}")


@bank.command(
    "coverage",
    help=_(
        """Counts of a bank file, per kind, risk and aspect, and the age of its newest questions, against the
minimums of a standard. The age is counted to --as-of (default: today).

\b
Example:
  mofang bank coverage bank.jsonl
  mofang bank coverage bank.jsonl --as-of 2026-12-01"""
    ),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as-of", default=None, metavar="DATE", help=_("date to which the age is counted"))
@_standard_option
@_json_option
def show_coverage(file: Path, as_of: str | None, standard: str | None, as_json: bool) -> None:
    pack = _pack(standard)
    report = read_bank(file, pack)
    counts = count_questions(report.questions)
    covers = coverage(counts, pack)
    fresh = freshness(report.questions, pack, as_of or date.today().isoformat())
    if as_json:
        rows = [{**asdict(cover), "short": cover.short} for cover in covers]
        ages = [asdict(one) for one in fresh]
        bad = [asdict(b) for b in report.bad]
        _print_json({"standard": pack.id, "counts": counts, "coverage": rows, "freshness": ages, "bad": bad})
        return
    _print_bad(report.bad)
    for cover in covers:
        click.echo(_cover_line(cover))
    for one in fresh:
        click.echo(_fresh_line(one))
    short = [cover for cover in covers if cover.short]
    click.echo(_("{n} of {all} minimums are not reached ({number})").format(
        n=len(short), all=len(covers), number=pack.number
    ))  # fmt: skip
    if any(question.demo for question in report.questions):
        click.echo(_("this bank holds demonstration questions and may not be filed"))


@bank.command(
    help=_(
        """Write the demonstration questions to --out: to see how an assessment runs, not for filing.

\b
Example:
  mofang bank starter --out starter.jsonl"""
    )
)
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help=_("bank file to write")
)
@_json_option
def starter(out: Path, as_json: bool) -> None:
    from mofang.assurance.banks.starter import starter_mark, starter_questions

    questions = starter_questions()
    write_bank(out, questions)
    if as_json:
        _print_json({"out": str(out), "counts": _by_kind(questions), "demo": True})
        return
    click.echo(_("{out}: {n} questions ({words})").format(out=out, n=len(questions), words=_kinds(questions)))
    click.echo(pick(starter_mark()))


def _layout(mapping: str | None, columns: dict[str, str], constants: dict[str, str]) -> Layout:
    layout = find_layout(mapping) if mapping else Layout()
    # What is said on the command line goes before what a layout says of the same field.
    compose = {field: text for field, text in layout.compose.items() if field not in columns}
    return replace(
        layout,
        columns={**layout.columns, **columns},
        constants={**layout.constants, **constants},
        compose=compose,
    )


def _pack(standard: str | None) -> Pack:
    return plain_standard(standard or latest_pack_id(), Path())


def _pairs(values: Pairs) -> dict[str, str]:
    pairs = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals:
            raise BankError(_("{value} is not of the form FIELD=VALUE").format(value=value))
        pairs[name] = text
    return pairs


def _by_kind(questions: Iterable[Question]) -> dict[str, int]:
    return {kind: sum(by.values()) for kind, by in count_questions(questions).items()}


def _kinds(questions: Iterable[Question]) -> str:
    return ", ".join(f"{kind} {n}" for kind, n in _by_kind(questions).items())


def _print_import(report: BankReport, out: Path, as_json: bool) -> None:
    if as_json:
        bad = [asdict(bad) for bad in report.bad]
        counts = _by_kind(report.questions)
        _print_json(
            {
                "out": str(out),
                "counts": counts,
                "bad": bad,
                "skipped": report.skipped,
                "notes": list(report.notes),
            }
        )
        return
    for note in report.notes:
        click.echo(_("note: {note}").format(note=note), err=True)
    _print_bad(report.bad)
    line = _("{out}: {n} questions kept ({words}), {bad} rows left out")
    words = _kinds(report.questions)
    click.echo(line.format(out=out, n=len(report.questions), words=words, bad=len(report.bad)))
    if report.skipped:
        click.echo(_("{n} rows were passed over, as the mapping says").format(n=report.skipped))


def _print_bad(bad: Iterable[BadRow]) -> None:
    """One line for each reason: a column that has no code is one finding, not three hundred."""
    lines: dict[str, list[int]] = {}
    for row in bad:
        lines.setdefault(row.reason, []).append(row.line)
    for reason, found in list(lines.items())[:SHOWN]:
        if len(found) == 1:
            click.echo(_("line {line}: {reason}").format(line=found[0], reason=reason), err=True)
        else:
            text = _("{n} rows, the first in line {line}: {reason}")
            click.echo(text.format(n=len(found), line=found[0], reason=reason), err=True)
    rest = sum(len(found) for found in list(lines.values())[SHOWN:])
    if rest:
        click.echo(_("and {n} more; --json lists all").format(n=rest), err=True)


def _cover_line(cover: Cover) -> str:
    what = cover.kind if cover.code is None else f"{cover.kind} {cover.code} {pick(cover.name or {})}"
    tail = _("{n} short").format(n=cover.short) if cover.short else _("reached")
    mark = "*" if cover.carry_over else ""
    return _("{check}{mark}  {what}: {have} of {need}, {tail}").format(
        check=cover.check, mark=mark, what=what, have=cover.have, need=cover.need, tail=tail
    )


def _fresh_line(one: Fresh) -> str:
    if one.days is None:
        text = _("{check}  {kind}: no question has a date; at most {most} days are asked for")
        return text.format(check=one.check, kind=one.kind, most=one.most)
    tail = _("reached") if one.met else _("too old")
    text = _("{check}  {kind}: newest {newest}, {days} of at most {most} days, {tail}")
    return text.format(
        check=one.check, kind=one.kind, newest=one.newest, days=one.days, most=one.most, tail=tail
    )


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


from mofang.assurance.banks import looking, seal_commands  # noqa: E402  their verbs belong to this group

for _verb in (
    looking.show,
    looking.diff,
    looking.likeness,
    seal_commands.seal,
    seal_commands.open_bank,
    seal_commands.list_openings,
):
    bank.add_command(_verb)
