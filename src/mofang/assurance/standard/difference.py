"""Two packs side by side: what was added, removed and changed, and what that asks of a running assessment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from mofang.assurance.standard.schema import Clause, Pack, Rule

Noun = Literal["check", "clause", "risk", "aspect", "group", "heading"]
Again = Literal["draw", "measure", "decide"]
"""What a change asks of an assessment that has been made: another draw; the same answers measured otherwise; the
same figures held against another rule. None: it only prints otherwise."""

DRAW = frozenset({"sample_min", "sample_share"})
MEASURE = frozenset({"metric", "params", "scope", "judge", "statistic", "estimator", "level", "waits_for"})
DECIDE = frozenset({"clause", "op", "value", "force", "effective", "until"})
CHECK_ORDER = (
    *("value", "op", "sample_min", "sample_share", "judge", "metric", "params", "scope", "statistic"),
    *("estimator", "level", "waits_for", "force", "effective", "until", "clause", "slot", "confidence"),
    *("sources", "carry_over", "confirmed_by", "confirmed_edition", "confirmed_on", "note"),
)
CLAUSE_ORDER = (
    *("force", "applies", "proof", "effective", "until", "says", "title", "number", "document", "owner"),
    *(
        "block",
        "confidence",
        "sources",
        "carry_over",
        "confirmed_by",
        "confirmed_edition",
        "confirmed_on",
        "note",
    ),
)
HEADING = ("version", "status", "number", "title", "issued", "effective", "until", "inherits")
DECIDE_CLAUSE = frozenset({"force", "applies", "proof", "effective", "until"})
CODED = frozenset({"pass_rate", "refusal_rate", "question_count", "keyword_count"})


@dataclass(frozen=True, slots=True)
class Change:
    """One field: what it was and what it is, plain values."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing of a pack: ``state`` added, removed or changed; ``again`` what it asks of an assessment."""

    noun: Noun
    id: str
    state: Literal["added", "removed", "changed"]
    changes: tuple[Change, ...] = ()
    again: Again | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything in which ``new`` differs from ``old``: checks first, then clauses, risk codes, the heading."""

    old: str
    new: str
    differences: tuple[Difference, ...]

    def again(self, what: Again) -> tuple[str, ...]:
        """The checks of which a running assessment must do this again."""
        return tuple(one.id for one in self.differences if one.noun == "check" and one.again == what)

    def wire(self) -> dict[str, Any]:
        return {
            "old": self.old,
            "new": self.new,
            "differences": [asdict(one) for one in self.differences],
            "again": {what: list(self.again(what)) for what in ("draw", "measure", "decide")},
        }


def compare_packs(old: Pack, new: Pack) -> Comparison:
    """What changes for somebody who was assessed by ``old`` and will be by ``new``."""
    recoded = _recoded(old, new)
    checks = _rules("check", old.checks, new.checks, recoded)
    clauses = _rules("clause", old.clauses, new.clauses, recoded)
    codes = [
        *_named("group", {g.code: asdict(g) for g in old.groups}, {g.code: asdict(g) for g in new.groups}),
        *_named("risk", {r.code: asdict(r) for r in old.risks}, {r.code: asdict(r) for r in new.risks}),
        *_named("aspect", {a.code: asdict(a) for a in old.aspects}, {a.code: asdict(a) for a in new.aspects}),
    ]
    heading = _changes({n: getattr(old, n) for n in HEADING}, {n: getattr(new, n) for n in HEADING}, HEADING)
    top = [Difference("heading", new.id, "changed", heading)] if heading else []
    return Comparison(old.id, new.id, (*checks, *clauses, *codes, *top))


def _recoded(old: Pack, new: Pack) -> bool:
    """Whether risk or aspect codes, or what they are mapped to, are others: rates over codes are then others."""
    return _codes(old) != _codes(new)


def _codes(pack: Pack) -> dict[str, tuple[str | None, tuple[str, ...]]]:
    risks = {risk.code: (risk.group, pack.codes_for(risk.code)) for risk in pack.risks}
    return {**risks, **{aspect.code: (None, pack.codes_for(aspect.code)) for aspect in pack.aspects}}


def _rules(noun: Noun, old: Sequence[Rule], new: Sequence[Rule], recoded: bool) -> list[Difference]:
    order = CHECK_ORDER if noun == "check" else CLAUSE_ORDER
    before, after = {rule.id: rule for rule in old}, {rule.id: rule for rule in new}
    found = []
    for id in [*before, *(id for id in after if id not in before)]:
        if id not in after:
            found.append(Difference(noun, id, "removed"))
        elif id not in before:
            found.append(Difference(noun, id, "added", again=_new(after[id])))
        else:
            changes = _changes(asdict(before[id]), asdict(after[id]), order)
            again = _again(after[id], changes, recoded)
            if changes or again:
                found.append(Difference(noun, id, "changed", changes, again))
    # Thresholds first: what must be done again stands above what only prints otherwise.
    return sorted(found, key=lambda one: (one.again is None, not _threshold(one)))


def _threshold(one: Difference) -> bool:
    return any(change.field in ("value", "op", *DRAW) for change in one.changes)


def _new(rule: Rule) -> Again | None:
    if isinstance(rule, Clause):
        return None
    return "draw" if rule.sampled else "measure"


def _again(rule: Rule, changes: Sequence[Change], recoded: bool) -> Again | None:
    """The heaviest of what the changes ask for; a smaller sample than before is merely decided anew."""
    fields = {change.field: change for change in changes}
    if isinstance(rule, Clause):
        return "decide" if DECIDE_CLAUSE & set(fields) else None
    if any(_larger(fields[name]) for name in DRAW & set(fields)):
        return "draw"
    if MEASURE & set(fields) or (recoded and rule.metric in CODED):
        return "measure"
    return "decide" if (DECIDE | DRAW) & set(fields) else None


def _larger(change: Change) -> bool:
    return change.new is not None and (change.old is None or float(change.new) > float(change.old))


def _changes(old: Mapping[str, Any], new: Mapping[str, Any], order: Sequence[str]) -> tuple[Change, ...]:
    return tuple(Change(name, old[name], new[name]) for name in order if old[name] != new[name])


def _named(noun: Noun, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    found = []
    for code in [*old, *(code for code in new if code not in old)]:
        if code not in new or code not in old:
            found.append(Difference(noun, code, "removed" if code in old else "added"))
        elif changes := _changes(old[code], new[code], tuple(new[code])):
            found.append(Difference(noun, code, "changed", changes))
    return found
