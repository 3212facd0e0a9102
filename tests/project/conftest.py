"""A project of nothing but a small corpus, and one that is only an assessment."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from scripted import ScriptedEndpoint

HEAD = "mofang: 1\nname: little\nas_of: 2026-11-01\nprovider: {name: 虚构示例公司}\n"
CORPUS = """\
corpus:
  sources:
    - {id: notes, path: data, licence: CC-BY-4.0, origin: domestic, method: self_collected}
  policy: {min_chars: 5}
"""
ASSURANCE = """\
models:
  service: {{endpoint: "{url}", model: scripted, location: local, max_tokens: 8, retries: 1{more}}}
assurance:
  standard: cn_gbt_45654_2025
  model: service
  sample: {{content: 3, should_refuse: 2, should_not_refuse: 2}}
"""


@pytest.fixture(autouse=True)
def one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOFANG_WORKERS", "1")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A project with a corpus of two texts and nothing else."""
    folder = tmp_path / "little"
    (folder / "data").mkdir(parents=True)
    (folder / "data/travel.txt").write_text("出差回来以后，请在两周之内交票据。", encoding="utf-8")
    (folder / "data/visits.md").write_text("访客到前台登记，由接待人陪同。", encoding="utf-8")
    (folder / "mofang.yaml").write_text(HEAD + CORPUS, encoding="utf-8")
    return folder


@pytest.fixture
def endpoint() -> Iterator[ScriptedEndpoint]:
    with ScriptedEndpoint() as running:
        yield running


@pytest.fixture
def service(tmp_path: Path, endpoint: ScriptedEndpoint) -> Path:
    """A project that assesses a model and has no corpus."""
    folder = tmp_path / "service"
    folder.mkdir()
    (folder / "mofang.yaml").write_text(HEAD + ASSURANCE.format(url=endpoint.url, more=""), encoding="utf-8")
    return folder
