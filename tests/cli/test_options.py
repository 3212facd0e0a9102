from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from mofang.cli.options import open_workspace, print_json, project_folder, variables_option
from mofang.errors import MofangError
from mofang.evidence.workspace import Workspace


@click.command()
@variables_option
def echo(variables: dict[str, str]) -> None:
    print_json(variables)


def test_variables_are_pairs() -> None:
    assert '"A": "1=2"' in CliRunner().invoke(echo, ["--var", "A=1=2", "--var", "B="]).output
    for wrong in ("A", "=x"):
        assert CliRunner().invoke(echo, ["--var", wrong]).exit_code == 2


def test_the_folder_above_is_found_and_a_named_one_is_taken_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = tmp_path / "a/b"
    inner.mkdir(parents=True)
    (tmp_path / "mofang.yaml").touch()
    monkeypatch.chdir(inner)
    assert project_folder(None) == tmp_path.resolve()
    assert project_folder(tmp_path / "mofang.yaml") == tmp_path.resolve()
    with pytest.raises(MofangError, match=r"no mofang\.yaml in"):
        project_folder(inner)


def test_a_workspace_without_a_project_file_is_enough(tmp_path: Path) -> None:
    Workspace.create(tmp_path / ".mofang")
    assert open_workspace(tmp_path).path == tmp_path.resolve() / ".mofang"


def test_before_the_first_run(tmp_path: Path) -> None:
    (tmp_path / "mofang.yaml").touch()
    with pytest.raises(MofangError, match="no workspace yet") as caught:
        open_workspace(tmp_path)
    assert caught.value.remedy == f"make one with: mofang run {tmp_path.resolve()}"
