"""``mofang``: the table of verbs, loaded when called, and the one place where errors become exit codes."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

import mofang.log as log
from mofang import __version__
from mofang.errors import MofangError
from mofang.i18n import _

VERBS: dict[str, tuple[str, str]] = {
    "init": ("mofang.cli.verbs.init:init", _("start a project: the filing path first, then a mofang.yaml")),
    "plan": ("mofang.cli.verbs.plan:plan", _("what a run would do and what it would cost")),
    "run": ("mofang.cli.verbs.run:run", _("corpus, model, assessment and dossier in one go")),
    "status": ("mofang.cli.verbs.status:status", _("what is there, how old, how large")),
    "show": ("mofang.cli.verbs.show:show", _("open an artifact, a leaf, a figure or a name")),
    "lineage": ("mofang.cli.verbs.show:lineage", _("what made this, and what came of it")),
    "explain": ("mofang.cli.verbs.explain:explain", _("what happened to a record, and why")),
    "verify": ("mofang.cli.verbs.verify:verify", _("recompute digests, signatures and figures")),
    "assess": ("mofang.cli.verbs.assess:assess", _("look at an assessment, plan one, freeze the service")),
    "label": ("mofang.cli.verbs.label:label", _("people's verdicts: sheets out, labels in, agreement")),
    "judge": ("mofang.assurance.judges.commands:judge", _("train a classifier on your labels, evaluate it")),
    "attach": ("mofang.cli.verbs.attach:attach", _("add the document that proves a clause")),
    "forget": ("mofang.cli.verbs.forget:forget", _("erase a source, a record or a person's data")),
    "bundle": ("mofang.cli.verbs.bundle:bundle", _("pack a dossier with its evidence for somebody else")),
    "gc": ("mofang.cli.verbs.gc:gc", _("free the space of what nothing refers to")),
    "doctor": ("mofang.cli.verbs.doctor:doctor", _("check this machine and this workspace")),
    "corpus": ("mofang.corpus.commands:corpus", _("look at a delivery before it is read; check word lists")),
    "models": ("mofang.models.commands:models", _("install, serve and check endpoints")),
    "pack": (
        "mofang.assurance.standard.commands:pack",
        _("standards as data: list, show, check, diff, confirm"),
    ),
    "bank": (
        "mofang.assurance.banks.commands:bank",
        _("question banks: import, coverage, likeness, sealing"),
    ),
}


class LazyGroup(click.Group):
    """Loads a verb's module when the verb is called, so that help and cheap verbs stay cheap."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        module, _colon, attribute = VERBS[name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(_("Verbs")):
            formatter.write_dl([(name, short) for name, (_target, short) in VERBS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            from mofang.registry import nearest

            near = nearest(args[0], VERBS)
            raise MofangError(
                _("there is no verb {name}").format(name=args[0]),
                remedy=_("did you mean: mofang {near}?").format(near=near[0])
                if near
                else _("see: mofang --help"),
            )
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    help=_(
        """From corpus and model to a filing-ready dossier, with the evidence attached.

\b
  mofang init my-service      start a project, beginning with the filing path
  mofang run my-service       read, assess, write the dossier
  mofang show fig:3f2a…       open any figure down to the samples behind it
  mofang verify               recompute every digest, signature and figure

Mofang proposes and documents; the authorities decide."""
    ),
)
@click.version_option(__version__, prog_name="mofang")
def cli() -> None:
    log.start()


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the command. Exit codes: 0 done, 1 a check failed, 2 the user can mend it, 130 interrupted."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    _plain_streams()
    try:
        code = cli.main(arguments, prog_name="mofang", standalone_mode=False)
    except MofangError as error:
        code = _say(error, "--json" in arguments)
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo(_("\nstopped; what was finished is kept, run the same command again to go on"), err=True)
        code = 130
    except click.ClickException as error:
        code = _say_usage(error, "--json" in arguments)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        code = _say(_from_system(error), "--json" in arguments)
    sys.exit(code if isinstance(code, int) else 0)


def _say(error: MofangError, as_json: bool) -> int:
    if as_json:
        facts: dict[str, Any] = {"error": error.message, "where": error.where, "remedy": error.remedy}
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        click.secho(_("error: ") + error.diagnostics(), fg="red" if sys.stderr.isatty() else None, err=True)
    return error.exit_code


def _say_usage(error: click.ClickException, as_json: bool) -> int:
    """What click found wrong with the words of the command."""
    if not as_json or isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return error.exit_code
    context = error.ctx if isinstance(error, click.UsageError) else None
    remedy = _("see: {command} --help").format(command=context.command_path if context else "mofang")
    return _say(MofangError(error.format_message(), remedy=remedy), True)


def _from_system(error: OSError) -> MofangError:
    """A system error that no room turned into its own words."""
    from mofang.evidence.files import storage_error

    return storage_error(error, Path(str(error.filename or ".")))


def _plain_streams() -> None:
    """Chinese must print whatever the terminal's locale says."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace") if stream.isatty() else stream.reconfigure(encoding="utf-8")


if __name__ == "__main__":
    main()
