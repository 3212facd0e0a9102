"""The page of an assessment is written from what the last run named, for one of its standards."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from mofang.errors import MofangError
from mofang.evidence.leaves import read_leaves
from mofang.evidence.openings import openings
from mofang.evidence.workspace import Workspace
from mofang.project.file import load
from mofang.project.reporting import write_report
from mofang.project.running import run_project
from scripted import ScriptedEndpoint

PROJECT = """\
mofang: 1
name: little
as_of: 2026-11-01
provider: {{name: 虚构示例公司}}
models:
  service: {{endpoint: "{url}", model: scripted, location: local, max_tokens: 8, retries: 1}}
assurance:
  standard: cn_gbt_45654_2025
  also: [mlc_ailuminate]
  model: service
  sample: {{content: 3, should_refuse: 2, should_not_refuse: 2}}
"""
ANSWER = "图书馆周一到周五开放，自行车可以停在门口的车棚里。"


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("assessed")
    (folder / "project").mkdir()
    with pytest.MonkeyPatch.context() as patch, ScriptedEndpoint() as endpoint:
        patch.setenv("MOFANG_CONFIG_HOME", str(folder / "config"))
        patch.setenv("MOFANG_WORKERS", "1")
        endpoint.answer = lambda _question: ANSWER
        (folder / "project" / "mofang.yaml").write_text(PROJECT.format(url=endpoint.url), encoding="utf-8")
        assert run_project(load(folder / "project")).errors == ()
    return folder


@pytest.fixture
def ws(assessed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    shutil.copytree(assessed, tmp_path / "copy")
    monkeypatch.setenv("MOFANG_CONFIG_HOME", str(tmp_path / "copy" / "config"))
    return Workspace.open(tmp_path / "copy" / "project" / ".mofang", writable=True)


def title(page: Path) -> str:
    found = re.search(r"<title>(.*?)</title>", page.read_text("utf-8"))
    assert found
    return found[1]


def test_one_page_for_each_standard(ws: Workspace, tmp_path: Path) -> None:
    pages = {}
    for standard in (None, "cn_gbt_45654_2025", "mlc_ailuminate"):
        out = tmp_path / f"{standard}.html"
        assert write_report(ws, out, standard=standard, language="en") == out
        pages[standard] = out.read_bytes()
    assert pages[None] == pages["cn_gbt_45654_2025"] != pages["mlc_ailuminate"]
    assert "AILuminate" in pages["mlc_ailuminate"].decode()


def test_the_same_evidence_gives_the_same_page(ws: Workspace, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_report(ws, tmp_path / name, language="zh")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert str(tmp_path) not in (tmp_path / "a").read_text("utf-8")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_in_the_readers_language(ws: Workspace, tmp_path: Path, language: str) -> None:
    page = write_report(ws, tmp_path / "page.html", language=language).read_text("utf-8")
    assert f'<html lang="{language}' in page


def test_texts_only_when_asked_for(ws: Workspace, tmp_path: Path) -> None:
    out = write_report(ws, tmp_path / "a.html", language="zh")
    assert ANSWER not in out.read_text("utf-8")
    out = write_report(ws, tmp_path / "b.html", language="zh", texts=True)
    assert ANSWER in out.read_text("utf-8")
    assert openings(ws) == []  # what lies open needs no opening


def test_sealed_texts_are_opened_by_name_before_they_are_read(ws: Workspace, tmp_path: Path) -> None:
    latest = ws.refs.get("answers", "latest")
    assert latest
    ws.objects.sealing().put(ws.objects.get(latest))
    out = tmp_path / "a.html"
    assert ANSWER not in write_report(ws, out, language="zh").read_text("utf-8")
    out.unlink()
    with pytest.raises(MofangError, match="sealed"):
        write_report(ws, out, language="zh", texts=True)
    assert not out.exists()
    write_report(ws, out, language="zh", texts=True, by="李工", why="复核")
    assert [(one.digest, one.part, one.by, one.why) for one in openings(ws)] == [
        (latest, "report", "李工", "复核")
    ]
    assert ANSWER in out.read_text("utf-8")


def test_a_standard_that_was_not_assessed(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(MofangError) as caught:
        write_report(ws, tmp_path / "a.html", standard="cn_tc260_003_2024", language="zh")
    assert "cn_gbt_45654_2025, mlc_ailuminate" in str(caught.value.remedy)
    assert not (tmp_path / "a.html").exists()


def test_before_the_first_run(tmp_path: Path) -> None:
    with pytest.raises(MofangError, match="nothing was assessed"):
        write_report(Workspace.create(tmp_path / ".mofang"), tmp_path / "a.html", language="zh")


def test_a_run_that_came_to_no_conclusion(ws: Workspace, tmp_path: Path) -> None:
    latest = ws.refs.get("runs", "latest")
    assert latest
    made = {node: out for node, out in ws.objects.json(latest).items() if node != "assurance.analyse"}
    with ws.lock("test"):
        ws.refs.set("runs", "latest", ws.objects.put_json(made))
    with pytest.raises(MofangError) as caught:
        write_report(ws, tmp_path / "a.html", language="zh")
    assert "mofang run" in str(caught.value.remedy)


def test_the_title_names_the_project(ws: Workspace, tmp_path: Path) -> None:
    page = write_report(ws, tmp_path / "a.html", language="zh")
    assert "little" in title(page)
    questions = ws.refs.get("questions", "latest")
    assert questions
    asked = [leaf["text"] for leaf in read_leaves(ws.objects, questions)]
    assert not any(text in page.read_text("utf-8") for text in asked)
