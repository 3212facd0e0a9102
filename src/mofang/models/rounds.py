"""One round of asking: what may start now starts, what failed and may be tried again rests, what is finished is
handed over.

Everything that waits (for the gate, for Retry-After, for a minute's allowance, for a second try) waits in one
place, the loop of :meth:`Round.run`; a request in flight is one task. So a limit that one request learns of
holds for all.
"""

from __future__ import annotations

import asyncio
import heapq
import inspect
import itertools
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import mofang.log as log
from mofang.i18n import _
from mofang.models.asking import Answer, OnAnswer, Prompt, Tally
from mofang.models.config import EndpointConfig
from mofang.models.endpoint import Endpoint
from mofang.models.errors import BudgetReached, EndpointError, ModelError
from mofang.models.pacing import FREE, NOTHING, Allowance, Cap, Gate, Price, Purse, Taken
from mofang.models.replies import Completion

logger = log.get("models")

_OF_THE_QUESTION = ("blocked", "context", "empty")
"""Errors that say something about one question and nothing about the endpoint."""
_UNSURE = ("timeout", "server_error")
_AT_WORK = (
    "timeout", "disconnected", "blocked", "empty", "malformed", "not_json", "html", "stream", "too_large",
)  # fmt: skip
"""Errors after which the endpoint may have worked, and charge for it."""
_BYTES_A_TOKEN = 3
"""A Chinese character has three bytes and about one token, an English token four."""


@dataclass(slots=True)
class _Item:
    """A prompt on its way. ``prompt_tokens`` is an estimate, ``number`` counts the requests made."""

    prompt: Prompt
    content: bytes
    prompt_tokens: int
    cost: Decimal
    number: int = 0


class Round:
    """One call of ask_all."""

    def __init__(
        self,
        endpoint: Endpoint,
        prompts: Sequence[Prompt],
        on_answer: OnAnswer,
        concurrency: int | None,
        purse: Purse,
        give_up_after: int,
    ) -> None:
        config = endpoint.config
        self.endpoint = endpoint
        self.on_answer = on_answer
        self.give_up_after = give_up_after
        self.gate = Gate(concurrency or config.concurrency)
        self.purse = purse
        self.price = _price(config, purse)
        self.allowances = _Allowances(config)
        self.most_tokens = config.max_tokens
        self.total = len(prompts)
        self.waiting = list(reversed(prompts))
        self.next: _Item | None = None
        self.resting: list[tuple[float, int, _Item]] = []
        self.order = itertools.count()
        self.begun = self.ended = 0
        self.tasks: set[asyncio.Task[None]] = set()
        self.news = asyncio.Event()
        self.stopped: ModelError | None = None
        self.broken: BaseException | None = None
        self.example: EndpointError | None = None
        self.errors: Counter[str] = Counter()
        self.calls = self.answered = self.prompt_tokens = self.completion_tokens = self.in_a_row = 0
        self.cost = NOTHING

    def tally(self, skipped: int) -> Tally:
        return Tally(
            answered=self.answered,
            errors=dict(sorted(self.errors.items())),
            skipped=skipped,
            left=self.total - self.ended,
            calls=self.calls,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            cost=self.cost,
            stopped=self.stopped,
            example=self.example,
        )

    async def run(self) -> None:
        try:
            while True:
                self.news.clear()
                pause = self._start_ready()
                if not self.tasks and (self._over or self.ended == self.total):
                    break
                await self._wait(pause)
        finally:
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)
        if self.broken is not None:
            raise self.broken

    @property
    def _over(self) -> bool:
        return self.stopped is not None or self.broken is not None

    async def _wait(self, pause: float | None) -> None:
        """Until a request ends, or for ``pause`` seconds."""
        alarm = None if pause is None else asyncio.get_running_loop().call_later(pause, self.news.set)
        try:
            await self.news.wait()
        finally:
            if alarm is not None:
                alarm.cancel()

    def _start_ready(self) -> float | None:
        """Start requests; seconds after which more may start even if none ends before."""
        while not self._over and self.gate.active < self.gate.limit:
            held = self.gate.held()
            if held:
                return held
            item = self._candidate()
            if item is None:
                return max(0.0, self.resting[0][0] - time.monotonic()) if self.resting else None
            cap = self.purse.reached(self.most_tokens, item.cost)
            if cap in ("tokens", "cost") and self.gate.active:
                return None  # what is in flight may leave some
            if cap:
                self.stopped = _budget_reached(cap)
                return None
            pause = self.allowances.wait(item.prompt_tokens + self.most_tokens)
            if pause:
                return pause
            self._start(item)
        return None

    def _candidate(self) -> _Item | None:
        """What is next: a second try whose rest is over, or a new prompt. A prompt that rests keeps its place, so
        that an endpoint in trouble does not get all prompts once before it gets one twice."""
        if self.resting and self.resting[0][0] <= time.monotonic():
            return self.resting[0][2]
        if self.next is None and self.waiting:
            self.next = self._item(self.waiting[-1])
        return self.next if self.begun < self.gate.limit else None

    def _item(self, prompt: Prompt) -> _Item:
        messages = prompt.messages() if callable(prompt.messages) else prompt.messages
        content = self.endpoint.content(messages if isinstance(messages, str) else list(messages))
        tokens = len(content) // _BYTES_A_TOKEN + 1
        return _Item(prompt, content, tokens, self.price.of(tokens, self.most_tokens))

    def _start(self, item: _Item) -> None:
        if item.number:
            heapq.heappop(self.resting)
        else:
            self.waiting.pop()
            self.next = None
            self.begun += 1
        item.number += 1
        self.calls += 1
        self.purse.reserve(self.most_tokens, item.cost)
        taken = self.allowances.take(item.prompt_tokens + self.most_tokens)
        task = asyncio.create_task(self._request(item, self.gate.enter(), taken))
        self.tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        self.news.set()

    async def _request(self, item: _Item, entered: int, taken: Taken | None) -> None:
        answer: Answer | None = None
        try:
            completion = await self.endpoint.ask_once(item.content)
            answer = self._answered(item, completion, taken)
        except EndpointError as error:
            answer = self._failed(item, entered, error, taken)
        finally:
            self.gate.leave()
            self.purse.release(self.most_tokens, item.cost)
        if answer is None:
            return
        self.begun -= 1
        self.ended += 1
        try:
            await self._hand_over(answer)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever it is, it ends the round and reaches the caller
            self.broken = self.broken or error

    def _answered(self, item: _Item, completion: Completion, taken: Taken | None) -> Answer:
        self.answered += 1
        self.in_a_row = 0
        self.gate.eased()
        came, went = completion.prompt_tokens, completion.completion_tokens
        self.prompt_tokens += came
        self.completion_tokens += went
        reported = came + went > 0
        self.allowances.settle(taken, came + went if reported else item.prompt_tokens + self.most_tokens)
        self._spend(
            went or self.most_tokens, self.price.of(came or item.prompt_tokens, went or self.most_tokens)
        )
        return Answer(
            item.prompt.id,
            "answered",
            completion.text,
            completion.finish_reason,
            completion.truncated,
            came,
            went,
            attempts=item.number,
            repeat=item.prompt.repeat,
        )

    def _spend(self, tokens: int, cost: Decimal) -> None:
        self.cost += cost
        self.purse.spend(tokens, cost)

    def _failed(self, item: _Item, entered: int, error: EndpointError, taken: Taken | None) -> Answer | None:
        """The error as an answer; None where the prompt rests for another try."""
        if error.code == "rate_limited" or error.code in _UNSURE:
            self.gate.pressed(entered, sure=error.code == "rate_limited")
        if error.code in _AT_WORK:
            self._spend(0, item.cost)
        else:
            self.allowances.settle(taken, 0)
        try:
            pause = self.endpoint.pause(item.number, error)
        except EndpointError:
            return self._error(item.prompt, error)
        if error.retry_after is not None:
            self.gate.hold(error.retry_after)
        heapq.heappush(self.resting, (time.monotonic() + pause, next(self.order), item))
        return None

    def _error(self, prompt: Prompt, error: EndpointError) -> Answer:
        logger.info("%s: %s", prompt.id, error.code)
        self.errors[error.code] += 1
        self.example = error
        self.in_a_row += error.code not in _OF_THE_QUESTION
        if self.in_a_row >= self.give_up_after and self.stopped is None:
            self.stopped = error
        return Answer(prompt.id, "error", error=error.code, attempts=error.attempts, repeat=prompt.repeat)

    async def _hand_over(self, answer: Answer) -> None:
        result = self.on_answer(answer)
        if inspect.isawaitable(result):
            handing = asyncio.ensure_future(result)
            try:
                await asyncio.shield(handing)
            except asyncio.CancelledError:
                await handing  # an answer that is here must not be lost to a Ctrl-C
                raise


