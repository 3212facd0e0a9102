"""How a plan and a run are told: what it will cost, the table of clauses, the paths, the next three commands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any, get_args

import click

from mofang.cli.progress import stage_of
from mofang.i18n import _, pick
from mofang.project.file import Loaded
from mofang.project.running import Forecast, Report

WORDS = {
    "meets": {"zh": "符合", "en": "meets"},
    "fails": {"zh": "不符合", "en": "does not meet"},
    "not_applicable": {"zh": "不适用", "en": "not applicable"},
    "waits_person": {"zh": "待人工", "en": "waits for a person"},
    "waits_document": {"zh": "待文件", "en": "waits for a document"},
}
SEVERITY = ("not_met", "unknown", "met")
NOTED_PLACES = 3
"""Places that are told of each kind of note; the rest is counted."""
MEASURED = ("waiting", "days", "present", "n")
"""What is told of a check without a rate: the first of these figures that it has; of some, n is only the whole."""
COLOURS = {"meets": "green", "fails": "red", "waits_person": "yellow", "waits_document": "yellow"}


def announce(seen: Forecast) -> None:
    """Before a run: the most it will ask, and how many jobs are new."""
    cost = seen.cost
    if cost is not None and cost.calls:
        minutes = _("about {n} min").format(n=cost.minutes) if cost.minutes is not None else _("time unknown")
        click.echo(
            _("will ask {endpoint}: at most {calls} questions, {tokens} tokens, {minutes}").format(
                endpoint=cost.endpoint, calls=cost.calls, tokens=cost.tokens, minutes=minutes
            ),
            err=True,
        )
        if cost.said is not None:
            click.echo(cost.said, err=True)
    click.echo(
        _("{n} of {all} jobs to run, the rest is known").format(n=seen.to_run, all=len(seen.jobs)), err=True
    )


def say_forecast(seen: Forecast) -> None:
    """The plan as a table: a line for each stage."""
    stages: dict[str, Counter[bool]] = {}
    for job, runs in seen.jobs.items():
        stages.setdefault(stage_of(job), Counter())[runs] += 1
    for stage, counts in stages.items():
        what = _("{n} to run").format(n=counts[True]) if counts[True] else _("known")
        more = _(", {n} known").format(n=counts[False]) if counts[True] and counts[False] else ""
        click.echo(f"  {stage:<26} {what}{more}")
    if seen.resolved.corpus is not None:
        broken = seen.resolved.corpus.broken
        for inventory in (one for one in seen.resolved.corpus.inventories if one.source.id not in broken):
            unread = (
                _(", {n} files will not be read").format(n=len(inventory.unread)) if inventory.unread else ""
            )
            click.echo(
                _("source {id}: {n} files").format(id=inventory.source.id, n=len(inventory.files)) + unread
            )
        for name, error in broken.items():
            click.secho(_("source {id}: {error}").format(id=name, error=error.message), fg="red")
    announce(seen)


def say_report(report: Report, loaded: Loaded) -> None:
    """After a run: errors first, then the clauses, the documents and what to try next."""
    for error in report.errors:
        click.secho(_("failed: ") + error.diagnostics(), fg="red", err=True)
    _say_notes(report)
    if report.corpus is not None:
        say_corpus(report.corpus)
    if report.findings is not None:
        say_clauses(report.findings, report.values)
        for findings in report.further:
            click.echo(f"{_title(findings)}: {_totals(findings)}")
        _say_frozen(report.findings["service"].get("frozen"))
    click.echo(
        _("\n{done} jobs executed, {reused} known").format(
            done=report.executed, reused=len(report.run.in_state("reused"))
        )
    )
    for message in report.exported.messages if report.exported else ():
        click.echo(message)
    for path in report.exported.written if report.exported else ():
        click.echo(f"  {_short(path)}")
    _say_next(report, loaded)


def say_corpus(counts: Mapping[str, Any]) -> None:
    """What became of the records, source by source."""
    from rich.console import Console
    from rich.table import Table

    names = ("records", "keep", "redact", "drop", "duplicates", "listed")
    heads = (_("read"), _("kept"), _("redacted"), _("dropped"), _("duplicates"), _("with listed terms"))
    table = Table(title=_("corpus"), title_justify="left", header_style="bold", expand=False)
    table.add_column(_("source"))
    for head in heads:
        table.add_column(head, justify="right")
    for source, found in counts["sources"].items():
        table.add_row(source, *(f"{found[name]:,}" for name in names))
    if len(counts["sources"]) > 1:
        table.add_section()
        table.add_row(_("all"), *(f"{counts['totals'][name]:,}" for name in names))
    Console(width=None if _terminal() else 132, highlight=False).print(table)


def say_clauses(findings: Mapping[str, Any], values: Mapping[str, int | str]) -> None:
    """The table of clauses with proposed conclusions, and how surely. ``values`` of the figures by id."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=_title(findings), title_justify="left", header_style="bold", expand=False)
    for header in (_("clause"), _("title"), _("proposed"), _("measured"), _("rule"), _("95 % bound")):
        table.add_column(header, overflow="fold")
    for clause in findings["clauses"]:
        table.add_row(*_row(clause, values))
    console = Console(width=None if _terminal() else 132, highlight=False)
    console.print(table)
    click.echo(_totals(findings))
    click.echo(
        _(
            "These are proposals (建议结论); a named person concludes, and the authorities decide. Gaps: {n}."
        ).format(n=len(findings["gaps"]))
    )


