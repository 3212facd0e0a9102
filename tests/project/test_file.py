from __future__ import annotations

from pathlib import Path

import pytest

from mofang.errors import MofangError
from mofang.project.file import Budget, load

HEAD = "mofang: 1\nname: a\nas_of: 2026-11-01\nprovider: {name: X}\n"
SOURCE = "{id: s, path: data, licence: L, origin: domestic, method: open}"


def refused(folder: Path, text: str) -> MofangError:
    (folder / "mofang.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(MofangError) as caught:
        load(folder)
    return caught.value


@pytest.mark.parametrize("day", ["20261101", "2026-W44-7", "2026-11-31", "yesterday", "''"])
def test_a_date_is_written_in_one_way(tmp_path: Path, day: str) -> None:
    error = refused(tmp_path, HEAD.replace("2026-11-01", day))
    assert "as_of is not a date" in error.message
    assert error.where
    assert "mofang.yaml:" in error.where


def test_other_formats_and_names(tmp_path: Path) -> None:
    assert refused(tmp_path, HEAD.replace("mofang: 1", "mofang: 2")).remedy == "write mofang: 1"
    assert "name" in refused(tmp_path, HEAD.replace("name: a", "name: 智能助手")).message


def test_a_model_that_nobody_describes(tmp_path: Path) -> None:
    error = refused(
        tmp_path, HEAD + "assurance: {standard: x, model: m}\nmodels: {n: {endpoint: embedded}}\n"
    )
    assert error.remedy == "known models: n"


def test_a_model_described_twice(tmp_path: Path) -> None:
    error = refused(tmp_path, HEAD + "models:\n  m: {endpoint: embedded}\n  m: {endpoint: embedded}\n")
    assert error.message == "the key m stands here twice"
    assert str(error.where).endswith(":7")


@pytest.mark.parametrize("path", [".", "..", "data/.."])
def test_a_source_does_not_hold_the_project(tmp_path: Path, path: str) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    sources = SOURCE.replace("path: data", f'path: "{path}"')
    error = refused(folder, f"{HEAD}corpus: {{sources: [{sources}]}}\n")
    assert "holds the project itself" in error.message


def test_sources_are_there_and_distinct(tmp_path: Path) -> None:
    assert "no source" in refused(tmp_path, HEAD + "corpus: {sources: []}\n").message
    (tmp_path / "sources.yaml").write_text(f"sources: [{SOURCE}, {SOURCE}]\n", encoding="utf-8")
    error = refused(tmp_path, HEAD + "corpus: {}\n")
    assert "two sources are called s" in error.message
    assert str(error.where).endswith("sources.yaml")


def test_variables_and_the_file_itself(tmp_path: Path) -> None:
    (tmp_path / "mofang.yaml").write_text(HEAD.replace("name: X", 'name: "${WHO:-X}"'), encoding="utf-8")
    assert load(tmp_path).project.provider.name == "X"
    assert load(tmp_path / "mofang.yaml", {"WHO": "Y"}).project.provider.name == "Y"
    assert load(tmp_path).workspace == tmp_path.resolve() / ".mofang"


def test_a_budget_is_not_negative() -> None:
    with pytest.raises(MofangError, match=r"budget\.tokens"):
        Budget(tokens=-1)
