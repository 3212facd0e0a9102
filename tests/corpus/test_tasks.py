"""The jobs of a corpus, run in order over real text."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mofang.compute.graph import Node
from mofang.compute.kinds import Outcome
from mofang.corpus import tables
from mofang.corpus.config import Policy, Source
from mofang.corpus.errors import ChangedFile, CorpusError
from mofang.corpus.lexicon import term_id
from mofang.evidence.objects import ObjectStore

Declare = Callable[..., Source]
NodesOf = Callable[..., list[Node]]
RunNodes = Callable[[list[Node]], dict[str, list[Outcome]]]

PHONE = "13800138000"


@pytest.fixture
def delivery(tmp_path: Path, simplified: list[str], traditional: list[str]) -> Path:
    """A folder with one of everything: encodings, formats, duplicates, personal information, listed terms,
    junk."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "a-gbk.txt").write_bytes(simplified[0].encode("gb18030"))
    (data / "b-utf8.md").write_text(simplified[0].replace("，", "， "), encoding="utf-8")
    (data / "c-big5.txt").write_bytes(traditional[0].encode("big5hkscs", "ignore"))
    (data / "d-binary.txt").write_bytes(bytes(range(256)) * 20)
    (data / "e-short.txt").write_text("太短", encoding="utf-8")
    (data / "f-phone.txt").write_text(f"{simplified[1]}联系电话{PHONE}。", encoding="utf-8")
    (data / "g-listed.txt").write_text(simplified[2] + "虚 构禁语甲", encoding="utf-8")
    rows = [
        json.dumps({"id": f"k{n}", "text": text}, ensure_ascii=False)
        for n, text in enumerate(simplified[3:23])
    ]
    (data / "h.jsonl").write_text("\n".join([*rows[:5], "{bad", *rows[5:]]), encoding="utf-8")
    pq.write_table(
        pa.table({"text": traditional[10:20], "id": [f"p{n}" for n in range(10)]}), data / "i.parquet"
    )
    (data / "j.html").write_text(f"<article><p>{simplified[30]}</p></article>", encoding="utf-8")
    (tmp_path / "lexicon.csv").write_text("term,risk\n虚构禁语甲,A.1.f\n", encoding="utf-8")
    return data


@pytest.fixture
def made(
    delivery: Path, tmp_path: Path, declare: Declare, nodes_of: NodesOf, run_nodes: RunNodes
) -> dict[str, list[Outcome]]:
    policy = Policy(drop_risks=("A.1.f",))
    return run_nodes(nodes_of(declare(contract="x.txt"), policy=policy, lexicon=tmp_path / "lexicon.csv"))


def rows(objects: ObjectStore, outcomes: list[Outcome], output: str) -> list[dict[str, Any]]:
    return [
        row
        for outcome in outcomes
        for row in tables.read(objects, outcome.outputs[output].digest).to_pylist()
    ]


def test_tables_of_a_shard_are_row_aligned(made: dict[str, list[Outcome]], objects: ObjectStore) -> None:
    names = [
        [row["record_id"] for row in rows(objects, made[f"corpus.{step}/own"], table)]
        for step, table in (
            ("read", "text"),
            ("read", "keys"),
            ("pii", "pii"),
            ("screen", "screen"),
            ("decide", "decisions"),
        )
    ]
    assert all(each == names[0] for each in names)
    assert len(set(names[0])) == len(names[0]) == 38


def test_what_became_of_each_file(made: dict[str, list[Outcome]], objects: ObjectStore) -> None:
    text = rows(objects, made["corpus.read/own"], "text")
    decided = rows(objects, made["corpus.decide/own"], "decisions")
    found = {
        row["path"]: (row["encoding"], each["decision"], [r["code"] for r in each["reasons"]])
        for row, each in zip(text, decided, strict=True)
    }
    doubles = sorted([found.pop("a-gbk.txt"), found.pop("b-utf8.md")], key=lambda each: each[1])
    assert [each[1] for each in doubles] == ["drop", "keep"]
    assert doubles[0][2] == ["duplicate"]
    assert found["c-big5.txt"] == ("big5hkscs", "keep", [])
    assert found["d-binary.txt"][1:] == ("drop", ["undecodable"])
    assert found["e-short.txt"][1:] == ("drop", ["too_short"])
    assert found["f-phone.txt"][1:] == ("redact", ["personal_information"])
    assert found["g-listed.txt"][1:] == ("drop", ["listed_term"])
    assert found["j.html"][1:] == ("keep", [])


def test_published_records_are_masked_and_carry_their_terms_of_use(
    made: dict[str, list[Outcome]], objects: ObjectStore
) -> None:
    published = rows(objects, made["corpus.publish/own"], "published")
    assert len(published) == 38 - 4
    assert {(row["licence"], row["origin"], row["method"], row["contract"]) for row in published} == {
        ("CC-BY-4.0", "domestic", "open", "x.txt")
    }
    by_path = {row["path"]: row["text"] for row in published}
    assert by_path["f-phone.txt"].endswith("联系电话[手机号]。")
    assert not any(PHONE in row["text"] for row in published)


def test_no_table_but_text_holds_text(made: dict[str, list[Outcome]], objects: ObjectStore) -> None:
    for node, outcomes in made.items():
        for outcome in outcomes:
            for name, output in outcome.outputs.items():
                if name not in ("text", "lexicon") and output.media_type == tables.PARQUET:
                    assert PHONE not in str(tables.read(objects, output.digest).to_pylist()), (node, name)


