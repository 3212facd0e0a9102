"""Standards are data: no string of the code names a regulation. Comments may name a format's source."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "mofang"
REGULATION = re.compile(r"TC260|45654|45652|45674|45438|GB/T", re.IGNORECASE)


def strings(file: Path) -> list[tuple[int, str]]:
    tree = ast.parse(file.read_text("utf-8"))
    return [
        (n.lineno, n.value)
        for n in ast.walk(tree)
        if isinstance(n, ast.Constant) and isinstance(n.value, str)
    ]


@pytest.mark.parametrize("file", sorted(SOURCE.rglob("*.py")), ids=lambda file: str(file.relative_to(SOURCE)))
def test_code_names_no_regulation(file: Path) -> None:
    assert [f"line {line}: {text[:60]}" for line, text in strings(file) if REGULATION.search(text)] == []
