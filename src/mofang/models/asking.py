"""Many prompts to one endpoint: several at a time, under a budget, each answer handed over at once."""

from __future__ import annotations

import asyncio
import inspect
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import mofang.log as log
from mofang.i18n import _
from mofang.models.endpoint import Endpoint, Message
from mofang.models.errors import BudgetReached, EndpointError, ModelError
from mofang.models.pacing import Gate, Purse

logger = log.get("models")

_PRESSURE = ("rate_limited", "timeout", "server_error")
_OF_THE_QUESTION = ("blocked", "context", "empty")
"""Errors that say something about one question and nothing about the endpoint."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question under its id. ``messages`` is a conversation; a plain text is one message of the user."""

    id: str
    messages: str | tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one prompt. ``state`` "error" has no text and a code in ``error`` (see errors.Code)."""

    question: str
    state: Literal["answered", "error"]
    text: str = ""
    finish_reason: str = ""
    truncated: bool = False
    prompt_tokens: int = 0
    completion_tokens: int = 0
    error: str | None = None
    attempts: int = 1

    def wire(self) -> dict[str, Any]:
        """The answer as a leaf: plain JSON."""
        return asdict(self)

    @classmethod
    def parse(cls, wire: Mapping[str, Any]) -> Answer:
        """The answer behind :meth:`wire`."""
        return cls(**wire)


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that may be asked: requests (second tries count), completion tokens, minutes. None: no cap."""

    calls: int | None = None
    tokens: int | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of a round. ``left`` prompts were not asked; ``stopped`` says why, and is None when all were.
    ``errors`` counts answers in state "error" by code; ``example`` is the last error in full."""

    answered: int = 0
    errors: Mapping[str, int] = field(default_factory=dict)
    skipped: int = 0
    left: int = 0
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    stopped: ModelError | None = None
    example: EndpointError | None = None


OnAnswer = Callable[[Answer], Awaitable[object] | None]
"""Gets each answer as it is finished; what it raises ends the round and reaches the caller."""


async def ask_all(
    endpoint: Endpoint,
    prompts: Iterable[Prompt],
    *,
    on_answer: OnAnswer,
    concurrency: int | None = None,
    budget: Budget | None = None,
    already: Collection[str] = frozenset(),
    give_up_after: int = 50,
) -> Tally:
    """Ask every prompt whose id is not in ``already``; answers come in the order in which they finish.

    A failed prompt becomes an answer in state "error". The round stops early at a cap of the budget, or after
    ``give_up_after`` errors in a row; the tally says so, and every finished answer has been handed over.
    Cancelled (Ctrl-C), it ends requests in flight, which then count as never asked.
    Raises ValueError for two prompts of one id.
    """
    chosen = _choose(prompts, already)
    asking = _Round(
        endpoint,
        chosen,
        on_answer,
        concurrency or endpoint.config.concurrency,
        budget or Budget(),
        give_up_after,
    )
    await asking.run()
    return asking.tally(skipped=len(chosen.skipped))


@dataclass(frozen=True, slots=True)
class _Chosen:
    prompts: list[Prompt]
    skipped: list[str]


def _choose(prompts: Iterable[Prompt], already: Collection[str]) -> _Chosen:
    done = already if isinstance(already, (set, frozenset, dict)) else set(already)
    chosen: dict[str, Prompt] = {}
    skipped: list[str] = []
    for prompt in prompts:
        if prompt.id in chosen:
            raise ValueError(f"two prompts are called {prompt.id}")
        if prompt.id in done:
            skipped.append(prompt.id)
        else:
            chosen[prompt.id] = prompt
    return _Chosen(list(chosen.values()), skipped)


class _Round:
    """One call of ask_all: workers that take prompts in turn as gate and purse allow."""

    def __init__(
        self,
        endpoint: Endpoint,
        chosen: _Chosen,
        on_answer: OnAnswer,
        concurrency: int,
        budget: Budget,
        give_up_after: int,
    ) -> None:
        self.endpoint = endpoint
        self.waiting = chosen.prompts[::-1]
        self.on_answer = on_answer
        self.gate = Gate(concurrency)
        self.purse = Purse(budget.calls, budget.tokens, budget.minutes)
        self.give_up_after = give_up_after
        self.turn = asyncio.Condition()
        self.stopped: ModelError | None = None
        self.example: EndpointError | None = None
        self.errors: Counter[str] = Counter()
        self.answered = self.prompt_tokens = self.completion_tokens = self.in_a_row = 0

    def tally(self, *, skipped: int) -> Tally:
        return Tally(
            answered=self.answered,
            errors=dict(sorted(self.errors.items())),
            skipped=skipped,
            left=len(self.waiting),
            calls=self.purse.calls,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            stopped=self.stopped,
            example=self.example,
        )

    async def run(self) -> None:
        workers = [
            asyncio.ensure_future(self._work()) for _n in range(min(self.gate.most, len(self.waiting)))
        ]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            async with self.turn:
                await self.turn.wait_for(self._decided)
                if self.stopped or not self.waiting:
                    self.turn.notify_all()
                    return
                prompt = self.waiting.pop()
                self.gate.enter()
                self.purse.reserve(self.endpoint.config.max_tokens)
            answer = None
            try:
                answer = await self._ask(prompt)
            finally:
                self.gate.leave()
                self.purse.release(self.endpoint.config.max_tokens)
                if answer is None:
                    self.waiting.append(prompt)
            if answer is not None:
                await self._hand_over(answer)
            async with self.turn:
                self.turn.notify(2)

    def _decided(self) -> bool:
        """Whether a worker can go on: take a prompt, or leave."""
        if self.stopped or not self.waiting:
            return True
        cap = self.purse.reached(self.endpoint.config.max_tokens)
        if cap and (cap != "tokens" or self.gate.active == 0):
            self.stopped = _budget_reached(cap)
            return True
        return self.gate.open and not cap

    async def _ask(self, prompt: Prompt) -> Answer | None:
        """The answer to one prompt; None when the budget ended before there was one."""
        try:
            completion = await self.endpoint.ask(prompt.messages, attempt=self._attempt)
        except EndpointError as error:
            return self._failed(prompt, error)
        except BudgetReached as reached:
            self.stopped = self.stopped or reached
            return None
        self.answered += 1
        self.in_a_row = 0
        self.gate.eased()
        self.prompt_tokens += completion.prompt_tokens
        self.completion_tokens += completion.completion_tokens
        self.purse.spend(completion.completion_tokens or self.endpoint.config.max_tokens)
        return Answer(
            prompt.id,
            "answered",
            completion.text,
            completion.finish_reason,
            completion.truncated,
            completion.prompt_tokens,
            completion.completion_tokens,
            attempts=completion.attempts,
        )

    def _failed(self, prompt: Prompt, error: EndpointError) -> Answer:
        logger.info("%s: %s", prompt.id, error.code)
        self.errors[error.code] += 1
        self.example = error
        self.in_a_row += error.code not in _OF_THE_QUESTION
        if error.code in _PRESSURE:
            self.gate.pressed()
        if self.in_a_row >= self.give_up_after and self.stopped is None:
            self.stopped = error
        return Answer(prompt.id, "error", error=error.code, attempts=error.attempts)

    def _attempt(self, number: int, error: EndpointError | None) -> None:
        if error is not None and error.code in _PRESSURE:
            self.gate.pressed()
        cap = self.purse.reached(0) if number > 1 else None
        if cap in ("calls", "minutes"):
            raise _budget_reached(cap)
        self.purse.calls += 1

    async def _hand_over(self, answer: Answer) -> None:
        result = self.on_answer(answer)
        if inspect.isawaitable(result):
            handing = asyncio.ensure_future(result)
            try:
                await asyncio.shield(handing)
            except asyncio.CancelledError:
                await handing  # an answer that is here must not be lost to a Ctrl-C
                raise


def _budget_reached(cap: str) -> BudgetReached:
    words = {
        "calls": _("the budget's cap on calls is reached"),
        "tokens": _("the budget's cap on tokens is reached"),
        "minutes": _("the budget's cap on minutes is reached"),
    }
    return BudgetReached(
        words[cap], where=f"budget.{cap}", remedy=_("raise it and run again: finished answers are kept")
    )
