"""Where the questions came from: every draw of the banks, the banks and what their inspection found, and the
rules that nobody has checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mofang.assurance.dossier.figure_book import Printed
from mofang.assurance.dossier.values import threshold
from mofang.assurance.dossier.wording import both
from mofang.assurance.report.heat import KINDS
from mofang.assurance.report.numbers import Numbers
from mofang.evidence.digest import Digest
from mofang.evidence.errors import ObjectMissing
from mofang.evidence.objects import ObjectStore
from mofang.i18n import Text

COVERAGE = ("question_count", "keyword_count", "days_since_update")


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw as it was committed. ``again``: an earlier draw of the same banks stands before it."""

    assessment: str
    used: bool
    again: bool
    entry: int | None
    statement: str
    seed: str
    bank_root: str
    chain_head: str
    plan: str
    asked: tuple[tuple[str, str], ...]


def draws(findings: Mapping[str, Any]) -> tuple[Draw, ...]:
    """Every draw of these banks in the order of the chain, the one that was used among them."""
    rows = findings.get("draws") or ()
    return tuple(_draw(row, again=n > 0) for n, row in enumerate(rows))


def _draw(row: Mapping[str, Any], *, again: bool) -> Draw:
    return Draw(
        assessment=str(row["assessment"]),
        used=bool(row.get("used")),
        again=again,
        entry=row.get("entry"),
        statement=str(row.get("statement") or ""),
        seed=str(row.get("seed") or ""),
        bank_root=str(row.get("bank_root") or ""),
        chain_head=str(row.get("chain_head") or ""),
        plan=str(row.get("plan") or ""),
        asked=tuple((name, str(value)) for name, value in sorted((row.get("asked") or {}).items()) if value),
    )


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank with its size by kind."""

    name: str
    digest: str
    root: str
    demo: bool
    counts: tuple[tuple[str, Printed | int], ...]


def banks(findings: Mapping[str, Any], book: Numbers) -> tuple[Bank, ...]:
    """The banks that were drawn from."""
    return tuple(
        Bank(
            str(row["name"]),
            str(row["digest"]),
            str(row.get("root") or ""),
            bool(row.get("demo")),
            tuple(
                (kind, book.bank_count(row.get("catalogue") or row["digest"], kind) or row["counts"][kind])
                for kind in KINDS
                if kind in row["counts"]
            ),
        )
        for row in findings.get("banks") or ()
    )


@dataclass(frozen=True, slots=True)
class Covered:
    """One element of a coverage check: a risk or aspect with its count and the rule's word."""

    element: str
    count: Printed
    plain: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """One check of size or freshness, over every element of its scope."""

    clause: str
    id: str
    metric: str
    kind: str
    rule: str
    rows: tuple[Covered, ...]


def coverage(findings: Mapping[str, Any], book: Numbers) -> tuple[Coverage, ...]:
    """Size and freshness of banks and word list against the pack's rules."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    owner: dict[str, str] = {}
    for clause in findings["clauses"]:
        for check in clause["checks"]:
            if check["metric"] in COVERAGE and _main(check):
                found.setdefault(check["id"], []).append(check)
                owner[check["id"]] = clause["id"]
    return tuple(_coverage(owner[id], id, checks, book) for id, checks in found.items())


def _main(check: Mapping[str, Any]) -> str | None:
    return next((check["figures"][name] for name in ("days", "n") if name in check["figures"]), None)


def _coverage(clause: str, id: str, checks: Sequence[Mapping[str, Any]], book: Numbers) -> Coverage:
    first = checks[0]
    rows = tuple(
        Covered(str(check.get("scope") or ""), book.get(_main(check) or "", id), check["plain"])
        for check in checks
    )
    sign = {">=": "≥", "<=": "≤"}.get(first["op"], first["op"])
    kind = str(rows[0].count.figure.params.get("kind") or "")
    rule = f"{sign} {threshold(first['value'], first['statistic'])}"
    return Coverage(clause, id, str(first["metric"]), kind, rule, rows)


PARTS: Mapping[str, Mapping[str, tuple[str, Mapping[str, str], str] | None]] = {
    "likeness": {
        "questions": None,
        "alike": ("near_duplicate_count", {}, "n"),
        "pairs": ("near_duplicate_count", {}, "pairs"),
        "across_banks": ("near_duplicate_count", {}, "across_banks"),
        "across_kinds": ("near_duplicate_count", {}, "across_kinds"),
    },
    "leakage": {
        "records": None,
        "questions": None,
        "too_short": None,
        "leaked": ("leaked_question_count", {}, "n"),
        "whole": ("leaked_question_count", {}, "whole"),
    },
    "lookup": {
        "answers": None,
        "curated": ("lookup_count", {"declared": "yes"}, "n"),
        "undeclared": ("lookup_count", {"declared": "no"}, "n"),
        "undeclared_reply": ("lookup_count", {"declared": "no", "signal": "reply"}, "n"),
        "undeclared_bank": ("lookup_count", {"declared": "no", "signal": "bank"}, "n"),
        "undeclared_same": ("lookup_count", {"declared": "no", "signal": "same"}, "n"),
    },
}
"""What an inspection counts, and the figure (metric, params, field) that counts the same where there is one."""
WITHOUT = ("pass_rate_without", "refusal_rate_without")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an inspection: counts by name, as figures where there are some. Empty where it was not done."""

    name: str
    counts: tuple[tuple[str, Printed | int], ...]
    threshold: str
    bad: bool


