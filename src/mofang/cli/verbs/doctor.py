"""``mofang doctor``: is this machine, and this workspace, in order?"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import click

from mofang.cli.options import json_option, print_json, project_folder, project_option
from mofang.cli.sizes import human_size
from mofang.errors import CheckFailed, MofangError
from mofang.i18n import _


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One line of the examination: ``state`` is ok, note or wrong."""

    what: str
    state: str
    detail: str
    remedy: str = ""


@click.command(
    help=_(
        """Check Python, the signing key, the embedded model, LibreOffice, disk space and the workspace.

\b
Example:
  mofang doctor"""
    )
)
@project_option
@json_option
def doctor(project: Path | None, as_json: bool) -> None:
    found = [*_machine(), *_workspace(project)]
    if as_json:
        print_json(
            [{"what": d.what, "state": d.state, "detail": d.detail, "remedy": d.remedy} for d in found]
        )
    else:
        marks = {"ok": "✓", "note": "·", "wrong": "✗"}
        for d in found:
            click.echo(f"{marks[d.state]} {d.what}: {d.detail}" + (f"\n    → {d.remedy}" if d.remedy else ""))
    if not any(d.state == "wrong" for d in found):
        return
    if as_json:
        click.get_current_context().exit(CheckFailed.exit_code)
    raise CheckFailed(_("something here needs mending"))


def _machine() -> Iterator[Diagnosis]:
    from mofang.settings import config_home, key_file, workers

    yield Diagnosis(
        "mofang", "ok", f"{version('mofang')}, Python {sys.version.split()[0]}, {workers()} workers"
    )
    key = key_file()
    if not key.exists():
        yield Diagnosis(
            _("signing key"), "note", _("none yet; made at the first run at {path}").format(path=key)
        )
    elif key.stat().st_mode & 0o077:
        yield Diagnosis(
            _("signing key"), "wrong", _("others can read {path}").format(path=key), f"chmod 600 {key}"
        )
    else:
        yield Diagnosis(_("signing key"), "ok", str(key))
    yield _embedded()
    office = shutil.which("soffice") or shutil.which("libreoffice")
    yield Diagnosis(
        "LibreOffice", "ok" if office else "note", office or _("absent; only needed to turn DOCX into PDF")
    )
    free = shutil.disk_usage(config_home() if config_home().exists() else Path.home()).free
    low = free < 1_000_000_000
    yield Diagnosis(_("disk"), "wrong" if low else "ok", _("{size} free").format(size=human_size(free)))


def _embedded() -> Diagnosis:
    from mofang.models.embedded import find_weights

    try:
        return Diagnosis(_("embedded model"), "ok", str(find_weights()))
    except MofangError as error:
        return Diagnosis(_("embedded model"), "note", error.message, "mofang models install")


def _workspace(project: Path | None) -> Iterator[Diagnosis]:
    from mofang.evidence.workspace import Workspace

    try:
        folder = project_folder(project)
    except MofangError as error:
        yield Diagnosis(_("project"), "note", error.message)
        return
    if not (folder / ".mofang").is_dir():
        yield Diagnosis(_("workspace"), "note", _("none yet in {folder}").format(folder=folder))
        return
    try:
        ws = Workspace.open(folder / ".mofang")
        entries = sum(1 for _entry in ws.chain.entries())
    except MofangError as error:
        yield Diagnosis(_("workspace"), "wrong", error.message, error.remedy or "")
        return
    yield Diagnosis(_("workspace"), "ok", _("{path}, {n} statements").format(path=ws.path, n=entries))
    try:
        ws.signing_key()
    except MofangError as error:
        yield Diagnosis(_("signing key"), "wrong", f"{error.message} ({error.where})", error.remedy or "")
