"""Asking: what is answered is kept at once and never asked again, whatever stops the run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mofang.assurance import asking
from mofang.errors import MofangError
from mofang.models.asking import Budget
from mofang.models.config import EndpointConfig
from mofang.models.journal import read_journal

QUESTIONS = [{"id": f"q{n}", "text": f"问题{n}"} for n in range(8)]
NO_CAP: dict[str, Any] = {"calls": None, "tokens": None, "minutes": None, "cost": None}


class Desk:
    """Asks the scripted endpoint for one job."""

    def __init__(self, work: Path, url: str) -> None:
        self.work = work
        self.config = EndpointConfig(
            endpoint=url, model="scripted", location="local", concurrency=1, retries=0
        )
        self.seen: list[tuple[int, int]] = []

    @property
    def journal(self) -> Path:
        return self.work / asking.JOURNAL

    def ask(
        self, budget: dict[str, Any] | None = None, stop_after: int | None = None, **options: Any
    ) -> list[dict[str, Any]]:
        def progress(done: int, total: int, what: str) -> None:
            self.seen.append((done, total))
            if stop_after is not None and done >= stop_after:
                raise KeyboardInterrupt

        return asking.ask_questions(
            QUESTIONS,
            endpoint=self.config.wire(),
            budget=budget or NO_CAP,
            work=self.work,
            progress=progress,
            **options,
        )


@pytest.fixture
def desk(tmp_path: Path, scripted: Any) -> Desk:
    return Desk(tmp_path / "work" / "job", scripted.url)


def test_answers_come_in_the_order_of_the_questions(
    desk: Desk, scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_SHOW_SECONDS", 0)
    scripted.answer = lambda question: f"答{question}"
    answers = desk.ask()
    assert [answer["question"] for answer in answers] == [question["id"] for question in QUESTIONS]
    assert answers[3]["text"] == "答问题3"
    assert desk.seen == [(n, 8) for n in range(1, 9)]


def test_truncation_is_recorded(desk: Desk, scripted: Any) -> None:
    from scripted import Reply

    scripted.answer = lambda question: Reply(text="很长", finish_reason="length")
    assert {answer["truncated"] for answer in desk.ask()} == {True}


def test_a_stopped_run_asks_only_what_is_missing(
    desk: Desk, scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_SHOW_SECONDS", 0)
    with pytest.raises(KeyboardInterrupt):
        desk.ask(stop_after=3)
    kept = {question for question, _repeat in read_journal(desk.journal)}
    assert len(kept) >= 3
    assert asking.answered(desk.work) == len(kept)
    scripted.calls.clear()
    answers = desk.ask()
    assert len(answers) == 8
    assert sorted(scripted.questions) == sorted(q["text"] for q in QUESTIONS if q["id"] not in kept)


def test_a_torn_line_is_asked_again(desk: Desk, scripted: Any) -> None:
    desk.ask()
    lines = desk.journal.read_bytes().splitlines(keepends=True)
    desk.journal.write_bytes(b"".join(lines[:-1]) + lines[-1][:9])
    scripted.calls.clear()
    assert len(desk.ask()) == 8
    assert len(scripted.chats) == 1


def test_a_finished_journal_needs_no_endpoint(desk: Desk, scripted: Any) -> None:
    first = desk.ask()
    scripted.calls.clear()
    assert desk.ask() == first
    assert scripted.calls == []


def test_the_budget_stops_the_run_and_says_how_to_go_on(desk: Desk, scripted: Any) -> None:
    with pytest.raises(MofangError) as caught:
        desk.ask(NO_CAP | {"calls": 5})
    assert (
        caught.value.message
        == "5 of 8 questions are answered; asking stopped: the budget's cap on calls is reached"
    )
    assert caught.value.where == "budget.calls: 5"
    assert (
        caught.value.remedy
        == "run again to go on with the rest, or raise budget.calls in mofang.yaml; answered questions are kept"
    )
    assert len(read_journal(desk.journal)) == 5
    # The cap is on one attempt; the next goes on with what is missing.
    scripted.calls.clear()
    assert len(desk.ask(NO_CAP | {"calls": 5})) == 8
    assert len(scripted.chats) == 3


def test_errors_are_asked_again_when_the_job_goes_on(desk: Desk, scripted: Any) -> None:
    from scripted import Reply

    scripted.script.extend([Reply(400, body=b"{}")] * 2)
    with pytest.raises(MofangError):
        desk.ask(NO_CAP | {"calls": 4})
    assert sorted(answer["state"] for answer in read_journal(desk.journal).values()) == [
        "answered", "answered", "error", "error",
    ]  # fmt: skip
    answers = desk.ask()
    assert {answer["state"] for answer in answers} == {"answered"}


def test_what_never_reached_the_model_waits_for_the_next_run(desk: Desk, scripted: Any) -> None:
    """A rate limit without end, a key that was withdrawn: no answer, not even a failed one. A blocked question is one."""
    from scripted import Reply

    scripted.script.extend(
        [Reply(text="好"), Reply(400, body=b"{}"), *[Reply(429, headers={"Retry-After": "3600"})] * 2]
    )
    with pytest.raises(MofangError) as caught:
        desk.ask()
    assert caught.value.message.startswith("5 of 8 questions are answered; 2 did not reach the model")
    assert caught.value.remedy
    assert caught.value.remedy.endswith("then run again: answered questions are kept")
    scripted.calls.clear()
    scripted.answer = lambda question: Reply(400, body=b"{}") if question == "问题1" else "好"
    assert [answer["state"] for answer in desk.ask()].count("error") == 1
    assert len(scripted.chats) == 3


def test_an_endpoint_that_never_answers_is_an_error_not_an_assessment(desk: Desk, scripted: Any) -> None:
    from scripted import Reply

    scripted.answer = lambda question: Reply(401, body=b'{"error": {"message": "bad key"}}')
    with pytest.raises(MofangError) as caught:
        desk.ask()
    assert caught.value.remedy


def test_the_journal_holds_one_canonical_answer_a_line(desk: Desk) -> None:
    desk.ask()
    lines = desk.journal.read_text("utf-8").splitlines()
    assert len(lines) == 8
    assert {tuple(sorted(json.loads(line))) for line in lines} == {
        (
            "attempts", "completion_tokens", "error", "finish_reason", "prompt_tokens", "question", "repeat",
            "state", "text", "truncated",
        )
    }  # fmt: skip


def test_every_question_is_asked_as_often_as_wanted(desk: Desk, scripted: Any) -> None:
    count = iter(range(100))
    scripted.answer = lambda question: f"{question} {next(count)}"
    answers = desk.ask(repeats=3)
    assert [(answer["question"], answer["repeat"]) for answer in answers] == [
        (question["id"], repeat) for question in QUESTIONS for repeat in range(3)
    ]
    assert len({answer["text"] for answer in answers}) == 24
    # Every question once before one is repeated: a run that stops half-way has seen them all.
    assert scripted.questions[:8] == [question["text"] for question in QUESTIONS]
    scripted.calls.clear()
    assert len(desk.ask(repeats=4)) == 32
    assert sorted(scripted.questions) == sorted(question["text"] for question in QUESTIONS)


def test_a_journal_of_the_time_before_repeats_holds_the_first(desk: Desk, scripted: Any) -> None:
    desk.ask()
    old = [json.loads(line) for line in desk.journal.read_text("utf-8").splitlines()]
    for leaf in old:
        del leaf["repeat"]
    desk.journal.write_text("".join(json.dumps(leaf) + "\n" for leaf in old), "utf-8")
    scripted.calls.clear()
    assert [answer["repeat"] for answer in desk.ask()] == [0] * 8
    assert scripted.calls == []


def test_a_caller_says_what_is_sent(desk: Desk, scripted: Any) -> None:
    desk.ask(
        prompt=lambda item: [{"role": "system", "content": "判"}, {"role": "user", "content": item["id"]}]
    )
    assert scripted.chats[0].body["messages"] == [
        {"role": "system", "content": "判"},
        {"role": "user", "content": "q0"},
    ]


def test_an_id_that_stands_twice_is_named(desk: Desk, scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "QUESTIONS", [*QUESTIONS, QUESTIONS[4]])
    with pytest.raises(MofangError, match="question q4 stands twice"):
        desk.ask()
    assert scripted.calls == []


def test_a_line_damaged_in_its_text_is_asked_again(desk: Desk, scripted: Any) -> None:
    first = desk.ask()
    lines = desk.journal.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3].replace(b'"text":"', b'"text":"\xff\xff')
    desk.journal.write_bytes(b"".join(lines))
    scripted.calls.clear()
    assert desk.ask() == first
    assert len(scripted.chats) == 1


def test_the_cap_on_cost_stops_the_run(desk: Desk, scripted: Any) -> None:
    from scripted import Reply

    scripted.answer = lambda question: Reply(text="好", usage={"prompt_tokens": 0, "completion_tokens": 512})
    desk.config = EndpointConfig(
        scripted.url, "scripted", location="local", concurrency=1, price_in="0", price_out="1000000"
    )
    with pytest.raises(MofangError) as caught:
        desk.ask(NO_CAP | {"cost": "1536"})
    assert caught.value.where == "budget.cost: 1536"
    assert len(read_journal(desk.journal)) == 3


def test_askings_share_a_purse(desk: Desk, tmp_path: Path, scripted: Any) -> None:
    purse = Budget(calls=10).purse()
    desk.ask(purse=purse)
    with pytest.raises(MofangError, match="2 of 8 questions are answered"):
        Desk(tmp_path / "other", scripted.url).ask(purse=purse)


def test_a_sealed_journal_goes_on_as_well(desk: Desk, scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOFANG_KEY_FILE", str(desk.work.parent / "key.pem"))
    scripted.answer = lambda _question: "沿河而下"
    with pytest.raises(MofangError):
        desk.ask(NO_CAP | {"calls": 5}, sealed=True)
    assert "河" not in desk.journal.read_text("utf-8")
    scripted.calls.clear()
    assert [answer["text"] for answer in desk.ask(sealed=True)] == ["沿河而下"] * 8
    assert len(scripted.chats) == 3


def test_a_watcher_hears_now_and_then_and_at_the_end() -> None:
    clock, said = [0.0], []
    meter = asking.Meter(lambda *words: said.append(words), 1000, 4000, clock=lambda: clock[0])
    for _n in range(3000):
        clock[0] += 0.04
        meter.count()
    assert 1000 <= len(said) <= 1002
    assert said[-1] == (4000, 4000, "questions asked")
    assert said[0][2] == said[20][2] == "questions asked"  # too early to tell
    assert said[100][2] == "questions asked, about 2 min left"
    assert said[600][2] == "questions asked"


ASKING = """
import sys
from pathlib import Path
from mofang.assurance.asking import ask_questions
from mofang.models.config import EndpointConfig
config = EndpointConfig(sys.argv[1], "scripted", location="local", concurrency=20)
questions = [{"id": f"q{n}", "text": str(n)} for n in range(400)]
ask_questions(questions, endpoint=config.wire(), budget={}, work=Path(sys.argv[2]), progress=lambda *_words: None)
"""


def test_kill_9_loses_no_answer_and_asks_none_twice(scripted: Any, tmp_path: Path) -> None:
    """Of what the endpoint had answered, all is in the journal but the requests in flight; those alone come
    again."""
    from scripted import Reply

    processes: list[subprocess.Popen[bytes]] = []

    def killing(question: str) -> Reply:
        if len(scripted.chats) == 200:
            os.kill(processes[0].pid, signal.SIGKILL)
        return Reply(text=question, wait=0.01)

    command = [sys.executable, "-c", ASKING, scripted.url, str(tmp_path)]
    scripted.answer = killing
    processes.append(subprocess.Popen(command))
    assert processes[0].wait(30) == -signal.SIGKILL
    kept = read_journal(tmp_path / asking.JOURNAL)
    first = scripted.questions
    assert len(first) - len(kept) <= 20
    scripted.calls.clear()
    scripted.answer = lambda question: question
    subprocess.run(command, check=True, timeout=30)
    again = scripted.questions
    assert len(again) == len(set(again)) == 400 - len(kept)
    assert {f"q{question}" for question in again}.isdisjoint(question for question, _repeat in kept)
    assert {key: leaf["text"] for key, leaf in read_journal(tmp_path / asking.JOURNAL).items()} == {
        (f"q{n}", 0): str(n) for n in range(400)
    }
