"""What the inspection job runs: it reads the segments and the corpus, calls the verbs, files what they found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import mofang.assurance.banks.plan  # noqa: F401  worker processes learn the metrics from the plan
from mofang.assurance.banks.inspection import (
    FORMAT,
    INSPECTION,
    Leaf,
    Member,
    Record,
    leak_leaves,
    likeness_facts,
    lookup_facts,
    member,
    pair_leaves,
)
from mofang.assurance.banks.leakage import find, unexamined
from mofang.assurance.banks.likeness import near_duplicates
from mofang.assurance.banks.lookup import Lookup, find_lookups
from mofang.compute.kinds import Job, Outcome, Output
from mofang.evidence.digest import Digest
from mofang.evidence.leaves import LEAVES, leaf_ref, marked, read_leaves, write_leaves
from mofang.i18n import _


def inspect_banks(job: Job) -> Outcome:
    """inputs: banks; questions, answers, replies, published where there are. params: thresholds, missing.
    -> inspection, pairs, leaks, lookups."""
    limits = job.params["thresholds"]
    bank = [leaf for digest in _given(job, "banks") for leaf in _referring(job, digest)]
    members = [
        member(ref, n, leaf)
        for n, digest in enumerate(_given(job, "banks"))
        for ref, leaf in _referring(job, digest)
    ]
    pairs = near_duplicates([one.question for one in members], limits["alike"])
    leaks, leaked = _leaks(job, members, limits["leaked"])
    looked, lookup = _lookups(job, bank)
    facts = {
        "format": FORMAT,
        "banks": [str(digest) for digest in _given(job, "banks")],
        "replies": [str(digest) for digest in _given(job, "replies")],
        "thresholds": dict(limits),
        "likeness": likeness_facts(members, pairs),
        "leakage": leaked,
        "lookup": lookup,
        "missing": list(job.params.get("missing", ())),
    }
    outputs = {
        "inspection": Output(job.objects.put_json(facts), INSPECTION),
        "pairs": _filed(job, pair_leaves(members, pairs)),
        "leaks": _filed(job, leaks),
        "lookups": _filed(job, (one.wire() for one in looked)),
    }
    return Outcome(outputs, _counts(facts))


def _counts(facts: Mapping[str, Any]) -> dict[str, int]:
    counts = {"questions": facts["likeness"]["questions"], "alike": facts["likeness"]["alike"]}
    if facts["leakage"] is not None:
        counts |= {"records": facts["leakage"]["records"], "leaked": facts["leakage"]["leaked"]}
    if facts["lookup"] is not None:
        counts |= {name: facts["lookup"][name] for name in ("curated", "undeclared")}
    return counts


def _leaks(
    job: Job, members: list[Member], least: str
) -> tuple[Iterator[dict[str, Any]], dict[str, int] | None]:
    """The leaks as leaves, and what was found in numbers; None where there is no corpus to look in."""
    if not _given(job, "published"):
        return iter(()), None
    questions = [one.question for one in members]
    corpus = _Corpus(job)
    leaks = find(questions, corpus, least)
    short = unexamined(questions)
    facts = {
        "records": corpus.records,
        "questions": len(questions) - short,
        "too_short": short,
        "leaked": len(leaks),
        "whole": sum(1 for leak in leaks if leak.share == "1.000000"),
    }
    return leak_leaves(members, leaks), facts


class _Corpus:
    """The texts of the published tables, one batch in memory at a time."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.records = 0

    def __iter__(self) -> Iterator[tuple[Record, str]]:
        from mofang.corpus import tables

        objects = self.job.objects
        digests = _given(self.job, "published")
        total = sum(tables.rows(objects, digest) for digest in digests)
        for digest in digests:
            row = 0
            for batch in tables.batches(objects, digest, ["record_id", "text"]):
                ids, texts = batch.column("record_id").to_pylist(), batch.column("text").to_pylist()
                for n, (id, text) in enumerate(zip(ids, texts, strict=True), start=row):
                    yield Record(leaf_ref(digest, n), id.hex()), text or ""
                row += batch.num_rows
                self.records += batch.num_rows
                self.job.progress(self.records, total, _("records held against the banks"))


def _lookups(job: Job, bank: list[tuple[str, Leaf]]) -> tuple[list[Lookup], dict[str, int] | None]:
    if not _given(job, "answers"):
        return [], None
    questions = [leaf for digest in _given(job, "questions") for _ref, leaf in _referring(job, digest)]
    replies = [leaf for digest in _given(job, "replies") for _ref, leaf in _referring(job, digest)]
    found: list[Lookup] = []
    answers = 0
    for digest in _given(job, "answers"):  # one segment is one target: the same words from two are no signal
        told = list(_referring(job, digest))
        answers += len(told)
        found += find_lookups(told, questions, bank, replies)
    return found, lookup_facts(answers, found)


def _given(job: Job, name: str) -> list[Digest]:
    return job.many(name) if name in job.inputs else []


def _referring(job: Job, digest: Digest) -> Iterator[tuple[str, Leaf]]:
    """The readable leaves of a segment with their references."""
    for n, leaf in enumerate(read_leaves(job.objects, digest)):
        if marked(leaf) is None:
            yield leaf_ref(digest, n), leaf


def _filed(job: Job, leaves: Iterable[Leaf]) -> Output:
    segment = write_leaves(job.objects, leaves)
    return Output(segment.digest, LEAVES, segment.count, segment.root)
