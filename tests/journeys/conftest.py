"""A small project with a scripted endpoint: the whole journey in a second or two."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from mishaps import KEY, Place, lines, plain, rows, sound
from mishaps import PROJECT as MISHAPS
from mofang.evidence.digest import Digest
from mofang.evidence.figures import Figure, Value
from mofang.evidence.leaves import read_leaves
from mofang.evidence.workspace import Workspace
from mofang.project.file import Loaded, load
from scripted import ScriptedEndpoint

PROJECT = """\
mofang: 1
name: small
title: {{zh: 小项目, en: small project}}
as_of: 2026-11-01
provider: {{name: 虚构示例公司, product: 示例助手}}
corpus:
  role: retrieval
  lexicon: lexicon.csv
  policy: {{min_chars: {min_chars}, drop_risks: [A.1.f]}}
models:
  service: {{endpoint: "{url}", model: scripted, location: local, system_prompt: 请简短回答。, max_tokens: 16, retries: 1}}
assurance:
  standard: cn_gbt_45654_2025
  model: service
  sample: {{content: 6, should_refuse: 4, should_not_refuse: 4, corpus_manual: 50}}
  path: {{public: true, opinion: true, model: fine_tuned, recommends: false, humanlike: false, edge: false}}
budget: {{calls: 40, tokens: 2000, minutes: 5}}
"""

SOURCES = """\
sources:
  - {id: notes, path: data/notes, licence: CC-BY-4.0, origin: domestic, method: self_collected, contract: contract.txt}
  - {id: tickets, path: data/tickets, licence: 用户授权, origin: domestic, method: user_input, key: id,
     personal_information: consent}
"""

NOTES = {
    "travel.txt": "出差回来以后，请在两周之内把车票和住宿发票交给财务，逾期需要部门负责人说明原因。",
    "travel-copy.txt": "出差回来以后，请在两周之内把车票和住宿发票交给财务，逾期需要部门负责人说明原因。",
    "visitors.md": "# 访客\n\n访客到前台登记，由接待人陪同进入办公区，离开时归还访客卡，接待人签字确认。",
    "listed.txt": "这份通知里出现了虚构禁语乙，因此按照政策整篇剔除，不会进入发布的语料之中。",
    "short.txt": "太短了。",
}
TICKETS = """\
{"id": "t1", "text": "用户来电说登录页面打不开，联系电话 13800138000，已经请其更换浏览器后恢复正常使用。"}
{"id": "t2", "text": "用户希望导出上个月的会议纪要，已经发送操作说明到 user@example.com 并且电话回访确认。"}
{"id": "t3", "text": "用户询问如何邀请同事加入同一个空间，已经按照帮助中心的步骤一步一步指导完成操作。"}
"""
LEXICON = "term,risk\n虚构禁语甲,A.1.a\n虚构禁语乙,A.1.f\n"


def write_project(folder: Path, url: str, *, min_chars: int = 10) -> Path:
    """The small project in ``folder``."""
    files = {
        "mofang.yaml": PROJECT.format(url=url, min_chars=min_chars),
        "sources.yaml": SOURCES,
        "lexicon.csv": LEXICON,
        "contract.txt": "本项目自有文本，授权内部使用。",
        "data/tickets/tickets.jsonl": TICKETS,
        **{f"data/notes/{name}": text for name, text in NOTES.items()},
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small projects need no processes; what does sets the variable itself."""
    monkeypatch.setenv("MOFANG_WORKERS", "1")


@pytest.fixture
def endpoint() -> Iterator[ScriptedEndpoint]:
    """Refuses what ought to be refused, answers the rest."""
    with ScriptedEndpoint() as running:
        running.answer = lambda question: (
            "抱歉，我不能帮助你做这件事。"
            if "帮我写" in question
            else f"关于{question}：这是一个简短的回答。"
        )
        yield running


@pytest.fixture
def other() -> Iterator[ScriptedEndpoint]:
    """A second endpoint: the model alone, or a model that judges."""
    with ScriptedEndpoint(models=("other",)) as running:
        yield running


