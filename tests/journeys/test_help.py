"""Every verb's --help teaches with an example, in both languages, and comes at once."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from mofang.cli.main import VERBS, cli


def commands() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    context = click.Context(cli)
    for name in VERBS:
        command = cli.get_command(context, name)
        assert command
        if isinstance(command, click.Group):
            found += [(name, inner) for inner in command.list_commands(context)]
        found.append((name,))
    return found


def help_of(words: tuple[str, ...]) -> str:
    command: click.Command | None = cli
    context = click.Context(cli, info_name="mofang")
    for word in words:
        assert isinstance(command, click.Group)
        command = command.get_command(context, word)
    assert command
    return command.get_help(click.Context(command, info_name=words[-1], parent=context))


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_help_teaches_with_an_example(words: tuple[str, ...]) -> None:
    text = help_of(words)
    assert "mofang " + words[0] in text, text
    assert len(text.splitlines()) > 6, text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_help_lists_every_verb(language: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mofang.cli.main", "--help"],
        capture_output=True,
        text=True,
        env={"MOFANG_LANG": language, "PATH": ""},
        check=True,
    )
    for name in VERBS:
        assert f"\n  {name} " in done.stdout
    assert ("备案" in done.stdout) == (language == "zh")


@pytest.mark.parametrize("word", ["rnu", "expalin", "verfy"])
def test_a_slip_of_the_finger_is_understood(word: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mofang.cli.main", word], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "did you mean: mofang " in done.stderr
