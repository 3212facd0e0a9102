"""Taking stock of a folder: everything is either read or named with a reason."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mofang.corpus import measuring
from mofang.corpus.config import Source
from mofang.corpus.errors import SourceError
from mofang.corpus.inventory import scan
from mofang.evidence.digest import sha256_file

Declare = Callable[..., Source]


def fill(folder: Path, files: dict[str, bytes | str]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def test_files_are_listed_by_name_with_their_digest(tmp_path: Path, declare: Declare) -> None:
    fill(
        tmp_path / "data",
        {"b.txt": "乙", "a/c.MD": "丙", "a.html": "<p>甲", ".git/x": "no", ".hidden.txt": "no"},
    )
    found = scan(declare(), tmp_path)
    assert [(file.path, file.reader) for file in found.files] == [
        ("a.html", "web"),
        ("a/c.MD", "plain"),
        ("b.txt", "plain"),
    ]
    assert found.files[2].digest == sha256_file(tmp_path / "data" / "b.txt")
    assert found.unread == ()
    assert [entry["path"] for entry in found.items[0]["files"]] == ["a.html", "a/c.MD", "b.txt"]
    assert str(tmp_path) not in json.dumps(found.items)


def test_a_source_may_be_one_file(tmp_path: Path, declare: Declare) -> None:
    fill(tmp_path, {"data/one.txt": "甲", "data/two.txt": "乙"})
    assert [file.path for file in scan(declare(path="data/one.txt"), tmp_path).files] == ["one.txt"]


def test_a_missing_source_is_an_error(tmp_path: Path, declare: Declare) -> None:
    with pytest.raises(SourceError) as error:
        scan(declare(path="nowhere"), tmp_path)
    assert error.value.where == str(tmp_path / "nowhere")


def test_what_is_not_read_is_named_with_a_remedy(tmp_path: Path, declare: Declare) -> None:
    whole = tmp_path / "whole.parquet"
    pq.write_table(pa.table({"body": ["甲"] * 100}), whole)
    data = tmp_path / "data"
    data.mkdir()
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), data / "rowless.parquet")
    fill(
        data,
        {
            "a.zip": "PK",
            "b.docx": "PK",
            "c.exe": "MZ",
            "d": "no suffix",
            "empty.txt": "",
            "cut.parquet": whole.read_bytes()[:-40],
            "column.parquet": whole.read_bytes(),
            "no.parquet": "not parquet at all",
            "good.txt": "好",
        },
    )
    fill(tmp_path, {"secret.txt": "outside"})
    (data / "out.txt").symlink_to(tmp_path / "secret.txt")
    (data / "lost.txt").symlink_to(data / "nothing.txt")
    (data / "inside.txt").symlink_to(data / "good.txt")
    (data / "loop").symlink_to(data)
    os.mkfifo(data / "pipe.txt")
    (data / os.fsdecode(b"\xff\xfe.txt")).write_text("odd name")
    found = scan(declare(), tmp_path)
    assert [file.path for file in found.files] == ["good.txt", "inside.txt"]
    assert {entry.path: entry.code for entry in found.unread} == {
        "a.zip": "suffix",
        "b.docx": "suffix",
        "c.exe": "suffix",
        "d": "suffix",
        "empty.txt": "empty",
        "rowless.parquet": "empty",
        "cut.parquet": "broken",
        "column.parquet": "column",
        "no.parquet": "broken",
        "out.txt": "leaves_the_source",
        "lost.txt": "link",
        "loop": "link",
        "pipe.txt": "not_a_file",
        "\\udcff\\udcfe.txt": "name",
    }
    assert all(entry.reason and entry.remedy for entry in found.unread)


def test_one_changed_file_changes_its_own_shard_alone(
    tmp_path: Path, declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mofang.corpus.sharding.TARGET", 4096)
    fill(tmp_path / "data", {f"{n:03}.txt": f"第{n}篇" * 40 for n in range(200)})
    before = scan(declare(), tmp_path).items
    assert len(before) > 5
    (tmp_path / "data" / "100.txt").write_text("改第100篇" * 30)
    after = scan(declare(), tmp_path).items
    changed = [item for item in after if item not in before]
    assert len(changed) == 1
    assert len(after) == len(before)
    assert "100.txt" in [entry["path"] for entry in changed[0]["files"]]


def test_a_second_scan_reads_no_file(
    tmp_path: Path, declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    pq.write_table(pa.table({"text": ["甲"] * 5000}), tmp_path / "big.parquet")
    fill(
        tmp_path / "data",
        {"a.txt": "甲", "b.jsonl": '{"text": "乙"}', "c.parquet": (tmp_path / "big.parquet").read_bytes()},
    )
    cache = tmp_path / "cache" / "own.json"
    first = scan(declare(), tmp_path, cache=cache)
    asked: list[str] = []
    real = measuring.measure

    def counting(path: Path, reader: str) -> measuring.Measure:
        asked.append(path.name)
        return real(path, reader)

    monkeypatch.setattr("mofang.corpus.inventory.measure", counting)
    assert scan(declare(), tmp_path, cache=cache) == first
    assert asked == []
    (tmp_path / "data" / "a.txt").write_text("改")
    scan(declare(), tmp_path, cache=cache)
    assert asked == ["a.txt"]
    assert scan(declare(), tmp_path, cache=cache, rehash=True).files[1:] == first.files[1:]
    assert asked == ["a.txt", "a.txt", "b.jsonl", "c.parquet"]


@pytest.mark.parametrize("content", ["{not json", "[]", '{"format": 0}', ""])
def test_a_damaged_cache_counts_as_empty(tmp_path: Path, declare: Declare, content: str) -> None:
    fill(tmp_path, {"data/a.txt": "甲", "cache.json": content})
    assert len(scan(declare(), tmp_path, cache=tmp_path / "cache.json").files) == 1
    assert json.loads((tmp_path / "cache.json").read_bytes())["format"] == measuring.FORMAT


def test_a_big_file_of_lines_is_cut_between_lines(
    tmp_path: Path, declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mofang.corpus.measuring.TARGET", 10_000)
    monkeypatch.setattr("mofang.corpus.measuring.BLOCK", 1_000)
    lines = [json.dumps({"text": f"第{n}行" * 20}) for n in range(500)]
    raw = "\n".join(lines).encode()
    fill(tmp_path, {"data/a.jsonl": raw})
    found = scan(declare(), tmp_path)
    spans = found.files[0].spans
    assert len(spans) == len(found.items) > 5
    assert [span.start for span in spans] == [0, *(span.end for span in spans[:-1])]
    assert spans[-1].end == len(raw)
    for span in spans:
        assert raw[: span.start].count(b"\n") == span.line
        assert span.start == 0 or raw[span.start - 1 : span.start] == b"\n"


def test_parquet_is_cut_into_rows(tmp_path: Path, declare: Declare) -> None:
    (tmp_path / "data").mkdir()
    pq.write_table(pa.table({"text": ["甲"] * 9000}), tmp_path / "data" / "a.parquet")
    assert [(s.start, s.end) for s in scan(declare(), tmp_path).files[0].spans] == [
        (0, 4096),
        (4096, 8192),
        (8192, 9000),
    ]


def test_the_proof_of_a_source_is_digested_if_it_is_there(tmp_path: Path, declare: Declare) -> None:
    fill(tmp_path, {"data/a.txt": "甲", "contract.txt": "合同"})
    assert scan(declare(contract="contract.txt"), tmp_path).contract_digest == sha256_file(
        tmp_path / "contract.txt"
    )
    assert scan(declare(contract="none.txt"), tmp_path).contract_digest is None


def test_a_document_beyond_the_limit_is_left_unread(
    tmp_path: Path, declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mofang.corpus.inventory.LARGEST_DOCUMENT", 10)
    fill(tmp_path, {"data/a.txt": "甲" * 10})
    assert [entry.code for entry in scan(declare(), tmp_path).unread] == ["too_large"]
