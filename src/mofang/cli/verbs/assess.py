"""``mofang assess``: look at an assessment, plan one, freeze the service, compare two."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mofang.cli.options import (
    json_option,
    open_workspace,
    print_json,
    project_folder,
    project_option,
    variables_option,
)
from mofang.i18n import _

if TYPE_CHECKING:
    from mofang.project.comparing import Compared


@click.group(
    help=_(
        """Assessments: one page to look at, how many questions are enough, a service frozen for a filing.

\b
  mofang assess report                 the whole assessment as one HTML page
  mofang assess sizes --rule 0.90      how many questions a decision needs
  mofang assess freeze filing-1 --by 张三   freeze the service; later differences are named
  mofang assess identity               what the service is now, and how it differs from the frozen one
  mofang assess compare first second   two assessments, question by question"""
    )
)
def assess() -> None:
    pass


@assess.command(
    help=_(
        """Freeze the service as it is now under NAME: model, system prompt, parameters, guard, word list,
knowledge base, one digest for all of them.

From then on every run compares the service with it and names each part that differs.

\b
Example:
  mofang assess freeze filing-1 --by 张三"""
    )
)
@click.argument("name")
@click.option("--by", required=True, metavar="NAME", help=_("who freezes it; recorded as claimed"))
@project_option
@variables_option
@json_option
def freeze(name: str, by: str, project: Path | None, variables: dict[str, str], as_json: bool) -> None:
    from mofang.project.file import load
    from mofang.project.freezing import freeze as make

    made = make(load(project_folder(project), variables), name, by=by)
    if as_json:
        print_json({"name": made.name, "digest": made.digest, "parts": dict(made.parts), "by": made.by})
        return
    click.echo(_("{name} is frozen: {digest}").format(name=made.name, digest=made.digest))
    click.echo(_("every later run names what differs from it; see: mofang assess identity"))


@assess.command(
    help=_(
        """What the service is now, part by part, and how it differs from what was frozen last. Exits 1 where
it differs.

\b
Example:
  mofang assess identity"""
    )
)
@project_option
@variables_option
@json_option
def identity(project: Path | None, variables: dict[str, str], as_json: bool) -> None:
    from mofang.project.file import load
    from mofang.project.freezing import service_now

    now = service_now(load(project_folder(project), variables))
    if as_json:
        print_json(now)
    else:
        _print_identity(now)
    if now["frozen"] and now["frozen"]["differs"]:
        raise SystemExit(1)


def _print_identity(now: dict[str, object]) -> None:
    click.echo(_("service: {digest}").format(digest=now["digest"]))
    parts = now["parts"]
    assert isinstance(parts, dict)
    flat = {name: value for name, value in parts.items() if name != "parameters"}
    flat |= {f"parameters.{name}": value for name, value in parts["parameters"].items()}
    for name, value in flat.items():
        if value not in ("", {}):
            click.echo(f"  {name:<22} {value}")
    known = now["frozen"]
    if not isinstance(known, dict):
        click.echo(_("nothing is frozen yet: mofang assess freeze NAME --by WHO"))
    elif known["differs"]:
        click.echo(
            _("differs from {name}, frozen on {as_of}, in: {parts}").format(
                name=known["name"], as_of=known["as_of"], parts=", ".join(known["differs"])
            )
        )
    else:
        click.echo(
            _("the same as {name}, frozen on {as_of}").format(name=known["name"], as_of=known["as_of"])
        )


@assess.command(
    help=_(
        """Write the last assessment as one HTML page that opens without a network: every risk with figure and
bound, the voices side by side, disagreements first, each question with its answer and votes, every draw.

Questions and answers are left out unless --texts; then they are in the file, veiled until opened.

