"""Asking: what is answered is kept at once and never asked again, whatever stops the run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mofang.assurance import asking
from mofang.errors import MofangError
from mofang.models.config import EndpointConfig

QUESTIONS = [{"id": f"q{n}", "text": f"问题{n}"} for n in range(8)]
NO_CAP: dict[str, int | None] = {"calls": None, "tokens": None, "minutes": None}


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
        self, budget: dict[str, int | None] | None = None, stop_after: int | None = None
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
        )


@pytest.fixture
def desk(tmp_path: Path, scripted: Any) -> Desk:
    return Desk(tmp_path / "work" / "job", scripted.url)


def test_answers_come_in_the_order_of_the_questions(desk: Desk, scripted: Any) -> None:
    scripted.answer = lambda question: f"答{question}"
    answers = desk.ask()
    assert [answer["question"] for answer in answers] == [question["id"] for question in QUESTIONS]
    assert answers[3]["text"] == "答问题3"
    assert desk.seen == [(n, 8) for n in range(1, 9)]


def test_truncation_is_recorded(desk: Desk, scripted: Any) -> None:
    from scripted import Reply

    scripted.answer = lambda question: Reply(text="很长", finish_reason="length")
    assert {answer["truncated"] for answer in desk.ask()} == {True}


def test_a_stopped_run_asks_only_what_is_missing(desk: Desk, scripted: Any) -> None:
    with pytest.raises(KeyboardInterrupt):
        desk.ask(stop_after=3)
    kept = asking.read_journal(desk.journal)
    assert len(kept) >= 3
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
    assert len(asking.read_journal(desk.journal)) == 5
    # The cap is on one attempt; the next goes on with what is missing.
    scripted.calls.clear()
    assert len(desk.ask(NO_CAP | {"calls": 5})) == 8
    assert len(scripted.chats) == 3


def test_errors_are_asked_again_when_the_job_goes_on(desk: Desk, scripted: Any) -> None:
    from scripted import Reply

    scripted.script.extend([Reply(400, body=b"{}")] * 2)
    with pytest.raises(MofangError):
        desk.ask(NO_CAP | {"calls": 4})
    assert sorted(answer["state"] for answer in asking.read_journal(desk.journal).values()) == [
        "answered", "answered", "error", "error",
    ]  # fmt: skip
    answers = desk.ask()
    assert {answer["state"] for answer in answers} == {"answered"}


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
            "attempts", "completion_tokens", "error", "finish_reason", "prompt_tokens", "question", "state",
            "text", "truncated",
        )
    }  # fmt: skip
