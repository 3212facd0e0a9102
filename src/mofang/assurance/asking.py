"""Asking the service under assessment: every answer is on the disk the moment it is there.

The journal holds one answer a line. A run that was stopped (a crash, Ctrl-C, the budget) goes on with what
is missing; an answer that is there is never asked again. Errors are no answers: they are asked again when
the job goes on, and stand as errors when it ends with them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mofang.compute.kinds import never
from mofang.errors import MofangError
from mofang.evidence import files
from mofang.evidence.digest import canonical
from mofang.i18n import _

if TYPE_CHECKING:
    from mofang.compute.kinds import Progress
    from mofang.models.asking import Answer, Tally

JOURNAL = "journal.jsonl"
_PATIENCE = 0.2  # seconds between two looks at whether to stop
Answers = dict[str, dict[str, Any]]


def read_journal(path: Path) -> Answers:
    """The newest line of each question; a torn last line is passed over."""
    found: Answers = {}
    for line in files.read_lines(path):
        answer = json.loads(line)
        found[answer["question"]] = answer
    return found


def ask_questions(
    questions: Sequence[Mapping[str, Any]],
    *,
    endpoint: Mapping[str, Any],
    budget: Mapping[str, int | None],
    work: Path,
    progress: Progress,
    stop: Callable[[], bool] = never,
) -> list[dict[str, Any]]:
    """The answers in the order of the questions. ``endpoint`` is an EndpointConfig on the wire, ``budget``
    its caps on calls, tokens and minutes of this attempt (None: no cap).

    Raises MofangError at a cap or when the endpoint gives out; what was answered stays in the journal.
    """
    files.make_folder(work)
    journal = work / JOURNAL
    known = read_journal(journal)
    open_ids = [q["id"] for q in questions if known.get(q["id"], {}).get("state") != "answered"]
    if open_ids:
        wanted = set(open_ids)
        tally = asyncio.run(
            _ask(
                [q for q in questions if q["id"] in wanted],
                len(questions),
                endpoint,
                budget,
                journal,
                progress,
                stop,
            )
        )
        known = read_journal(journal)
        _refuse_unfinished(tally, known, len(questions), budget)
    return [known[question["id"]] for question in questions]


async def _ask(
    questions: Sequence[Mapping[str, Any]],
    total: int,
    endpoint: Mapping[str, Any],
    budget: Mapping[str, int | None],
    journal: Path,
    progress: Progress,
    stop: Callable[[], bool],
) -> Tally:
    from mofang.models.asking import Budget, Prompt, ask_all
    from mofang.models.config import EndpointConfig
    from mofang.models.embedded import connect

    done = total - len(questions)

    def keep(answer: Answer) -> None:
        nonlocal done
        files.append_line(journal, canonical(answer.wire()))
        done += 1
        progress(done, total, _("questions asked"))

    caps = Budget(budget.get("calls"), budget.get("tokens"), budget.get("minutes"))
    prompts = [Prompt(question["id"], question["text"]) for question in questions]
    async with connect(EndpointConfig.parse(endpoint)) as opened:
        asking = asyncio.ensure_future(ask_all(opened, prompts, on_answer=keep, budget=caps))
        while not asking.done():
            await asyncio.wait({asking}, timeout=_PATIENCE)
            if stop():
                asking.cancel()
        return await asking


def _refuse_unfinished(tally: Tally, known: Answers, total: int, budget: Mapping[str, int | None]) -> None:
    answered = sum(1 for answer in known.values() if answer["state"] == "answered")
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
        raise tally.example


def _where(stopped: MofangError, budget: Mapping[str, int | None]) -> str | None:
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
