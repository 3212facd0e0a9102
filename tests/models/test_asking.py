"""Many prompts: nothing lost, nothing asked twice, caps kept, and a clean end whenever it comes."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mofang.evidence.digest import canonical
from mofang.models.asking import Answer, Budget, Prompt, Tally, ask_all
from mofang.models.config import EndpointConfig
from mofang.models.endpoint import Backoff, Endpoint
from mofang.models.errors import BudgetReached, EndpointError, ModelError
from scripted import Reply, ScriptedEndpoint

QUICK = Backoff(first=0.001, most=0.002)


def prompts(count: int) -> list[Prompt]:
    return [Prompt(f"q{n}", f"问题{n}") for n in range(count)]


def run(
    url: str, asked: list[Prompt], on_answer: Callable[[Answer], Any] | None = None, **options: Any
) -> tuple[Tally, list[Answer]]:
    """The tally and the answers, in the order in which they came."""
    answers: list[Answer] = []
    known = {part.name for part in fields(EndpointConfig)} - {"concurrency"}
    own = {"location": "local", **{name: options.pop(name) for name in known & options.keys()}}
    backoff, patience = options.pop("backoff", QUICK), options.pop("patience", 60)

    async def all_of_them() -> Tally:
        async with Endpoint(EndpointConfig(url, "scripted", **own), backoff=backoff) as endpoint:
            asking = ask_all(endpoint, asked, on_answer=on_answer or answers.append, **options)
            return await asyncio.wait_for(asking, patience)

    return asyncio.run(all_of_them()), answers


def test_every_prompt_is_answered_once(scripted: ScriptedEndpoint) -> None:
    tally, answers = run(scripted.url, prompts(60), concurrency=16)
    assert {answer.question: answer.text for answer in answers} == {
        f"q{n}": f"答：问题{n}" for n in range(60)
    }
    assert (tally.answered, tally.calls, tally.left, tally.stopped) == (60, 60, 0, None)
    assert sorted(scripted.questions) == sorted(f"问题{n}" for n in range(60))


def test_no_more_at_a_time_than_allowed(scripted: ScriptedEndpoint) -> None:
    scripted.answer = lambda _question: Reply(wait=0.01)
    run(scripted.url, prompts(40), concurrency=5)
    assert scripted.peak == 5


def test_a_thousand_at_a_time_lose_nothing(scripted: ScriptedEndpoint) -> None:
    def rule(question: str) -> Reply:
        return Reply(text=f"答：{question}", wait=0.05 if len(scripted.chats) < 1000 else 1.5)

    scripted.answer = rule
    tally, answers = run(scripted.url, prompts(2400), concurrency=1000)
    assert scripted.peak >= 900  # the server itself may be a little late
    assert tally.answered == len({answer.question for answer in answers}) == 2400
    assert len(scripted.questions) == len(set(scripted.questions)) == 2400


def test_what_is_already_there_is_not_asked(scripted: ScriptedEndpoint) -> None:
    tally, answers = run(scripted.url, prompts(10), already={("q0", 0), ("q7", 0), ("q3", 1), ("other", 0)})
    assert (tally.skipped, tally.answered) == (2, 8)
    assert {"q0", "q7"}.isdisjoint(answer.question for answer in answers)


def test_two_prompts_of_one_id_are_a_mistake(scripted: ScriptedEndpoint) -> None:
    with pytest.raises(ValueError, match="q1"):
        run(scripted.url, [*prompts(3), Prompt("q1", "again")])
    assert scripted.calls == []


def test_a_failed_prompt_is_an_answer_too(scripted: ScriptedEndpoint) -> None:
    scripted.answer = lambda question: Reply(400) if question == "问题3" else "好"
    tally, answers = run(scripted.url, prompts(6))
    failed = next(answer for answer in answers if answer.question == "q3")
    assert failed == Answer("q3", "error", error="rejected")
    assert (tally.answered, tally.errors, len(answers)) == (5, {"rejected": 1}, 6)
    assert tally.example is not None


def test_an_answer_is_a_leaf() -> None:
    answer = Answer("q1", "answered", "好", "stop", False, 3, 1, repeat=2)
    old = {name: value for name, value in answer.wire().items() if name != "repeat"}
    assert Answer.parse(old).repeat == 0
    assert Answer.parse(json.loads(canonical(answer.wire()))) == answer
    assert list(answer.wire()) == [
        "question",
        "state",
        "text",
        "finish_reason",
        "truncated",
        "prompt_tokens",
        "completion_tokens",
        "error",
        "attempts",
        "repeat",
    ]


def test_the_cap_on_calls_is_exact(scripted: ScriptedEndpoint) -> None:
    tally, answers = run(scripted.url, prompts(30), budget=Budget(calls=11))
    assert (len(scripted.chats), len(answers), tally.left) == (11, 11, 19)
    assert isinstance(tally.stopped, BudgetReached)
    assert tally.stopped.where == "budget.calls"


def test_second_tries_count_as_calls(scripted: ScriptedEndpoint) -> None:
    scripted.answer = lambda _question: Reply(503)
    tally, answers = run(scripted.url, prompts(5), budget=Budget(calls=7), retries=3, concurrency=1)
    assert (len(scripted.chats), tally.calls, tally.left) == (7, 7, 4)
    assert [(answer.question, answer.attempts) for answer in answers] == [("q0", 4)]


def test_the_cap_on_tokens_holds_with_answers_of_full_length(scripted: ScriptedEndpoint) -> None:
    scripted.answer = lambda _question: "十个字十个字十个字。"
    tally, _answers = run(scripted.url, prompts(30), budget=Budget(tokens=100), max_tokens=10)
    assert (tally.completion_tokens, tally.answered, tally.left) == (100, 10, 20)
    assert isinstance(tally.stopped, BudgetReached)


def test_short_answers_leave_tokens_for_more(scripted: ScriptedEndpoint) -> None:
    scripted.answer = lambda _question: "好"
    tally, _answers = run(scripted.url, prompts(30), budget=Budget(tokens=100), max_tokens=40)
    assert (tally.answered, tally.completion_tokens, tally.stopped) == (30, 30, None)


def test_no_time_no_question(scripted: ScriptedEndpoint) -> None:
    tally, answers = run(scripted.url, prompts(3), budget=Budget(minutes=0))
    assert (answers, tally.left, scripted.calls) == ([], 3, [])
    assert tally.stopped is not None
    assert tally.stopped.where == "budget.minutes"


def test_a_budget_that_is_just_enough_is_not_reached(scripted: ScriptedEndpoint) -> None:
    tally, _answers = run(scripted.url, prompts(12), budget=Budget(calls=12, tokens=12 * 512, minutes=5))
    assert (tally.answered, tally.left, tally.stopped) == (12, 0, None)


def test_an_endpoint_that_is_gone_is_given_up(scripted: ScriptedEndpoint) -> None:
    scripted.answer = lambda _question: Reply(401)
    tally, answers = run(scripted.url, prompts(100), give_up_after=9, concurrency=1)
    assert (len(answers), tally.errors, tally.left) == (9, {"unauthorized": 9}, 91)
    assert isinstance(tally.stopped, EndpointError)


def test_blocked_questions_do_not_count_as_an_endpoint_that_is_gone(scripted: ScriptedEndpoint) -> None:
    scripted.answer = lambda _question: Reply(text="", finish_reason="content_filter")
    tally, _answers = run(scripted.url, prompts(30), give_up_after=5)
    assert (tally.errors, tally.left, tally.stopped) == ({"blocked": 30}, 0, None)


def test_pressure_lowers_the_number_at_a_time(scripted: ScriptedEndpoint) -> None:
    def rule(_question: str) -> Reply:
        if len(scripted.chats) <= 8:
            return Reply(429, wait=0.1)
        if len(scripted.chats) == 9:
            scripted.peak = 0
        return Reply(wait=0.01)

    scripted.answer = rule
    tally, _answers = run(scripted.url, prompts(18), concurrency=8, retries=0)
    assert (tally.answered, tally.errors) == (10, {"rate_limited": 8})
    assert scripted.peak <= 7


def test_a_storm_of_429_costs_no_answer(scripted: ScriptedEndpoint) -> None:
    """The endpoint takes ten requests in each tenth of a second, however many come."""
    window = [0.0, 0.0]

    def rule(question: str) -> Reply:
        now = time.monotonic()
        if now - window[0] > 0.1:
            window[:] = [now, 0]
        window[1] += 1
        return Reply(text=question) if window[1] <= 10 else Reply(429)

    scripted.answer = rule
    tally, answers = run(scripted.url, prompts(150), concurrency=100, backoff=Backoff(0.01, 0.1))
    assert (tally.answered, tally.errors, tally.left) == (150, {}, 0)
    assert len({answer.question for answer in answers}) == 150
    assert tally.calls > 150


def test_retry_after_holds_everybody_back(scripted: ScriptedEndpoint) -> None:
    arrived: list[float] = []

    def rule(question: str) -> Reply:
        arrived.append(time.monotonic())
        return (
            Reply(429, headers={"Retry-After": "1"}) if len(arrived) == 3 else Reply(text=question, wait=0.02)
        )

    scripted.answer = rule
    tally, _answers = run(scripted.url, prompts(40), concurrency=4)
    assert (tally.answered, tally.calls) == (40, 41)
    pauses = [later - sooner for sooner, later in itertools.pairwise(arrived)]
    assert max(pauses) > 0.9  # nobody came while the endpoint wanted rest
    assert sum(pause > 0.5 for pause in pauses) == 1


def test_requests_per_minute_hold(scripted: ScriptedEndpoint) -> None:
    """120 a minute are 12 in six seconds: the thirteenth would wait for minutes of a test."""
    asked = prompts(13)
    with pytest.raises(TimeoutError):
        run(scripted.url, asked, requests_per_minute=120, patience=1.5)
    assert len(scripted.chats) == 12


def test_tokens_per_minute_hold(scripted: ScriptedEndpoint) -> None:
    """A question reserves its bytes and the longest answer; what it came to is credited back."""
    scripted.answer = lambda _question: Reply(text="好", usage={"prompt_tokens": 40, "completion_tokens": 60})
    with pytest.raises(TimeoutError):
        run(scripted.url, prompts(30), tokens_per_minute=10_000, max_tokens=60, concurrency=1, patience=1.5)
    assert len(scripted.chats) == 10  # 10 × 100 tokens fill a tenth of the minute's


def test_the_cap_on_cost_holds(scripted: ScriptedEndpoint) -> None:
    """A thousand tokens of answer at 10 a million cost a hundredth; prompts are free."""
    scripted.answer = lambda _question: Reply(
        text="好", usage={"prompt_tokens": 9, "completion_tokens": 1000}
    )
    settings = {"price_in": "0", "price_out": "10", "max_tokens": 1000}
    tally, _answers = run(scripted.url, prompts(30), budget=Budget(cost="0.07"), **settings)
    assert (tally.answered, tally.calls, tally.cost) == (7, 7, Decimal("0.07"))
    assert isinstance(tally.stopped, BudgetReached)
    assert tally.stopped.where == "budget.cost"


def test_a_request_that_broke_off_may_have_cost(scripted: ScriptedEndpoint) -> None:
    scripted.script.extend([Reply(cut=3), Reply(429), Reply(400)])
    settings = {"price_in": "0", "price_out": "1000", "max_tokens": 1000, "retries": 0}
    tally, _answers = run(scripted.url, prompts(3), budget=Budget(cost="100"), concurrency=1, **settings)
    assert tally.cost == 1


def test_a_cap_on_cost_needs_prices(scripted: ScriptedEndpoint) -> None:
    with pytest.raises(ModelError, match="nobody says what scripted costs"):
        run(scripted.url, prompts(3), budget=Budget(cost="1"), location="domestic")
    assert scripted.calls == []
    with pytest.raises(ModelError, match="viel"):
        Budget(cost="viel")
    tally, _answers = run(scripted.url, prompts(3), budget=Budget(cost="0"))  # what runs here is free
    assert tally.answered == 3


def test_rounds_share_a_purse(scripted: ScriptedEndpoint) -> None:
    purse = Budget(calls=10).purse()
    first, _answers = run(scripted.url, prompts(7), purse=purse)
    second, _answers = run(scripted.url, prompts(7), purse=purse)
    assert (first.calls, second.calls, second.left) == (7, 3, 4)


def test_repeats_are_prompts_of_their_own(scripted: ScriptedEndpoint) -> None:
    asked = [Prompt("q0", "问题", repeat) for repeat in range(3)]
    tally, answers = run(scripted.url, asked, already={("q0", 1)})
    assert (tally.answered, tally.skipped) == (2, 1)
    assert sorted(answer.repeat for answer in answers) == [0, 2]


def test_messages_are_made_when_their_turn_comes(scripted: ScriptedEndpoint) -> None:
    made: list[str] = []

    def message(name: str) -> Callable[[], Any]:
        return lambda: made.append(name) or [{"role": "user", "content": name}]

    tally, _answers = run(
        scripted.url,
        [Prompt(name, message(name)) for name in "abcdef"],
        budget=Budget(calls=2),
        concurrency=1,
    )
    assert tally.left == 4
    assert made in (["a", "b"], ["a", "b", "c"])


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (b'data: {"choices": [{"delta": {"content": "a"}}]}\n\ndata: [DONE]\n\n', {}, "stream"),
        (b"\n: ping\n\ndata: {}\n\n", {}, "stream"),
        (b'{"choices": []}\n{"choices": []}', {"Content-Type": "text/event-stream"}, "stream"),
        (b"<html>busy</html>", {}, "html"),
        (b'{"choices": [{"message": {"content": "half', {}, "not_json"),
        (b'{"answer": "yes"}', {}, "malformed"),
    ],
)
def test_garbage_is_an_error_and_never_an_answer(
    scripted: ScriptedEndpoint, body: bytes, headers: dict[str, str], code: str
) -> None:
    scripted.answer = lambda _question: Reply(body=body, headers=headers)
    tally, answers = run(scripted.url, prompts(3))
    assert tally.errors == {code: 3}
    assert {(answer.state, answer.text) for answer in answers} == {("error", "")}


def test_an_awaited_callback_is_finished_before_the_round_is(scripted: ScriptedEndpoint) -> None:
    kept: list[str] = []

    async def keep(answer: Answer) -> None:
        await asyncio.sleep(0.001)
        kept.append(answer.question)

    run(scripted.url, prompts(9), keep)
    assert sorted(kept) == sorted(f"q{n}" for n in range(9))


def test_a_callback_that_fails_ends_the_round(scripted: ScriptedEndpoint) -> None:
    kept: list[str] = []

    def keep(answer: Answer) -> None:
        if len(kept) == 4:
            raise OSError("disk full")
        kept.append(answer.question)

    with pytest.raises(OSError, match="disk full"):
        run(scripted.url, prompts(50), keep, concurrency=3)
    assert len(kept) == 4
    assert len(scripted.chats) < 50


def test_a_cancelled_round_keeps_the_answer_in_hand(scripted: ScriptedEndpoint) -> None:
    kept: list[str] = []

    async def cancelled() -> None:
        async def keep(answer: Answer) -> None:
            asyncio.get_running_loop().call_soon(task.cancel)
            await asyncio.sleep(0.01)
            kept.append(answer.question)

        async with Endpoint(EndpointConfig(scripted.url, "scripted", location="local")) as endpoint:
            task = asyncio.ensure_future(ask_all(endpoint, prompts(20), on_answer=keep, concurrency=1))
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(cancelled())
    assert kept == ["q0"]


JOURNEY = """
import asyncio, json, sys
from pathlib import Path
from mofang.models.asking import Prompt, ask_all
from mofang.models.config import EndpointConfig
from mofang.models.endpoint import Endpoint
from mofang.models.journal import Journal, read_states

