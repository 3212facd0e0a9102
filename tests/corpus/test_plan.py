"""The plan: nodes by their fixed names, keys that hold no path, and one changed file that changes one job."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mofang.compute.graph import Node, expand
from mofang.corpus.config import Source
from mofang.evidence.digest import canonical

Declare = Callable[..., Source]
NodesOf = Callable[..., list[Node]]


@pytest.fixture
def two(tmp_path: Path, declare: Declare) -> tuple[Source, Source]:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(name * 20)
    (tmp_path / "lexicon.csv").write_text("term,risk\n甲词,A.1.a\n", encoding="utf-8")
    return declare("one", "one"), declare("two", "two")


def test_nodes_have_their_names(two: tuple[Source, Source], nodes_of: NodesOf, tmp_path: Path) -> None:
    names = [node.name for node in nodes_of(*two, lexicon=tmp_path / "lexicon.csv")]
    steps = ("read", "pii", "screen", "decide", "publish")
    assert sorted(names) == sorted(
        [
            "corpus.lexicon",
            "corpus.dedup",
            "corpus.manifest",
            *(f"corpus.{s}/{n}" for s in steps for n in ("one", "two")),
        ]
    )


def test_keys_hold_no_path_of_this_machine_and_no_secret(
    two: tuple[Source, Source], nodes_of: NodesOf, tmp_path: Path
) -> None:
    for job in expand(nodes_of(*two, lexicon=tmp_path / "lexicon.csv")).values():
        text = canonical(job.params).decode()
        assert str(tmp_path) not in text
        assert "5a5a" not in text


def test_one_changed_file_changes_one_reading_job(
    declare: Declare, nodes_of: NodesOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mofang.corpus.sharding.TARGET", 4096)
    (tmp_path / "data").mkdir()
    for n in range(100):
        (tmp_path / "data" / f"{n:03}.txt").write_text(f"{n} " * 300)

    def reading() -> set[str]:
        return {
            json.dumps(job.params, sort_keys=True)
            for job in expand(nodes_of(declare())).values()
            if job.kind.name == "corpus.read"
        }

    before = reading()
    (tmp_path / "data" / "050.txt").write_text("x " * 400)
    after = reading()
    assert len(before) > 5
    assert (len(before - after), len(after - before)) == (1, 1)


def test_withdrawn_records_change_the_jobs_of_their_source_alone(
    two: tuple[Source, Source], nodes_of: NodesOf
) -> None:
    plain = {node.name: node for node in nodes_of(*two)}
    gone = {node.name: node for node in nodes_of(*two, withdrawn={"two": {"b" * 32, "a" * 32}})}
    assert [name for name in plain if plain[name] != gone[name]] == ["corpus.read/two"]
    assert gone["corpus.read/two"].params["withdrawn"] == ["a" * 32, "b" * 32]


def test_planning_imports_nothing_heavy() -> None:
    code = (
        "import sys, mofang.corpus.plan, mofang.corpus.commands, mofang.corpus.inventory\n"
        "import mofang.corpus.explain, mofang.corpus.forget, mofang.corpus.lexicon\n"
        "print([m for m in ('pyarrow', 'numpy', 'resiliparse', 'daachorse', 'cchardet') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
