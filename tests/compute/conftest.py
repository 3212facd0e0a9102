"""The tasks in ``sums.py`` must be importable by name, in worker processes too."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import sums  # noqa: F401 - registers its kinds

from mofang.evidence.workspace import Workspace


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / ".mofang")
