"""The three commands to try after a run: one figure, one record, the proof of it all."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

from mofang.project.file import Loaded
from mofang.project.running import Report


def suggestions(report: Report, loaded: Loaded) -> list[str]:
    """Commands that work as they stand from the current folder."""
    where, mofang = _where(loaded.folder), _program()
    commands = []
    figure = _figure(report)
    if figure:
        commands.append(f"{mofang} show fig:{figure}{where}")
    if loaded.sources:
        commands.append(f"{mofang} explain {shlex.quote(_record(loaded))}{where}")
    if not figure:
        commands.append(f"{mofang} show datasets/latest{where}")
    commands.append(f"{mofang} verify{where}")
    return commands


def _figure(report: Report) -> str | None:
    """The beginning of the id of a rate that was measured on answers."""
    for clause in (report.findings or {}).get("clauses", []):
        for check in clause["checks"]:
            figures = check["figures"]
            if "rate" in figures:
                return str(figures["rate"]).partition(":")[2][:12]
    return None


def _record(loaded: Loaded) -> str:
    """A file of the first source that holds any, with its first record where it holds several."""
    for source in loaded.sources:
        root = loaded.folder / source.path
        for path in [root] if root.is_file() else sorted(root.rglob("*")):
            if path.suffix in (".txt", ".md", ".html") and path.stat().st_size:
                return path.relative_to(root).as_posix()
            if path.suffix in (".jsonl", ".parquet"):
                return f"{path.name if path == root else path.relative_to(root).as_posix()}:1"
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
