"""Tables: equal rows make equal bytes, for good."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mofang.corpus import tables
from mofang.evidence.digest import Digest
from mofang.evidence.objects import ObjectStore

WRITER = "26.0.1"
# If this digest changes while pyarrow does not, the kinds that write Parquet need a higher version.
GOLDEN = "sha256:c8d66f0cd8200deb8919304986242b10659a09ea464ff413b92b1d59e684acaf"


def text_table(objects: ObjectStore) -> Digest:
    edits = tables.nested(
        tables.TEXT.field("edits").type, [[("width", 0, 2)], [], [("nfc", 1, 2), ("space", 3, 5)]]
    )
    columns = [
        [bytes([n]) * 16 for n in range(3)],
        ["own"] * 3,
        ["a.jsonl"] * 3,
        [0, 1, 2],
        [None, "k", None],
        [0, 10, None],
        [9, 20, None],
        ["sha256:00"] * 3,
        ["00"] * 3,
        ["utf-8", "gb18030", "utf-8"],
        ["甲", "乙", "😀"],
        edits,
        [[], ["undecodable"], []],
    ]
    return tables.write(objects, tables.TEXT, columns, problems=2).digest


def test_the_bytes_of_a_table_are_golden(objects: ObjectStore) -> None:
    if pa.__version__ != WRITER:
        pytest.skip(f"the golden digest is of pyarrow {WRITER}; this is {pa.__version__}")
    assert text_table(objects) == GOLDEN


def test_a_table_comes_back_with_its_schema_and_counts(objects: ObjectStore) -> None:
    digest = text_table(objects)
    table = tables.read(objects, digest)
    assert table.schema.names == tables.TEXT.names
    assert table.schema.field("record_id").type == pa.binary(16)
    assert table.column("edits").to_pylist()[2] == [
        {"code": "nfc", "start": 1, "end": 2},
        {"code": "space", "start": 3, "end": 5},
    ]
    assert table.column("key").to_pylist() == [None, "k", None]
    assert tables.metadata(objects, digest) == {"schema": "mofang.text/1", "problems": "2"}
    assert b"pandas" not in (pq.read_metadata(objects.path(digest)).metadata or {})


@pytest.mark.parametrize("steps", [[10_000], [1, 4095, 4097, 1807], [100] * 100])
def test_row_groups_do_not_depend_on_how_rows_come(objects: ObjectStore, steps: list[int]) -> None:
    names = [n.to_bytes(16, "big") for n in range(10_000)]
    at = 0
    with tables.TableWriter(objects, tables.DUPLICATES) as writer:
        for step in steps:
            part = [pa.array(names[at : at + step], pa.binary(16))] * 2
            writer.append(pa.Table.from_arrays(part, schema=tables.DUPLICATES))
            at += step
    whole = tables.write(objects, tables.DUPLICATES, [names, names])
    assert writer.output == whole
    assert whole.count == 10_000
    found = pq.read_metadata(objects.path(whole.digest))
    assert [found.row_group(n).num_rows for n in range(found.num_row_groups)] == [4096, 4096, 1808]


def test_an_empty_table_is_a_table(objects: ObjectStore) -> None:
    output = tables.write(objects, tables.PII, [[], tables.nested(tables.PII.field("findings").type, [])])
    assert tables.read(objects, output.digest).num_rows == 0
    assert list(tables.batches(objects, output.digest, ["record_id"])) in (
        [],
        [pa.RecordBatch.from_pylist([], tables.PII)],
    )


def test_a_failed_write_leaves_nothing(objects: ObjectStore) -> None:
    writer = tables.TableWriter(objects, tables.KEYS)
    with pytest.raises(ValueError, match="stop"), writer:
        raise ValueError("stop")
    assert list(objects) == []
    assert list(objects.root.glob("tmp/*")) == []
