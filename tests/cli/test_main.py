"""The command's edges: exit codes, and one JSON document on standard output whatever goes wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mofang.cli.main import main
from mofang.evidence.workspace import Workspace


class Terminal:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *words: str) -> tuple[int, str, str]:
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(list(words))
        said = self.capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    def json(self, *words: str) -> tuple[int, Any]:
        code, out, err = self(*words, "--json")
        assert err == ""
        return code, json.loads(out)


@pytest.fixture
def mofang(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.chdir(tmp_path)
    return Terminal(capsys)


@pytest.mark.parametrize(
    "words",
    [
        ("run", "--nope"),
        ("run", "--wait", "abc"),
        ("attach", "SVC-6", "a.md"),
        ("rnu",),
        ("plan", "nowhere"),
        ("show", "fig:3f2a"),
        ("init", "--answer", "x"),
    ],
)
def test_errors_are_json_too(mofang: Terminal, words: tuple[str, ...]) -> None:
    code, said = mofang.json(*words)
    assert code == 2
    assert said["error"]
    assert said["remedy"]


def test_a_doctor_that_finds_something_wrong_says_one_thing(
    mofang: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Workspace.create(tmp_path / ".mofang")
    code, said = mofang.json("doctor")
    assert code == 0
    monkeypatch.setenv("MOFANG_KEY_FILE", str(tmp_path / "other.pem"))
    code, said = mofang.json("doctor")
    assert code == 1
    (wrong,) = [line for line in said if line["state"] == "wrong"]
    assert "which signs this workspace, is not here" in wrong["detail"]
    assert wrong["remedy"]
    code, out, err = mofang("doctor")
    assert (code, "needs mending" in err, "✗" in out) == (1, True, True)


def test_a_level_that_is_none(mofang: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOFANG_LOG", "loud")
    code, _out, err = mofang("doctor")
    assert code == 2
    assert "LOUD is not a level of logging" in err
    assert "$MOFANG_LOG" in err


def test_a_folder_is_verified_by_name(mofang: Terminal, tmp_path: Path) -> None:
    Workspace.create(tmp_path / ".mofang")
    code, _out, err = mofang("verify", str(tmp_path))
    assert code == 2
    assert f"mofang verify --project {tmp_path}" in err
    assert mofang("verify")[0] == 0


def test_counts_are_told_in_the_readers_language(
    mofang: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Workspace.create(tmp_path / ".mofang")
    monkeypatch.setenv("MOFANG_LANG", "zh")
    counts = mofang("verify")[1].splitlines()[0]
    assert not any("a" <= letter <= "z" for letter in counts), counts


def test_init_looks_before_it_asks(mofang: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.prompt", lambda *_words, **_more: pytest.fail("asked too early"))
    (tmp_path / "mofang.yaml").touch()
    assert "already" in mofang("init")[2]
    assert "no such folder" in mofang("init", "new", "--from", "nowhere")[2]


def test_init_says_what_was_no_number(
    mofang: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = iter(["9", "1"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.prompt", lambda *_words, **_more: next(said, ""))
    code, out, _err = mofang("init", "new")
    assert code == 0
    assert "9 is none of the numbers" in out
    assert "    public: true\n" in (tmp_path / "new/mofang.yaml").read_text("utf-8")
