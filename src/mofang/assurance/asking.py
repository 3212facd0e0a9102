"""Asking an endpoint for an assessment: every answer is on the disk the moment it is there.

The journal holds one answer a line. A run that was stopped (a crash, Ctrl-C, the budget) goes on with what
is missing; an answer that is there is never asked again. Errors are no answers: they are asked again when
the job goes on, and stand as errors when it ends with them. It does not end with questions that never
reached the model: those wait for the next run.
"""

from __future__ import annotations

import asyncio
import functools
import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mofang.compute.kinds import never
from mofang.errors import MofangError
from mofang.i18n import _

if TYPE_CHECKING:
    from mofang.compute.kinds import Progress
    from mofang.models.asking import Answer, Key, Prompt, Tally
    from mofang.models.endpoint import Message
    from mofang.models.journal import Journal
    from mofang.models.pacing import Purse

JOURNAL = "journal.jsonl"
_LOOK_SECONDS = 0.2
"""Between two looks at whether to stop, and two flushes of the journal."""
_SHOW_SECONDS = 0.1
"""Between two words of progress: a display must not cost more than the answers."""
_SPEED_SECONDS = 3.0
_ROUNDS = 3
_UNREACHED = (
    "refused", "unreachable", "proxy", "tls", "unauthorized", "not_found", "model_unknown", "redirect", "rate_limited",
)  # fmt: skip
"""Errors of a question that no model has seen: nobody was there, or asked to come later."""

Question = Mapping[str, Any]
Ask = Callable[[Question], "str | Sequence[Message]"]


def ask_questions(
    questions: Sequence[Question],
    *,
    endpoint: Mapping[str, Any],
    budget: Mapping[str, Any],
    work: Path,
    progress: Progress,
    stop: Callable[[], bool] = never,
    repeats: int = 1,
    prompt: Ask | None = None,
    purse: Purse | None = None,
    sealed: bool = False,
) -> list[dict[str, Any]]:
    """Answer leaves in the order of the questions, of each its ``repeats``.

    ``endpoint`` is an EndpointConfig on the wire, ``budget`` its caps of this attempt (calls, tokens, minutes,
    cost; None or left out: no cap); a ``purse`` that several askings of one run share stands in its place.
    ``prompt`` makes the text or conversation to send of a question (its ``text``), when its turn comes.
    ``sealed``: the journal's texts are encrypted.

    Raises MofangError at a cap or when the endpoint gives out; what was answered stays in the journal.
    """
    from mofang.models.journal import Journal, compact, read_journal, read_states

    path = work / JOURNAL
    wanted = _wanted((question["id"] for question in questions), repeats)
    states = read_states(path)
    compact(path, len(states))
    missing = [key for key in wanted if states.get(key) != "answered"]
    for _round in range(_ROUNDS):
        if missing:
            before, journal = len(wanted) - len(missing), Journal(path, sealed=sealed)
            meter = Meter(progress, before, len(wanted))
            prompts = _prompts(questions, missing, prompt)
            tally = asyncio.run(_ask(prompts, endpoint, budget, purse, journal, meter, stop))
            _refuse_unfinished(tally, before, len(wanted), budget)
        known = read_journal(path)
        # A line that was damaged in its text is found out here only, and asked again.
        missing = [key for key in wanted if key not in known]
        if not missing:
            return [known[key] for key in wanted]
    raise MofangError(
        _("{n} answers were written down and cannot be read again").format(n=len(missing)),
        where=str(path),
        remedy=_("check the disk, then run again: the other answers are kept"),
    )


def answered(work: Path) -> int:
    """How many answers a job whose scratch folder is ``work`` has got already. Writes nothing."""
    from mofang.models.journal import read_states

    return sum(1 for state in read_states(work / JOURNAL).values() if state == "answered")


def _wanted(ids: Iterable[str], repeats: int) -> list[Key]:
    """What is to be answered, in order. Raises MofangError for an id that stands twice."""
    wanted = [(id, repeat) for id in ids for repeat in range(repeats)]
    if len(set(wanted)) < len(wanted):
        twice = Counter(wanted).most_common(1)[0][0][0]
        raise MofangError(
            _("question {id} stands twice in the banks").format(id=twice),
            remedy=_("give every question its own id"),
        )
    return wanted