\b
Example:
  mofang assess report
  mofang assess report --texts --out review.html"""
    )
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help=_("file to write (default: assessment.html beside mofang.yaml)"),
)
@click.option("--standard", default=None, help=_("one of the assessed standards (default: the first)"))
@click.option("--texts", is_flag=True, help=_("put the texts of questions and answers in, veiled"))
@click.option("--by", default="", metavar="NAME", help=_("who reads sealed texts; recorded as claimed"))
@click.option("--why", default="", metavar="TEXT", help=_("what sealed texts are read for; recorded"))
@project_option
@json_option
def report(
    out: Path | None,
    standard: str | None,
    texts: bool,
    by: str,
    why: str,
    project: Path | None,
    as_json: bool,
) -> None:
    from mofang.i18n import language
    from mofang.project.reporting import write_report

    ws = open_workspace(project)
    path = out or ws.path.parent / "assessment.html"
    write_report(ws, path, standard=standard, language=language(), texts=texts, by=by, why=why)
    if as_json:
        print_json({"out": str(path), "texts": texts})
        return
    click.echo(_("{path} is written; open it in a browser").format(path=path))
    if texts:
        click.echo(_("it holds test questions and answers: keep it as you keep the bank"))


@assess.command(
    help=_(
        """Two assessments question by question: what got better, what got worse, and whether the second is not
worse than the margin allows (McNemar's test; Tango's bounds). NAME@1 is the first run of an assessment that ran
more than once, NAME@-2 the one before the last. Exits 1 where a change for the worse is not ruled out.

\b
Example:
  mofang assess compare first second
  mofang assess compare first@-2 first --margin 0.02"""
    )
)
@click.argument("before")
@click.argument("after")
@click.option(
    "--margin", default=None, help=_("by how much the second may be worse (default: the project's margin)")
)
@project_option
@json_option
def compare(before: str, after: str, margin: str | None, project: Path | None, as_json: bool) -> None:
    from mofang.project.comparing import compare as held
    from mofang.project.comparing import declared_margin

    ws = open_workspace(project)
    found = held(ws, before, after, margin=margin or declared_margin(ws))
    if as_json:
        print_json(found.wire())
    else:
        _print_compared(found)
    if any(change.figures["non_inferior"].value != "yes" for change in found.changes):
        raise SystemExit(1)


def _print_compared(found: Compared) -> None:
    from mofang.assurance.statistics.sizes import percent

    click.echo(
        _("the service differs in: {parts}").format(parts=", ".join(found.parts))
        if found.parts
        else _("the same service")
    )
    words = {
        "better": _("better"),
        "not_worse": _("not worse than the margin"),
        "worse": _("worse"),
        "open": _("open: too few questions to tell"),
    }
    for change in found.changes:
        value = {name: figure.value for name, figure in change.figures.items()}
        click.echo(
            _("{kind}, {judge}: {before} -> {after} of {n}; gained {gained}, lost {lost}; {decision}").format(
                kind=change.kind,
                judge=change.judge,
                before=percent(str(value["from_rate"])),
                after=percent(str(value["to_rate"])),
                n=value["n"],
                gained=value["gained"],
                lost=value["lost"],
                decision=words[str(value["decision"])],
            )
        )
        click.echo(
            _("  difference {difference}, 95% bounds {lower} to {upper}; McNemar p {p}").format(
                p=value["p"], **{name: percent(str(value[name])) for name in ("difference", "lower", "upper")}
            )
        )


@assess.command(
    help=_(
        """How many questions a decision needs: what the plain rule lets through by chance, what the bound asks for,
and how many questions show a service of a given true rate.

\b
Example:
  mofang assess sizes --rule 0.90 -n 1000
  mofang assess sizes --rule 0.05 --at-most --true 0.02"""
    )
)
@click.option("--rule", required=True, help=_("the rule's rate, such as 0.90"))
@click.option("--at-most", is_flag=True, help=_("the rate may be at most this (default: at least)"))
@click.option("-n", "count", type=click.IntRange(1, 200_000), default=None, help=_("a sample to look at"))
@click.option("--true", "true", default=None, help=_("the true rate that you expect"))
@click.option("--power", default="0.90", show_default=True, help=_("how surely the bound should show it"))
@json_option
def sizes(rule: str, at_most: bool, count: int | None, true: str | None, power: str, as_json: bool) -> None:
    from mofang.assurance.statistics.sizes import Question, size_lines, size_wire

    asked = Question.parse(rule, at_most, count, true, power)
    if as_json:
        print_json(size_wire(asked))
        return
    for line in size_lines(asked):
        click.echo(line)
