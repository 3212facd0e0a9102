"""Freshness 时效: how old a bank's newest questions are, against what a standard asks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from mofang.assurance.banks.bank import Question
from mofang.assurance.errors import BankError
from mofang.assurance.standard.schema import KINDS, Pack
from mofang.i18n import _


@dataclass(frozen=True, slots=True)
class Fresh:
    """One rule of a pack on the age of a kind of question. ``newest`` is the latest date that is not after
    ``as_of``, empty where no question has one; then ``days`` and ``met`` are None. ``later``: dates after it."""

    check: str
    kind: str
    newest: str
    days: int | None
    most: int
    met: bool | None
    undated: int
    later: int


def freshness(questions: Iterable[Question], pack: Pack, as_of: str) -> list[Fresh]:
    """Every rule of ``pack`` on the age of a bank's questions, held against ``as_of``. Raises BankError for a
    date that is none."""
    try:
        today = date.fromisoformat(as_of)
    except ValueError:
        raise BankError(
            _("{text} is not a date").format(text=as_of[:20]), remedy=_("write it like 2026-11-01")
        ) from None
    asked = list(questions)
    checks = [check for check in pack.checks if check.metric == "days_since_update"]
    return [
        _fresh(check.id, check.params["of"], int(check.value), asked, today)
        for check in checks
        if check.params.get("of") in KINDS
    ]


def _fresh(check: str, kind: str, most: int, questions: list[Question], today: date) -> Fresh:
    dates = [question.added for question in questions if question.kind == kind]
    past = [day for day in dates if day and day <= today.isoformat()]
    newest = max(past, default="")
    days = (today - date.fromisoformat(newest)).days if newest else None
    return Fresh(
        check=check,
        kind=kind,
        newest=newest,
        days=days,
        most=most,
        met=None if days is None else days <= most,
        undated=dates.count(""),
        later=sum(1 for day in dates if day > today.isoformat()),
    )
