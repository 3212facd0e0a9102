"""What happens to an assessment while it asks: a judge that answers prose or dies, an endpoint that streams garbage, rate
limits, a clock that is set, several runs at once.

What was answered before is still there and is not asked again; what no model has answered is unscored and never a pass;
what never reached a model waits for the next run.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from mishaps import ASKED, KEY, MARK, Place, form, lines, plain, rows, sound, verdict
from mofang.evidence.leaves import read_leaves
from scripted import Reply, Rule, ScriptedEndpoint

# --- the judge ------------------------------------------------------------------------------------------------------


def prose(asked: Iterator[int]) -> Rule:
    """Says everything but a verdict in the form asked for."""
    ways = (
        lambda case, field: "我觉得这个回答没有问题，可以。",
        lambda case, field: "pass",
        lambda case, field: json.dumps({field: "pass" if field == "verdict" else "no"}),
        lambda case, field: json.dumps({"case": "00000000", field: "pass" if field == "verdict" else "no"}),
        lambda case, field: f'{{"case": "{case}", "{field}": ',
    )
    return lambda question: ways[next(asked) % len(ways)](*form(question))


@pytest.mark.parametrize(
    "rule",
    [prose(iter(range(1000))), lambda question: verdict(question, "pass", "no")],
    ids=["prose", "always pass"],
)
def test_a_judge_that_says_no_verdicts(place: Place, judge: ScriptedEndpoint, rule: Rule) -> None:
    judge.answer = rule
    place.add("judges: {model: judge}")
    said = place("run", "-q")
    assert said.code == 0
    assert "note: canary_missed" in said.err
    assert "none of its verdicts counts" in said.err
    assert {leaf["verdict"] for leaf in place.made("assurance.read_judge", "verdicts")} == {"unscored"}
    assert clause(place, "RATE-M")["conclusion"] != "meets"
    assert place.holds()


def clause(place: Place, id: str) -> dict[str, Any]:
    [found] = [one for one in place.json("assurance.conclude", "findings")["clauses"] if one["id"] == id]
    return dict(found)


def test_a_judge_that_is_the_judged_model_is_named(place: Place, endpoint: ScriptedEndpoint) -> None:
    endpoint.answer = lambda question: sound(question) if '"case"' in question else plain(question)
    place.add("judges: {model: service}")
    said = place("run", "-q")
    assert (said.code, "note: same_model x1" in said.err) == (0, True)
    assert place.json("assurance.read_judge", "summary")["trial"] == "sound"
    words = Counter(leaf["verdict"] for leaf in place.made("assurance.read_judge", "verdicts"))
    assert words == {"pass": 4, "fail": 3}  # the service refuses nothing


def test_a_judge_that_dies_in_the_middle(
    place: Place, endpoint: ScriptedEndpoint, judge: ScriptedEndpoint
) -> None:
    def dying(question: str) -> str:
        if len(judge.chats) == 5:
            threading.Thread(target=judge.__exit__).start()
        return sound(question)

    judge.answer = dying
    place.change("retries: 1, concurrency: 1", "retries: 0, concurrency: 1")
    place.add("judges: {model: judge}")
    said = place("run", "-q")
    assert said.code == 2
    assert re.search(
        r"[45] of 13 questions are answered; [78] did not reach the model: nobody listens there", said.err
    )
    assert f"@ 127.0.0.1:{judge.port}" in said.err
    assert "answered questions are kept" in said.err
    heard = set(judge.questions)
    with ScriptedEndpoint(models=("judge-7b",), port=judge.port) as back:
        back.answer = sound
        assert place("run", "-q").code == 0
        # The verdict that was on its way when the judge died may be asked for again, no other.
        assert len(heard & set(back.questions)) <= 1
        assert len(heard | set(back.questions)) == 13
    assert len(endpoint.chats) == ASKED
    assert {leaf["verdict"] for leaf in place.made("assurance.read_judge", "verdicts")} == {"pass", "fail"}
    assert place.holds()


# --- the endpoint ---------------------------------------------------------------------------------------------------

EVENTS = {"Content-Type": "text/event-stream"}
RUBBISH = {
    "events": Reply(
        body=b'data: {"choices":[{"delta":{"content":"x"}}]}\n\ndata: [DONE]\n\n', headers=EVENTS
    ),
    "torn events": Reply(body=b"data: \xff\xfe{{{\n\n", headers=EVENTS),
    "page": Reply(body=b"<html><body>login</body></html>", headers={"Content-Type": "text/html"}),
    "cut JSON": Reply(body=b'{"choices": [{"message": {"content": "abc'),
    "a list": Reply(body=b"[]"),
    "no list of choices": Reply(body=b'{"choices": "no"}'),
    "content is a number": Reply(body=b'{"choices": [{"message": {"content": 5}}]}'),
    "a broken connection": Reply(text="x", cut=5),
    "the key in an error": Reply(500, body=json.dumps({"error": {"message": f"Bearer {KEY}"}}).encode()),
}


@pytest.mark.parametrize("reply", RUBBISH.values(), ids=RUBBISH)
def test_an_endpoint_that_sends_rubbish(place: Place, endpoint: ScriptedEndpoint, reply: Reply) -> None:
    endpoint.answer = lambda question: reply
    place.change("retries: 1, key_env", "retries: 0, key_env")
    assert f"@ 127.0.0.1:{endpoint.port}" in place.refused()
    assert len(endpoint.chats) == 2 * ASKED  # in English and in Chinese


def test_rubbish_in_between_is_unscored_and_costs_no_answer(place: Place, endpoint: ScriptedEndpoint) -> None:
    replies = [RUBBISH[name] for name in ("events", "page", "a broken connection")]
    endpoint.answer = lambda question: plain(question) if len(endpoint.chats) % 2 else replies.pop()
    place.change("retries: 1, key_env", "retries: 0, concurrency: 1, key_env")
    said = place("run", "-q")
    assert said.code == 0
    assert {"note: stream x1", "note: html x1"} <= {
        line.partition(":")[0] + ":" + line.partition(":")[2].partition(":")[0]
        for line in said.err.splitlines()
    }
    assert "they count as unscored, never as passed" in said.err
    answers = place.made("assurance.ask", "answers")
    assert Counter(answer["state"] for answer in answers) == {"answered": 4, "error": 3}
    failed = {answer["question"] for answer in answers if answer["state"] == "error"}
    verdicts = place.made("assurance.judge", "verdicts")
    assert {leaf["verdict"] for leaf in verdicts if leaf["item"] in failed} == {"unscored"}
    endpoint.calls.clear()
    assert place("run", "-q").code == 0
    assert endpoint.chats == []
    assert place.holds()


def storm(retry: Callable[[], dict[str, str]]) -> Rule:
    """The first three requests come too early."""
    turn = iter(range(10_000))
    return lambda question: plain(question) if next(turn) > 2 else Reply(429, headers=retry())


@pytest.mark.parametrize(
    "retry",
    [
        lambda: {"Retry-After": "0"},
        # The date is held against the server's own clock, which here is a year behind.
        lambda: {"Retry-After": stamp(0.1 - 31536000), "Date": stamp(-31536000)},
        lambda: {"Retry-After": "soon"},
    ],
    ids=["seconds", "date", "nonsense"],
)
def test_rate_limits_are_waited_out(
    place: Place, endpoint: ScriptedEndpoint, retry: Callable[[], dict[str, str]]
) -> None:
    endpoint.answer = storm(retry)
    assert place("run", "-q").code == 0
    assert {answer["state"] for answer in place.made("assurance.ask", "answers")} == {"answered"}


def stamp(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


def test_a_rate_limit_that_does_not_end(place: Place, endpoint: ScriptedEndpoint) -> None:
    """Asked to come back in an hour: what was answered stays, and the others are no errors but not asked yet."""
    endpoint.answer = lambda question: (
        plain(question) if len(endpoint.chats) <= 3 else Reply(429, headers={"Retry-After": "3600"})
    )
    said = place("run", "-q")
    assert said.code == 2
    assert "3 of 7 questions are answered; 4 did not reach the model: the endpoint asks for fewer" in said.err
    assert (
        "  → lower concurrency, or try again later; then run again: answered questions are kept" in said.err
    )
    answered = set(endpoint.questions[:3])
    endpoint.calls.clear()
    endpoint.answer = plain
    assert place("run", "-q").code == 0
    assert len(endpoint.chats) == 4
    assert not answered & set(endpoint.questions)
    assert place.holds()


@pytest.fixture
def resetting() -> Iterator[int]:
    """The port of a server that resets every connection once a request is there."""
    server = socket.create_server(("127.0.0.1", 0))

    def reset() -> None:
        while True:
            try:
                connection, _address = server.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    thread = threading.Thread(target=reset, daemon=True)
    thread.start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(5)


def test_a_server_that_resets_connections(place: Place, endpoint: ScriptedEndpoint, resetting: int) -> None:
    place.change("retries: 1, key_env", "retries: 0, key_env")
    place.change(endpoint.url, f"http://127.0.0.1:{resetting}/v1")
    said = place.refused()
    assert "the connection broke" in said
    assert f"@ 127.0.0.1:{resetting}" in said


# --- the clock, and several at once ---------------------------------------------------------------------------------


def test_a_clock_that_is_set_during_a_run(
    make: Callable[[str], Place], endpoint: ScriptedEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A year forth, then ten back: no cap of minutes is reached, the chain keeps its order, and every artifact is
    that of a run with a steady clock."""
    from mofang.compute import run as running
    from mofang.project.file import load
    from mofang.project.opening import open_or_create

    steady = make("steady")
    place_text = (steady.folder / "mofang.yaml").read_text("utf-8") + "budget: {calls: 20, minutes: 1}\n"
    steady.write("mofang.yaml", place_text)
    open_or_create(load(steady.folder))
    turned = make("turned")
    shutil.rmtree(turned.folder)
    shutil.copytree(steady.folder, turned.folder)
    assert steady("run", "-q").code == 0
    off = [0]

    def turning(question: str) -> str:
        off[0] = 365 if len(endpoint.chats) < ASKED + 3 else -3650
        return plain(question)

    class Turned(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(days=off[0])

    endpoint.answer = turning
    monkeypatch.setattr(running, "datetime", Turned)
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 86400 * off[0])
    assert turned("run", "-q").code == 0
    assert len(endpoint.chats) == 2 * ASKED
    locks = [(one.folder / "mofang.lock").read_bytes() for one in (steady, turned)]
    assert locks[0] == locks[1]
    assert turned.json("assurance.conclude", "findings")["as_of"] == "2026-11-01"
    made = [turned.ws.statement(one.id).predicate for one in turned.ws.ledger.statements()]
    times = [predicate["finished"] for predicate in made if "finished" in predicate]
    assert times != sorted(times)  # they tell of the change; the order of the chain does not hang on them
    order = [entry.n for entry in turned.ws.chain.entries()]
    assert order == sorted(order)
    assert turned.holds()
    assert turned("run", "-q").code == 0
    assert len(endpoint.chats) == 2 * ASKED


