from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mofang.cli.suggestions import _record
from mofang.corpus.config import Source
from mofang.project.file import Loaded, load

SOURCE = Source("s", "data", "L", "domestic", "open")


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    text = "{mofang: 1, name: a, as_of: 2026-11-01, provider: {name: X}}"
    (tmp_path / "mofang.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "data").mkdir()
    return replace(load(tmp_path), sources=(SOURCE,))


def test_a_file_that_was_read(loaded: Loaded) -> None:
    data = loaded.folder / "data"
    for name in ("a.md", "b.pdf", "c.TXT"):
        (data / name).write_text("" if name == "a.md" else "text", encoding="utf-8")
    (data / "0.txt").symlink_to(data / "nowhere")
    (data / "1.md").mkdir()
    assert _record(loaded) == "c.TXT"


def test_the_first_record_of_many(loaded: Loaded) -> None:
    (loaded.folder / "data/q.jsonl").write_text("{}", encoding="utf-8")
    assert _record(loaded) == "q.jsonl:1"


@pytest.mark.parametrize(("name", "said"), [("one.txt", "one.txt"), ("one.jsonl", "one.jsonl:1")])
def test_a_source_of_one_file(loaded: Loaded, name: str, said: str) -> None:
    (loaded.folder / name).write_text("text", encoding="utf-8")
    assert _record(replace(loaded, sources=(replace(SOURCE, path=name),))) == said


def test_nothing_to_name(loaded: Loaded) -> None:
    assert _record(loaded) == "s"
