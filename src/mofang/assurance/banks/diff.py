"""What changed between two states of a bank: questions added, removed, changed, or under another id."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mofang.assurance.banks.bank import Question
from mofang.assurance.banks.layout import FIELDS


@dataclass(frozen=True, slots=True)
class Change:
    """A question that stands in both under one id, and the fields that differ."""

    old: Question
    new: Question
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BankDiff:
    """``renamed``: the same words under another id, as (old, new); they count neither as added nor removed."""

    added: tuple[Question, ...]
    removed: tuple[Question, ...]
    changed: tuple[Change, ...]
    renamed: tuple[tuple[Question, Question], ...]
    same: int

    @property
    def empty(self) -> bool:
        return not (self.added or self.removed or self.changed or self.renamed)


def diff_banks(old: Iterable[Question], new: Iterable[Question]) -> BankDiff:
    """The difference by id, in the order of the questions."""
    before = {question.id: question for question in old}
    after = {question.id: question for question in new}
    gone = {q.fold: q for q in before.values() if q.id not in after}
    fresh = [q for q in after.values() if q.id not in before]
    renamed = tuple((gone[q.fold], q) for q in fresh if q.fold in gone)
    moved = {one.id for pair in renamed for one in pair}
    both = [(question, after[id]) for id, question in before.items() if id in after]
    changed = tuple(Change(a, b, _differing(a, b)) for a, b in both if a != b)
    return BankDiff(
        added=tuple(q for q in fresh if q.id not in moved),
        removed=tuple(q for q in before.values() if q.id not in after and q.id not in moved),
        changed=changed,
        renamed=renamed,
        same=len(both) - len(changed),
    )


def _differing(old: Question, new: Question) -> tuple[str, ...]:
    return tuple(name for name in FIELDS if getattr(old, name) != getattr(new, name))