def _totals(findings: Mapping[str, Any]) -> str:
    counts = Counter(clause["conclusion"] for clause in findings["clauses"])
    return " · ".join(f"{pick(WORDS[word])} {counts[word]}" for word in WORDS if counts[word])


def _say_frozen(frozen: Mapping[str, Any] | None) -> None:
    """A service that is no longer the one that was frozen for a filing."""
    if frozen is not None and frozen["differs"]:
        said = _("the service differs from {name}, frozen on {as_of}, in: {parts}")
        click.secho(
            said.format(name=frozen["name"], as_of=frozen["as_of"], parts=", ".join(frozen["differs"])),
            fg="yellow",
        )


def _title(findings: Mapping[str, Any]) -> str:
    from rich.markup import escape

    return escape(f"{pick(findings['standard']['title'])} · {findings['as_of']}")


def _row(clause: Mapping[str, Any], values: Mapping[str, int | str]) -> tuple[str, ...]:
    from rich.markup import escape

    word = clause["conclusion"]
    check = _telling(clause["checks"])
    measured = ("", "", "") if check is None else _measured(check, values)
    return (
        clause["id"],
        escape(pick(clause["title"])),
        f"[{COLOURS.get(word, 'dim')}]{pick(WORDS[word])}[/]",
        *measured,
    )