class _Allowances:
    """What the config allows in a minute: requests, tokens."""

    def __init__(self, config: EndpointConfig) -> None:
        requests, tokens = config.requests_per_minute, config.tokens_per_minute
        self.requests = None if requests is None else Allowance(requests)
        self.tokens = None if tokens is None else Allowance(tokens)

    def wait(self, tokens: int) -> float:
        """Seconds until one more request of ``tokens`` may go."""
        requests = self.requests.wait(1) if self.requests else 0.0
        return max(requests, self.tokens.wait(tokens) if self.tokens else 0.0)

    def take(self, tokens: int) -> Taken | None:
        if self.requests:
            self.requests.take(1)
        return self.tokens.take(tokens) if self.tokens else None

    def settle(self, taken: Taken | None, tokens: int) -> None:
        if self.tokens and taken:
            self.tokens.settle(taken, tokens)


def _price(config: EndpointConfig, purse: Purse) -> Price:
    if config.price_in is not None and config.price_out is not None:
        return Price(Decimal(config.price_in), Decimal(config.price_out))
    if purse.capped and not config.priced:
        raise ModelError(
            _("the budget caps the cost, and nobody says what {model} costs").format(model=config.model),
            where="budget.cost",
            remedy=_("write price_in and price_out of this model: the price of a million tokens each"),
        )
    return FREE


def _budget_reached(cap: Cap) -> BudgetReached:
    words = {
        "calls": _("the budget's cap on calls is reached"),
        "tokens": _("the budget's cap on tokens is reached"),
        "minutes": _("the budget's cap on minutes is reached"),
        "cost": _("the budget's cap on cost is reached"),
    }
    return BudgetReached(
        words[cap], where=f"budget.{cap}", remedy=_("raise it and run again: finished answers are kept")
    )
