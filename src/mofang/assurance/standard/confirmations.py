"""Confirmations 确认: who compared which rule with the official text, kept in a file beside the project.

A confirmation names the rule as it was read (``digest``), so that a later change of the rule voids it visibly. A
person's word in such a file is *claimed*: whoever can edit the file can write it. Confirmations never change a
rule: who reads another value in the official text leaves the rule unconfirmed, and mends the pack.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import yaml

from mofang.assurance.errors import PackError
from mofang.assurance.standard.fields import DECIMAL, Fields, mistakes_error
from mofang.assurance.standard.files import Row, read_list
from mofang.assurance.standard.pack import with_digest
from mofang.assurance.standard.schema import Check, Clause, Pack, Reading, Rule, State, rule_name
from mofang.evidence.digest import Digest, canonical, sha256_bytes
from mofang.evidence.files import write_atomic
from mofang.i18n import _
from mofang.registry import nearest

R = TypeVar("R", Clause, Check)

FILE = "confirmations.yaml"
"""The file's name, beside mofang.yaml."""

CLAUSE_RULE = ("number", "says", "force", "applies", "effective", "until")
CHECK_RULE = (
    "clause",
    "metric",
    "params",
    "scope",
    "op",
    "value",
    "statistic",
    "sample_min",
    "sample_share",
    "judge",
    "force",
    "effective",
    "until",
)
"""The fields that the official text decides; a change of any other leaves a confirmation as it is."""

HEADER = """\
# Who compared which rule of a standard with its official text. Written by `mofang pack confirm` and `unconfirm`,
# which rewrite this file; remarks belong in `note`. Review it like any other document that a person answers for.
format: 1
"""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One person's word on one rule. ``rule`` is ``clause/ID`` or ``check/ID`` of the pack ``standard``;
    ``edition`` the official publication that was read; ``value`` the value read there, None for a clause;
    ``read`` and ``digest`` the rule as it was then. ``where`` is the line of the file it stands in."""

    rule: str
    standard: str
    edition: str
    by: str
    on: str
    digest: Digest
    read: str = ""
    value: str | None = None
    page: str | None = None
    note: str | None = None
    where: str = ""


def rule_digest(rule: Rule) -> Digest:
    """The digest of what the official text decides in a rule."""
    names = CHECK_RULE if isinstance(rule, Check) else CLAUSE_RULE
    wire = asdict(rule)
    return sha256_bytes(canonical({name: wire[name] for name in names}))


def said(rule: Rule) -> str:
    """A rule in one line, as it stands in a confirmation."""
    if not isinstance(rule, Check):
        return f"{rule.number} {rule.says['zh']} ({rule.force})"
    sample = [f"n >= {rule.sample_min}"] if rule.sample_min else []
    sample += [f"share >= {rule.sample_share}"] if rule.sample_share else []
    extra = [word for word in (rule.scope, rule.judge, *sample, rule.force) if word]
    return f"{rule.metric} {rule.op} {rule.value} ({', '.join(extra)})"


def rules_called(pack: Pack, name: str) -> tuple[Rule, ...]:
    """The clause and the check of this id, or the one named ``clause/ID`` or ``check/ID``. Raises PackError with
    the nearest names."""
    found = tuple(rule for rule in pack.rules() if name in (rule.id, rule_name(rule)))
    if not found:
        known = [rule_name(rule) for rule in pack.rules()] if "/" in name else [r.id for r in pack.rules()]
        raise PackError(
            _("pack {pack} has no clause or check {name}").format(pack=pack.id, name=name),
            where=pack.id,
            remedy=_("nearest: {names}").format(names=", ".join(dict.fromkeys(nearest(name, known))) or "—"),
        )
    return found


def read_confirmations(file: Path) -> tuple[Confirmation, ...]:
    """The confirmations of a file, none where there is no file. Raises PackError listing every mistake."""
    if not file.is_file():
        return ()
    rows, mistakes = read_list(file, file.name, "confirmations")
    f = Fields()
    f.mistakes += mistakes
    found = tuple(_confirmation(row, f) for row in rows)
    if f.mistakes:
        raise mistakes_error(str(file), f.mistakes)
    return found


def _confirmation(row: Row, f: Fields) -> Confirmation:
    f.known(row, [name for name in Confirmation.__dataclass_fields__ if name != "where"])
    rule, digest = f.word(row, "rule"), f.word(row, "digest")
    if rule and not re.fullmatch(r"(clause|check)/\S+", rule):
        f.mistake(row.at("rule"), _("rule is {rule}; write clause/ID or check/ID").format(rule=rule))
    if digest and not re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
        f.mistake(row.at("digest"), _("not a digest: {text}").format(text=digest[:80]))
        digest = ""
    return Confirmation(
        rule=rule,
        standard=f.word(row, "standard"),
        edition=f.word(row, "edition"),
        by=f.word(row, "by"),
        digest=Digest(digest) if digest else sha256_bytes(b""),
        on=f.date(row, "on"),
        value=f.maybe_decimal(row, "value"),
        read=f.maybe_word(row, "read") or "",
        page=f.maybe_word(row, "page"),
        note=f.maybe_word(row, "note"),
        where=row.where,
    )


def write_confirmations(file: Path, confirmations: Iterable[Confirmation]) -> None:
    """The file anew, in this order; without any it is an empty list."""
    rows = [_row(one) for one in confirmations]
    body = yaml.safe_dump({"confirmations": rows}, allow_unicode=True, sort_keys=False, width=110)
    write_atomic(file, (HEADER + body).encode("utf-8"))


def _row(one: Confirmation) -> dict[str, str]:
    wire = {name: getattr(one, name) for name in Confirmation.__dataclass_fields__ if name != "where"}
    return {name: str(value) for name, value in wire.items() if value not in (None, "")}


def confirmation(
    pack: Pack,
    rule: Rule,
    *,
    edition: str,
    by: str,
    on: str,
    value: str | None = None,
    page: str | None = None,
    note: str | None = None,
) -> Confirmation:
    """A person's word on a rule as it stands now; for a check without ``value``, its value as the pack has it.
    Raises PackError for an empty name or edition, a value of a clause, or one that is no decimal."""
    if not by.strip() or not edition.strip():
        raise PackError(
            _("a confirmation names a person and the edition that was read"),
            remedy=_('give --by NAME and --edition "NUMBER, publisher"'),
        )
    if not isinstance(rule, Check):
        if value is not None:
            raise PackError(
                _("the clause {id} has no value of its own").format(id=rule.id),
                where=rule_name(rule),
                remedy=_("its checks: {names}").format(
                    names=", ".join(check.id for check in pack.checks_of(rule.id))
                ),
            )
    elif value is None:
        value = rule.value
    elif not DECIMAL.fullmatch(value):
        raise PackError(_("{value} is no decimal number").format(value=value), remedy=_("such as 0.90"))
    return Confirmation(
        rule_name(rule), pack.id, edition.strip(), by.strip(), on, rule_digest(rule), said(rule), value, page, note
    )  # fmt: skip


def confirmed_anew(known: Sequence[Confirmation], new: Confirmation) -> tuple[Confirmation, ...]:
    """The list with one more; a person's earlier word on the same rule and edition gives way."""
    return (*(one for one in known if _whose(one) != _whose(new)), new)


