"""The house keeps its plan: names that say something, files one can read, doors where they belong."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "mofang"
ROOMS = {"evidence", "compute", "corpus", "models", "assurance", "project", "cli", "packs", "locale"}
FOUNDATION = {"__init__", "errors", "registry", "settings", "log", "i18n"}
VAGUE = re.compile(r"(^|/)(utils?|common|helpers?|misc|base|core|managers?|services?|lib|tools?)(/|\.py$)")


def sources() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def test_rooms_are_the_planned_ones() -> None:
    folders = {entry.name for entry in SOURCE.iterdir() if entry.is_dir() and entry.name != "__pycache__"}
    assert folders == ROOMS


def test_foundation_is_small() -> None:
    assert {file.stem for file in SOURCE.glob("*.py")} == FOUNDATION
    for file in SOURCE.glob("*.py"):
        assert len(file.read_text("utf-8").splitlines()) < 120, file


@pytest.mark.parametrize("file", sources(), ids=lambda file: str(file.relative_to(SOURCE)))
def test_file_has_a_telling_name_a_docstring_and_a_readable_length(file: Path) -> None:
    assert not VAGUE.search(str(file.relative_to(SOURCE)))
    text = file.read_text("utf-8")
    assert len(text.splitlines()) <= 500
    assert ast.get_docstring(ast.parse(text))


def test_nobody_imports_the_package_root_from_inside() -> None:
    allowed = {SOURCE / "cli" / "main.py"}  # prints the version
    for file in set(sources()) - allowed:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.module != "mofang" or file.name == "__init__.py", file
                assert node.level == 0, f"relative import in {file}"


def test_sql_stands_in_the_index_and_the_ledger_alone() -> None:
    users = {
        str(f.relative_to(SOURCE))
        for f in sources()
        if re.search(r"\bimport sqlite3\b", f.read_text("utf-8"))
    }
    assert users == {"evidence/index.py", "evidence/ledger.py"}  # the index and what asks it


def test_packs_hold_no_code() -> None:
    assert [f.name for f in (SOURCE / "packs").rglob("*.py") if f.read_text("utf-8").count("\n") > 3] == []


def test_cheap_commands_import_nothing_heavy() -> None:
    heavy = ("numpy", "scipy", "pyarrow", "aiohttp", "docx", "rich", "sklearn", "numba", "openpyxl")
    code = (
        "import sys\nfrom mofang.cli.main import VERBS, cli\nimport click\n"
        "ctx = click.Context(cli)\n"
        "[cli.get_command(ctx, name) for name in VERBS]\n"
        f"print([m for m in {heavy!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_tests_stand_where_the_source_stands() -> None:
    rooms = {entry.name for entry in SOURCE.iterdir() if entry.is_dir()} | {"house", "journeys", "bench"}
    for file in (ROOT / "tests").rglob("test_*.py"):
        top = file.relative_to(ROOT / "tests").parts[0]
        assert top in rooms or top.startswith("test_"), file
