"""Judging: verdicts on the answers of a service, and on a sample of its corpus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mofang.assurance.judges import keyword, refusal
from mofang.assurance.judges.keyword import KeywordJudge
from mofang.assurance.judges.verdicts import Leaf, exchanges, judge_refusal
from mofang.evidence.digest import Digest
from mofang.evidence.leaves import MARKS, leaf_ref

Terms = Iterable[Mapping[str, Any]] | None
"""The rows of a lexicon's artifact; None where the project has none."""


def judges() -> dict[str, Digest]:
    """The judges that this version has, by name, with what identifies them."""
    return {"keyword": keyword.identity(), "refusal": refusal.identity()}


def judge_answers(
    questions: Iterable[Leaf], answers: Iterable[Leaf], answered: Digest, terms: Terms
) -> Iterator[Leaf]:
    """One verdict for each answer to each question, in their order: keywords for content, refusal for the
    refusal banks.

    ``answered`` is the digest of the answers' segment, to which the verdicts refer. A question without an
    answer is unscored."""
    words = KeywordJudge(terms)
    for asked in exchanges(questions, answers, answered):
        kind = asked.question["kind"]
        if kind == "content":
            yield asked.leaf(words.judge_answer(asked.answer), "keyword")
        else:
            yield asked.leaf(judge_refusal(kind, asked.answer), "refusal")


def judge_records(records: Iterable[Leaf], sampled: Digest, terms: Terms) -> Iterator[Leaf]:
    """One keyword verdict for each sampled record; ``sampled`` is the digest of the sample's segment."""
    words = KeywordJudge(terms)
    for n, record in enumerate(records):
        if not any(mark in record for mark in MARKS):
            yield words.judge_text(record["text"]).leaf(
                item=record["record_id"],
                of=leaf_ref(sampled, n),
                kind="corpus",
                risk=None,
                judge="keyword",
                truncated=False,
            )
