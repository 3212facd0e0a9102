"""What the assurance jobs run. Each takes a job, calls one verb of the room, and files what comes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import mofang.assurance.plan
import mofang.corpus.plan  # noqa: F401  worker processes learn the metrics from the plans
from mofang.assurance import asking, judging
from mofang.assurance.draw import draw
from mofang.assurance.findings import FINDINGS, assess
from mofang.assurance.measurement import Supply
from mofang.assurance.prepare import parse_pack
from mofang.assurance.sampling import sample_corpus
from mofang.compute.kinds import Job, Outcome, Output
from mofang.evidence.digest import Digest
from mofang.evidence.figures import FIGURES
from mofang.evidence.leaves import LEAVES, Segment, leaf_ref, marked, read_leaves, write_leaves

FRAME = "application/vnd.mofang.sample-frame+json"
PROJECT = "application/vnd.mofang.project+json"


def take_given(job: Job) -> Outcome:
    """params: digest, media_type, count, root. -> given: an artifact that was there before the run, as an
    output."""
    digest, root = Digest(job.params["digest"]), job.params["root"]
    job.objects.path(digest)
    known = Output(
        digest, job.params["media_type"], job.params["count"], None if root is None else Digest(root)
    )
    return Outcome({"given": known})


def declare_project(job: Job) -> Outcome:
    """params: digest. locations: project (name, title, provider). -> project."""
    return Outcome({"project": Output(job.objects.put_json(job.locations["project"]), PROJECT)})


def draw_questions(job: Job) -> Outcome:
    """inputs: banks. params: seed, plan. -> questions: bank leaves with ``of``, the leaf they came from."""
    bank = [leaf for digest in job.many("banks") for leaf in _referring(job, digest)]
    chosen = draw(bank, job.params["plan"], Digest(job.params["seed"]))
    counts = Counter(question["kind"] for question in chosen)
    return Outcome({"questions": _leaves(write_leaves(job.texts, chosen))}, {"bank": len(bank), **counts})


CATALOGUED = ("id", "kind", "risk", "cluster", "language", "added", "demo", "severity")
"""What a count needs to know of a question or a listed term: everything but its words."""


def catalogue(job: Job) -> Outcome:
    """inputs: of (a segment of questions or terms). -> catalogue: the same leaves without their texts, so that counts
    can be recomputed by somebody from whom the texts are withheld. ``of`` is the leaf itself."""
    digest = job.one("of")
    rows = (
        {"of": leaf_ref(digest, n), **{name: leaf[name] for name in CATALOGUED if name in leaf}}
        for n, leaf in enumerate(read_leaves(job.objects, digest))
        if marked(leaf) is None
    )
    return Outcome({"catalogue": _leaves(write_leaves(job.objects, rows))})


def ask_service(job: Job) -> Outcome:
    """inputs: questions. params: what shapes the answers, repeats. locations: endpoint, budget, sealed.
    -> answers. Observed."""
    questions = list(_readable(job, job.one("questions")))
    answers = asking.ask_questions(
        questions,
        endpoint=job.locations["endpoint"],
        budget=job.locations["budget"],
        work=job.work,
        progress=job.progress,
        stop=job.stop,
        repeats=job.params.get("repeats", 1),
        sealed=bool(job.locations.get("sealed")),
        purse=job.locations["purse"]() if "purse" in job.locations else None,
    )
    counts = Counter({"answered": 0, "error": 0}) + Counter(answer["state"] for answer in answers)
    counts["truncated"] = sum(1 for answer in answers if answer["truncated"])
    notes = [
        {"code": str(answer["error"]), "where": answer["question"], "message": ""}
        for answer in answers
        if answer["state"] == "error"
    ]
    return Outcome({"answers": _leaves(write_leaves(job.texts, answers))}, dict(counts), notes[:100])


def judge_answers(job: Job) -> Outcome:
    """inputs: questions, answers, lexicon (none: keywords are unscored). params: judges. -> verdicts."""
    answers = job.one("answers")
    verdicts = judging.judge_answers(
        read_leaves(job.objects, job.one("questions")),
        read_leaves(job.objects, answers),
        answers,
        _terms(job),
    )
    return _judged(job, verdicts)


def draw_records(job: Job) -> Outcome:
    """inputs: published (of every source). params: seed, plan, missing. -> sample, frame."""
    seed = Digest(job.params["seed"])
    records, total = sample_corpus(job.objects, job.many("published"), job.params["plan"], seed)
    frame = {"total": total, "sampled": len(records), "seed": seed, "missing": job.params.get("missing", [])}
    outputs = {
        "sample": _leaves(write_leaves(job.objects, records)),
        "frame": Output(job.objects.put_json(frame), FRAME),
    }
    return Outcome(outputs, {"records": total, "sampled": len(records)})


def judge_records(job: Job) -> Outcome:
    """inputs: sample, lexicon (none: unscored). params: judges. -> verdicts."""
    sample = job.one("sample")
    return _judged(job, judging.judge_records(read_leaves(job.objects, sample), sample, _terms(job)))


def conclude(job: Job) -> Outcome:
    """inputs: standard, banks, attachments; questions, verdicts; lexicon; corpus_verdicts, frame, dataset,
    ledger_counts where there is a corpus. params: what the project declares. -> findings, figures,
    conclusions."""
    inputs = {name: given for name, given in job.inputs.items() if name not in ("project", "frame")}
    frame = job.objects.json(job.one("frame")) if "frame" in job.inputs else {}
    dataset = job.objects.json(job.one("dataset")) if "dataset" in job.inputs else {"sources": []}
    supply = Supply(
        job.objects,
        parse_pack(job.objects.json(job.one("standard")), job.one("standard")),
        inputs,
        job.params["as_of"],
        tuple(dataset["sources"]),
        frame.get("total"),
        tuple(name.rpartition("/")[2] for name in frame.get("missing", ())),
        traffic=job.params.get("traffic", {}),
    )
    made = assess(supply, {**job.params, "project": job.objects.json(job.one("project"))})
    figures = write_leaves(job.objects, (figure.wire() for figure in made.figures))
    outputs = {
        "findings": Output(job.objects.put_json(made.findings), FINDINGS),
        "figures": Output(figures.digest, FIGURES, figures.count, figures.root),
        "conclusions": _leaves(made.conclusions),
        "results": _leaves(made.results),
    }
    counts = Counter(clause["conclusion"] for clause in made.findings["clauses"])
    return Outcome(outputs, {**counts, "gaps": len(made.findings["gaps"]), "figures": figures.count})


def _referring(job: Job, digest: Digest) -> Iterator[dict[str, Any]]:
    for n, leaf in enumerate(read_leaves(job.objects, digest)):
        if marked(leaf) is None:
            yield {**leaf, "of": leaf_ref(digest, n)}


def _readable(job: Job, digest: Digest) -> Iterator[dict[str, Any]]:
    return (leaf for leaf in read_leaves(job.objects, digest) if marked(leaf) is None)


def _terms(job: Job) -> Iterator[dict[str, Any]] | None:
    return _readable(job, job.one("lexicon")) if "lexicon" in job.inputs else None


def _judged(job: Job, verdicts: Iterable[Mapping[str, Any]]) -> Outcome:
    counts = Counter({"pass": 0, "fail": 0, "unscored": 0})

    def counted() -> Iterator[Mapping[str, Any]]:
        for verdict in verdicts:
            counts[verdict["verdict"]] += 1
            yield verdict

    return Outcome({"verdicts": _leaves(write_leaves(job.objects, counted()))}, dict(counts))


def _leaves(segment: Segment) -> Output:
    return Output(segment.digest, LEAVES, segment.count, segment.root)
