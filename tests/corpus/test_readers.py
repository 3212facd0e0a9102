"""Readers: records with their place in the file, and every kind of bad file named."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mofang.corpus.errors import ChangedFile
from mofang.corpus.inventory import SUFFIXES
from mofang.corpus.protocols import Part, Problem
from mofang.corpus.readers import read
from mofang.corpus.record import RawRecord


def read_file(path: Path, **rest: Any) -> tuple[list[RawRecord], list[Problem]]:
    raw = path.read_bytes()
    part = Part(path.parent, path.name, len(raw), f"sha256:{hashlib.sha256(raw).hexdigest()}", **rest)
    problems: list[Problem] = []
    return list(read(SUFFIXES[path.suffix], part, problems)), problems


def test_a_text_file_is_one_record(tmp_path: Path, simplified: list[str]) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(simplified[0].encode("gb18030"))
    records, problems = read_file(file)
    assert problems == []
    assert [(r.ordinal, r.key, r.byte_start, r.byte_end) for r in records] == [
        (0, None, 0, file.stat().st_size)
    ]
    assert (records[0].text, records[0].encoding, records[0].raw) == (
        simplified[0],
        "gb18030",
        file.read_bytes(),
    )


@pytest.mark.parametrize("raw", [b"\x00" * 64, bytes(range(256)) * 4, b"\xff\xd8\xff\xe0" + bytes(100)])
def test_a_binary_file_is_a_flagged_record(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(raw)
    records, _problems = read_file(tmp_path / "a.txt")
    assert [record.flags for record in records] == [("undecodable",)]


def test_a_web_page_gives_its_main_content(tmp_path: Path, simplified: list[str]) -> None:
    body = "".join(f"<p>{text}</p>" for text in simplified[:3])
    page = (
        '<html><head><meta charset="gb2312"><title>题</title><script>var x=1</script></head><body>'
        f"<nav><a href=/>首页</a><a href=/2>新闻</a></nav><article><h1>标题</h1>{body}</article>"
        "<footer>版权所有 ICP备1号</footer></body></html>"
    )
    for encoding in ("gb18030", "utf-8"):
        (tmp_path / "a.html").write_bytes(page.encode(encoding))
        records, problems = read_file(tmp_path / "a.html")
        assert (len(records), problems) == (1, [])
        assert all(text[:40] in records[0].text for text in simplified[:3])
        assert "var x" not in records[0].text
        assert "首页" not in records[0].text
        assert [edit.code for edit in records[0].edits] == ["main_content"]


@pytest.mark.parametrize("raw", [b"<html></html>", b"<", b"<!-- only a comment -->", b"<script>x</script>"])
def test_a_page_without_text_is_a_problem(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "a.html").write_bytes(raw)
    records, problems = read_file(tmp_path / "a.html")
    if records:
        assert raw == b"<"
    else:
        assert [problem.code for problem in problems] == ["no_text"]


def test_lines_know_their_number_and_bytes(tmp_path: Path) -> None:
    lines = ['{"text": "甲", "id": "k1"}', "", '{"id": 7, "text": "乙"}\r', '{"text": "丙", "id": "k3"}']
    raw = b"\xef\xbb\xbf" + "\n".join(lines).encode()
    (tmp_path / "a.jsonl").write_bytes(raw)
    records, problems = read_file(tmp_path / "a.jsonl", key="id")
    assert problems == []
    assert [(r.ordinal, r.key, r.text) for r in records] == [(0, "k1", "甲"), (2, "7", "乙"), (3, "k3", "丙")]
    assert all(raw[r.byte_start : r.byte_end] == r.raw for r in records)
    assert json.loads(records[1].raw)["text"] == "乙"


BAD_LINES = [
    "{not json",
    '{"text": 5}',
    '{"body": "x"}',
    '["text"]',
    "null",
    '{"text": "cut',
    '{"text": "\\ud800"}',
    "[" * 100_000,
    '{"text": "x", "n": ' + "9" * 5000 + "}",
    "\x00\x00",
]


@pytest.mark.parametrize("bad", BAD_LINES)
def test_a_bad_line_is_named_and_the_rest_goes_on(tmp_path: Path, bad: str) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "甲"}\n' + bad + '\n{"text": "乙"}\n', encoding="utf-8")
    records, problems = read_file(tmp_path / "a.jsonl")
    assert [record.text for record in records] == ["甲", "乙"]
    assert [(problem.code, problem.place) for problem in problems] == [("bad_line", 2)]


@pytest.mark.parametrize(
    "bad",
    ['{"text": "x"}', '{"text": "x", "id": ""}', '{"text": "x", "id": true}', '{"text": "x", "id": [1]}'],
)
def test_a_line_without_its_key_is_bad(tmp_path: Path, bad: str) -> None:
    (tmp_path / "a.jsonl").write_text(bad)
    records, problems = read_file(tmp_path / "a.jsonl", key="id")
    assert (records, len(problems)) == ([], 1)


def test_messages_about_bad_lines_quote_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "电话13800138000", }\n{"tel": "13800138000"}')
    _records, problems = read_file(tmp_path / "a.jsonl")
    assert len(problems) == 2
    assert "138" not in "".join(problem.message for problem in problems)


def test_lines_in_gb18030_are_read(tmp_path: Path, simplified: list[str]) -> None:
    lines = [json.dumps({"text": text}, ensure_ascii=False) for text in simplified[:20]]
    (tmp_path / "a.jsonl").write_bytes("\n".join(lines).encode("gb18030"))
    records, problems = read_file(tmp_path / "a.jsonl")
    assert problems == []
    assert [record.text for record in records] == simplified[:20]
    assert {record.encoding for record in records} == {"gb18030"}


def test_a_span_of_lines_reads_as_the_whole(tmp_path: Path) -> None:
    raw = b"".join(b'{"text": "%d"}\n' % n for n in range(100))
    (tmp_path / "a.jsonl").write_bytes(raw)
    whole, _none = read_file(tmp_path / "a.jsonl")
    cut = raw.index(b'{"text": "60"}')
    parts = []
    for start, end, line in ((0, cut, 0), (cut, len(raw), 60)):
        digest = f"sha256:{hashlib.sha256(raw[start:end]).hexdigest()}"
        part = Part(tmp_path, "a.jsonl", len(raw), "", span=(start, end, line), span_digest=digest)
        parts += list(read("lines", part, []))
    assert parts == whole


def test_parquet_rows_have_their_number(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": [f"k{n}" for n in range(5000)],
            "text": [f"第{n}条" for n in range(5000)],
            "other": list(range(5000)),
        }
    )
    for group in (700, 5000):
        pq.write_table(table, tmp_path / "a.parquet", row_group_size=group)
        whole, problems = read_file(tmp_path / "a.parquet", key="id")
        assert (len(whole), problems) == (5000, [])
        records, _none = read_file(tmp_path / "a.parquet", key="id", span=(1300, 2950, 0))
        assert records == whole[1300:2950]
        assert (records[0].ordinal, records[0].key, records[0].text) == (1300, "k1300", "第1300条")
        assert (records[0].byte_start, records[0].byte_end) == (None, None)


def test_parquet_rows_without_text_are_named(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["甲", None, "丙"], "id": [1, 2, None]}), tmp_path / "a.parquet")
    records, problems = read_file(tmp_path / "a.parquet")
    assert [record.text for record in records] == ["甲", "丙"]
    assert [(problem.code, problem.place) for problem in problems] == [("bad_row", 2)]
    _records, problems = read_file(tmp_path / "a.parquet", key="id")
    assert [problem.place for problem in problems] == [2, 3]
    pq.write_table(pa.table({"text": [1, 2]}), tmp_path / "b.parquet")
    assert [problem.place for problem in read_file(tmp_path / "b.parquet")[1]] == [1, 2]


def test_a_parquet_file_damaged_inside_is_named(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"text": [f"第{n}条" * 50 for n in range(3000)]}), tmp_path / "a.parquet", compression="zstd"
    )
    raw = bytearray((tmp_path / "a.parquet").read_bytes())
    raw[100:2000] = bytes(1900)
    (tmp_path / "a.parquet").write_bytes(raw)
    _records, problems = read_file(tmp_path / "a.parquet")
    assert [problem.code for problem in problems] == ["damaged"]


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.jsonl", "a.parquet"])
def test_a_file_that_changed_or_went_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"12345678")
    part = Part(tmp_path, name, 8, f"sha256:{hashlib.sha256(b'other').hexdigest()}")
    with pytest.raises(ChangedFile) as error:
        list(read(SUFFIXES[Path(name).suffix], part, []))
    assert error.value.where == str(tmp_path / name)
    (tmp_path / name).unlink()
    with pytest.raises(ChangedFile):
        list(read(SUFFIXES[Path(name).suffix], part, []))