def test_screening_names_terms_by_id(made: dict[str, list[Outcome]], objects: ObjectStore) -> None:
    hits = [hit for row in rows(objects, made["corpus.screen/own"], "screen") for hit in row["findings"]]
    assert [(hit["term"], hit["risk"]) for hit in hits] == [(term_id("虚构禁语甲"), "A.1.f")]


def test_bad_lines_are_notes_and_counted(made: dict[str, list[Outcome]]) -> None:
    outcome = made["corpus.read/own"][0]
    notes = [note for each in made["corpus.read/own"] for note in each.notes]
    assert [(note["code"], note["where"]) for note in notes] == [("bad_line", "h.jsonl:6")]
    assert (
        outcome.counts["problems"] + sum(each.counts["problems"] for each in made["corpus.read/own"][1:]) == 1
    )


def test_the_manifest_names_every_shard_and_counts_agree(
    made: dict[str, list[Outcome]], objects: ObjectStore
) -> None:
    outcome = made["corpus.manifest"][0]
    dataset = objects.json(outcome.outputs["dataset"].digest)
    assert dataset["tables"]["text"]["schema"] == "mofang.text/1"
    shards = [each.outputs["text"].digest for each in made["corpus.read/own"]]
    assert dataset["tables"]["text"]["shards"] == {"own": shards}
    assert dataset["lexicon"] == made["corpus.lexicon"][0].outputs["lexicon"].digest
    assert dataset["sources"][0]["files"] == 10
    counts = objects.json(outcome.outputs["ledger_counts"].digest)
    assert counts["totals"] == counts["sources"]["own"]
    totals = counts["totals"]
    assert (totals["records"], totals["keep"], totals["redact"], totals["drop"]) == (38, 33, 1, 4)
    assert totals["reasons"] == {
        "duplicate": 1,
        "listed_term": 1,
        "personal_information": 1,
        "too_short": 1,
        "undecodable": 1,
    }
    assert totals["dropped_by"] == {"duplicate": 1, "listed_term": 1, "too_short": 1, "undecodable": 1}
    assert totals["pii"] == {"mobile": 1}
    assert (totals["listed"], totals["listed_published"], totals["screened"], totals["problems"]) == (
        1,
        0,
        38,
        1,
    )


def test_withdrawn_records_are_left_out(
    made: dict[str, list[Outcome]],
    objects: ObjectStore,
    declare: Declare,
    nodes_of: NodesOf,
    run_nodes: RunNodes,
) -> None:
    first = rows(objects, made["corpus.read/own"], "text")[0]["record_id"].hex()
    again = run_nodes(nodes_of(declare(), withdrawn={"own": [first]}))
    names = [row["record_id"].hex() for row in rows(objects, again["corpus.read/own"], "text")]
    assert first not in names
    assert len(names) == 37
    counts = objects.json(again["corpus.manifest"][0].outputs["ledger_counts"].digest)
    assert counts["totals"]["withdrawn"] == 1
    assert counts["totals"]["duplicates"] == 0


def test_the_same_files_give_the_same_digests_however_they_are_split(
    delivery: Path, declare: Declare, nodes_of: NodesOf, run_nodes: RunNodes
) -> None:
    one = run_nodes(nodes_of(declare()))
    two = run_nodes(list(nodes_of(declare())))
    for node, outcomes in one.items():
        assert [each.outputs for each in outcomes] == [each.outputs for each in two[node]], node


def test_without_a_lexicon_nothing_is_screened(
    delivery: Path, objects: ObjectStore, declare: Declare, nodes_of: NodesOf, run_nodes: RunNodes
) -> None:
    made = run_nodes(nodes_of(declare()))
    dataset = objects.json(made["corpus.manifest"][0].outputs["dataset"].digest)
    counts = objects.json(made["corpus.manifest"][0].outputs["ledger_counts"].digest)
    assert dataset["lexicon"] is None
    assert (counts["totals"]["screened"], counts["totals"]["listed"]) == (0, 0)


def test_an_empty_source_is_a_source_without_records(
    tmp_path: Path, objects: ObjectStore, declare: Declare, nodes_of: NodesOf, run_nodes: RunNodes
) -> None:
    (tmp_path / "data").mkdir()
    made = run_nodes(nodes_of(declare()))
    counts = objects.json(made["corpus.manifest"][0].outputs["ledger_counts"].digest)
    assert counts["sources"]["own"]["records"] == 0


def test_a_file_changed_after_the_scan_stops_its_shard(
    delivery: Path, declare: Declare, nodes_of: NodesOf, run_nodes: RunNodes
) -> None:
    nodes = nodes_of(declare())
    (delivery / "e-short.txt").write_text("改了", encoding="utf-8")
    with pytest.raises(ChangedFile, match="changed"):
        run_nodes(nodes)


def test_a_missing_key_is_said(
    delivery: Path, declare: Declare, nodes_of: NodesOf, run_nodes: RunNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = nodes_of(declare())
    broken = [
        Node(n.name, n.kind, n.params, n.inputs, {}, n.items, n.each) if n.kind == "corpus.pii" else n
        for n in nodes
    ]
    with pytest.raises(CorpusError, match="key"):
        run_nodes(broken)


def test_a_record_named_twice_in_a_shard_is_kept_once(
    tmp_path: Path, objects: ObjectStore, declare: Declare, nodes_of: NodesOf, run_nodes: RunNodes
) -> None:
    (tmp_path / "data").mkdir()
    line = json.dumps({"id": "same", "text": "同一条记录" * 10})
    (tmp_path / "data" / "a.jsonl").write_text(f"{line}\n{line}\n")
    made = run_nodes(nodes_of(declare(key="id")))
    assert made["corpus.read/own"][0].counts["repeated"] == 1
    assert len(rows(objects, made["corpus.publish/own"], "published")) == 1
