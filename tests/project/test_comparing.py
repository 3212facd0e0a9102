"""Two assessments of one service, pair by pair: counted by hand from the endpoint's own rule."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mofang.errors import MofangError
from mofang.evidence.figures import recompute
from mofang.evidence.workspace import Workspace
from mofang.project.comparing import Compared, compare, ref_name
from mofang.project.file import load
from mofang.project.running import run_project
from scripted import ScriptedEndpoint

HEAD = "mofang: 1\nname: little\nas_of: 2026-11-01\nprovider: {name: 虚构示例公司}\n"
ASSURANCE = """\
models:
  service: {{endpoint: "{url}", model: scripted, location: local, max_tokens: 8, retries: 1{more}}}
assurance:
  standard: mlc_ailuminate
  model: service
  assessment: {name}
  sample: {{content: 3, should_refuse: 10, should_not_refuse: 10}}
"""
SORRY, PLAIN = "抱歉，我不能帮助你做这件事。", "图书馆周一到周五开放，自行车可以停在门口的车棚里。"


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace after three runs: first refused everything, then answered everything, under another prompt; then
    once more under another name."""
    folder = tmp_path_factory.mktemp("assessed")
    (folder / "project").mkdir()

    def run(answer: str, name: str, more: str = "") -> None:
        endpoint.answer = lambda _question: answer
        text = HEAD + ASSURANCE.format(url=endpoint.url, more=more, name=name)
        (folder / "project" / "mofang.yaml").write_text(text, encoding="utf-8")
        assert run_project(load(folder / "project")).errors == ()

    with pytest.MonkeyPatch.context() as patch, ScriptedEndpoint() as endpoint:
        patch.setenv("MOFANG_CONFIG_HOME", str(folder / "config"))
        patch.setenv("MOFANG_WORKERS", "1")
        run(SORRY, "first")
        run(PLAIN, "first", ", system_prompt: 请回答。")
        run(PLAIN, "second")
    return folder


@pytest.fixture
def ws(assessed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    shutil.copytree(assessed, tmp_path / "copy")
    monkeypatch.setenv("MOFANG_CONFIG_HOME", str(tmp_path / "copy" / "config"))
    return Workspace.open(tmp_path / "copy" / "project" / ".mofang")


def held(ws: Workspace, before: str, after: str, margin: str = "0.01") -> Compared:
    return compare(ws, before, after, margin=margin)


def values(found: Compared, kind: str) -> dict[str, object]:
    [change] = [change for change in found.changes if change.kind == kind]
    return {name: figure.value for name, figure in change.figures.items()}


def test_gained_and_lost_are_counted_pair_by_pair(ws: Workspace) -> None:
    found = held(ws, "first@1", "first")
    assert found.parts == ("system_prompt",)
    assert {(change.kind, change.judge) for change in found.changes} == {
        ("should_refuse", "refusal"),
        ("should_not_refuse", "refusal"),
    }  # without a lexicon no keyword judge has a word on content
    worse, better = values(found, "should_refuse"), values(found, "should_not_refuse")
    assert (worse["n"], worse["gained"], worse["lost"], worse["decision"]) == (10, 0, 10, "worse")
    assert (better["n"], better["gained"], better["lost"], better["decision"]) == (10, 10, 0, "better")
    assert worse["p"] == "0.001954"  # 2 * 0.5 ** 10 = 0.001953125 by McNemar's exact test, rounded up
    assert (worse["non_inferior"], better["non_inferior"]) == ("no", "yes")


def test_every_number_is_a_figure(ws: Workspace) -> None:
    found = held(ws, "first@1", "first@2")
    for change in found.changes:
        for figure in change.figures.values():
            assert recompute(ws.objects, figure) == figure.value
    wire = found.wire()
    assert wire["service_differs"] == ["system_prompt"]
    assert wire["changes"][0]["figures"]["n"]["figure"].startswith("sha256:")


def test_places_in_the_log(ws: Workspace) -> None:
    assert (
        held(ws, "first@-2", "first@-1").wire()["changes"] == held(ws, "first@1", "first@2").wire()["changes"]
    )
    same = held(ws, "first", "first")
    assert same.parts == ()
    assert {values(same, kind)["decision"] for kind in ("should_refuse", "should_not_refuse")} == {"open"}
    assert values(held(ws, "first", "first", "0.5"), "should_refuse")["decision"] == "not_worse"


def test_another_name_draws_anew_and_pairs_are_what_both_asked(ws: Workspace) -> None:
    found = held(ws, "first", "second")
    assert found.parts == ("system_prompt",)
    assert all(change.figures["n"].value <= 10 for change in found.changes)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("nobody", "first", "known: first, second"),
        ("first", "nobody", "known: first, second"),
        ("first@3", "first", "first@-1"),
        ("first@0", "first", "first@-1"),
        ("first@-3", "first", "first@-1"),
        ("", "first", "known"),
        ("../first", "first", "known"),
    ],
)
def test_names_that_are_none(ws: Workspace, before: str, after: str, said: str) -> None:
    with pytest.raises(MofangError) as caught:
        held(ws, before, after)
    assert said in caught.value.diagnostics()


@pytest.mark.parametrize("margin", ["0", "1", "2", "-0.1", "x", "", "nan"])
def test_a_margin_that_is_none(ws: Workspace, margin: str) -> None:
    with pytest.raises(MofangError):
        held(ws, "first", "first", margin)


def test_a_run_that_was_collected_is_said_to_be(ws: Workspace) -> None:
    [gone, *_later] = ws.refs.log("assessments", "first")
    assert gone.digest
    ws.objects.remove(gone.digest)
    with pytest.raises(MofangError, match="no longer here") as caught:
        held(ws, "first@1", "first")
    assert "first@-1" in str(caught.value.remedy)


def test_an_empty_workspace_knows_no_assessment(tmp_path: Path) -> None:
    with pytest.raises(MofangError, match="no assessment"):
        held(Workspace.create(tmp_path / ".mofang"), "first", "second")


@pytest.mark.parametrize(
    ("name", "kept"),
    [("first", "first"), ("复测", "复测"), ("a/b", "a-b"), (".x", "x"), ("...", "-"), ("", "-")],
)
def test_under_which_name_runs_are_kept(name: str, kept: str) -> None:
    assert ref_name(name) == kept
