"""How many requests at a time, how many in a minute, and how many at all.

Time is the monotonic clock's alone: setting the machine's clock changes nothing here.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

_START = 20
_CUT = 0.7  # as CUBIC, RFC 9438: a half would waste a third of what a steady endpoint can do
_STEPS = 20
_BAD_SHARE = 10

Cap = Literal["calls", "tokens", "minutes", "cost"]
Clock = Callable[[], float]


class Gate:
    """How many requests may be in flight: slow start, then additive increase and multiplicative decrease.

    It begins with 20 (or ``most``) and doubles with each round of answers, but only while it is the gate that
    holds requests back: a limit that nobody uses says nothing about the endpoint. Pressure takes three tenths
    away, once for all requests that were in flight together; from then on each round gives back a twentieth
    of what was. A 429 is pressure by itself; of errors that may be the question's own fault (5xx, timeouts)
    it takes one in ten. :meth:`hold` closes the gate for everybody, as Retry-After asks.
    """

    def __init__(self, most: int, *, clock: Clock = time.monotonic) -> None:
        self.most = most
        self.active = 0
        self._clock = clock
        self._limit = float(min(most, _START))
        self._step: float | None = None  # None: slow start
        self._round = 0
        self._good = self._bad = self._full = 0
        self._until: float | None = None

    @property
    def limit(self) -> int:
        return int(self._limit)

    @property
    def open(self) -> bool:
        """Whether one more may start."""
        return self.active < self.limit and self.held() == 0

    def held(self) -> float:
        """Seconds for which the endpoint asked everybody to wait."""
        if self._until is None:
            return 0.0
        left = self._until - self._clock()
        if left <= 0:
            self._until = None
        return max(0.0, left)

    def hold(self, seconds: float) -> None:
        """Nobody starts for so long."""
        self._until = max(self._until or 0.0, self._clock() + seconds)

    def enter(self) -> int:
        """One starts; hand the number back with what became of it."""
        self.active += 1
        if self.active >= self.limit:
            self._full = self.limit
        return self._round

    def leave(self) -> None:
        self.active -= 1

    def eased(self) -> None:
        """An answer came."""
        self._good += 1
        if self._full > 0:
            self._full -= 1
            grown = 1.0 if self._step is None else self._step / self._limit
            self._limit = min(float(self.most), self._limit + grown)
        if self._good + self._bad >= self.limit:
            self._good = self._bad = 0

    def pressed(self, entered: int, *, sure: bool) -> None:
        """The endpoint asked a request that ``entered`` in that round for less (``sure``), or failed it."""
        if entered != self._round:
            return  # it was in flight when the limit was lowered: old news
        self._bad += 1
        if sure or self._bad * _BAD_SHARE >= self.limit:
            self._step = max(1.0, self._limit / _STEPS)
            self._limit = max(1.0, self._limit * _CUT)
            self._round += 1
            self._good = self._bad = self._full = 0


class Allowance:
    """So much in any minute, and a tenth of it in any six seconds, so that it does not go out at one blow.
    What is larger than a whole window goes when the window is empty."""

    def __init__(self, most: int, *, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._windows = (_Window(most, 60.0), _Window(max(1, -(-most // 10)), 6.0))

    def wait(self, amount: int) -> float:
        """Seconds until ``amount`` may go."""
        now = self._clock()
        return max(window.wait(amount, now) for window in self._windows)

    def take(self, amount: int) -> Taken:
        """``amount`` goes now."""
        taken = Taken(self._clock(), amount)
        for window in self._windows:
            window.add(taken)
        return taken

    def settle(self, taken: Taken, amount: int) -> None:
        """It was an estimate; ``amount`` is what it came to."""
        for window in self._windows:
            window.change(taken, amount)
        taken.amount = amount


@dataclass(slots=True)
class Taken:
    """What went out of an allowance, and when."""

    at: float
    amount: int


class _Window:
    """Everything taken in the last ``seconds``."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most = most
        self.seconds = seconds
        self.taken: deque[Taken] = deque()
        self.total = 0
        self.edge = float("-inf")  # what was taken by then has gone out of the window

    def wait(self, amount: int, now: float) -> float:
        self._forget(now)
        over, free = self.total + amount - self.most, now
        for taken in self.taken:
            if over <= 0:
                break
            over -= taken.amount
            free = taken.at + self.seconds
        return max(0.0, free - now)

    def add(self, taken: Taken) -> None:
        self.taken.append(taken)
        self.total += taken.amount

    def change(self, taken: Taken, amount: int) -> None:
        if taken.at > self.edge:
            self.total += amount - taken.amount

    def _forget(self, now: float) -> None:
        self.edge = max(self.edge, now - self.seconds)
        while self.taken and self.taken[0].at <= self.edge:
            self.total -= self.taken.popleft().amount


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost, in and out."""

    prompt: Decimal
    completion: Decimal

    def of(self, prompt_tokens: int, completion_tokens: int) -> Decimal:
        """What so many tokens cost."""
        return (self.prompt * prompt_tokens + self.completion * completion_tokens) / 1_000_000


FREE = Price(Decimal(0), Decimal(0))
NOTHING = Decimal(0)


class Purse:
    """What may be spent, what is, and what is set aside for requests in flight. Askings of one run that share
    a purse share its caps; the minutes begin when it is made."""

    def __init__(
        self,
        calls: int | None = None,
        tokens: int | None = None,
        minutes: int | None = None,
        cost: Decimal | None = None,
        *,
        clock: Clock = time.monotonic,
    ) -> None:
        self.calls = self.tokens = 0
        self.cost = NOTHING
        self.capped = cost is not None
        self._most_calls, self._most_tokens, self._most_cost = calls, tokens, cost
        self._clock = clock
        self._until = None if minutes is None else clock() + 60 * minutes
        self._tokens_aside, self._cost_aside = 0, NOTHING

    def reached(self, tokens: int, cost: Decimal = NOTHING) -> Cap | None:
        """The cap that forbids one more request of ``tokens`` and ``cost``, if one does."""
        if self._most_calls is not None and self.calls >= self._most_calls:
            return "calls"
        if self._until is not None and self._clock() >= self._until:
            return "minutes"
        if self._most_tokens is not None and self.tokens + self._tokens_aside + tokens > self._most_tokens:
            return "tokens"
        if self._most_cost is not None and self.cost + self._cost_aside + cost > self._most_cost:
            return "cost"
        return None

    def reserve(self, tokens: int, cost: Decimal = NOTHING) -> None:
        """One request starts now: it is a call, and tokens and cost are set aside for it."""
        self.calls += 1
        self._tokens_aside += tokens
        self._cost_aside += cost

    def release(self, tokens: int, cost: Decimal = NOTHING) -> None:
        """What was set aside is free again."""
        self._tokens_aside -= tokens
        self._cost_aside -= cost

    def spend(self, tokens: int, cost: Decimal = NOTHING) -> None:
        self.tokens += tokens
        self.cost += cost
