"""The nouns of a standard pack: risks, aspects, sources, clauses, checks, and the pack that holds them."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import resources
from typing import Any, Literal

import yaml

from mofang.errors import MofangError
from mofang.evidence.digest import Digest
from mofang.i18n import Text, _
from mofang.registry import nearest

FORCES = ("shall", "should", "may", "practice")
CONFIDENCES = ("H", "M", "L")
PROOFS = ("measured", "document", "person", "mixed")
OPERATORS = (">=", "<=", "==")
STATISTICS = ("count", "proportion", "days", "presence")
JUDGES = ("keyword", "refusal", "classifier", "model", "manual")
WAITS = ("person", "classifier", "document")
ESTIMATORS = ("plain", "stratified_equal", "stratified_bank", "stratified_traffic")
"""How a proportion is estimated: over all items alike, or over the risks with equal, the bank's or the
project's declared weights."""
LEVEL = "0.95"
"""The confidence level of a bound where a check names no other."""
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
    not read. ``applies`` is a condition on the path facts, ``None`` = always. ``effective`` and ``until``
    (its last day) are dates of this rule alone; the pack's hold where they are None. ``confirmed_by`` is the
    person who compared the rule with ``confirmed_edition`` of the official text on ``confirmed_on``.
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
    effective: str | None = None
    until: str | None = None
    confirmed_edition: str | None = None
    confirmed_on: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """How a clause is measured: ``metric(params) op value`` over ``scope``; ``value`` is a decimal string.

    ``sample_min`` (items) or ``sample_share`` (decimal string) say that the figure rests on a drawn sample.
    ``waits_for`` names what must arrive before the figure exists. ``estimator`` and ``level`` (of the bound,
    a decimal string) say how a proportion is estimated; ``slot`` is the dossier's block that prints it, the
    clause's where the pack names none. Dates and confirmation as in :class:`Clause`.
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
    estimator: str = "plain"
    level: str = LEVEL
    slot: str = ""
    effective: str | None = None
    until: str | None = None
    confirmed_by: str | None = None
    confirmed_edition: str | None = None
    confirmed_on: str | None = None

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


Rule = Clause | Check
"""What a person can confirm and what can come into force by itself."""

State = Literal["holds", "changed", "differs", "conflict"]
"""A confirmation holds; or the rule changed since; or the person read another value than the pack has; or
persons read different values."""


def rule_name(rule: Rule) -> str:
    """``clause/KW-1`` or ``check/KW-1``: a clause and its check often share their id."""
    return f"{'clause' if isinstance(rule, Clause) else 'check'}/{rule.id}"


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """Own risk codes -> codes of another pack's taxonomy (``to``), so that evidence coded there serves here."""

    to: str
    codes: Mapping[str, Sequence[str]]
    note: Text
    confidence: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A person's confirmation as it stands against this pack: ``rule`` as in :func:`rule_name`, ``value`` the
    value read in the official text where one was stated, ``read`` the rule as it was when confirmed."""

    rule: str
    by: str
    edition: str
    on: str
    state: State
    value: str | None = None
    page: str | None = None
    read: str = ""


@dataclass(frozen=True, slots=True)
class Pack:
    """A standard as data, inheritance already merged. ``clauses`` stand in the dossier's order.

    ``until`` is the last day of the whole standard; ``default`` says that a new project may start with it.
    ``taxonomy`` is the pack that brought the risk codes: packs that inherit them share it. ``rubric`` is
    ``{"instructions": Text, "categories": {risk or group: Text}}``, empty where the pack has none.
    ``readings`` are the confirmations laid over it, those that hold and those that do not.
    """

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
    until: str | None = None
    default: bool = False
    taxonomy: str = ""
    crosswalk: tuple[Crosswalk, ...] = ()
    rubric: Mapping[str, Any] = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()

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
        """A fixed wording, such as ``disclaimer``: the pack's, or the room's where it has none."""
        known: Mapping[str, Text] = {**_defaults(), **self.dossier["wording"]}
        if id not in known:
            raise self._unknown("wording", id, list(known))
        return known[id]

    def codes_for(self, code: str) -> tuple[str, ...]:
        """The codes under which evidence on a risk or aspect may stand: its own first, then the mapped ones."""
        mapped = (other for row in self.crosswalk for other in row.codes.get(code, ()))
        return tuple(dict.fromkeys((code, *mapped)))

    def rules(self) -> tuple[Rule, ...]:
        """Every clause and every check."""
        return (*self.clauses, *self.checks)

    def confirmed(self, rule: Rule) -> bool:
        """Whether a person confirmed the rule. A check for a document has no number of its own: its clause
        speaks for it."""
        if isinstance(rule, Check) and rule.statistic == "presence" and rule.confirmed_by is None:
            rule = self.clause(rule.clause)
        return rule.confirmed_by is not None

    def settled(self, clause: Clause) -> bool:
        """Whether a clause and every number by which it is measured were confirmed."""
        return self.confirmed(clause) and all(map(self.confirmed, self.checks_of(clause.id)))

    def term(self, rule: Rule) -> tuple[str, str | None]:
        """First and last day of a rule, the last one None while it is open; a check keeps within its clause."""
        holders: list[Any] = [self, rule]
        if isinstance(rule, Check):
            holders.append(self.clause(rule.clause))
        ends = [holder.until for holder in holders if holder.until is not None]
        return max(holder.effective or "" for holder in holders), min(ends, default=None)

    def in_force(self, rule: Rule, as_of: str) -> Literal["in_force", "not_yet", "ended"]:
        """Whether a rule is in force on ``as_of`` (YYYY-MM-DD)."""
        first, last = self.term(rule)
        if as_of < first:
            return "not_yet"
        return "ended" if last is not None and as_of > last else "in_force"

    def caveats(self, rule: Rule, as_of: str | None = None) -> list[Text]:
        """What must stand wherever the rule is printed: unread text, nobody confirmed it, a confirmation that
        does not hold; with ``as_of`` also that the rule is not in force on that day. A clause also
        says what stands against its checks."""
        found = []
        if as_of is not None and (state := self.in_force(rule, as_of)) != "in_force":
            first, last = self.term(rule)
            found.append(_filled(self.wording(state), date=first if state == "not_yet" else str(last)))
        if rule.carry_over:
            found.append(self.wording("carry_over"))
        mine = self.checks_of(rule.id) if isinstance(rule, Clause) else ()
        open = [check.id for check in mine if not self.confirmed(check)]
        if not self.confirmed(rule):
            found.append(self.wording("unconfirmed"))
        elif open:
            found.append(_filled(self.wording("checks_open"), checks=", ".join(open)))
        names = {rule_name(one) for one in (rule, *mine)}
        for one in self.readings:
            if one.rule in names and one.state != "holds":
                words = {"by": one.by, "on": one.on, "edition": one.edition, "value": one.value or "—"}
                found.append(_filled(self.wording(f"reading_{one.state}"), **words))
        if rule.note:
            found.append(rule.note)
        return found

    def _unknown(self, noun: str, name: str, known: list[str]) -> MofangError:
        return MofangError(
            _("pack {pack} has no {noun} {name}").format(pack=self.id, noun=noun, name=name),
            where=self.id,
            remedy=_("known: {names}").format(names=", ".join(nearest(name, known) or known)),
        )


@functools.cache
def _defaults() -> Mapping[str, Text]:
    file = resources.files("mofang.assurance.standard").joinpath("wordings.yaml")
    found: Mapping[str, Text] = yaml.safe_load(file.read_text("utf-8"))
    return found


def _filled(text: Text, **words: str) -> Text:
    return {code: said.format(**words) for code, said in text.items()}
