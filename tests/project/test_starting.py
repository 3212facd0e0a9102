from __future__ import annotations

from pathlib import Path

import pytest

from mofang.assurance.config import PathFacts
from mofang.errors import MofangError
from mofang.project.file import load
from mofang.project.running import look_ahead
from mofang.project.starting import Started, facts_from, look_for_sources, start_project

TEXT = "出差回来以后，请在两周之内把车票和住宿发票交给财务。"


def write(path: Path, text: str = TEXT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def start(folder: Path, corpus: Path | None = None) -> Started:
    return start_project(folder, PathFacts(public=True), as_of="2026-11-22", corpus=corpus)


@pytest.mark.parametrize("name", ["智能助手", "weird: {x}, #y", 'q"uo\\te', "100%", "2026", "-", "[a] & *b"])
def test_whatever_the_folder_is_called_the_project_reads(tmp_path: Path, name: str) -> None:
    start(tmp_path / name)
    project = load(tmp_path / name).project
    assert project.title == {"zh": name, "en": name}
    assert project.provider.name == name


def test_what_is_written_plans_at_once(tmp_path: Path) -> None:
    write(tmp_path / "delivery/制度/a.txt")
    write(tmp_path / "delivery/问答/b.md", TEXT + "二")
    start(tmp_path / "mine", tmp_path / "delivery")
    seen = look_ahead(load(tmp_path / "mine"))
    assert seen.cost is not None
    assert seen.cost.calls == 200 == load(tmp_path / "mine").project.budget.calls
    assert not (tmp_path / "mine/.mofang").exists()


def test_parts_become_sources_with_ids_of_their_own(tmp_path: Path) -> None:
    for name in ("制度", "手册", "source-2", "News 2026"):
        write(tmp_path / "delivery" / name / "a.txt")
    made = start(tmp_path / "mine", tmp_path / "delivery")
    assert sorted(made.sources) == ["news-2026", "source", "source-2", "source-3"]
    assert len(load(tmp_path / "mine").sources) == 4


def test_loose_files_make_one_source(tmp_path: Path) -> None:
    write(tmp_path / "delivery/a.txt")
    write(tmp_path / "delivery/deeper/b.txt")
    assert start(tmp_path / "mine", tmp_path / "delivery").sources == ("delivery",)


def test_parts_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    write(tmp_path / "delivery/texts/a.txt")
    write(tmp_path / "delivery/scans/a.pdf")
    made = start(tmp_path / "mine", tmp_path / "delivery")
    assert (made.sources, made.left_out) == (("texts",), ("scans",))


@pytest.mark.parametrize("names", [(), ("a.pdf",), (".hidden/a.txt",)])
def test_nothing_to_read_writes_nothing(tmp_path: Path, names: tuple[str, ...]) -> None:
    (tmp_path / "delivery").mkdir()
    for name in names:
        write(tmp_path / "delivery" / name)
    with pytest.raises(MofangError, match="can be read"):
        start(tmp_path / "mine", tmp_path / "delivery")
    assert not (tmp_path / "mine").exists()


def test_a_project_does_not_lie_among_its_own_texts(tmp_path: Path) -> None:
    write(tmp_path / "delivery/a.txt")
    for folder in (tmp_path / "delivery", tmp_path / "delivery/inside"):
        with pytest.raises(MofangError, match="among its own texts"):
            start(folder, tmp_path / "delivery")
    write(tmp_path / "parts/texts/a.txt")
    assert start(tmp_path / "parts", tmp_path / "parts").sources == ("texts",)


def test_what_stands_there_is_never_overwritten(tmp_path: Path) -> None:
    kept = write(tmp_path / "mine/sources.yaml", "sources: []\n")
    made = start(tmp_path / "mine")
    assert (made.sources, [path.name for path in made.files]) == ((), ["mofang.yaml"])
    assert kept.read_text("utf-8") == "sources: []\n"
    with pytest.raises(MofangError, match="already"):
        start(tmp_path / "mine")


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(MofangError, match="no such folder"):
        look_for_sources(tmp_path / "mine", write(tmp_path / "a.txt"))


def test_answers_become_facts() -> None:
    assert facts_from({"public": "true", "model": "called"}) == PathFacts(public=True, model="called")
    with pytest.raises(MofangError, match="foo is not a question"):
        facts_from({"foo": "true"})
    with pytest.raises(MofangError, match="maybe is not an answer"):
        facts_from({"public": "maybe"})
