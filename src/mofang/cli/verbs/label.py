"""``mofang label``: sheets for people, their labels as evidence, and how far people agree."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mofang.cli.options import json_option, print_json, project_folder, project_option, variables_option
from mofang.i18n import _

if TYPE_CHECKING:
    from mofang.assurance.judges.labels.agreement import Agreement
    from mofang.assurance.judges.labels.record import Imported
    from mofang.project.file import Loaded

SHOWN = 20
"""Bad rows printed; the rest is counted. ``--json`` lists all."""


@click.group(
    help=_(
        """People's verdicts: a sheet to fill in, the labels that come back, how far people agree.

\b
  mofang label sheet --n 200 --out sheet.xlsx   draw answers by a recorded seed, write a sheet
  mofang label import sheet.xlsx --by NAME      bind every label to exactly the answer it is on
  mofang label list                             what has been imported
  mofang label agreement                        alpha, AC1, and each annotator

The next `mofang run` counts the labels as the judge "manual"."""
    )
)
def label() -> None:
    pass


@label.command(
    help=_(
        """Write a sheet for people to label, of the last run's answers or corpus sample.

The draw is recorded: the same order again gives the same items, and every draw can be seen. Questions and
answers stand in folded columns; folding is no protection, so keep the file as sensitive. With several
annotators give each a copy.

\b
Example:
  mofang label sheet --kind content --n 200 --out sheet.xlsx"""
    )
)
@click.option(
    "--kind",
    type=click.Choice(["content", "should_refuse", "should_not_refuse", "corpus"]),
    default="content",
    show_default=True,
    help=_("what is labelled"),
)
@click.option(
    "--n", type=click.IntRange(min=1), default=200, show_default=True, help=_("how many items at most")
)
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help=_("sheet to write (.xlsx)")
)
@click.option("--target", default="service", show_default=True, help=_("whose answers: service or alone"))
@click.option(
    "--disagreements", is_flag=True, help=_("draw half of them among the answers on which the judges differ")
)
@click.option(
    "--by", default="", metavar="NAME", help=_("who opens texts that are sealed; recorded as claimed")
)
@project_option
@variables_option
@json_option
def sheet(
    kind: str,
    n: int,
    out: Path,
    target: str,
    disagreements: bool,
    by: str,
    project: Path | None,
    variables: dict[str, str],
    as_json: bool,
) -> None:
    from mofang.project.labelling import write_label_sheet

    made = write_label_sheet(
        _loaded(project, variables), out, kind=kind, n=n, target=target, disagreements=disagreements, by=by
    )
    if as_json:
        print_json(made.wire())
        return
    click.echo(_("{path}: {rows} of {frame} items, drawn by {seed}").format(
        path=made.path, rows=made.rows, frame=made.frame, seed=made.seed[:19]
    ))  # fmt: skip
    click.echo(_("the texts are folded, not protected; opened in a spreadsheet they can be read"))


@label.command(
    "import",
    help=_(
        """Record the labels of SHEET (.xlsx, .csv or .jsonl) as signed evidence.

Columns: item, answer digest, verdict (合格, 不合格, 无法判断; for refusals 拒答, 部分拒答, 未拒答), annotator, date;
if you like repeat, role (仲裁 for who settles a dispute), note. Rows may stand in any order. A row that is no
label is named, and then nothing is recorded unless --keep-good.

\b
Example:
  mofang label import sheet.xlsx --by 评测组"""
    ),
)
@click.argument("file", metavar="SHEET", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", required=True, metavar="NAME", help=_("who brings the labels; recorded as claimed"))
@click.option("--name", default=None, help=_("name of this import (default: the file's)"))
@click.option("--keep-good", is_flag=True, help=_("leave bad rows out and record the rest"))
@click.option("--replace", is_flag=True, help=_("take the place of the labels of that name"))
@click.option("--by-item", is_flag=True, help=_("take an item without a digest for the recorded answer"))
@click.option("--annotator", default="", help=_("annotator of rows that name none"))
@click.option("--date", default="", metavar="YYYY-MM-DD", help=_("date of rows that bear none"))
@project_option
@variables_option
@json_option
def import_labels(
    file: Path,
    by: str,
    name: str | None,
    keep_good: bool,
    replace: bool,
    by_item: bool,
    annotator: str,
    date: str,
    project: Path | None,
    variables: dict[str, str],
    as_json: bool,
) -> None:
    from mofang.assurance.judges.labels.reading import Defaults
    from mofang.project.labelling import import_sheet

    made = import_sheet(
        _loaded(project, variables),
        file,
        by=by,
        name=name,
        keep_good=keep_good,
        replace=replace,
        defaults=Defaults(annotator, date, by_item),
    )
    if as_json:
        print_json(_imported(made))
    else:
        _print_imported(made)
    if made.bad and made.statement is None:
        raise _nothing_recorded(file, made)


@label.command(
    "list",
    help=_(
        """The imports of labels, oldest first, with who labelled what.

