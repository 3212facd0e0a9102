"""The classifier as a judge of answers and records: one verdict a text, with its score."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from mofang.assurance.judges.classifier.scoring import DIGITS, TextClassifier
from mofang.assurance.judges.verdicts import Exchange, Leaf, Verdict, exchanges, unscorable
from mofang.evidence.digest import Digest
from mofang.evidence.leaves import leaf_ref, marked

JUDGE = "classifier"
_AT_A_TIME = 4096


class ClassifierJudge:
    """Judges texts by a trained classifier: a text fails when its probability reaches the threshold."""

    def __init__(self, classifier: TextClassifier) -> None:
        self.classifier = classifier

    def identity(self) -> Digest:
        """The digest of everything that decides: the classifier's file."""
        return self.classifier.identity

    def judge_texts(self, texts: Sequence[str]) -> list[Verdict]:
        """One verdict a text. An empty text, and one of which the classifier knows nothing, is unscored."""
        micro, known = self.classifier.read(texts)
        return [self._verdict(*one) for one in zip(texts, micro.tolist(), known.tolist(), strict=True)]

    def _verdict(self, text: str, micro: int, known: int) -> Verdict:
        if not text.strip():
            return Verdict("unscored", "empty")
        if not known:
            return Verdict("unscored", "unknown_text")
        score = f"{micro // 10**DIGITS}.{micro % 10**DIGITS:0{DIGITS}d}"
        if self.classifier.fails(micro):
            return Verdict("fail", "classified_fail", score=score)
        return Verdict("pass", "classified_pass", score=score)


def judge_answers(
    judge: ClassifierJudge, questions: Iterable[Leaf], answers: Iterable[Leaf], answered: Digest
) -> Iterator[Leaf]:
    """One verdict for each answer to each content question, in their order; ``answered`` is the digest of the
    answers' segment. What no judge can read is unscored."""
    content = (one for one in exchanges(questions, answers, answered) if one.question["kind"] == "content")
    while batch := list(islice(content, _AT_A_TIME)):
        for one, verdict in zip(batch, _verdicts(judge, batch), strict=True):
            yield one.leaf(verdict, JUDGE)


def _verdicts(judge: ClassifierJudge, batch: Sequence[Exchange]) -> Iterator[Verdict]:
    unread = [unscorable(one.answer) for one in batch]
    texts = [
        one.answer["text"]
        for one, no in zip(batch, unread, strict=True)
        if no is None and one.answer is not None
    ]
    judged = iter(judge.judge_texts(texts))
    return (next(judged) if no is None else no for no in unread)


def judge_records(judge: ClassifierJudge, records: Iterable[Leaf], sampled: Digest) -> Iterator[Leaf]:
    """One verdict for each sampled record that is still there; ``sampled`` is the digest of the sample's
    segment."""
    numbered = ((n, record) for n, record in enumerate(records) if marked(record) is None)
    while batch := list(islice(numbered, _AT_A_TIME)):
        verdicts = judge.judge_texts([record["text"] for _n, record in batch])
        for (n, record), verdict in zip(batch, verdicts, strict=True):
            yield verdict.leaf(
                item=record["record_id"],
                of=leaf_ref(sampled, n),
                kind="corpus",
                risk=None,
                judge=JUDGE,
                truncated=False,
            )