@dataclass(frozen=True, slots=True)
class Without:
    """A rate over the answers that are no declared curated replies."""

    kind: str
    judge: str
    metric: str
    figures: Mapping[str, Printed]

    @property
    def bound(self) -> str:
        """The field of the bound that the rule looks at."""
        asked = next(iter(self.figures.values())).figure.params.get("op")
        return "upper" if asked == "<=" else "lower"


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the inspection of the banks found. ``digest`` opens it; ``missing`` could not be read."""

    digest: str
    parts: tuple[Part, ...]
    missing: tuple[str, ...]


def inspection(objects: ObjectStore, analysis: Mapping[str, Any], book: Numbers) -> Inspection | None:
    """The inspection that the analysis names; None where there is none or it is gone."""
    digest = analysis.get("inspection")
    if not digest:
        return None
    try:
        found = objects.json(Digest(digest))
    except ObjectMissing:
        return None
    limits = found.get("thresholds") or {}
    names = {"likeness": "alike", "leakage": "leaked"}
    parts = tuple(
        _part(name, found.get(name) or {}, str(limits.get(names.get(name, "")) or ""), book) for name in PARTS
    )
    return Inspection(str(digest), parts, tuple(str(name) for name in found.get("missing") or ()))


def _part(name: str, given: Mapping[str, Any], limit: str, book: Numbers) -> Part:
    counts = tuple(
        (field, _counting(book, meant) or int(given[field]))
        for field, meant in PARTS[name].items()
        if field in given
    )
    bad = bool(given.get("leaked") or given.get("undeclared"))
    return Part(name, counts, threshold(limit, "proportion") if limit else "", bad)


def _counting(book: Numbers, meant: tuple[str, Mapping[str, str], str] | None) -> Printed | None:
    if meant is None:
        return None
    metric, params, field = meant
    return next(
        (
            one
            for one in book
            if (one.figure.metric, one.figure.field) == (metric, field) and dict(one.figure.params) == params
        ),
        None,
    )


def without(book: Numbers) -> tuple[Without, ...]:
    """Results without declared curated replies, from whatever figures of that kind the book holds."""
    found: dict[tuple[str, str, str], dict[str, Printed]] = {}
    for one in book:
        params = one.figure.params
        if one.figure.metric in WITHOUT and not params.get("risk"):
            key = (str(params.get("kind") or ""), str(params.get("judge") or ""), one.figure.metric)
            found.setdefault(key, {})[one.figure.field] = one
    return tuple(Without(*key, figures) for key, figures in sorted(found.items(), key=lambda row: row[0]))


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A clause whose rule no person has held against the official text."""

    id: str
    title: Text
    confidence: str
    carried: bool


def unchecked(findings: Mapping[str, Any]) -> tuple[Unchecked, ...]:
    """Clauses without a confirmation, or with a value from an older document."""
    return tuple(
        Unchecked(
            clause["id"], both(clause["title"]), str(clause["confidence"]), bool(clause.get("carry_over"))
        )
        for clause in findings["clauses"]
        if not clause.get("confirmed_by") or clause.get("carry_over")
    )