def _prompts(questions: Sequence[Question], missing: Sequence[Key], prompt: Ask | None) -> list[Prompt]:
    """Prompts for what is missing: every question once before one is repeated."""
    from mofang.models.asking import Prompt

    by_id = {question["id"]: question for question in questions}
    made = [
        Prompt(id, by_id[id]["text"] if prompt is None else functools.partial(prompt, by_id[id]), repeat)
        for id, repeat in missing
    ]
    return sorted(made, key=lambda one: one.repeat)


async def _ask(
    prompts: Sequence[Prompt],
    endpoint: Mapping[str, Any],
    budget: Mapping[str, Any],
    purse: Purse | None,
    journal: Journal,
    meter: Meter,
    stop: Callable[[], bool],
) -> Tally:
    from mofang.models.asking import Budget, ask_all
    from mofang.models.config import EndpointConfig
    from mofang.models.embedded import connect

    def keep(answer: Answer) -> None:
        journal.add(answer)
        meter.count()

    caps = Budget.parse(budget)
    async with connect(EndpointConfig.parse(endpoint)) as opened:
        with journal:
            asking = asyncio.ensure_future(ask_all(opened, prompts, on_answer=keep, budget=caps, purse=purse))
            try:
                while not asking.done():
                    await asyncio.wait({asking}, timeout=_LOOK_SECONDS)
                    await asyncio.to_thread(journal.sync)
                    if stop():
                        asking.cancel()
                return await asking
            finally:
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)


class Meter:
    """Counts answers and tells a watcher now and then: how many, and how long the rest will take."""

    def __init__(
        self, progress: Progress, done: int, total: int, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._progress, self._clock = progress, clock
        self._done, self._total = done, total
        self._first: tuple[float, int] | None = None
        self._shown = float("-inf")

    def count(self) -> None:
        """One more is done."""
        self._done += 1
        now = self._clock()
        if self._first is None:
            self._first = now, self._done
        if now - self._shown >= _SHOW_SECONDS or self._done == self._total:
            self._shown = now
            self._progress(self._done, self._total, self._words(now, *self._first))

    def _words(self, now: float, start: float, before: int) -> str:
        """The time left, once there was time enough to tell the speed."""
        asked, left = self._done - before, self._total - self._done
        if not asked or now - start < _SPEED_SECONDS or left * (now - start) < 60 * asked:
            return _("questions asked")
        return _("questions asked, about {n} min left").format(
            n=math.ceil(left * (now - start) / (60 * asked))
        )


def _refuse_unfinished(tally: Tally, before: int, total: int, budget: Mapping[str, Any]) -> None:
    answered = before + tally.answered
    stopped = tally.stopped
    if stopped is not None:
        raise MofangError(
            _("{answered} of {total} questions are answered; asking stopped: {why}").format(
                answered=answered, total=total, why=stopped.message
            ),
            where=_where(stopped, budget),
            remedy=_remedy(stopped),
        )
    if not answered and tally.example is not None:
        if tally.example.remedy is None:
            tally.example.remedy = _("look at the endpoint's own log, or try again later")
        raise tally.example
    unreached = sum(n for code, n in tally.errors.items() if code in _UNREACHED)
    if unreached and tally.example is not None:
        raise MofangError(
            _("{answered} of {total} questions are answered; {n} did not reach the model: {why}").format(
                answered=answered, total=total, n=unreached, why=_why(tally)
            ),
            where=tally.example.where,
            remedy=_remedy(tally.example),
        )


def _why(tally: Tally) -> str:
    """The last error in words if it was one of these, else their codes."""
    if tally.example is not None and tally.example.code in _UNREACHED:
        return tally.example.message
    return ", ".join(code for code in tally.errors if code in _UNREACHED)


def _where(stopped: MofangError, budget: Mapping[str, Any]) -> str | None:
    name = (stopped.where or "").removeprefix("budget.")
    return f"budget.{name}: {budget[name]}" if name in budget else stopped.where


def _remedy(stopped: MofangError) -> str:
    if (stopped.where or "").startswith("budget."):
        return _(
            "run again to go on with the rest, or raise {where} in mofang.yaml; answered questions are kept"
        ).format(where=stopped.where)
    return _("{remedy}; then run again: answered questions are kept").format(
        remedy=stopped.remedy or _("mend this")
    )
