"""A dataset 数据集: the manifest that names every table's shards, and the counts a person asks for first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow.compute as pc

from mofang.corpus import tables
from mofang.corpus.policy import DROP, KEEP, NOTED, REDACT
from mofang.evidence.digest import Digest
from mofang.evidence.objects import ObjectStore

DATASET = "application/vnd.mofang.dataset+json"
COUNTS = "application/vnd.mofang.corpus-counts+json"
PER_SOURCE = {
    "text": tables.TEXT,
    "keys": tables.KEYS,
    "pii": tables.PII,
    "screen": tables.SCREEN,
    "decisions": tables.DECISIONS,
    "published": tables.PUBLISHED,
}
"""The tables whose shards belong to a source; shard n of each is about the same records."""

TOTALS = (
    "records",
    "keep",
    "redact",
    "drop",
    "chars",
    "published_chars",
    "duplicates",
    "listed",
    "listed_published",
    "screened",
    "unfinished",
    "problems",
    "withdrawn",
)

Shards = Mapping[str, Mapping[str, list[Digest]]]
"""Table name -> source id -> shards."""


def manifest(
    shards: Shards, duplicates: list[Digest], lexicon: list[Digest], declared: Mapping[str, Any]
) -> dict[str, Any]:
    """The dataset as JSON: ``tables`` (name -> schema and shards), and what was ``declared``: role, policy,
    sources."""
    named: dict[str, Any] = {
        name: {"schema": tables.schema_id(schema), "shards": dict(shards[name])}
        for name, schema in PER_SOURCE.items()
    }
    named["duplicates"] = {"schema": tables.schema_id(tables.DUPLICATES), "shards": {"": duplicates}}
    return {"format": 1, "tables": named, "lexicon": lexicon[0] if lexicon else None, **declared}


def count_source(objects: ObjectStore, shards: Mapping[str, list[Digest]], screened: bool) -> dict[str, Any]:
    """What became of a source's records. ``shards`` by table name; shard n of each is about the same records.

    records, keep, redact, drop; chars and published_chars; duplicates; listed (records with a listed term)
    and listed_published; screened (records the lexicon was held against); reasons and dropped_by (records by
    reason code, and of those the ones the reason drops); pii (records by kind); problems, withdrawn (of the
    reading). Of a source that a later step could not finish only records and unfinished are counted."""
    total = Counter(dict.fromkeys(TOTALS, 0))
    by: dict[str, Counter[str]] = {"reasons": Counter(), "dropped_by": Counter(), "pii": Counter()}
    if len(shards["published"]) < len(shards["text"]):
        total["records"] = total["unfinished"] = sum(
            tables.rows(objects, digest) for digest in shards["text"]
        )
    else:
        for mine in zip(*(shards[name] for name in PER_SOURCE), strict=True):
            total.update(_count_shard(objects, dict(zip(PER_SOURCE, mine, strict=True)), by))
        total["screened"] = total["records"] if screened else 0
    total["duplicates"] = by["reasons"]["duplicate"]
    return {**total, **{name: dict(sorted(counter.items())) for name, counter in by.items()}}


def _count_shard(
    objects: ObjectStore, shard: Mapping[str, Digest], by: Mapping[str, Counter[str]]
) -> Counter[str]:
    decisions = tables.read(objects, shard["decisions"], ["decision", "reasons"])
    decision = decisions.column("decision").combine_chunks()
    published = np.asarray(pc.not_equal(decision, DROP))
    chars = np.asarray(tables.read(objects, shard["keys"], ["chars"]).column("chars"))
    listed = (
        np.asarray(
            pc.list_value_length(tables.read(objects, shard["screen"], ["findings"]).column("findings"))
        )
        > 0
    )
    _count_reasons(decisions.column("reasons").combine_chunks(), by)
    _count_kinds(
        tables.read(objects, shard["pii"], ["findings"]).column("findings").combine_chunks(), by["pii"]
    )
    read = tables.metadata(objects, shard["text"])
    return Counter(
        records=len(published),
        **{name: int(pc.sum(pc.equal(decision, name)).as_py() or 0) for name in (KEEP, REDACT, DROP)},
        chars=int(chars.sum()),
        published_chars=int(chars[published].sum()),
        listed=int(listed.sum()),
        listed_published=int((listed & published).sum()),
        problems=int(read.get("problems", 0)),
        withdrawn=int(read.get("withdrawn", 0)),
    )


def _count_reasons(reasons: Any, by: Mapping[str, Counter[str]]) -> None:
    """Records by reason code; one record counts once for a code however often it has it."""
    rows = pc.list_parent_indices(reasons).to_pylist()
    flat = pc.list_flatten(reasons)
    codes, rules = flat.field("code").to_pylist(), flat.field("rule").to_pylist()
    by["reasons"].update(code for _row, code in set(zip(rows, codes, strict=True)))
    acting = {
        (row, code)
        for row, code, rule in zip(rows, codes, rules, strict=True)
        if not rule.endswith(NOTED) and code != "personal_information"
    }
    by["dropped_by"].update(code for _row, code in acting)


def _count_kinds(findings: Any, kinds: Counter[str]) -> None:
    rows = pc.list_parent_indices(findings).to_pylist()
    named = pc.list_flatten(findings).field("kind").to_pylist()
    kinds.update(kind for _row, kind in set(zip(rows, named, strict=True)))


def added(counts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Counts of several sources added up, whole numbers and numbers by name alike."""
    totals: dict[str, Any] = dict.fromkeys(TOTALS, 0)
    for one in counts:
        for name, value in one.items():
            if isinstance(value, Mapping):
                totals[name] = dict(sorted((Counter(totals.get(name, {})) + Counter(value)).items()))
            else:
                totals[name] += value
    return totals
