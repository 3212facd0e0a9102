"""What the classifier's jobs run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from mofang.assurance.judges.classifier import scoring
from mofang.assurance.judges.classifier.judge import ClassifierJudge, judge_answers, judge_records
from mofang.assurance.judges.verdicts import Leaf
from mofang.compute.kinds import Job, Outcome, Output
from mofang.evidence.leaves import LEAVES, read_leaves, write_leaves


def classify(job: Job) -> Outcome:
    """inputs: questions, answers, classifier. -> verdicts, one for each answer to a content question."""
    answers = job.one("answers")
    verdicts = judge_answers(
        _judge(job),
        read_leaves(job.objects, job.one("questions")),
        read_leaves(job.objects, answers),
        answers,
    )
    return _judged(job, verdicts)


def classify_corpus(job: Job) -> Outcome:
    """inputs: sample, classifier. -> verdicts, one for each record that is still there."""
    sample = job.one("sample")
    return _judged(job, judge_records(_judge(job), read_leaves(job.objects, sample), sample))


def _judge(job: Job) -> ClassifierJudge:
    return ClassifierJudge(scoring.load_classifier(job.objects.get(job.one("classifier"))))


def _judged(job: Job, verdicts: Iterable[Leaf]) -> Outcome:
    counts = Counter({"pass": 0, "fail": 0, "unscored": 0})

    def counted() -> Iterator[Leaf]:
        for verdict in verdicts:
            counts[verdict["verdict"]] += 1
            yield verdict

    segment = write_leaves(job.objects, counted())
    return Outcome({"verdicts": Output(segment.digest, LEAVES, segment.count, segment.root)}, dict(counts))
