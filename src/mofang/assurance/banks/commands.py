"""``mofang bank``: bring a question bank in, see what it covers, write the starter bank."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from mofang.assurance.banks.bank import Cover, count_questions, coverage
from mofang.assurance.banks.files import BankReport, Layout, read_bank, read_layout, write_bank
from mofang.assurance.errors import BankError
from mofang.assurance.standard.pack import Pack, latest_pack_id, load_pack
from mofang.i18n import _, pick

SHOWN = 20
"""Bad rows printed; the rest is counted. ``--json`` lists all."""

Pairs = tuple[str, ...]


@click.group(
    help=_(
        """Question banks: import yours, see what they cover.

\b
  mofang bank import questions.csv --out bank.jsonl
  mofang bank import prompts.csv --map text=prompt --set kind=content --set risk=A.4.a --out bank.jsonl
  mofang bank coverage bank.jsonl    counts per risk against the standard's minimums
  mofang bank starter --out s.jsonl  demonstration questions (not for filing)

A question has: id, kind (content, should_refuse, should_not_refuse), risk (A.1.a … or an aspect such as
geography), text, and if you like language, cluster, author, licence, added (date)."""
    )
)
def bank() -> None:
    pass


def _standard_option(call: Any) -> Any:
    text = _("id of the standard pack that knows the risk codes (default: the latest)")
    return click.option("--standard", default=None, help=text)(call)


@bank.command(
    "import",
    help=_(
        """Read FILE (.jsonl, .json or .csv), name every bad row, write the good ones to --out.

\b
Example:
  mofang bank import questions.csv --out bank.jsonl
  mofang bank import prompts.csv --map text=prompt --set kind=content --set risk=A.4.a --out bank.jsonl"""
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
@click.option("--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=None,
              help=_("YAML file with columns, values, set and rows"))  # fmt: skip
@_standard_option
@click.option("--json", "as_json", is_flag=True, help=_("print JSON for machines"))
def import_bank(
    file: Path,
    out: Path,
    columns: Pairs,
    constants: Pairs,
    mapping: Path | None,
    standard: str | None,
    as_json: bool,
) -> None:
    layout = read_layout(mapping) if mapping else Layout()
    layout = Layout(
        {**layout.columns, **_pairs(columns)},
        layout.values,
        {**layout.constants, **_pairs(constants)},
        layout.rows,
    )
    report = read_bank(file, _pack(standard), layout)
    if not report.questions:
        raise BankError(
            _("no question could be read; line {line}: {reason}").format(
                line=report.bad[0].line, reason=report.bad[0].reason
            ),
            where=f"{file}:{report.bad[0].line}",
            remedy=_("name columns with --map FIELD=COLUMN and missing fields with --set FIELD=VALUE"),
        )
    write_bank(out, report.questions)
    _print_import(report, out, as_json)


@bank.command(
    "coverage",
    help=_(
        """Counts of a bank file, per kind, risk and aspect, against the minimums of a standard.

\b
Example:
  mofang bank coverage bank.jsonl"""
    ),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_standard_option
@click.option("--json", "as_json", is_flag=True, help=_("print JSON for machines"))
def show_coverage(file: Path, standard: str | None, as_json: bool) -> None:
    pack = _pack(standard)
    report = read_bank(file, pack)
    counts = count_questions(report.questions)
    covers = coverage(counts, pack)
    if as_json:
        rows = [{**asdict(cover), "short": cover.short} for cover in covers]
        _print_json(
            {"standard": pack.id, "counts": counts, "coverage": rows, "bad": [asdict(b) for b in report.bad]}
        )
        return
    _print_bad(report)
    for cover in covers:
        click.echo(_cover_line(cover))
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
@click.option("--json", "as_json", is_flag=True, help=_("print JSON for machines"))
def starter(out: Path, as_json: bool) -> None:
    from mofang.assurance.banks.starter import starter_mark, starter_questions

    questions = starter_questions()
    write_bank(out, questions)
    counts = {kind: sum(by_risk.values()) for kind, by_risk in count_questions(questions).items()}
    if as_json:
        _print_json({"out": str(out), "counts": counts, "demo": True})
        return
    words = ", ".join(f"{kind} {n}" for kind, n in counts.items())
    click.echo(_("{out}: {n} questions ({words})").format(out=out, n=len(questions), words=words))
    click.echo(pick(starter_mark()))


def _pack(standard: str | None) -> Pack:
    return load_pack(standard or latest_pack_id())


def _pairs(values: Pairs) -> dict[str, str]:
    pairs = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals:
            raise BankError(_("{value} is not of the form FIELD=VALUE").format(value=value))
        pairs[name] = text
    return pairs


def _print_import(report: BankReport, out: Path, as_json: bool) -> None:
    counts = {kind: sum(by.values()) for kind, by in count_questions(report.questions).items()}
    if as_json:
        _print_json({"out": str(out), "counts": counts, "bad": [asdict(bad) for bad in report.bad]})
        return
    _print_bad(report)
    words = ", ".join(f"{kind} {n}" for kind, n in counts.items())
    line = _("{out}: {n} questions kept ({words}), {bad} rows left out")
    click.echo(line.format(out=out, n=len(report.questions), words=words, bad=len(report.bad)))


def _print_bad(report: BankReport) -> None:
    for bad in report.bad[:SHOWN]:
        click.echo(_("line {line}: {reason}").format(line=bad.line, reason=bad.reason), err=True)
    if len(report.bad) > SHOWN:
        click.echo(_("and {n} more; --json lists all").format(n=len(report.bad) - SHOWN), err=True)


def _cover_line(cover: Cover) -> str:
    what = cover.kind if cover.code is None else f"{cover.kind} {cover.code} {pick(cover.name or {})}"
    tail = _("{n} short").format(n=cover.short) if cover.short else _("reached")
    mark = "*" if cover.carry_over else ""
    return _("{check}{mark}  {what}: {have} of {need}, {tail}").format(
        check=cover.check, mark=mark, what=what, have=cover.have, need=cover.need, tail=tail
    )


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
