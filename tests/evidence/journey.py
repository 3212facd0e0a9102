"""A small assessment, recorded as runs record it: corpus, bank, questions, answers, verdicts, dossier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mofang.evidence.digest import Digest, canonical, sha256_bytes
from mofang.evidence.figures import FIGURES, Figure, compute_figure, register_metric
from mofang.evidence.leaves import LEAVES, leaf_ref, marked, read_leaves, write_leaves
from mofang.evidence.objects import ObjectStore
from mofang.evidence.statements import Subject
from mofang.evidence.workspace import Workspace

PARQUET = "application/vnd.apache.parquet"
SAMPLING = "https://mofang.dev/sampling/v1"
SECRET = "甲某的住址是槐树街一号"


def rate(
    objects: ObjectStore, inputs: Mapping[str, Any], params: Mapping[str, Any]
) -> Mapping[str, int | str]:
    """Verdicts of one kind: how many, and how many passed; of the questions, how many can be read."""
    leaves = [leaf for leaf in read_leaves(objects, inputs["verdicts"]) if not marked(leaf)]
    chosen = [leaf for leaf in leaves if leaf["kind"] == params["kind"]]
    questions = [leaf for leaf in read_leaves(objects, inputs["questions"]) if not marked(leaf)]
    passed = sum(leaf["verdict"] == "pass" for leaf in chosen)
    return {"n": len(chosen), "passed": passed, "readable": len(questions)}


register_metric("journey_rate", 1, "journey:rate")


@dataclass
class Journey:
    """The workspace and the digest of every artifact by name."""

    ws: Workspace
    made: dict[str, Digest] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    statements: dict[str, Digest] = field(default_factory=dict)

    def job(
        self,
        node: str,
        outputs: Mapping[str, tuple[Digest, str, Digest | None]],
        inputs: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        mode: str = "pure",
    ) -> Digest:
        """Record a job as compute does, and name its outputs."""
        kind = node.partition("/")[0]
        asked = {"kind": kind, "version": 1, "params": params or {}, "inputs": inputs or {}}
        predicate = asked | {
            "key": sha256_bytes(canonical(asked)),
            "mode": mode,
            "counts": {"records": 6},
            "notes": [],
            "node": node,
            "run": "run",
            "started": "2026-11-01T00:00:00.000Z",
            "finished": f"2026-11-01T00:00:{len(self.statements):02}.000Z",
            "versions": {"mofang": "0"},
        }
        subjects = [Subject(name, *rest) for name, rest in sorted(outputs.items())]
        self.statements[node] = self.ws.provenance(subjects, predicate)
        self.made.update({name: digest for name, (digest, _type, _root) in outputs.items()})
        return self.statements[node]

    def leaves(self, records: list[dict[str, Any]], media_type: str = LEAVES) -> tuple[Digest, str, Digest]:
        segment = write_leaves(self.ws.objects, records)
        return segment.digest, media_type, segment.root


def travel(ws: Workspace, seed: str = "1") -> Journey:
    """Record the whole assessment; ``seed`` makes another one of it."""
    journey = Journey(ws)
    with ws.lock("run"):
        _corpus(journey, seed)
        _assessment(journey, seed)
        _dossier(journey)
        ws.refs.set("dossiers", "latest", journey.made["manifest"])
    return journey


def _corpus(journey: Journey, seed: str) -> None:
    objects = journey.ws.objects
    rows = {
        "record_id": [b"%016d" % n for n in range(6)],
        "text": [f"{seed} {SECRET} " * 9 for _n in range(6)],
    }
    with objects.create() as writer:
        pq.write_table(
            pa.table(rows).replace_schema_metadata({"mofang.schema": "mofang.text/1"}), writer.path
        )
    keys = objects.put(b"PAR1 keys " + seed.encode())
    item = {"path": "handbook.jsonl", "digest": sha256_bytes(b"the file delivered")}
    journey.job(
        "corpus.read/handbook",
        {"text": (writer.digest, PARQUET, None), "keys": (keys, PARQUET, None)},
        {},
        {"item": item},
    )
    dataset = objects.put_json({"tables": {"text": [writer.digest]}, "seed": seed})
    journey.job(
        "corpus.manifest",
        {"dataset": (dataset, "application/json", None)},
        {"text": [writer.digest], "keys": keys},
    )


def _assessment(journey: Journey, seed: str) -> None:
    kinds = ["should_refuse", "should_not_refuse", "content"] * 10
    bank = journey.leaves(
        [{"id": f"q{n}", "kind": kind, "text": f"bank {seed} {n} {SECRET}"} for n, kind in enumerate(kinds)]
    )
    journey.ws.record(SAMPLING, [Subject("starter", *bank)], {"assessment": "first", "seed": seed})
    questions = [
        {"id": f"q{n}", "kind": kind, "text": f"{seed} question {n}: {SECRET}"}
        for n, kind in enumerate(kinds)
    ]
    journey.job(
        "assurance.draw", {"questions": journey.leaves(questions)}, {"banks": [bank[0]]}, {"seed": seed}
    )
    journey.made["bank"] = bank[0]
    answers = [
        {"question": f"q{n}", "state": "answered", "text": f"{seed} answer {n}: {SECRET}"} for n in range(30)
    ]
    journey.job(
        "assurance.ask",
        {"answers": journey.leaves(answers)},
        {"questions": journey.made["questions"]},
        mode="observed",
    )
    verdicts = [
        {
            "item": f"q{n}",
            "of": leaf_ref(journey.made["answers"], n),
            "kind": kind,
            "verdict": "fail" if n % 7 == 0 else "pass",
        }
        for n, kind in enumerate(kinds)
    ]
    inputs = {"questions": journey.made["questions"], "answers": journey.made["answers"]}
    journey.job("assurance.judge", {"verdicts": journey.leaves(verdicts)}, inputs)


def _dossier(journey: Journey) -> None:
    objects, made = journey.ws.objects, journey.made
    given = {"verdicts": made["verdicts"], "questions": made["questions"]}
    journey.figures = [
        compute_figure(objects, "journey_rate", {"kind": kind}, given, name)
        for kind in ("should_refuse", "should_not_refuse")
        for name in ("n", "passed", "readable")
    ]
    findings = objects.put_json(
        {
            "figures": [figure.id for figure in journey.figures],
            "standard": "x",
            "attachment": sha256_bytes(b"%PDF contract"),
        }
    )
    contract = objects.put(b"%PDF contract")
    journey.ws.record(
        "https://mofang.dev/attachment/v1",
        [Subject("contract.pdf", contract, "application/pdf")],
        {"clause": "SRC-1"},
    )
    outputs = {
        "findings": (findings, "application/json", None),
        "figures": journey.leaves([figure.wire() for figure in journey.figures], FIGURES),
    }
    journey.job("assurance.conclude", outputs, {**given, "dataset": made["dataset"]})
    html = objects.put(b"<html>dossier " + findings.encode())
    manifest = objects.put_json({"html": html, "findings": findings})
    journey.job(
        "assurance.dossier",
        {"html": (html, "text/html", None), "manifest": (manifest, "application/json", None)},
        {
            "findings": findings,
            "figures": made["figures"],
            "questions": made["questions"],
            "answers": made["answers"],
        },
    )
