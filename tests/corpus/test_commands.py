"""The commands of the room, as a person calls them."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from mofang.corpus.commands import corpus
from mofang.corpus.errors import BadLexicon
from mofang.corpus.lexicon import demo_file


def test_scan_lists_what_is_read_and_what_is_not(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("甲", encoding="utf-8")
    (tmp_path / "b.zip").write_bytes(b"PK")
    done = CliRunner().invoke(corpus, ["scan", str(tmp_path)])
    assert done.exit_code == 0
    assert "a.txt: 3 bytes, read as plain" in done.output
    assert "b.zip: not read: files of type .zip are not read\n  → unpack it into the folder" in done.output
    assert "1 files, 3 bytes in 1 shards; 1 files not read" in done.output
    facts = json.loads(CliRunner().invoke(corpus, ["scan", str(tmp_path), "--json"]).output)
    assert (facts["files"], [entry["code"] for entry in facts["unread"]]) == (1, ["suffix"])


def test_a_good_lexicon_passes(tmp_path: Path) -> None:
    done = CliRunner().invoke(corpus, ["lexicon", "check", str(demo_file())])
    assert done.exit_code == 0
    assert "44 terms" in done.output
    assert "never for a submission" in done.output


def test_a_bad_line_fails_the_check_and_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("term,risk\n甲词,A.1.a\n乙词,\n", encoding="utf-8")
    done = CliRunner().invoke(corpus, ["lexicon", "check", str(tmp_path / "x.csv"), "--json"])
    assert isinstance(done.exception, BadLexicon)
    assert done.exception.where == f"{tmp_path / 'x.csv'}:3"
    assert json.loads(done.output)["bad"][0]["line"] == 3