def _whose(one: Confirmation) -> tuple[str, str, str, str]:
    return one.standard, one.rule, one.by, one.edition


def with_confirmations(pack: Pack, confirmations: Iterable[Confirmation]) -> Pack:
    """The pack with what persons confirmed in it. ``readings`` lists every confirmation of this pack with what
    became of it; a rule counts as confirmed where at least one holds and none speaks against it. Raises PackError
    naming each confirmation of a rule that the pack does not have."""
    mine = [one for one in confirmations if one.standard == pack.id]
    if not mine:
        return pack
    rules = {rule_name(rule): rule for rule in pack.rules()}
    unknown = [one for one in mine if one.rule not in rules]
    if unknown:
        raise _unknown(pack, unknown, list(rules))
    readings: list[Reading] = []
    words: dict[str, Confirmation | None] = {}
    for name, rule in rules.items():
        states = _states(rule, [one for one in mine if one.rule == name])
        readings += [_reading(one, state) for one, state in states]
        current = [one for one, state in states if state != "changed"]
        if current:
            agreed = all(state in ("holds", "changed") for _one, state in states)
            words[name] = max(current, key=lambda one: one.on) if agreed else None
    clauses = tuple(_settled(rule, words) for rule in pack.clauses)
    checks = tuple(_settled(rule, words) for rule in pack.checks)
    return with_digest(replace(pack, clauses=clauses, checks=checks, readings=tuple(readings)))


def _states(rule: Rule, mine: Sequence[Confirmation]) -> list[tuple[Confirmation, State]]:
    digest = rule_digest(rule)
    current = [one for one in mine if one.digest == digest]
    values = {Decimal(one.value) for one in current if one.value is not None}
    return [(one, _state(rule, one, one.digest == digest, len(values) > 1)) for one in mine]


def _state(rule: Rule, one: Confirmation, current: bool, split: bool) -> State:
    if not current:
        return "changed"
    if split and one.value is not None:
        return "conflict"
    same = not isinstance(rule, Check) or one.value is None or Decimal(one.value) == Decimal(rule.value)
    return "holds" if same else "differs"


def _reading(one: Confirmation, state: State) -> Reading:
    return Reading(one.rule, one.by, one.edition, one.on, state, one.value, one.page, one.read)


def _settled(rule: R, words: Mapping[str, Confirmation | None]) -> R:
    """The rule with the word that settles it; persons who disagree also undo what the pack itself says."""
    if rule_name(rule) not in words:
        return rule
    one = words[rule_name(rule)]
    if one is None:
        return replace(rule, confirmed_by=None, confirmed_edition=None, confirmed_on=None)
    return replace(
        rule, confirmed_by=one.by, confirmed_edition=one.edition, confirmed_on=one.on, carry_over=None
    )


def _unknown(pack: Pack, unknown: Sequence[Confirmation], known: Sequence[str]) -> PackError:
    what = _("{rule} does not exist in {pack}; nearest: {names}")
    mistakes = [
        (one.where or one.rule, what.format(
            rule=one.rule, pack=pack.id, names=", ".join(nearest(one.rule, known)) or "—"
        ))
        for one in unknown
    ]  # fmt: skip
    return mistakes_error(_("confirmations of {pack}").format(pack=pack.id), mistakes)
