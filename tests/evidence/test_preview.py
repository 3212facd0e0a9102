from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.evidence.digest import Digest
from mofang.evidence.leaves import LEAVES, write_leaves
from mofang.evidence.objects import ObjectStore
from mofang.evidence.preview import PARQUET, body_of, leaf_text, printable, veiled


def table(objects: ObjectStore, rows: int) -> Digest:
    values = {
        "record_id": [bytes([n]) * 16 for n in range(rows)],
        "text": ["字" * 100] * rows,
        "edits": [[{"code": "x", "start": 1}]] * rows,
    }
    with objects.create() as writer:
        pq.write_table(
            pa.table(values).replace_schema_metadata({"mofang.schema": "mofang.text/1"}), writer.path
        )
    return writer.digest


def test_table_shows_schema_rows_and_short_cells(objects: ObjectStore) -> None:
    shown = body_of(objects, table(objects, 12), PARQUET, reveal=False)
    assert shown.facts == [("rows", "12"), ("columns", "3"), ("mofang.schema", "mofang.text/1")]
    assert shown.text is not None
    lines = shown.text.splitlines()
    assert lines[:3] == [
        "  record_id: binary",
        "  text: string",
        "  edits: list<element: struct<code: string, start: int64>>",
    ]
    assert shown.text.count('"record_id"') == 5
    assert f'"text": "{"字" * 60}…"' in shown.text
    assert "字" * 61 not in shown.text


def test_empty_and_broken_tables(objects: ObjectStore) -> None:
    shown = body_of(objects, table(objects, 0), PARQUET, reveal=False)
    assert shown.facts[0] == ("rows", "0")
    broken = body_of(objects, objects.put(b"PAR1 not a table"), "", reveal=False)
    assert broken.text is None
    assert broken.facts[0][1].startswith("a Parquet table that cannot be read")


def test_leaves_are_listed_and_veiled(objects: ObjectStore) -> None:
    segment = write_leaves(objects, [{"kind": "content", "text": "harm", "n": n} for n in range(12)])
    shown = body_of(objects, segment.digest, LEAVES, reveal=False)
    assert shown.facts == [("leaves", "12")]
    assert shown.text is not None
    assert "harm" not in shown.text
    assert shown.text.splitlines()[-1] == "… and 2 more"
    assert shown.links[0] == f"{segment.digest}#0"
    assert "harm" in (body_of(objects, segment.digest, LEAVES, reveal=True).text or "")
    empty = body_of(objects, write_leaves(objects, []).digest, LEAVES, reveal=False)
    assert (empty.facts, empty.text, empty.links) == ([("leaves", "0")], None, [])


@pytest.mark.parametrize(
    ("leaf", "hidden"),
    [
        ({"kind": "should_refuse", "text": "t"}, True),
        ({"kind": "content", "text": "t"}, True),
        ({"kind": "should_not_refuse", "text": "t"}, False),
        ({"question": "q1", "text": "t"}, True),
        ({"record_id": "00", "text": "t"}, False),
    ],
)
def test_what_is_veiled(leaf: dict[str, str], hidden: bool) -> None:
    assert (veiled(leaf)["text"] != "t") is hidden
    assert json.loads(leaf_text(leaf, reveal=True)) == leaf


def test_nothing_of_a_veiled_text_is_shown() -> None:
    assert veiled({"kind": "content", "text": "abc"})["text"] == "[veiled, 3 characters; shown with --reveal]"
    assert veiled({"kind": "content", "text": ""})["text"] == ""


def test_json_text_and_binary(objects: ObjectStore) -> None:
    assert body_of(objects, objects.put_json({"b": "字"}), "", False).text == '{\n  "b": "字"\n}'
    assert body_of(objects, objects.put("文字".encode()), "text/plain", False).text == "文字"
    assert body_of(objects, objects.put(b"{not json"), "", False).text == "{not json"
    binary = objects.put(b"%PDF\0\xff")
    assert body_of(objects, binary, "application/pdf", False).facts == [
        ("content", f"binary; it lies at {objects.path(binary)}")
    ]
    assert body_of(objects, objects.put(b"\xff\xfe\xff\xfe"), "", False).text is None
    assert body_of(objects, objects.put(b""), "", False).text == ""


def test_long_text_is_cut_between_characters(objects: ObjectStore) -> None:
    shown = body_of(objects, objects.put(b"x" + "字".encode() * 50_000), "text/plain", False)
    assert shown.text is not None
    assert shown.text.endswith("… cut after 20000 characters")
    assert shown.text.startswith("x字字")


@given(st.text())
def test_nothing_shown_can_steer_a_terminal(text: str) -> None:
    shown = printable(text + "\x1b[2J\u202e\u0085")
    assert not set(shown) & {chr(n) for n in [*range(9), *range(11, 32), *range(127, 160), 0x202E, 0x2066]}
