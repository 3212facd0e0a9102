"""People as judge: what their labels say of an answer, once several of them are reconciled.

An adjudicator's word settles it. Otherwise the word of more than half of those who labelled; where there is none the
answer is unscored ("disagree"). An answer that nobody labelled gets no verdict: the count of this judge is what people
looked at, no more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mofang.assurance.judges.labels.label import CORPUS, by_answer, content_digest
from mofang.assurance.judges.verdicts import Exchange, Leaf, Verdict
from mofang.evidence.digest import Digest, canonical, sha256_bytes
from mofang.evidence.leaves import leaf_ref, marked

VERSION = 2
JUDGE = "manual"
PICKED = "manual_picked"
"""The voice of people on items that were not drawn at random: looked at, never counted as a manual sample."""


def identity() -> Digest:
    """The digest of how several people's labels become one verdict; the labels are an input of their own."""
    return sha256_bytes(canonical([JUDGE, VERSION, "adjudicator, else strict majority, else unscored"]))


def resolve(labels: Sequence[Leaf]) -> Verdict:
    """The verdict of the labels on one answer, in any order. Raises ValueError for none."""
    if not labels:
        raise ValueError("no label, no verdict")
    adjudicated = [leaf for leaf in labels if leaf.get("adjudicates")]
    pool = adjudicated or labels
    said = {leaf["annotator"]: leaf for leaf in sorted(pool, key=lambda leaf: canonical(dict(leaf)))}
    (word, count), *_rest = Counter(leaf["verdict"] for leaf in said.values()).most_common()
    if 2 * count <= len(said):
        return Verdict("unscored", "disagree")
    if word == "unscored":
        return Verdict("unscored", "cannot_tell")
    refused = next(leaf["refused"] for leaf in said.values() if leaf["verdict"] == word)
    return Verdict(word, _reason(bool(adjudicated), count, len(said)), refused)


def _reason(adjudicated: bool, count: int, all_of_them: int) -> str:
    if adjudicated:
        return "adjudicated"
    if all_of_them == 1:
        return "one_person"
    return "unanimous" if count == all_of_them else "majority"


def judge_labelled(asked: Iterable[Exchange], labels: Iterable[Leaf]) -> Iterator[Leaf]:
    """A verdict for every answer that somebody labelled, in the order of the exchanges."""
    found = _Labelled(labels)
    for one in asked:
        on_it = [] if one.answer is None else found.on(one.question["id"], one.answer)
        if on_it:
            yield one.leaf(resolve(on_it), JUDGE)


def judge_labelled_records(
    records: Iterable[Leaf], sampled: Digest, labels: Iterable[Leaf]
) -> Iterator[Leaf]:
    """As :func:`judge_labelled` for the records of a corpus sample (a segment called ``sampled``)."""
    found = _Labelled(labels)
    for n, record in enumerate(records):
        on_it = [] if marked(record) is not None else found.on(record["record_id"], record)
        if on_it:
            yield resolve(on_it).leaf(
                item=record["record_id"],
                of=leaf_ref(sampled, n),
                kind=CORPUS,
                risk=None,
                judge=JUDGE,
                truncated=False,
            )


def speaking(labels: Iterable[Leaf], root: Digest) -> list[Leaf]:
    """The labels on the segment with this Merkle root. Labels on another run or target say nothing of it, even where an
    answer stayed the same: what stayed the same is no random part of what was asked."""
    return [leaf for leaf in labels if marked(leaf) is None and leaf.get("root") in (None, root)]


def picked(labels: Iterable[Leaf], all_of: Mapping[str, int]) -> frozenset[str]:
    """The kinds whose labels are no random sample: drawn with unequal chances, or chosen by hand, and not the whole.
    ``all_of``: how many items of each kind there were to be labelled."""
    found: dict[str, list[Leaf]] = {}
    for leaf in labels:
        found.setdefault(leaf["kind"], []).append(leaf)
    return frozenset(
        kind
        for kind, group in found.items()
        if len({(leaf["item"], leaf["repeat"]) for leaf in group}) < all_of.get(kind, 0) and _unequal(group)
    )


def _unequal(labels: Iterable[Leaf]) -> bool:
    chances: dict[str | None, set[str | None]] = {}
    for leaf in labels:
        chances.setdefault(leaf.get("sheet"), set()).add(leaf.get("probability"))
    return None in chances or any(len(found) > 1 for found in chances.values())


class _Labelled:
    """Labels by what they are on. Only what bears the id of a labelled item is digested: a sample may be large."""

    def __init__(self, labels: Iterable[Leaf]) -> None:
        self._by_answer = by_answer(labels)
        self._items = {leaf["item"] for group in self._by_answer.values() for leaf in group}

    def on(self, item: str, leaf: Leaf) -> Sequence[Leaf]:
        return self._by_answer.get(content_digest(leaf), []) if item in self._items else []
