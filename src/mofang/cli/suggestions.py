"""The commands to try after a run: the assessment as a page, one figure, one record, the proof of it all."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

from mofang.corpus.inventory import SUFFIXES
from mofang.project.file import Loaded
from mofang.project.running import Report


def suggestions(report: Report, loaded: Loaded) -> list[str]:
    """Commands that work as they stand from the current folder."""
    where, mofang = _where(loaded.folder), _program()
    commands = []
    figure = _figure(report)
    if figure:
        commands.append(f"{mofang} assess report{where}")
        commands.append(f"{mofang} show fig:{figure}{where}")
    if report.corpus is not None:
        commands.append(f"{mofang} explain {shlex.quote(_record(loaded))}{where}")
    if report.corpus is not None and not figure:
        commands.append(f"{mofang} show datasets/latest{where}")
    commands.append(f"{mofang} verify{where}")
    return commands


def _figure(report: Report) -> str | None:
    """The beginning of the id of a rate that was measured on answers, or of any other rate."""
    checks = [check for clause in (report.findings or {}).get("clauses", []) for check in clause["checks"]]
    rates = [check for check in checks if "rate" in check["figures"]]
    sampled = [check for check in rates if check["metric"] == "refusal_rate"]
    for check in sampled or rates:
        return str(check["figures"]["rate"]).partition(":")[2][:12]
    return None


def _record(loaded: Loaded) -> str:
    """A file of the first source that holds any, with its first record where it holds several."""
    for source in loaded.sources:
        root = loaded.folder / source.path
        top = root.parent if root.is_file() else root
        for path in [root] if root.is_file() else sorted(root.rglob("*")):
            name, reader = path.relative_to(top).as_posix(), SUFFIXES.get(path.suffix.lower())
            if reader is None or not path.is_file() or not path.stat().st_size:
                continue
            return name if reader in ("plain", "web") else f"{name}:1"
    return loaded.sources[0].id


def _where(folder: Path) -> str:
    if folder == Path.cwd():
        return ""
    try:
        return f" --project {shlex.quote(str(folder.relative_to(Path.cwd())))}"
    except ValueError:
        return f" --project {shlex.quote(str(folder))}"


def _program() -> str:
    """The command as this shell finds it: by name, or by path where it is not on the PATH."""
    if shutil.which("mofang"):
        return "mofang"
    path = Path(sys.executable).with_name("mofang")
    try:
        return shlex.quote(str(path.relative_to(Path.cwd())))
    except ValueError:
        return (
            shlex.quote(str(path)) if path.exists() else f"{shlex.quote(sys.executable)} -m mofang.cli.main"
        )
