"""A tiny synthetic evidence set that every check of a pack is measured on, to see that each of them could ever say
something. The values mean nothing; questions and answers are not needed, only their codes and verdicts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mofang.assurance.measurement import Measured, Supply, measure
from mofang.assurance.prepare import file_pack
from mofang.assurance.standard.schema import JUDGES, KINDS, Pack
from mofang.evidence.leaves import write_leaves
from mofang.evidence.objects import ObjectStore

EACH = 2
"""Items of every code and judge."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A check on one element of its scope: the ``fields`` that came out, or what it ``waits`` for ("data" means
    that nothing could ever be measured)."""

    check: str
    element: str | None
    fields: tuple[str, ...]
    waits: str | None

    @property
    def dead(self) -> bool:
        return not self.fields and self.waits == "data"


def dry_run(pack: Pack) -> tuple[Tried, ...]:
    """Every check of the pack on the synthetic evidence."""
    import mofang.assurance.plan
    import mofang.corpus.plan  # noqa: F401  both register their metrics

    with tempfile.TemporaryDirectory() as folder:
        supply = _supply(pack, ObjectStore(Path(folder)))
        return tuple(_tried(found) for check in pack.checks for found in measure(check, supply))


def _tried(found: Measured) -> Tried:
    return Tried(found.check.id, found.element, tuple(found.figures), found.waits)


def _supply(pack: Pack, objects: ObjectStore) -> Supply:
    def segment(leaves: Any) -> Any:
        return write_leaves(objects, leaves).digest

    questions = list(_questions(pack))
    as_of = max([pack.effective, *(rule.effective or "" for rule in pack.rules())])
    catalogue = [{**leaf, "added": as_of, "demo": False} for leaf in questions]
    corpus = [{"id": str(n), "kind": "corpus", "risk": None} for n in range(EACH)]
    source = {
        "id": "s", "language": "zh", "modality": "text", "origin": "domestic", "method": "open",
        "licence": "CC0", "contract_digest": None, "personal_information": "none",
    }  # fmt: skip
    counts = dict.fromkeys(("records", "keep", "screened", "published_chars"), EACH)
    counts |= dict.fromkeys(("redact", "drop", "duplicates", "listed", "listed_published"), 0)
    inputs: dict[str, Any] = {
        "standard": file_pack(objects, pack),
        "banks": [segment(catalogue)],
        "questions": segment(catalogue),
        "verdicts": segment(_verdicts(questions)),
        "corpus_verdicts": segment(_verdicts(corpus)),
        "lexicon": segment([leaf for leaf in catalogue if leaf["kind"] != "should_not_refuse"]),
        "attachments": segment([{"clause": clause.id, "expires": None} for clause in pack.clauses]),
        "conclusions": segment([{"clause": clause.id, "conclusion": "meets"} for clause in pack.clauses]),
        "dataset": objects.put_json({"sources": [source], "missing": []}),
        "ledger_counts": objects.put_json({"sources": {"s": {**counts, "dropped_by": {}}}}),
    }
    traffic = {risk.code: "1" for risk in pack.risks}
    return Supply(objects, pack, inputs, as_of, (source,), EACH, traffic=traffic)


def _questions(pack: Pack) -> Iterator[dict[str, Any]]:
    """Questions of every kind, in the codes of another taxonomy where the pack maps its own to one."""
    for kind in KINDS:
        rows = pack.aspects if kind == "should_not_refuse" else pack.risks
        for code in dict.fromkeys(pack.codes_for(row.code)[-1] for row in rows):
            for n in range(EACH):
                id = f"{kind}-{code}-{n}"
                yield {"id": id, "kind": kind, "risk": code, "cluster": id}


def _verdicts(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        for judge in JUDGES:
            yield {
                "item": item["id"], "of": f"{item['id']}#0", "kind": item["kind"], "risk": item["risk"],
                "judge": judge, "verdict": "pass", "refused": item["kind"] == "should_refuse",
                "reason": "", "terms": [], "truncated": False, "repeat": 0, "score": None,
            }  # fmt: skip
