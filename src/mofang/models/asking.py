"""Many prompts to one endpoint: as many at a time as it bears, under a budget, each answer handed over at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal

from mofang.i18n import _
from mofang.models.errors import EndpointError, ModelError
from mofang.models.pacing import NOTHING, Purse

if TYPE_CHECKING:
    from mofang.models.endpoint import Endpoint, Message

Key = tuple[str, int]
"""A question's id and which repeat of it: what an answer answers."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question under its id. ``messages`` is a conversation; a plain text is one message of the user; a
    function is called for either when its turn comes. ``repeat`` counts from 0."""

    id: str
    messages: str | tuple[Message, ...] | Callable[[], str | Iterable[Message]]
    repeat: int = 0

    @property
    def key(self) -> Key:
        return self.id, self.repeat


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
    repeat: int = 0

    def wire(self) -> dict[str, Any]:
        """The answer as a leaf: plain JSON."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def parse(cls, wire: Mapping[str, Any]) -> Answer:
        """The answer behind :meth:`wire`; one without ``repeat`` is the first."""
        return cls(**wire)


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that may be asked: requests (second tries count), completion tokens, minutes, and money in the
    currency of the endpoint's prices, a decimal string. None: no cap."""

    calls: int | None = None
    tokens: int | None = None
    minutes: int | None = None
    cost: str | None = None

    def __post_init__(self) -> None:
        try:
            good = self.cost is None or (Decimal(self.cost).is_finite() and Decimal(self.cost) >= 0)
        except (InvalidOperation, TypeError, ValueError):
            good = False
        if not good:
            raise ModelError(
                _("budget.cost is {found!r}").format(found=self.cost),
                where="budget.cost",
                remedy=_('write an amount of money in quotes, such as "50"'),
            )

    @classmethod
    def parse(cls, wire: Mapping[str, Any]) -> Budget:
        """The caps behind a mapping; what it does not name has none."""
        return cls(**{name: wire.get(name) for name in cls.__slots__})

    def wire(self) -> dict[str, Any]:
        return asdict(self)

    def purse(self) -> Purse:
        """A purse under these caps; its minutes begin now."""
        cost = None if self.cost is None else Decimal(self.cost)
        return Purse(self.calls, self.tokens, self.minutes, cost)


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of a round. ``left`` prompts were not asked; ``stopped`` says why, and is None when all were.
    ``errors`` counts answers in state "error" by code; ``example`` is the last error in full. ``cost`` is in
    the endpoint's currency; a request that broke off counts with the most it can have cost."""

    answered: int = 0
    errors: Mapping[str, int] = field(default_factory=dict)
    skipped: int = 0
    left: int = 0
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: Decimal = NOTHING
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
    purse: Purse | None = None,
    already: Collection[Key] = frozenset(),
    give_up_after: int = 50,
) -> Tally:
    """Ask every prompt whose key is not in ``already``; answers come in the order in which they finish.

    A failed prompt becomes an answer in state "error". The round stops early at a cap of the budget, or after
    ``give_up_after`` errors in a row; the tally says so, and every finished answer has been handed over.
    Cancelled (Ctrl-C), it ends requests in flight, which then count as never asked. ``purse`` is one that
    other rounds share; it stands in place of ``budget``.
    Raises ValueError for two prompts of one key, ModelError for a cap on cost where no price is known.
    """
    from mofang.models.rounds import Round

    chosen, skipped = _choose(prompts, already)
    purse = purse or (budget or Budget()).purse()
    asking = Round(endpoint, chosen, on_answer, concurrency, purse, give_up_after)
    await asking.run()
    return asking.tally(skipped)


def _choose(prompts: Iterable[Prompt], already: Collection[Key]) -> tuple[list[Prompt], int]:
    done = already if isinstance(already, (set, frozenset, dict)) else set(already)
    chosen: dict[Key, Prompt] = {}
    skipped = 0
    for prompt in prompts:
        if prompt.key in chosen:
            raise ValueError(f"two prompts are called {prompt.id} ({prompt.repeat})")
        if prompt.key in done:
            skipped += 1
        else:
            chosen[prompt.key] = prompt
    return list(chosen.values()), skipped
