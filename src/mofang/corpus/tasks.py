"""What the corpus jobs run. Each takes a job, calls one verb of the room, and files what comes out."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from mofang.compute.kinds import Job, Outcome, Output
from mofang.corpus import dataset, dedup, pii, policy, publish, shard, tables
from mofang.corpus.config import Policy
from mofang.corpus.errors import ChangedFile, CorpusError
from mofang.corpus.lexicon import Lexicon, from_wire, parse_lexicon
from mofang.corpus.screen import Screener
from mofang.evidence.digest import Digest, sha256_bytes
from mofang.evidence.leaves import LEAVES, read_leaves, write_leaves
from mofang.evidence.objects import ObjectStore
from mofang.i18n import _

NOTES = 100
"""Notes a job keeps; further ones are counted."""


def read_lexicon(job: Job) -> Outcome:
    """params: sha256. locations: file. -> lexicon (leaves)."""
    path = Path(job.locations["file"])
    raw = path.read_bytes()
    if sha256_bytes(raw) != job.params["sha256"]:
        raise ChangedFile(
            _("the lexicon changed while the corpus was read"), where=str(path), remedy=_("run again")
        )
    lexicon = parse_lexicon(raw, str(path))
    segment = write_leaves(job.objects, ({**term.wire(), "demo": lexicon.demo} for term in lexicon.terms))
    notes = [
        {"code": "bad_term", "where": f"{path.name}:{row.line}", "message": row.why} for row in lexicon.bad
    ]
    output = Output(segment.digest, LEAVES, segment.count, segment.root)
    return Outcome({"lexicon": output}, {"terms": segment.count, "bad": len(lexicon.bad)}, notes[:NOTES])


def read_shard(job: Job) -> Outcome:
    """params: source {id, text, key}, item, withdrawn. locations: root. -> text, keys."""
    withdrawn = frozenset(bytes.fromhex(name) for name in job.params["withdrawn"])
    root = Path(job.locations["root"])
    table, counts, notes = shard.read_parts(job.params["source"], job.params["item"], root, withdrawn)
    outputs = table.write(job.objects, {name: counts[name] for name in ("problems", "withdrawn")})
    return Outcome(outputs, counts, notes[:NOTES])


def refuse_source(job: Job) -> Outcome:
    """locations: message, where, remedy. The source's files could not be looked at: raises what was found then."""
    told = job.locations
    raise CorpusError(told["message"], where=told["where"], remedy=told["remedy"])


def find_personal(job: Job) -> Outcome:
    """inputs: text. params: key_id. locations: hmac_key_hex. -> pii."""
    key = _hmac_key(job)
    found = tables.read(job.objects, job.one("text"), ["record_id", "text"])
    findings = [pii.find(text, key) for text in found.column("text").to_pylist()]
    nested = tables.nested(tables.PII.field("findings").type, findings)
    output = tables.write(job.objects, tables.PII, [found.column("record_id"), nested])
    counts = {
        "records": found.num_rows,
        "findings": sum(map(len, findings)),
        "with_findings": sum(map(bool, findings)),
    }
    return Outcome({"pii": output}, counts)


def screen_shard(job: Job) -> Outcome:
    """inputs: text, lexicon (none: nothing is listed). -> screen."""
    screener = (
        _screener(job.objects, job.one("lexicon")) if "lexicon" in job.inputs else Screener(Lexicon(()))
    )
    found = tables.read(job.objects, job.one("text"), ["record_id", "text"])
    hits = [screener.find(text) for text in found.column("text").to_pylist()]
    nested = tables.nested(tables.SCREEN.field("findings").type, hits)
    output = tables.write(job.objects, tables.SCREEN, [found.column("record_id"), nested])
    counts = {"records": found.num_rows, "hits": sum(map(len, hits)), "with_hits": sum(map(bool, hits))}
    return Outcome({"screen": output}, counts)


def find_duplicates(job: Job) -> Outcome:
    """inputs: keys (of every source). -> duplicates."""
    output, groups = dedup.find_duplicates(job.objects, job.many("keys"), job.work)
    return Outcome({"duplicates": output}, {"duplicates": output.count or 0, "groups": groups})


def decide_shard(job: Job) -> Outcome:
    """inputs: text, keys, pii, screen, duplicates. params: policy. -> decisions."""
    inputs = {name: job.one(name) for name in ("text", "keys", "pii", "screen", "duplicates")}
    output, counts = policy.decide_shard(job.objects, inputs, Policy.parse(job.params["policy"]))
    return Outcome({"decisions": output}, counts)


def publish_shard(job: Job) -> Outcome:
    """inputs: text, pii, decisions. params: declared {licence, origin, method, contract}, redact. ->
    published."""
    inputs = {name: job.one(name) for name in ("text", "pii", "decisions")}
    output, masked = publish.publish_shard(
        job.objects, inputs, job.params["declared"], frozenset(job.params["redact"])
    )
    return Outcome({"published": output}, {"records": output.count or 0, "masked": masked})


def write_manifest(job: Job) -> Outcome:
    """inputs: "<table>/<source>" of every table and source, duplicates, lexicon. params: role, policy,
    sources, missing. -> dataset, ledger_counts."""
    sources = {source["id"] for source in job.params["sources"]}
    shards: dict[str, dict[str, list[Digest]]] = {
        name: {
            source: job.many(f"{name}/{source}")
            for source in sorted(sources)
            if f"{name}/{source}" in job.inputs
        }
        for name in dataset.PER_SOURCE
    }
    lexicon = job.many("lexicon") if "lexicon" in job.inputs else []
    declared = {name: job.params[name] for name in ("role", "policy", "sources", "missing")}
    manifest = dataset.manifest(shards, job.many("duplicates"), lexicon, declared)
    counts = _counts(job, shards, bool(lexicon))
    outputs = {
        "dataset": Output(job.objects.put_json(manifest), dataset.DATASET),
        "ledger_counts": Output(job.objects.put_json(counts), dataset.COUNTS),
    }
    return Outcome(
        outputs, {name: value for name, value in counts["totals"].items() if isinstance(value, int)}
    )


def _counts(job: Job, shards: dict[str, dict[str, list[Digest]]], screened: bool) -> dict[str, Any]:
    """Counts of every source that was read, and their totals."""
    by_source: dict[str, Any] = {}
    for done, source in enumerate(sorted(shards["text"])):
        job.progress(done, len(shards["text"]), source)
        mine = {name: shards[name].get(source, []) for name in dataset.PER_SOURCE}
        by_source[source] = dataset.count_source(job.objects, mine, screened)
    return {"format": 1, "sources": by_source, "totals": dataset.added(by_source.values())}


def _hmac_key(job: Job) -> bytes:
    text = job.locations.get("hmac_key_hex", "")
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) < 16:
        raise CorpusError(
            _("the key for personal-information digests is missing"),
            where="hmac_key_hex",
            remedy=_("it comes from your private key; see: mofang doctor"),
        )
    return key


@functools.lru_cache(maxsize=2)
def _screener(objects: ObjectStore, lexicon: Digest) -> Screener:
    """Built once a process for a lexicon: the automaton of 50,000 terms takes a fifth of a second."""
    return Screener(from_wire(read_leaves(objects, lexicon)))
