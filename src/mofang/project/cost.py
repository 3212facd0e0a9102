"""What a run will ask of endpoints, told before it starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mofang.errors import MofangError
from mofang.i18n import _
from mofang.models.config import EndpointConfig
from mofang.project.file import Budget

EMBEDDED_RATE = 100
"""Completion tokens a second that the embedded model gave on 2 cores with eight questions at a time
(bench/models.py; 130 measured, a slower machine allowed for)."""


@dataclass(frozen=True, slots=True)
class Cost:
    """At most so many calls and completion tokens. ``minutes`` is an estimate, None where no rate is known."""

    calls: int
    tokens: int
    minutes: int | None
    endpoint: str

    def wire(self) -> dict[str, Any]:
        return {
            "calls": self.calls,
            "tokens": self.tokens,
            "minutes": self.minutes,
            "endpoint": self.endpoint,
        }


def cost_of(questions: int, endpoint: EndpointConfig) -> Cost:
    """The most that asking ``questions`` can cost, second tries aside."""
    tokens = questions * endpoint.max_tokens
    minutes = -(-tokens // (EMBEDDED_RATE * 60)) if endpoint.embedded else None
    return Cost(questions, tokens, minutes, endpoint.host)


def check_budget(cost: Cost, budget: Budget) -> None:
    """Raises MofangError before anything is asked if the calls alone already pass the cap."""
    if cost.calls > budget.calls:
        raise MofangError(
            _("this run would ask {calls} questions; the cap is {cap}").format(
                calls=cost.calls, cap=budget.calls
            ),
            where="mofang.yaml: budget.calls",
            remedy=_("raise the cap, or draw fewer questions under assurance.sample"),
        )
