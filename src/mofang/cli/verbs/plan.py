"""``mofang plan``: what a run would do and cost."""

from __future__ import annotations

from pathlib import Path

import click

from mofang.cli.options import json_option, print_json, project_argument, variables_option
from mofang.i18n import _


@click.command(
    help=_(
        """Show what a run would do and what it would cost, without doing it.

\b
Example:
  mofang plan examples/assistant"""
    )
)
@project_argument
@variables_option
@json_option
def plan(project: Path, variables: dict[str, str], as_json: bool) -> None:
    from mofang.cli.outcome import say_forecast
    from mofang.project.file import load
    from mofang.project.running import look_ahead

    seen = look_ahead(load(project, variables))
    if as_json:
        broken = seen.resolved.corpus.broken if seen.resolved.corpus else {}
        print_json(
            {
                "jobs": dict(seen.jobs),
                "to_run": seen.to_run,
                "cost": seen.cost.wire() if seen.cost else None,
                "broken_sources": {name: error.message for name, error in broken.items()},
            }
        )
    else:
        say_forecast(seen)