@pytest.fixture
def small(tmp_path: Path, endpoint: ScriptedEndpoint) -> Path:
    """The small project's folder."""
    return write_project(tmp_path / "small", endpoint.url)


@pytest.fixture
def loaded(small: Path) -> Loaded:
    return load(small)


@pytest.fixture
def change(small: Path) -> Callable[..., Loaded]:
    """``change(("old", "new"), …)`` rewrites mofang.yaml and loads it again; what is to be replaced must be there."""

    def rewrite(*pairs: tuple[str, str]) -> Loaded:
        file = small / "mofang.yaml"
        text = file.read_text("utf-8")
        for old, new in pairs:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")
        return load(small)

    return rewrite


class Desk:
    """What the last run of the small project left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._values: dict[Digest, dict[str, Value]] = {}

    @property
    def ws(self) -> Workspace:
        return Workspace.open(self.folder / ".mofang")

    def made(self, node: str, output: str) -> Digest:
        latest = self.ws.refs.get("runs", "latest")
        assert latest
        return Digest(self.ws.objects.json(latest)[node][output])

    def json(self, node: str, output: str) -> Any:
        return self.ws.objects.json(self.made(node, output))

    def leaves(self, node: str, output: str) -> list[dict[str, Any]]:
        return list(read_leaves(self.ws.objects, self.made(node, output)))

    def values(self, *nodes: str) -> dict[str, Value]:
        """Figure id -> value, of what these nodes computed."""
        found: dict[str, Value] = {}
        for node in nodes:
            digest = self.made(node, "figures")
            if digest not in self._values:
                figures = map(Figure.parse, read_leaves(self.ws.objects, digest))
                self._values[digest] = {str(figure.id): figure.value for figure in figures}
            found |= self._values[digest]
        return found

    def read(self, figures: Mapping[str, str], *nodes: str) -> dict[str, Value]:
        """Field -> value, of field -> figure id."""
        values = self.values(*(nodes or ("assurance.analyse",)))
        return {field: values[id] for field, id in figures.items()}

    def clause(self, id: str, standard: str = "") -> dict[str, Any]:
        """The findings' row on a clause."""
        findings = self.json(f"assurance.conclude{standard and '/'}{standard}", "findings")
        [found] = [clause for clause in findings["clauses"] if clause["id"] == id]
        return dict(found)

    def unknown_figures(self, page: Path, standard: str = "") -> set[str]:
        """Figures bound on a page of the assessment that no segment holds; the page binds some at all."""
        tail = f"/{standard}" if standard else ""
        bound = set(re.findall(r'data-fig="(sha256:[0-9a-f]{64})"', page.read_text("utf-8")))
        assert len(bound) > 20
        return bound - set(self.values(f"assurance.conclude{tail}", f"assurance.analyse{tail}"))


@pytest.fixture
def desk(small: Path) -> Desk:
    return Desk(small)


@pytest.fixture
def mofang(
    small: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str, str]]:
    """``mofang("verify", "--json")`` in the small project: (exit code, standard output, standard error)."""
    from mofang.cli.main import main

    monkeypatch.chdir(small)

    def call(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(list(words))
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return call


@pytest.fixture
def judge() -> Iterator[ScriptedEndpoint]:
    """A sound judge: it knows the canaries, and says the case's code."""
    with ScriptedEndpoint(models=("judge-7b",)) as running:
        running.answer = sound
        yield running


@pytest.fixture
def make(
    tmp_path: Path,
    endpoint: ScriptedEndpoint,
    judge: ScriptedEndpoint,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str], Place]:
    """Makes a little assessment by name: a bank, a service that takes the key and answers, a judge to be named."""
    monkeypatch.setenv("SERVICE_KEY", KEY)
    endpoint.key, endpoint.answer = KEY, plain

    def project(name: str) -> Place:
        place = Place(tmp_path / name, capsys, monkeypatch)
        place.write("mofang.yaml", MISHAPS.format(url=endpoint.url, judge=judge.url))
        place.write("bank.jsonl", lines(rows()))
        return place

    return project


@pytest.fixture
def place(make: Callable[[str], Place]) -> Place:
    return make("bad")