async def main(url, path):
    async with Endpoint(EndpointConfig(url, "scripted", location="local")) as endpoint:
        prompts = [Prompt(f"q{n}", str(n)) for n in range(20)]
        done = {key for key, state in read_states(path).items() if state == "answered"}
        with Journal(path) as journal:
            await ask_all(endpoint, prompts, on_answer=journal.add, concurrency=1, already=done)

asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
"""


def test_ctrl_c_keeps_what_was_finished_and_a_second_run_asks_the_rest(
    scripted: ScriptedEndpoint, tmp_path: Path
) -> None:
    journal, processes = tmp_path / "journal.jsonl", []

    def interrupted(question: str) -> Reply:
        if question == "7":
            os.kill(processes[0].pid, signal.SIGINT)
            return Reply(wait=60)
        return Reply(text="好")

    command = [sys.executable, "-c", JOURNEY, scripted.url, str(journal)]
    scripted.answer = interrupted
    processes.append(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))
    said = processes[0].communicate(timeout=30)[1]
    assert "KeyboardInterrupt" in said
    assert [json.loads(line)["question"] for line in journal.read_text().splitlines()] == [
        f"q{n}" for n in range(7)
    ]

    scripted.answer = lambda _question: "好"
    subprocess.run(command, check=True, timeout=30)
    assert [json.loads(line)["question"] for line in journal.read_text().splitlines()] == [
        f"q{n}" for n in range(20)
    ]
    assert sorted(scripted.questions) == sorted([*map(str, range(20)), "7"])


@pytest.fixture(scope="module")
def lasting() -> Any:
    with ScriptedEndpoint() as endpoint:
        yield endpoint


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    statuses=st.lists(st.sampled_from([200, 200, 200, 400, 429, 500]), max_size=30),
    count=st.integers(0, 15),
    cap=st.none() | st.integers(0, 20),
    concurrency=st.integers(1, 8),
)
def test_each_prompt_has_exactly_one_end(
    lasting: ScriptedEndpoint, statuses: list[int], count: int, cap: int | None, concurrency: int
) -> None:
    lasting.calls.clear()
    lasting.script.clear()
    lasting.script.extend(Reply(status, headers={"Retry-After": "0"}) for status in statuses)
    tally, answers = run(
        lasting.url, prompts(count), budget=Budget(calls=cap), concurrency=concurrency, retries=1
    )
    assert len({answer.question for answer in answers}) == len(answers)
    assert len(answers) == tally.answered + sum(tally.errors.values())
    assert len(answers) + tally.left == count
    assert tally.calls == len(lasting.chats) <= (cap if cap is not None else count + len(statuses))
    assert (tally.stopped is None) == (tally.left == 0)
