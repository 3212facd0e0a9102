"""What a run will ask of endpoints, told before it starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from typing import Any

from mofang.errors import MofangError
from mofang.i18n import _
from mofang.models.config import EndpointConfig
from mofang.project.file import Budget

EMBEDDED_RATE = 100
"""Completion tokens a second that the embedded model gave on 2 cores with eight questions at a time
(bench/models.py; 130 measured, a slower machine allowed for)."""
PROMPT_TOKENS = 200
"""Tokens assumed for a question and what frames it, beside the system prompt: nobody counts them beforehand."""


@dataclass(frozen=True, slots=True)
class Cost:
    """At most so many calls and completion tokens. ``minutes`` is an estimate, None where no rate is known;
    ``money`` a decimal string in ``currency``, if every answer were of full length, None where no price is known."""

    calls: int
    tokens: int
    minutes: int | None
    endpoint: str
    money: str | None = None
    currency: str | None = None

    def wire(self) -> dict[str, Any]:
        return {
            "calls": self.calls,
            "tokens": self.tokens,
            "minutes": self.minutes,
            "endpoint": self.endpoint,
            "money": self.money,
            "currency": self.currency,
        }

    @property
    def said(self) -> str | None:
        """The money in words, None where there is nothing to say."""
        if self.money is None or Decimal(self.money) == 0:
            return None
        return _("about {money} {currency} if every answer has full length").format(
            money=self.money, currency=self.currency
        )


def cost_of(calls: int, endpoint: EndpointConfig) -> Cost:
    """The most that asking ``calls`` times can cost, second tries aside."""
    tokens = calls * endpoint.max_tokens
    minutes = -(-tokens // (EMBEDDED_RATE * 60)) if endpoint.embedded else None
    return Cost(calls, tokens, minutes, endpoint.host, _money(calls, endpoint), endpoint.currency)


def _money(calls: int, endpoint: EndpointConfig) -> str | None:
    if not endpoint.priced:
        return None
    prompt = PROMPT_TOKENS + len(endpoint.system_prompt.encode()) // 3
    price_in, price_out = Decimal(endpoint.price_in or 0), Decimal(endpoint.price_out or 0)
    money = calls * (prompt * price_in + endpoint.max_tokens * price_out) / 1_000_000
    return str(money.quantize(Decimal("0.01"), ROUND_UP))


def total_cost(costs: Sequence[Cost]) -> Cost | None:
    """What several askings cost together; None for none. Money is known where every part's is, in one currency."""
    if not costs:
        return None
    minutes = [cost.minutes for cost in costs if cost.calls]
    money = [cost.money for cost in costs if cost.calls]
    currencies = {cost.currency for cost in costs if cost.money is not None and Decimal(cost.money) > 0}
    known = None not in money and len(currencies) <= 1
    return Cost(
        sum(cost.calls for cost in costs),
        sum(cost.tokens for cost in costs),
        None if None in minutes else sum(n for n in minutes if n is not None),
        ", ".join(dict.fromkeys(cost.endpoint for cost in costs)),
        str(sum((Decimal(part) for part in money if part is not None), Decimal("0.00"))) if known else None,
        next(iter(currencies), costs[0].currency) if known else None,
    )


def check_budget(cost: Cost, budget: Budget) -> None:
    """Raises MofangError before anything is asked if the calls alone already pass the cap, or if money is capped and
    nobody says what an endpoint costs."""
    if cost.calls > budget.calls:
        raise MofangError(
            _("this run would ask {calls} questions; the cap is {cap}").format(
                calls=cost.calls, cap=budget.calls
            ),
            where="mofang.yaml: budget.calls",
            remedy=_("raise the cap, or draw fewer questions under assurance.sample"),
        )
    if budget.cost is not None and cost.money is None:
        raise MofangError(
            _("the budget caps the cost, and nobody says what {endpoint} costs in one currency").format(
                endpoint=cost.endpoint
            ),
            where="mofang.yaml: budget.cost",
            remedy=_(
                "write price_in, price_out and currency of the model: the price of a million tokens each"
            ),
        )
