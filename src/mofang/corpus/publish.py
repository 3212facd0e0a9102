"""Publishing: what the policy let through, masked where it says so, with licence, origin and contract on
every record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from mofang.compute.kinds import Output
from mofang.corpus import tables
from mofang.corpus.pii import mask
from mofang.corpus.policy import DROP, REDACT
from mofang.evidence.digest import Digest
from mofang.evidence.objects import ObjectStore

DECLARED = ("licence", "origin", "method", "contract")


def publish_shard(
    objects: ObjectStore, inputs: Mapping[str, Digest], declared: Mapping[str, Any], redact: frozenset[str]
) -> tuple[Output, int]:
    """The published table of a shard from its ``text``, ``pii`` and ``decisions``; and how many spans were
    masked."""
    decisions = tables.read(objects, inputs["decisions"], ["decision"]).column("decision")
    through = pc.not_equal(decisions, DROP)
    text = tables.read(objects, inputs["text"], ["record_id", "source_id", "path", "ordinal", "text"]).filter(
        through
    )
    findings = tables.read(objects, inputs["pii"], ["findings"]).column("findings").filter(through)
    texts, masked = _masked(text.column("text"), findings, decisions.filter(through), redact)
    columns = [
        *(text.column(name) for name in ("record_id", "source_id", "path", "ordinal")),
        *(pa.repeat(pa.scalar(declared[name], pa.string()), text.num_rows) for name in DECLARED),
        texts,
    ]
    return tables.write(objects, tables.PUBLISHED, columns), masked


def _masked(texts: Any, findings: Any, decisions: Any, redact: frozenset[str]) -> tuple[Any, int]:
    """``texts`` with the findings of redacted records masked; the others are passed on as they are."""
    rows = pc.indices_nonzero(pc.equal(decisions, REDACT))
    if not len(rows):
        return texts, 0
    changed: list[str] = []
    count = 0
    for text, spans in zip(texts.take(rows).to_pylist(), findings.take(rows).to_pylist(), strict=True):
        masks = [(span["kind"], span["start"], span["end"]) for span in spans if span["kind"] in redact]
        changed.append(mask(text, masks))
        count += len(masks)
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    return pc.replace_with_mask(
        whole, pc.equal(decisions, REDACT).combine_chunks(), pa.array(changed, pa.string())
    ), count
