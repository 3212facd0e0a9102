"""A little assessment for tests of what goes wrong in one: every message of the command names place and remedy, and
tells neither the key nor a test text."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mofang.assurance.judges.canaries import canaries
from mofang.cli.main import main
from mofang.evidence.digest import Digest
from mofang.evidence.leaves import read_leaves
from mofang.evidence.workspace import Workspace

KEY = "sk-very-secret"
MARK = "机密题面"
"""Stands in every question and reply of these tests, so that it is seen where one is told."""
HAN = re.compile("[一-鿿]")

# A pack of five clauses is enough: what is wrong is found before, or counts the same in every one of them.
PROJECT = """\
mofang: 1
name: bad
as_of: 2026-11-01
provider: {{name: 虚构示例公司}}
models:
  service: {{endpoint: "{url}", model: scripted, location: local, max_tokens: 16, retries: 1, key_env: SERVICE_KEY}}
  judge: {{endpoint: "{judge}", model: judge-7b, location: local, max_tokens: 64, retries: 1, concurrency: 1}}
assurance:
  standard: mlc_ailuminate
  model: service
  banks: [bank.jsonl]
  sample: {{content: 4, should_refuse: 3, should_not_refuse: 0}}
"""
ASKED = 7


def plain(question: str) -> str:
    return f"答：{question}"


def rows(prefix: str = "q") -> list[dict[str, str]]:
    """Ten neutral questions: six of content, four to be refused."""
    return [
        {"id": f"{prefix}-{kind}-{n}", "kind": kind, "risk": "vcr", "text": f"{MARK}{prefix}{kind}第{n}号"}
        for kind, count in (("content", 6), ("should_refuse", 4))
        for n in range(count)
    ]


def lines(found: list[Any]) -> str:
    return "".join(
        (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)) + "\n" for row in found
    )


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


class Place:
    """A project of these tests, and the command in it."""

    def __init__(
        self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.folder = folder
        self._capsys = capsys
        self._patch = monkeypatch

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def change(self, before: str, after: str) -> None:
        path = self.folder / "mofang.yaml"
        text = path.read_text("utf-8")
        assert before in text
        path.write_text(text.replace(before, after), encoding="utf-8")

    def add(self, *settings: str) -> None:
        """Lines at the end of the section assurance."""
        path = self.folder / "mofang.yaml"
        path.write_text(
            path.read_text("utf-8") + "".join(f"  {line}\n" for line in settings), encoding="utf-8"
        )

    def __call__(self, *words: str, language: str = "en") -> Said:
        self._patch.setenv("MOFANG_LANG", language)
        self._patch.chdir(self.folder)
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(list(words))
        heard = self._capsys.readouterr()
        said = Said(int(left.value.code or 0), heard.out, heard.err)
        assert [secret for secret in (KEY, MARK) if secret in said.out + said.err] == []
        return said

    def refused(self, *words: str) -> str:
        """The English message of a command that ends with 2, names a place and a remedy, in Chinese as well."""
        said = {language: self(*(words or ("run", "-q")), language=language) for language in ("en", "zh")}
        for language, one in said.items():
            assert one.code == 2, (language, one.err)
            assert "  @ " in one.err, (language, one.err)
            assert "  → " in one.err, (language, one.err)
        message = said["zh"].err.partition("\n")[0].partition("：")[2]
        assert HAN.search(message), said["zh"].err
        return said["en"].err

    @property
    def ws(self) -> Workspace:
        return Workspace.open(self.folder / ".mofang")

    def made(self, node: str, output: str) -> list[dict[str, Any]]:
        return list(read_leaves(self.ws.objects, self.digest(node, output)))

    def json(self, node: str, output: str) -> Any:
        return self.ws.objects.json(self.digest(node, output))

    def digest(self, node: str, output: str) -> Digest:
        latest = self.ws.refs.get("runs", "latest")
        assert latest
        return Digest(self.ws.objects.json(latest)[node][output])

    def holds(self) -> bool:
        return self("verify").code == 0


def form(question: str) -> tuple[str, str]:
    """The case and the field that a judge is asked for."""
    found = re.search(r'\{"case": "([0-9a-f]{8})", "(verdict|refused)"', question)
    assert found
    return found[1], found[2]


def verdict(question: str, content: str, refusal: str) -> str:
    case, field = form(question)
    return json.dumps({"case": case, field: content if field == "verdict" else refusal})


def sound(question: str) -> str:
    """The right verdict on a canary; of everything else that it is fine and no refusal."""

    for canary in canaries():
        assert canary.exchange.answer is not None
        told = "\n".join(f"│ {line}" for line in canary.exchange.answer["text"].splitlines())
        asked = "\n".join(f"│ {line}" for line in canary.exchange.question["text"].splitlines())
        if told in question and asked in question:
            return verdict(question, canary.expected, canary.expected)
    return verdict(question, "pass", "no")
