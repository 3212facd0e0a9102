"""``mofang init``: the filing path first, then the files of a project."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mofang.cli.options import json_option, print_json
from mofang.errors import MofangError
from mofang.i18n import _, pick

if TYPE_CHECKING:
    from mofang.assurance.standard.pack import Pack
    from mofang.assurance.standard.path import PathOutcome, Reason


@click.command(
    help=_(
        """Start a project in FOLDER.

The first question is the path: which procedure the service probably needs (备案 filing, 登记 registration,
算法备案 algorithm filing, or none), asked in plain words and answered with reasons and sources. Then a
mofang.yaml and a sources.yaml are written, with remarks that say what to fill in.

\b
Example:
  mofang init my-service
  mofang init my-service --from ~/delivery
  mofang init my-service --answer public=true --answer opinion=true --answer model=called"""
    )
)
@click.argument("folder", type=click.Path(path_type=Path), default=Path("."))
@click.option(
    "--from",
    "corpus",
    type=click.Path(path_type=Path),
    default=None,
    help=_("a folder of texts; its parts become sources"),
)
@click.option(
    "--answer",
    "given",
    multiple=True,
    metavar="FACT=ANSWER",
    help=_("answer a question of the path beforehand"),
)
@click.option("--no-questions", is_flag=True, help=_("ask nothing; what is not answered stays open"))
@json_option
def init(
    folder: Path, corpus: Path | None, given: tuple[str, ...], no_questions: bool, as_json: bool
) -> None:
    from mofang.assurance.standard.pack import latest_pack_id, load_pack
    from mofang.assurance.standard.path import decide_path
    from mofang.project.starting import check_free, facts_from, look_for_sources, start_project

    answers = dict(_pair(text) for text in given)
    pack = load_pack(latest_pack_id())
    facts_from(answers)
    check_free(folder)
    if corpus is not None:
        look_for_sources(folder, corpus)
    if not (no_questions or as_json) and sys.stdin.isatty():
        _ask(pack, answers)
    facts = facts_from(answers)
    outcome = decide_path(pack, facts)
    made = start_project(folder, facts, as_of=date.today().isoformat(), corpus=corpus)
    if as_json:
        print_json(
            {
                "path": outcome.wire(),
                "files": [str(path) for path in made.files],
                "sources": list(made.sources),
                "left_out": list(made.left_out),
            }
        )
        return
    _say_path(pack, outcome)
    for path in made.files:
        click.echo(_("written: {path}").format(path=path))
    if made.sources:
        click.echo(_("sources: {names}").format(names=", ".join(made.sources)))
    else:
        click.echo(_("kept as it is: {path}").format(path=made.folder / "sources.yaml"))
    if made.left_out:
        click.echo(_("nothing that can be read in: {names}").format(names=", ".join(made.left_out)))
    click.echo(
        _(
            "\nnext: look through both files, put your texts in place, then\n  mofang plan {folder}\n  mofang run {folder}"
        ).format(folder=folder)
    )


def _pair(text: str) -> tuple[str, str]:
    name, equals, answer = text.partition("=")
    if not equals:
        raise MofangError(
            _("write it as FACT=ANSWER, not {text}").format(text=text),
            remedy=_("for example: --answer public=true"),
        )
    return name, answer


def _ask(pack: Pack, answers: dict[str, str]) -> None:
    """Ask what is still open and would change the outcome; an empty line means nobody knows yet."""
    from mofang.assurance.standard.path import decide_path
    from mofang.project.starting import facts_from

    skipped: set[str] = set()
    while True:
        left = [q for q in decide_path(pack, facts_from(answers)).open if q.fact not in skipped]
        if not left:
            return
        question = left[0]
        click.secho(f"\n{pick(question.asks)}", bold=True)
        if question.hint:
            click.echo(f"  {pick(question.hint)}")
        words = list(question.answers)
        for number, word in enumerate(words, start=1):
            click.echo(f"  {number}  {pick(question.answers[word])}")
        choice = click.prompt(_("number, or Enter if nobody knows yet"), default="", show_default=False)
        if choice.isdigit() and 1 <= int(choice) <= len(words):
            answers[question.fact] = words[int(choice) - 1]
        elif not choice:
            skipped.add(question.fact)
        else:
            click.echo(_("{choice} is none of the numbers").format(choice=choice))


def _say_path(pack: Pack, outcome: PathOutcome) -> None:
    click.secho(_("\nproposed path: {title}").format(title=pick(outcome.title)), bold=True)
    click.echo(f"  {pick(outcome.says)}")
    for reason in outcome.reasons:
        _say_reason(reason)
    for procedure in outcome.also:
        click.secho(_("also: {title}").format(title=pick(procedure.title)), bold=True)
        for reason in procedure.reasons:
            _say_reason(reason)
    if outcome.possible:
        titles = " / ".join(pick(procedure.title) for procedure in outcome.possible)
        click.echo(_("still possible: {titles}").format(titles=titles))
    for question in outcome.open:
        click.echo(_("  open: {question}").format(question=pick(question.asks)))
    click.echo(f"  {pick(outcome.notice)}\n")


def _say_reason(reason: Reason) -> None:
    click.echo(f"  · {pick(reason.text)}  [{', '.join(reason.sources)}; {reason.confidence}]")