\b
Example:
  mofang label list"""
    ),
)
@project_option
@variables_option
@json_option
def list_labels(project: Path | None, variables: dict[str, str], as_json: bool) -> None:
    from mofang.project.labelling import recorded_labels

    found = recorded_labels(_loaded(project, variables))
    if as_json:
        print_json([made.wire() for made in found])
        return
    if not found:
        click.echo(_("no labels have been imported"))
    for made in found:
        counts = ", ".join(f"{kind} {n}" for kind, n in made.counts.items())
        state = "" if made.current else _("  (replaced)")
        click.echo(f"{made.name}  {made.digest[:19]}{state}")
        click.echo(_("  {counts}; labelled by {people}; brought by {by}, claimed").format(
            counts=counts, people=", ".join(made.annotators), by=made.claimed_by
        ))  # fmt: skip


@label.command(
    help=_(
        """How far people agree: Krippendorff's alpha, Gwet's AC1, and each annotator beside the others.

\b
Example:
  mofang label agreement"""
    )
)
@project_option
@variables_option
@json_option
def agreement(project: Path | None, variables: dict[str, str], as_json: bool) -> None:
    from mofang.project.labelling import label_agreement

    found = label_agreement(_loaded(project, variables))
    if as_json:
        print_json([one.wire() for one in found])
        return
    if not found:
        click.echo(_("no labels have been imported"))
    for one in found:
        _print_agreement(one)


def _loaded(project: Path | None, variables: dict[str, str]) -> Loaded:
    from mofang.project.file import load

    return load(project_folder(project), variables)


def _imported(made: Imported) -> dict[str, Any]:
    return {
        "name": made.name,
        "recorded": made.statement is not None,
        "statement": made.statement,
        "labels": len(made.labels),
        "empty": made.empty,
        "again": made.again,
        "bad": [{"line": bad.line, "item": bad.item, "reason": bad.reason} for bad in made.bad],
    }


def _print_imported(made: Imported) -> None:
    for bad in made.bad[:SHOWN]:
        line = _("row {line} ({item}): {reason}").format(
            line=bad.line, item=bad.item or "-", reason=bad.reason
        )
        click.echo(line, err=True)
    if len(made.bad) > SHOWN:
        click.echo(_("and {n} more; --json lists all").format(n=len(made.bad) - SHOWN), err=True)
    if made.statement is not None:
        said = _(
            "{name}: {n} labels recorded, {bad} rows left out, {empty} not filled in, {again} recorded before"
        )
        click.echo(
            said.format(
                name=made.name, n=len(made.labels), bad=len(made.bad), empty=made.empty, again=made.again
            )
        )
        click.echo(_("the next `mofang run` takes them into account"))
    elif not made.bad:
        click.echo(_("nothing new: {n} labels are recorded already").format(n=made.again))


def _nothing_recorded(file: Path, made: Imported) -> Exception:
    from mofang.assurance.judges.labels.errors import LabelError

    return LabelError(
        _("{n} rows cannot be taken as labels; nothing was recorded").format(n=len(made.bad)),
        where=str(file),
        remedy=_("mend them, or record the other {n} with --keep-good").format(n=len(made.labels))
        if made.labels
        else _(
            "mend them, or import the sheet into the project that wrote it, before that draws or asks anew"
        ),
    )


def _print_agreement(one: Agreement) -> None:
    head = _("{kind}: {n} answers labelled, {several} by several people, {disputed} of those disputed")
    click.secho(
        head.format(kind=one.kind, n=one.answers, several=one.several, disputed=one.disputed), bold=True
    )
    click.echo(_("  Krippendorff's alpha {alpha}, Gwet's AC1 {ac1}").format(
        alpha=one.alpha or "-", ac1=one.ac1 or "-"
    ))  # fmt: skip
    for person in one.annotators:
        line = _(
            "  {name}: {n} labels, {fail} fail, {unscored} cannot tell; agrees with others in {agreed} of {compared}"
        )
        click.echo(
            line.format(
                name=person.name,
                n=person.n,
                fail=person.fail,
                unscored=person.unscored,
                agreed=person.agreed,
                compared=person.compared,
            )
        )
    if one.low:
        click.echo(_("  below 0.8: revise the guidance and label again before relying on these labels"))
