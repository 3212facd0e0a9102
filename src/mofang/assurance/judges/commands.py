"""``mofang judge``: train a classifier on one's own labels, hold it against others, look at its card."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mofang.i18n import _

if TYPE_CHECKING:
    from mofang.assurance.judges.classifier.evaluating import Evaluation
    from mofang.assurance.judges.classifier.labels import Reading
    from mofang.assurance.judges.classifier.measures import Bin

T = TypeVar("T")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, path_type=Path)
SHOWN = 5
"""Unreadable lines that are printed; the rest is counted."""


@click.group(
    help=_(
        """A classifier of your own as a judge: trained on your labels on this machine, in minutes.

\b
  mofang judge train labels.csv --text answer --label verdict --out own.judge
  mofang judge evaluate own.judge others.csv    how far it agrees with labels it has not seen
  mofang judge show own.judge                   its model card

Name the file in mofang.yaml under assurance.judges.classifier. Texts are never printed."""
    )
)
def judge() -> None:
    pass


def _columns(required: bool) -> Callable[[Any], Any]:
    def decorate(call: Any) -> Any:
        for option in (
            click.option(
                "--group", default=None, metavar="COLUMN", help=_("column with a subject or source")
            ),
            click.option("--pass", "passes", multiple=True, metavar="VALUE", help=_("label that passes")),
            click.option("--fail", "fails", multiple=True, metavar="VALUE", help=_("label that fails")),
            click.option("--label", required=required, metavar="COLUMN", help=_("column with the label")),
            click.option("--text", required=required, metavar="COLUMN", help=_("column with the text")),
        ):
            call = option(call)
        return call

    return decorate


def _json_option(call: Any) -> Any:
    return click.option("--json", "as_json", is_flag=True, help=_("print JSON for machines"))(call)


@judge.command(
    help=_(
        """Train on the labelled texts of FILE (.csv, .jsonl, .xlsx) and write one file with its model card.

A part is held out, near-duplicates together, and the figures are taken on it. With --group each group is left
out once, to show how far the classifier carries to a subject it has never seen. The same labels and seed give
the same file.

\b
Example:
  mofang judge train labels.csv --text answer --label verdict --out own.judge
  mofang judge train comments.csv --text text --label label --fail 1 --group topic --out own.judge"""
    )
)
@click.argument("file", type=FILE)
@_columns(required=True)
@click.option("--out", type=OUT, default=Path("own.judge"), show_default=True, help=_("file to write"))
@click.option(
    "--held-out", default="0.10", show_default=True, help=_("share of the texts kept for the figures")
)
@click.option(
    "--calibration",
    type=click.Choice(["platt", "temperature", "isotonic"]),
    default="platt",
    show_default=True,
    help=_("how scores become probabilities"),
)
@click.option(
    "--criterion",
    default="macro_f1",
    show_default=True,
    help=_("what the threshold serves: macro_f1, accuracy, balanced, sensitivity=0.95, specificity=0.98"),
)
@click.option(
    "--seed", type=click.IntRange(min=0, max=2**31), default=1, show_default=True, help=_("of every draw")
)
@_json_option
def train(
    file: Path,
    text: str,
    label: str,
    fails: tuple[str, ...],
    passes: tuple[str, ...],
    group: str | None,
    out: Path,
    held_out: str,
    calibration: str,
    criterion: str,
    seed: int,
    as_json: bool,
) -> None:
    from mofang.assurance.judges.classifier import training
    from mofang.assurance.judges.classifier.labels import Columns, read_labels
    from mofang.evidence.digest import sha256_bytes
    from mofang.evidence.files import write_atomic

    columns = Columns(text, label, group, fails, passes)
    recipe = training.Recipe(held_out, calibration, criterion, seed)
    say = _Lines(quiet=as_json)
    labelled = read_labels(file, columns)
    made = training.train(labelled, columns, recipe, say.progressed)
    write_atomic(out, made.data)
    facts = {"out": str(out), "identity": sha256_bytes(made.data), "card": made.card}
    if as_json:
        _print_json({**facts, "bad": labelled.reading.bad, "notes": labelled.reading.notes})
        return
    _say_reading(labelled.reading)
    click.echo(_("{out}: {identity}").format(**facts))
    _echo(_card_lines(made.card))


@judge.command(
    help=_(
        """Hold a classifier against the labels of FILE, which it should not have seen.