AT_ONCE = """
import sys
from mofang.cli.main import main
for words in sys.argv[1:]:
    try:
        main(words.split())
    except SystemExit as left:
        print(f"{words.split()[0]} ended with {left.code}", file=sys.stderr)
"""


def test_two_projects_on_one_bank_that_somebody_imports_anew(
    make: Callable[[str], Place], endpoint: ScriptedEndpoint, judge: ScriptedEndpoint, tmp_path: Path
) -> None:
    """While one asks: another run of the same project is told who is at work, another project on the bank runs to its
    end, and the bank's file is written anew. The first draws from what it read."""
    first, second = make("first"), make("second")
    (first.folder / "bank.jsonl").rename(tmp_path / "bank.jsonl")
    for one in (first, second):
        one.change("[bank.jsonl]", "[../bank.jsonl]")
    second.change(endpoint.url, judge.url)  # the first one's endpoint is busy
    judge.answer = plain
    (tmp_path / "new.jsonl").write_text(lines(rows("n")), encoding="utf-8")
    words = (
        f"run -q {first.folder}",
        f"run -q {second.folder}",
        f"bank import {tmp_path}/new.jsonl --standard mlc_ailuminate --out {tmp_path}/bank.jsonl",
    )
    said: list[str] = []

    def meanwhile(question: str) -> str:
        if len(endpoint.chats) == 1:
            command = [sys.executable, "-c", AT_ONCE, *words]
            said.append(subprocess.run(command, capture_output=True, text=True, env={**os.environ}).stderr)
        return plain(question)

    endpoint.answer = meanwhile
    first.change("retries: 1, key_env", "retries: 1, concurrency: 1, key_env")
    assert first("run", "-q").code == 0
    assert f"process {os.getpid()}" in said[0]
    assert re.findall(r"ended with (\d)", said[0]) == ["2", "0", "0"]
    assert (MARK in said[0], len(endpoint.chats), len(judge.chats)) == (False, ASKED, ASKED)
    for one in (first, second):
        assert {leaf["id"][0] for leaf in one.made("assurance.draw", "questions")} == {"q"}
        assert one.holds()
    before = first.digest("assurance.ask", "answers")
    asked = {leaf["id"] for leaf in first.made("assurance.draw", "questions")}
    endpoint.calls.clear()
    assert first("run", "-q").code == 0
    assert {leaf["id"][0] for leaf in first.made("assurance.draw", "questions")} == {"n"}
    assert len(endpoint.chats) == ASKED
    assert {
        leaf["question"] for leaf in read_leaves(first.ws.objects, before)
    } == asked  # what was answered stays
    assert first.holds()
