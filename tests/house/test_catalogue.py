"""Every message of the interface stands in the Chinese catalogue, and the compiled catalogue is that one."""

from __future__ import annotations

import ast
import gettext
import io
import os
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
MESSAGES = SOURCE / "mofang" / "locale" / "zh_CN" / "LC_MESSAGES"
HAN = re.compile(r"[一-鿿]")
PLACEHOLDER = re.compile(r"\{[^{}]*\}")
COMMAND = re.compile(r"^ {2}mofang .*?(?= {2}|$)", re.MULTILINE)
NEVER_SAID = re.compile("通过|认证|合格证|您")


@cache
def extracted() -> frozenset[str]:
    """What `make locale` collects from the code."""
    return frozenset(
        message
        for _file, _line, message, _comments, _context in extract_from_dir(
            SOURCE, [("**.py", "python")], {"_": None}
        )
        if isinstance(message, str)
    )


@cache
def catalogue() -> Catalog:
    with (MESSAGES / "mofang.po").open("rb") as file:
        return read_po(file, locale="zh_CN", domain="mofang", abort_invalid=True)


def translated() -> dict[str, str]:
    return {str(message.id): str(message.string) for message in catalogue() if message.id}


def listed(problems: list[str]) -> str:
    return "\n".join([f"{len(problems)} messages; `make locale` collects them:", *problems])


def test_every_message_has_a_chinese_translation() -> None:
    known = translated()
    missing = sorted(repr(message) for message in extracted() if not known.get(message, "").strip())
    assert not missing, listed(missing)
    english = sorted(
        repr(message)
        for message, said in known.items()
        if re.search("[a-z]", PLACEHOLDER.sub("", message)) and not HAN.search(said)
    )
    assert not english, listed(english)


def test_the_catalogue_holds_no_message_that_is_gone() -> None:
    gone = sorted(repr(message) for message in set(translated()) - extracted())
    assert not gone, listed(gone)
    assert not catalogue().obsolete
    assert not [message.id for message in catalogue() if message.id and message.fuzzy]


def test_placeholders_and_edges_agree() -> None:
    wrong = [
        f"{message!r} -> {said!r}"
        for message, said in translated().items()
        if Counter(PLACEHOLDER.findall(message)) != Counter(PLACEHOLDER.findall(said))
        or message.startswith("\n") != said.startswith("\n")
        or message.endswith("\n") != said.endswith("\n")
        or ("\b\n" in message and "\b\n" not in said)
    ]
    assert not wrong, listed(wrong)


def test_commands_in_help_texts_are_the_same() -> None:
    wrong = [
        f"{message!r} -> {said!r}"
        for message, said in translated().items()
        if COMMAND.findall(message) != COMMAND.findall(said)
    ]
    assert not wrong, listed(wrong)


def test_words_we_never_use_of_our_results() -> None:
    wrong = [said for said in translated().values() if NEVER_SAID.search(said)]
    assert not wrong, listed(wrong)


def test_no_message_hides_from_the_extractor() -> None:
    """A message inside an f-string, or one that is put together, is not collected."""
    hidden = []
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                message = ast.literal_eval(node.args[0]) if isinstance(node.args[0], ast.Constant) else None
                if message not in extracted():
                    hidden.append(f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}")
    assert not hidden, listed(hidden)


def test_the_compiled_catalogue_is_up_to_date() -> None:
    made = io.BytesIO()
    write_mo(made, catalogue())
    made.seek(0)
    with (MESSAGES / "mofang.mo").open("rb") as file:
        kept = read_mo(file)
    differing = {message.id: message.string for message in read_mo(made) if message.id}
    assert {message.id: message.string for message in kept if message.id} == differing, "run: make locale"


def test_gettext_loads_it_as_utf_8() -> None:
    with (MESSAGES / "mofang.mo").open("rb") as file:
        loaded = gettext.GNUTranslations(file)
    assert (loaded.charset() or "").lower() == "utf-8"
    assert HAN.search(loaded.gettext("everything holds"))


def test_help_speaks_chinese() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mofang.cli.main", "--help"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | {"MOFANG_LANG": "zh"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "证据随附" in done.stdout
    assert "新建项目" in done.stdout