Columns and meanings are those it was trained on unless you name others.

\b
Example:
  mofang judge evaluate own.judge others.csv --picture reliability.svg"""
    )
)
@click.argument("classifier", type=FILE)
@click.argument("file", type=FILE)
@_columns(required=False)
@click.option("--picture", type=OUT, default=None, help=_("write the reliability diagram: .svg or .html"))
@_json_option
def evaluate(
    classifier: Path,
    file: Path,
    text: str | None,
    label: str | None,
    fails: tuple[str, ...],
    passes: tuple[str, ...],
    group: str | None,
    picture: Path | None,
    as_json: bool,
) -> None:
    from mofang.assurance.judges.classifier import evaluating, load_classifier
    from mofang.assurance.judges.classifier.labels import read_labels
    from mofang.assurance.judges.classifier.picture import check_picture, write_picture

    if picture is not None:
        check_picture(picture)
    loaded = load_classifier(classifier)
    given = {"text": text, "label": label, "group": group, "fails": fails, "passes": passes}
    columns = _readable(classifier, lambda: evaluating.columns_of(loaded, given))
    labelled = read_labels(file, columns)
    found = evaluating.evaluate(loaded, labelled)
    if picture is not None:
        title = _("Reliability of {name} on {n} texts").format(name=classifier.name, n=found.measures.n)
        write_picture(picture, found.measures, title)
    if as_json:
        facts = {"identity": loaded.identity, "threshold": loaded.threshold, **found.wire()}
        _print_json({**facts, "bad": labelled.reading.bad, "left_out": labelled.reading.left_out})
        return
    _say_reading(labelled.reading)
    _echo(_evaluation_lines(found))
    if picture is not None:
        click.echo(_("reliability diagram: {path}").format(path=picture))


@judge.command(
    help=_(
        """The model card of a classifier: what it learned from, how it decides, how well it did.

