"""Fixtures every room's tests may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says more about the machine than about the code.
settings.register_profile("mofang", deadline=None)
settings.load_profile("mofang")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the project; tests that need it skip where it is absent."""
    folder = Path(
        os.environ.get("MOFANG_TEST_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data"
    )
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder} (set MOFANG_TEST_DATA)")
    return folder


@pytest.fixture(autouse=True)
def own_configuration(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's own key, language or configuration."""
    monkeypatch.setenv("MOFANG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
    monkeypatch.setenv("MOFANG_LANG", "en")
    monkeypatch.delenv("MOFANG_KEY_FILE", raising=False)
