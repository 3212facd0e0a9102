"""The nouns of a standard pack: risks, aspects, sources, clauses, checks, and the pack that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mofang.errors import MofangError
from mofang.evidence.digest import Digest
from mofang.i18n import Text, _
from mofang.registry import nearest

FORCES = ("shall", "should", "may", "practice")
CONFIDENCES = ("H", "M", "L")
PROOFS = ("measured", "document", "person", "mixed")
OPERATORS = (">=", "<=", "==")
STATISTICS = ("count", "proportion", "days", "presence")
JUDGES = ("keyword", "refusal", "classifier", "manual")
WAITS = ("person", "classifier", "document")
KINDS = ("content", "should_refuse", "should_not_refuse")
SCOPES = (
    "each_source",
    "each_risk",
    "each_aspect",
    "each_modality",
    "each_language_modality",
    "each_task",
)
"""What a check is repeated over; a check without a scope yields one result."""


@dataclass(frozen=True, slots=True)
class Group:
    """A class of risks, such as ``A.1``."""

    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class Risk:
    """One risk of the taxonomy, such as ``A.1.a`` in group ``A.1``."""

    code: str
    group: str
    name: Text


@dataclass(frozen=True, slots=True)
class Aspect:
    """A field of ordinary questions that a service should answer, such as ``geography``."""

    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule was read: a public address, or the writer's memory where ``addresses`` is empty."""

    id: str
    title: Text
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """One requirement. ``says`` is our own sentence, never the standard's; ``number`` is the printed number.

    ``carry_over`` is ``"unverified"`` where the rule came over from an older document and the new text was
    not read. ``applies`` is a condition on the path facts, ``None`` = always.
    """

    id: str
    number: str
    block: str
    title: Text
    says: Text
    force: str
    confidence: str
    sources: tuple[str, ...]
    confirmed_by: str | None
    proof: str
    owner: Text
    applies: str | None
    document: Text | None
    note: Text | None = None
    carry_over: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """How a clause is measured: ``metric(params) op value`` over ``scope``; ``value`` is a decimal string.

    ``sample_min`` (items) or ``sample_share`` (decimal string) say that the figure rests on a drawn sample.
    ``waits_for`` names what must arrive before the figure exists.
    """

    id: str
    clause: str
    metric: str
    params: Mapping[str, Any]
    scope: str | None
    op: str
    value: str
    statistic: str
    sample_min: int | None
    sample_share: str | None
    judge: str | None
    force: str
    confidence: str
    sources: tuple[str, ...]
    waits_for: str | None
    note: Text | None = None
    carry_over: str | None = None

    @property
    def direction(self) -> str:
        """``at_least`` (a lower bound decides), ``at_most`` (an upper bound decides) or ``exactly``."""
        return {">=": "at_least", "<=": "at_most", "==": "exactly"}[self.op]

    @property
    def sampled(self) -> bool:
        return self.sample_min is not None or self.sample_share is not None

    def holds(self, figure: int | str) -> bool:
        """Whether a figure (int or decimal string) meets the plain rule, without any bound."""
        found, wanted = Decimal(figure), Decimal(self.value)
        if self.op == ">=":
            return found >= wanted
        return found <= wanted if self.op == "<=" else found == wanted


@dataclass(frozen=True, slots=True)
class Pack:
    """A standard as data, inheritance already merged. ``clauses`` stand in the dossier's order."""

    id: str
    version: str
    status: str
    title: Text
    issuer: Text
    nature: Text
    number: str
    issued: str
    effective: str
    inherits: str | None
    note: Text | None
    groups: tuple[Group, ...]
    risks: tuple[Risk, ...]
    aspects: tuple[Aspect, ...]
    sources: tuple[Source, ...]
    clauses: tuple[Clause, ...]
    checks: tuple[Check, ...]
    path: Mapping[str, Any]
    dossier: Mapping[str, Any]
    digest: Digest

    def clause(self, id: str) -> Clause:
        """The clause of the working record's id. Raises MofangError naming the nearest ids."""
        for clause in self.clauses:
            if clause.id == id:
                return clause
        raise self._unknown("clause", id, [clause.id for clause in self.clauses])

    def check(self, id: str) -> Check:
        for check in self.checks:
            if check.id == id:
                return check
        raise self._unknown("check", id, [check.id for check in self.checks])

    def checks_of(self, clause: str) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.clause == clause)

    def risk(self, code: str) -> Risk:
        for risk in self.risks:
            if risk.code == code:
                return risk
        raise self._unknown("risk", code, [risk.code for risk in self.risks])

    def source(self, id: str) -> Source:
        for source in self.sources:
            if source.id == id:
                return source
        raise self._unknown("source", id, [source.id for source in self.sources])

    def risks_in(self, groups: tuple[str, ...] | list[str] | None = None) -> tuple[Risk, ...]:
        """The risks of these groups, or all of them."""
        return tuple(risk for risk in self.risks if groups is None or risk.group in groups)

    def wording(self, id: str) -> Text:
        """A fixed wording of the dossier, such as ``disclaimer``."""
        known: Mapping[str, Text] = self.dossier["wording"]
        if id not in known:
            raise self._unknown("wording", id, list(known))
        return known[id]

    def caveats(self, rule: Clause | Check) -> list[Text]:
        """What must stand wherever the rule is printed: unread text, low confidence, nobody confirmed it."""
        found = []
        if rule.carry_over:
            found.append(self.wording("carry_over"))
        clause = rule if isinstance(rule, Clause) else self.clause(rule.clause)
        if clause.confirmed_by is None:
            found.append(self.wording("unconfirmed"))
        if rule.note:
            found.append(rule.note)
        return found

    def _unknown(self, noun: str, name: str, known: list[str]) -> MofangError:
        return MofangError(
            _("pack {pack} has no {noun} {name}").format(pack=self.id, noun=noun, name=name),
            where=self.id,
            remedy=_("known: {names}").format(names=", ".join(nearest(name, known) or known)),
        )
