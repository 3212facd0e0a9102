"""How many requests at a time, and how many at all."""

from __future__ import annotations

import time
from typing import Literal

_START = 8

Cap = Literal["calls", "tokens", "minutes"]


class Gate:
    """How many requests may be in flight: it starts small, grows with each answer up to ``most``, is halved
    when the endpoint is pressed (at most once per round of requests), and from then on grows slowly, as TCP
    does."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.active = 0
        self._limit = float(min(most, _START))
        self._slow = False
        self._grace = 0

    @property
    def limit(self) -> int:
        return int(self._limit)

    @property
    def open(self) -> bool:
        """Whether one more may start."""
        return self.active < self.limit

    def enter(self) -> None:
        self.active += 1

    def leave(self) -> None:
        self.active -= 1

    def eased(self) -> None:
        """An answer came."""
        self._grace -= 1
        self._limit = min(float(self.most), self._limit + (1 / self._limit if self._slow else 1))

    def pressed(self) -> None:
        """The endpoint asked for fewer requests, or did not keep up. The requests that were in flight
        together with this one tell the same news, so they do not count again."""
        self._grace -= 1
        if self._grace < 0:
            self._limit = max(1.0, self._limit / 2)
            self._slow = True
            self._grace = self.active


class Purse:
    """What may be spent, what is, and the tokens set aside for requests in flight."""

    def __init__(self, calls: int | None, tokens: int | None, minutes: int | None) -> None:
        self.calls = 0
        self._most_calls = calls
        self._most_tokens = tokens
        self._tokens = self._reserved = 0
        self._until = None if minutes is None else time.monotonic() + 60 * minutes

    def reached(self, tokens: int) -> Cap | None:
        """The cap that forbids one more request of ``tokens``, if one does."""
        if self._most_calls is not None and self.calls >= self._most_calls:
            return "calls"
        if self._until is not None and time.monotonic() >= self._until:
            return "minutes"
        if self._most_tokens is not None and self._tokens + self._reserved + tokens > self._most_tokens:
            return "tokens"
        return None

    def reserve(self, tokens: int) -> None:
        """Set tokens aside for a request that starts now."""
        self._reserved += tokens

    def release(self, tokens: int) -> None:
        self._reserved -= tokens

    def spend(self, tokens: int) -> None:
        self._tokens += tokens