def _telling(checks: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The check that says most about a clause: one that is not met, else one that is open, else the first."""
    measured = [check for check in checks if check["figures"] and check["metric"] != "document_attached"]
    return min(measured, key=lambda check: SEVERITY.index(check["plain"]), default=None)


def _measured(check: Mapping[str, Any], values: Mapping[str, int | str]) -> tuple[str, str, str]:
    """What was measured, the rule, and the bound that decides."""
    found = {name: values.get(figure) for name, figure in check["figures"].items()}
    if check["statistic"] == "presence" and found.get("wanted") is not None:
        return f"{found['n']} / {found['wanted']}", _("all there"), ""
    rule = (
        f"{check['op']} {_percent(check['value']) if check['statistic'] == 'proportion' else check['value']}"
    )
    if found.get("rate") is not None:
        few = _(", too few") if check.get("sample") == "short" else ""
        said = _percent(str(found["rate"])) + (
            f" (n={found['n']}{few})" if found.get("n") is not None else ""
        )
    else:
        said = str(next((found[name] for name in MEASURED if found.get(name) is not None), ""))
    edge = "lower" if check["op"] == ">=" else "upper"
    if found.get(edge) is None or check["bound"] == "unknown":
        return said, rule, ""
    sign = "≥" if edge == "lower" else "≤"
    shown = _("shown") if check["bound"] == "shown" else _("not shown")
    return (
        said,
        rule,
        f"{sign} {_percent(str(found[edge]), ROUND_FLOOR if edge == 'lower' else ROUND_CEILING)} {shown}",
    )


def _percent(rate: str, rounding: str = ROUND_HALF_EVEN) -> str:
    """A rate in per cent; a bound is rounded outwards, so that it never says more than was shown."""
    return f"{(Decimal(rate) * 100).quantize(Decimal('0.1'), rounding)} %"


def _say_notes(report: Report) -> None:
    """What jobs noticed, by code: the first places of each, the rest counted."""
    notes: dict[str, list[Mapping[str, str]]] = {}
    for job in report.run.jobs.values():
        for note in job.notes:
            if note["code"] != "needs":
                notes.setdefault(note["code"], []).append(note)
    for code, found in sorted(notes.items()):
        said = _("note: {code} x{count}").format(code=code, count=len(found))
        meant = _meant(code)
        click.echo(f"{said}: {meant}" if meant else said, err=True)
        for note in found[:NOTED_PLACES]:
            click.echo(f"  {note['where']}  {note['message']}".rstrip(), err=True)
        if len(found) > NOTED_PLACES:
            click.echo(_("  … and {n} more").format(n=len(found) - NOTED_PLACES), err=True)


def _meant(code: str) -> str:
    """What a note means for the results, where its code does not say it."""
    from mofang.models.errors import Code

    if code in get_args(Code):
        return _("these questions have no answer; they count as unscored, never as passed")
    words = {
        "canary_missed": _(
            "the model as judge missed items whose right verdict is known; if it misses most, none of its verdicts counts"
        ),
        "neutral_rubric": _("the standard has no rubric; the model judged by a neutral one"),
        "same_model": _("the judge is the model that it judges; models prefer their own answers"),
        "same_family": _("the judge is related to the model that it judges; models prefer their own answers"),
        "unequal_probability": _(
            "these labels are no random sample: they are shown apart and decide no clause"
        ),
        "no_guard": _("the guard has neither word list nor classifier and stops nothing"),
    }
    return words.get(code, "")


def _say_next(report: Report, loaded: Loaded) -> None:
    from mofang.cli.suggestions import suggestions

    if report.exported:
        click.secho(
            _("\nopen {path}, then try:").format(path=_short(loaded.dossier / "report.html")), bold=True
        )
    else:
        click.secho(_("\ntry next:"), bold=True)
    for command in suggestions(report, loaded):
        click.echo(f"  {command}")


def exit_code(report: Report) -> int:
    """0 when everything ran, 2 when something failed."""
    return 2 if report.errors or report.run.in_state("failed") else 0


def wire_form(report: Report) -> dict[str, Any]:
    """The report for machines."""
    states = Counter(job.state for job in report.run.jobs.values())
    clauses = report.findings["clauses"] if report.findings else []
    return {
        "jobs": dict(states),
        "executed": report.executed,
        "errors": [{"message": e.message, "where": e.where, "remedy": e.remedy} for e in report.errors],
        "clauses": [{"id": c["id"], "conclusion": c["conclusion"]} for c in clauses],
        "corpus": dict(report.corpus["totals"]) if report.corpus else None,
        "gaps": len(report.findings["gaps"]) if report.findings else 0,
        "documents": [str(path) for path in report.exported.written] if report.exported else [],
        "lock": str(report.lock),
    }


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _terminal() -> bool:
    import sys

    return sys.stdout.isatty()
