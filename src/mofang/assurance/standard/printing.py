"""How rules look on a terminal: one line for a check, a confirmation, a whole pack."""

from __future__ import annotations

from mofang.assurance.standard.schema import Check, Pack, Rule
from mofang.i18n import _


def check_line(one: Check) -> str:
    """A check as ``id: metric op value …`` with its force and confidence; ``*`` where its text is unread."""
    parts = [one.id + ":", one.metric, one.op, one.value]
    if one.scope:
        parts.append(one.scope)
    if one.sample_min is not None:
        parts.append(_("on at least {n} drawn").format(n=one.sample_min))
    if one.sample_share is not None:
        parts.append(_("on a share of {share} drawn").format(share=one.sample_share))
    if one.judge:
        parts.append(_("judged by {judge}").format(judge=one.judge))
    if one.estimator != "plain":
        parts.append(_("estimated {estimator}").format(estimator=one.estimator))
    if one.waits_for:
        parts.append(_("waits for {what}").format(what=one.waits_for))
    line = " ".join(parts)
    return f"{line} ({force_word(one.force)}, {one.confidence}{'*' if one.carry_over else ''})"


def force_word(force: str) -> str:
    return {"shall": _("shall"), "should": _("should"), "may": _("may"), "practice": _("practice")}[force]


def reading_line(rule: Rule) -> str:
    """Who confirmed a rule."""
    return _("confirmed by {by} on {on} against {edition} (claimed)").format(
        by=rule.confirmed_by, on=rule.confirmed_on, edition=rule.confirmed_edition
    )


def summary(one: Pack) -> str:
    """A pack in one line: how much there is, and how much of it nobody has confirmed or read."""
    return _(
        "{clauses} clauses, {checks} checks, {risks} risks; {open} not confirmed, {carried} carried over"
    ).format(
        clauses=len(one.clauses),
        checks=len(one.checks),
        risks=len(one.risks),
        open=sum(clause.confirmed_by is None for clause in one.clauses),
        carried=sum(clause.carry_over is not None for clause in one.clauses),
    )
