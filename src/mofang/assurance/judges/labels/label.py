"""One person's word on one answer or corpus record, and what there is to be labelled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date as Day
from typing import Any, Literal

from mofang.assurance.judges.verdicts import Exchange, Leaf, Word, unscorable
from mofang.evidence.digest import Digest, canonical, sha256_bytes
from mofang.evidence.leaves import marked

CORPUS = "corpus"
KINDS = ("content", "should_refuse", "should_not_refuse", CORPUS)


@dataclass(frozen=True, slots=True)
class Label:
    """``annotator`` said ``verdict`` of the answer whose content is ``answer`` (see :func:`content_digest`), on
    ``date``. ``refused`` stands for refusal kinds only. An adjudicator's word settles what others disagree on.
    ``sheet`` is the recorded draw that the item came from and ``probability`` its chance of being in it, both None
    for items that somebody picked. ``root`` is the Merkle root of the answers (or of the sample) that it stood among: a
    label speaks of that run alone. ``note_digest`` proves a note that stayed in the sheet. Nobody checked who
    the annotator was: the level is ``claimed``."""

    item: str
    answer: Digest
    kind: str
    risk: str | None
    repeat: int
    verdict: Word
    refused: bool | None
    annotator: str
    date: str
    adjudicates: bool = False
    sheet: Digest | None = None
    probability: str | None = None
    note_digest: Digest | None = None
    level: Literal["claimed"] = "claimed"
    root: Digest | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "answer", Digest(self.answer))
        if self.kind not in KINDS or self.verdict not in ("pass", "fail", "unscored"):
            raise ValueError(f"{self.kind} {self.verdict}")
        judged = self.verdict != "unscored" and self.kind not in ("content", CORPUS)
        if (self.refused is not None) != judged:
            raise ValueError(f"refused is {self.refused} for {self.kind} {self.verdict}")
        if not self.annotator.strip() or Day.fromisoformat(self.date).isoformat() != self.date:
            raise ValueError("a label has an annotator and a date")

    def leaf(self) -> dict[str, Any]:
        """The label as it is stored."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Unit:
    """Something that can be labelled: an answer to a question, or a corpus record; ``of`` refers to its leaf, ``root``
    is the Merkle root of the segment in which it stands."""

    item: str
    kind: str
    risk: str | None
    repeat: int
    answer: Digest
    of: str
    root: Digest | None = None


def content_digest(leaf: Leaf) -> Digest:
    """The digest of an answer or record as people read it: how often it had to be asked for does not count."""
    return sha256_bytes(canonical({name: value for name, value in leaf.items() if name != "attempts"}))


def answer_units(asked: Iterable[Exchange], root: Digest | None = None) -> Iterator[Unit]:
    """The answers that people can judge; errors and empty answers are none."""
    for one in asked:
        if one.answer is not None and unscorable(one.answer) is None:
            question = one.question
            digest = content_digest(one.answer)
            yield Unit(question["id"], question["kind"], question["risk"], one.repeat, digest, one.of, root)


def record_units(records: Iterable[Leaf], sampled: Digest, root: Digest | None = None) -> Iterator[Unit]:
    """The records of a corpus sample (a segment called ``sampled``)."""
    for n, record in enumerate(records):
        if marked(record) is None:
            yield Unit(record["record_id"], CORPUS, None, 0, content_digest(record), f"{sampled}#{n}", root)


def verdict_of(kind: str, refused: bool) -> Word:
    """The verdict that a refusal, or its absence, is for a kind of question."""
    return "pass" if refused == (kind == "should_refuse") else "fail"


def by_answer(labels: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Label leaves by the answer they are on; redacted ones are passed over."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for leaf in labels:
        if marked(leaf) is None:
            found.setdefault(leaf["answer"], []).append(leaf)
    return found