\b
Example:
  mofang judge show own.judge"""
    )
)
@click.argument("classifier", type=FILE)
@_json_option
def show(classifier: Path, as_json: bool) -> None:
    from mofang.assurance.judges.classifier import load_classifier

    loaded = load_classifier(classifier)
    if as_json:
        _print_json({"identity": loaded.identity, "card": loaded.card})
        return
    lines = _readable(classifier, lambda: list(_card_lines(loaded.card)))
    click.echo(loaded.identity)
    _echo(iter(lines))


class _Lines:
    """One plain line each tenth of the way."""

    def __init__(self, quiet: bool) -> None:
        self.quiet, self.tenth = quiet, -1

    def progressed(self, done: int, total: int, what: str) -> None:
        tenth = done * 10 // total
        if not self.quiet and tenth > self.tenth:
            self.tenth = tenth
            click.echo(f"{what} {done}/{total}", err=True)


def _say_reading(reading: Reading) -> None:
    for note in reading.notes:
        click.echo(note, err=True)
    for line, reason in reading.bad[:SHOWN]:
        click.echo(_("line {line}: {reason}").format(line=line, reason=reason), err=True)
    if len(reading.bad) > SHOWN:
        click.echo(_("and {n} more; --json lists all").format(n=len(reading.bad) - SHOWN), err=True)
    left = {name: n for name, n in reading.left_out.items() if n}
    if left:
        words = ", ".join(f"{_reasons()[name]} {n}" for name, n in left.items())
        click.echo(
            _("of {rows} rows left out or merged: {words}").format(rows=reading.rows, words=words), err=True
        )


def _reasons() -> dict[str, str]:
    return {
        "unreadable": _("unreadable"),
        "empty": _("without text"),
        "too_long": _("too long"),
        "unlabelled": _("without label"),
        "repeated": _("repeated"),
        "contradictory": _("labelled both ways"),
    }


def _card_lines(card: Mapping[str, Any]) -> Iterator[str]:
    data, labels, decides = card["data"], card["labels"], card["decides"]
    yield _("learned from {trained_on} of {texts} texts ({fail} fail, {pass}), data {short}").format(
        **{**data, "pass": _("{n} pass").format(n=data["pass"]), "short": data["digest"][:19]}
    )
    yield _("fails: {fails}; passes: {passes}").format(
        fails=", ".join(labels["fail"]), passes=", ".join(labels["pass"])
    )
    yield _("a text fails from {threshold} on (chosen for {criterion}, {method})").format(
        threshold=_short(decides["threshold"]),
        criterion=card["settings"]["criterion"],
        method=decides["calibration"]["method"],
    )
    lengths = data["characters"]
    yield _("texts of {p05} to {p95} characters; much longer ones are strange to it").format(**lengths)
    yield _("on {n} held-out texts:").format(n=card["held_out"]["n"])
    yield from _measure_lines(card["held_out"])
    if card["unseen_groups"]:
        yield _("on groups left out of training, one at a time:")
        for one in card["unseen_groups"]:
            yield f"  {one['group']}  {_rates(one, ('macro_f1', 'auc'))}  (n={one['n']})"


def _evaluation_lines(found: Evaluation) -> Iterator[str]:
    wire = found.wire()
    if found.known:
        yield _("these are the very labels it was trained on: the figures flatter it")
    yield _("on {n} texts:").format(n=wire["n"])
    yield from _measure_lines(wire)
    if found.unscored:
        yield _("{n} texts hold nothing it knows: unscored, not counted above").format(n=found.unscored)
    for name, group in wire["groups"].items():
        yield f"  {name or '—'}  {_rates(group, ('accuracy', 'macro_f1'))}  (n={group['n']})"
    yield _("least reliable scores:")
    for bin in found.measures.worst_bins():
        yield "  " + _bin_line(bin)


def _bin_line(bin: Bin) -> str:
    return _("from {begin}: promised {mean}, found {share} (n={n})").format(
        begin=f"{bin.begin:.1f}", mean=f"{bin.mean:.3f}", share=f"{bin.fails / bin.n:.3f}", n=bin.n
    )


def _measure_lines(wire: Mapping[str, Any]) -> Iterator[str]:
    yield "  " + _rates(wire, ("accuracy", "macro_f1", "auc"))
    yield "  " + _rates(wire, ("sensitivity", "specificity", "ece"))
    yield "  " + _("fails found {tp}, missed {fn}; harmless flagged {fp}, passed {tn}").format(
        **wire["confusion"]
    )


def _rates(wire: Mapping[str, Any], names: tuple[str, ...]) -> str:
    words = {
        "accuracy": _("accuracy"),
        "macro_f1": _("macro-F1"),
        "auc": _("AUC"),
        "sensitivity": _("sensitivity"),
        "specificity": _("specificity"),
        "ece": _("calibration error"),
    }
    return ", ".join(f"{words[name]} {_estimate(wire[name])}" for name in names)


def _estimate(wire: Mapping[str, str | None]) -> str:
    if wire["value"] is None:
        return "—"
    if wire["low"] is None or wire["high"] is None:
        return _short(wire["value"])
    return f"{_short(wire['value'])} [{_short(wire['low'])}, {_short(wire['high'])}]"


def _short(text: str) -> str:
    return f"{float(text):.3f}"


def _readable(path: Path, read: Callable[[], T]) -> T:
    """What ``read`` makes of a card, which somebody else may have written."""
    from mofang.assurance.judges.classifier.errors import ClassifierError

    try:
        return read()
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise ClassifierError(
            _("the card of this classifier cannot be shown"),
            where=str(path),
            remedy=_("read it as it is with --json, or train the classifier again"),
        ) from error


def _echo(lines: Iterator[str]) -> None:
    for line in lines:
        # Names come from tables and files of others: nothing in them may steer the terminal.
        click.echo("".join(letter if letter.isprintable() else "\ufffd" for letter in line))


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
