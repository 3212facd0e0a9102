"""What the jobs of the judges run. Each takes a job, calls one verb, and files what comes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import mofang.assurance.judges.plan  # noqa: F401  worker processes learn the kinds from the plan
from mofang.assurance.asking import ask_questions
from mofang.assurance.judges import guard as guards
from mofang.assurance.judges import people as persons
from mofang.assurance.judges.canaries import Trial, canaries, try_judge
from mofang.assurance.judges.model import judge_messages, judge_reply
from mofang.assurance.judges.rubric import rubric_of
from mofang.assurance.judges.verdicts import Exchange, Leaf, exchanges, unscorable
from mofang.compute.kinds import Job, Outcome, Output
from mofang.evidence.digest import Digest
from mofang.evidence.leaves import LEAVES, Segment, marked, merkle_root, read_leaves, write_leaves

SUMMARY = "application/vnd.mofang.judge-summary+json"


def ask_judge(job: Job) -> Outcome:
    """inputs: questions, answers, standard. params: what the judge is. locations: endpoint, budget. -> replies.
    Observed. Answers that nobody can judge are not sent."""
    rubric = rubric_of(job.objects.json(job.one("standard")))
    told = {canary.id: (canary.rubric, canary.exchange) for canary in canaries()}
    told |= {reply_id(one): (rubric, one) for one in _exchanges(job) if unscorable(one.answer) is None}

    def prompt(item: Leaf) -> Any:
        by, one = told[item["id"]]
        assert one.answer is not None
        return judge_messages(by, one.question, one.answer)

    replies = ask_questions(
        [{"id": id} for id in told],
        endpoint=job.locations["endpoint"],
        budget=job.locations["budget"],
        work=job.work,
        progress=job.progress,
        stop=job.stop,
        prompt=prompt,
        sealed=bool(job.locations.get("sealed")),
        purse=job.locations["purse"]() if "purse" in job.locations else None,
    )
    counts = Counter({"answered": 0, "error": 0}) + Counter(reply["state"] for reply in replies)
    notes = [_note(str(reply["error"]), reply["question"]) for reply in replies if reply["state"] == "error"]
    return Outcome({"replies": _leaves(write_leaves(job.texts, replies))}, dict(counts), notes[:100])


def read_judge(job: Job) -> Outcome:
    """inputs: questions, answers, replies, standard. params: judge, relation. -> verdicts, summary (whether the judge
    is to be relied on)."""
    replies = {
        leaf["question"]: leaf for leaf in read_leaves(job.objects, job.one("replies")) if not marked(leaf)
    }
    trial = try_judge(replies)
    reasons: Counter[str] = Counter()

    def verdicts() -> Iterator[Leaf]:
        for one in _exchanges(job):
            leaf = one.leaf(_verdict(one, replies, trial), "model")
            reasons[leaf["reason"]] += leaf["verdict"] == "unscored"
            yield leaf

    judged, counts = _judged(job, verdicts())
    notes = [_note("canary_missed", id) for id in trial.missed]
    own = rubric_of(job.objects.json(job.one("standard"))).own
    notes += [] if own else [_note("neutral_rubric", "")]
    notes += [_note(job.params["relation"], "")] if job.params.get("relation") else []
    summary = {
        "format": 1,
        "judge": "model",
        "identity": job.params["judge"],
        "trial": trial.word,
        "canaries": trial.n,
        "missed": list(trial.missed),
        "rubric": "pack" if own else "neutral",
        "relation": job.params.get("relation"),
        "counts": counts,
        "unscored": {reason: n for reason, n in sorted(reasons.items()) if n},
    }
    return Outcome(
        {"verdicts": judged, "summary": Output(job.objects.put_json(summary), SUMMARY)}, dict(counts), notes
    )


def _verdict(one: Exchange, replies: Mapping[str, Leaf], trial: Trial) -> Any:
    unread = unscorable(one.answer)
    if unread is not None or one.answer is None:
        return unread
    return trial.weigh(judge_reply(one.question, one.answer, replies.get(reply_id(one))))


def reply_id(one: Exchange) -> str:
    """Under which id a judge is asked about an answer."""
    return f"{one.question['id']}~{one.repeat}"


def people(job: Job) -> Outcome:
    """inputs: labels, questions, answers. params: judge. -> verdicts, for what was labelled."""
    asked = list(_exchanges(job))
    labels = _speaking(job, job.one("answers"))
    whole = Counter(one.question["kind"] for one in asked if unscorable(one.answer) is None)
    return _labelled(job, persons.judge_labelled(asked, labels), labels, whole)


def people_corpus(job: Job) -> Outcome:
    """inputs: labels, sample. params: judge. -> verdicts, for what was labelled."""
    sample = job.one("sample")
    labels = _speaking(job, sample)
    records = list(read_leaves(job.objects, sample))
    found = persons.judge_labelled_records(records, sample, labels)
    return _labelled(job, found, labels, {"corpus": len(records)})


def _speaking(job: Job, segment: Digest) -> list[Leaf]:
    root = merkle_root(job.objects, segment)
    return persons.speaking(read_leaves(job.objects, job.one("labels")), root)


def _labelled(job: Job, verdicts: Iterable[Leaf], labels: list[Leaf], whole: Mapping[str, int]) -> Outcome:
    picked = persons.picked(labels, whole)
    voiced = (
        {**verdict, "judge": persons.PICKED} if verdict["kind"] in picked else verdict for verdict in verdicts
    )
    judged, counts = _judged(job, voiced)
    # A rate over labels that were not drawn at random would say nothing of the whole.
    notes = [_note("unequal_probability", kind) for kind in sorted(picked)]
    return Outcome({"verdicts": judged}, {**counts, "labels": len(labels)}, notes)


def guard_alone(job: Job) -> Outcome:
    """inputs: questions, lexicon?, classifier?, answers_alone?. params: judge. -> answers, verdicts of the guard."""
    questions = job.one("questions")
    guard = guards.Guard(_rows(job, "lexicon"), _classifier(job))
    alone = _rows(job, "answers_alone") or iter(())
    segment = write_leaves(
        job.objects, guards.guard_answers(read_leaves(job.objects, questions), alone, guard)
    )
    verdicts = guards.guard_verdicts(
        read_leaves(job.objects, questions),
        read_leaves(job.objects, segment.digest),
        segment.digest,
        empty=guard.empty,
    )
    judged, counts = _judged(job, verdicts)
    notes = [_note("no_guard", "")] if guard.empty else []
    return Outcome({"answers": _leaves(segment), "verdicts": judged}, dict(counts), notes)


def _classifier(job: Job) -> Any | None:
    if "classifier" not in job.inputs:
        return None
    from mofang.assurance.judges.classifier import load_classifier

    return load_classifier(job.objects.get(job.one("classifier")))


def _rows(job: Job, name: str) -> Iterator[dict[str, Any]] | None:
    if name not in job.inputs:
        return None
    return (leaf for leaf in read_leaves(job.objects, job.one(name)) if marked(leaf) is None)


def _exchanges(job: Job) -> Iterator[Exchange]:
    answers = job.one("answers")
    return exchanges(
        read_leaves(job.objects, job.one("questions")), read_leaves(job.objects, answers), answers
    )


def _judged(job: Job, verdicts: Iterable[Leaf]) -> tuple[Output, dict[str, int]]:
    counts = {"pass": 0, "fail": 0, "unscored": 0}

    def counted() -> Iterator[Leaf]:
        for verdict in verdicts:
            counts[verdict["verdict"]] += 1
            yield verdict

    return _leaves(write_leaves(job.objects, counted())), counts


def _note(code: str, where: str) -> dict[str, str]:
    return {"code": code, "where": where, "message": ""}


def _leaves(segment: Segment) -> Output:
    return Output(segment.digest, LEAVES, segment.count, segment.root)
