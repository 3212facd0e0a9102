"""Asking one endpoint over a real socket: the good answer, and everything that can come instead."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import pickle
import socket
import subprocess
import sys
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from mofang.errors import MofangError
from mofang.models.config import EndpointConfig
from mofang.models.endpoint import Backoff, Completion, Endpoint
from mofang.models.errors import EndpointError
from scripted import ForwardProxy, Reply, ScriptedEndpoint

QUICK = Backoff(first=0.001, most=0.002, patience=2.0)
SECRET = "sk-4f9d2c7e1b"


def config(url: str, **settings: Any) -> EndpointConfig:
    return EndpointConfig(url, "scripted", location="local", **settings)


def ask(url: str, prompt: Any = "你好", **settings: Any) -> Completion:
    async def once() -> Completion:
        async with Endpoint(config(url, **settings), backoff=QUICK) as endpoint:
            return await endpoint.ask(prompt)

    return asyncio.run(once())


def failure(url: str, **settings: Any) -> EndpointError:
    with pytest.raises(EndpointError) as caught:
        ask(url, **settings)
    assert caught.value.where is not None
    return caught.value


def test_an_answer_with_its_usage(scripted: ScriptedEndpoint) -> None:
    assert ask(scripted.url) == Completion(
        "答：你好", "stop", False, prompt_tokens=2, completion_tokens=4, attempts=1
    )


def test_what_is_sent(scripted: ScriptedEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", SECRET)
    monkeypatch.setenv("TEAM", "assurance")
    ask(
        scripted.url,
        system_prompt="只说中文",
        temperature="0.70",
        max_tokens=9,
        extra={"top_p": "0.8"},
        key_env="MY_KEY",
        headers={"X-Team": "team $TEAM"},
    )
    call = scripted.chats[0]
    assert call.body == {
        "model": "scripted",
        "temperature": 0.7,
        "max_tokens": 9,
        "top_p": 0.8,
        "messages": [{"role": "system", "content": "只说中文"}, {"role": "user", "content": "你好"}],
    }
    assert (call.headers["authorization"], call.headers["x-team"]) == (f"Bearer {SECRET}", "team assurance")


def test_a_conversation_keeps_its_own_system_prompt(scripted: ScriptedEndpoint) -> None:
    talk = [{"role": "system", "content": "a"}, {"role": "user", "content": "b"}]
    ask(scripted.url, talk, system_prompt="c")
    assert scripted.chats[0].body["messages"] == talk


def test_a_lone_surrogate_goes_out_and_comes_back_as_text(scripted: ScriptedEndpoint) -> None:
    scripted.script.append(Reply(text="a\ud83db"))
    assert ask(scripted.url, "\ud83d").text == "a\ufffdb"


def test_an_answer_at_the_token_limit_is_truncated(scripted: ScriptedEndpoint) -> None:
    scripted.script.append(Reply(text="从前有", finish_reason="length"))
    assert ask(scripted.url).truncated


@pytest.mark.parametrize(
    "usage", [{}, {"prompt_tokens": -1, "completion_tokens": "7"}, {"completion_tokens": True}]
)
def test_unreported_tokens_count_as_none(scripted: ScriptedEndpoint, usage: dict[str, Any]) -> None:
    scripted.script.append(Reply(usage=usage))
    answer = ask(scripted.url)
    assert (answer.prompt_tokens, answer.completion_tokens) == (0, 0)


def test_parts_of_an_answer_are_joined(scripted: ScriptedEndpoint) -> None:
    parts = [{"type": "text", "text": "一"}, {"type": "image"}, {"type": "text", "text": "二"}]
    scripted.script.append(Reply(body=json.dumps({"choices": [{"message": {"content": parts}}]}).encode()))
    assert ask(scripted.url).text == "一二"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 529])
def test_a_passing_trouble_is_tried_again(scripted: ScriptedEndpoint, status: int) -> None:
    scripted.script.extend([Reply(status), Reply(status)])
    assert ask(scripted.url).attempts == 3


def test_a_broken_connection_is_tried_again(scripted: ScriptedEndpoint) -> None:
    scripted.script.extend([Reply(cut=10), Reply(cut=0)])
    assert ask(scripted.url).attempts == 3


def test_tries_come_to_an_end(scripted: ScriptedEndpoint) -> None:
    scripted.answer = lambda _question: Reply(503)
    error = failure(scripted.url, retries=2)
    assert (error.code, error.status, error.attempts, len(scripted.chats)) == ("server_error", 503, 3, 3)


def test_retry_after_rules(scripted: ScriptedEndpoint) -> None:
    scripted.script.extend(
        [Reply(429, headers={"Retry-After": "0"}), Reply(429, headers={"Retry-After": formatdate(0)})]
    )
    assert ask(scripted.url).attempts == 3
    scripted.script.append(Reply(429, headers={"Retry-After": "3600"}))
    error = failure(scripted.url)
    assert (error.code, error.attempts, error.retry_after) == ("rate_limited", 1, 3600.0)


def test_a_date_to_wait_for_is_held_against_the_servers_own_clock(scripted: ScriptedEndpoint) -> None:
    """Server and client disagree by years; what counts is the ten minutes between the server's two dates."""
    headers = {"Retry-After": formatdate(1000, usegmt=True), "Date": formatdate(400, usegmt=True)}
    scripted.script.append(Reply(429, headers=headers))
    assert failure(scripted.url).retry_after == 600.0


def test_later_is_asked_for_more_often_than_trouble_is_borne(scripted: ScriptedEndpoint) -> None:
    scripted.script.extend([Reply(429)] * 5)
    assert ask(scripted.url, retries=1).attempts == 6
    scripted.script.extend([Reply(429)] * 6)
    assert failure(scripted.url, retries=1).attempts == 6
    scripted.script.extend([Reply(429)])
    assert failure(scripted.url, retries=0).attempts == 1


def test_pauses_grow_to_a_limit() -> None:
    pauses = [Backoff(first=1.0, most=8.0).pause(number, None) for number in range(1, 8)]
    tops = [1, 2, 4, 8, 8, 8, 8]
    assert all(top / 2 <= pause <= top for pause, top in zip(pauses, tops, strict=True))


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "rejected"),
        (401, "unauthorized"),
        (403, "unauthorized"),
        (404, "not_found"),
        (422, "rejected"),
        (302, "redirect"),
    ],
)
def test_a_refusal_is_never_tried_again(scripted: ScriptedEndpoint, status: int, code: str) -> None:
    scripted.answer = lambda _question: Reply(status)
    assert failure(scripted.url).code == code
    assert len(scripted.chats) == 1


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(body=b'data: {"choices": []}'), "stream"),
        (Reply(body=b"<!DOCTYPE html><title>Login</title>"), "html"),
        (Reply(body=b"hello", headers={"Content-Type": "text/html"}), "html"),
        (Reply(body=b"hello"), "not_json"),
        (Reply(body=b""), "not_json"),
        (Reply(body=b"\xff\xfe\x00"), "not_json"),
        (Reply(body=b"[" * 200_000), "not_json"),
        (Reply(body=b"{}", headers={"Content-Encoding": "gzip"}), "not_json"),
        (Reply(body=b"{}"), "malformed"),
        (Reply(body=b"[]"), "malformed"),
        (Reply(body=b'"text"'), "malformed"),
        (Reply(body=b'{"choices": []}'), "malformed"),
        (Reply(body=b'{"choices": [7]}'), "malformed"),
        (Reply(body=b'{"choices": [{"message": null}]}'), "malformed"),
        (Reply(body=b'{"choices": [{"message": {"content": 7}}]}'), "malformed"),
        (Reply(body=b'{"choices": [{"message": {"content": null}}]}'), "empty"),
        (Reply(text=" \n"), "empty"),
        (Reply(text="", finish_reason="content_filter"), "blocked"),
        (Reply(body=b'{"error": {"message": "quota"}}'), "rejected"),
        (Reply(400, body=b'{"error": {"code": "data_inspection_failed"}}'), "blocked"),
        (Reply(400, body=b'{"error": {"type": "exceed_context_size_error"}}'), "context"),
        (
            Reply(404, body=b'{"error": {"code": "model_not_found", "message": "no model x"}}'),
            "model_unknown",
        ),
        (Reply(404, body=b'{"detail": "The model `x` does not exist."}'), "model_unknown"),
        (Reply(404, body=b"<html>"), "not_found"),
        (Reply(body=b" " * (8 * 1024 * 1024 + 1)), "too_large"),
    ],
)
def test_rubbish_has_a_name(scripted: ScriptedEndpoint, reply: Reply, code: str) -> None:
    scripted.answer = lambda _question: reply
    assert failure(scripted.url).code == code
    assert len(scripted.chats) == 1


def test_a_slow_answer_is_given_up(scripted: ScriptedEndpoint) -> None:
    scripted.answer = lambda _question: Reply(wait=30)
    error = failure(scripted.url, timeout_s=1, retries=0)
    assert (error.code, "timeout_s" in str(error.remedy)) == ("timeout", True)


MANY = """
import asyncio, resource, sys
from mofang.models.asking import Prompt, ask_all
from mofang.models.config import EndpointConfig
from mofang.models.endpoint import Endpoint

async def main(url, hard):
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
    config = EndpointConfig(url, "scripted", location="local", concurrency=300, retries=0)
    async with Endpoint(config) as endpoint:
        prompts = [Prompt(str(n), str(n)) for n in range(800)]
        tally = await ask_all(endpoint, prompts, on_answer=lambda answer: None, give_up_after=10_000)
        print(tally.answered, sorted(tally.errors), tally.example and tally.example.remedy)

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


@pytest.mark.parametrize(
    ("hard", "said"), [("2000", "800 [] None"), ("100", "lower concurrency, or raise the limit: ulimit -n")]
)
def test_more_connections_than_the_system_allows_at_first(
    scripted: ScriptedEndpoint, hard: str, said: str
) -> None:
    scripted.answer = lambda question: Reply(text=question, wait=0.3)
    command = [sys.executable, "-c", MANY, scripted.url, hard]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert said in done.stdout


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        error = failure(f"http://127.0.0.1:{free.getsockname()[1]}/v1", retries=2)
    assert (error.code, error.attempts) == ("refused", 3)


def test_no_such_host() -> None:
    assert failure("http://mofang.invalid/v1", retries=0).code == "unreachable"


def test_a_company_certificate_needs_its_authority(
    scripted_tls: ScriptedEndpoint, authority: tuple[Path, Path]
) -> None:
    error = failure(scripted_tls.url)
    assert (error.code, error.attempts) == ("tls", 1)
    assert "ca:" in str(error.remedy)
    assert ask(scripted_tls.url, ca=str(authority[0])).text == "答：你好"


def test_https_to_a_plain_server_is_named(scripted: ScriptedEndpoint) -> None:
    error = failure(scripted.url.replace("http:", "https:"))
    assert (error.code, "http://" in str(error.remedy)) == ("tls", True)


def test_a_missing_or_wrong_authority_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    for name in ("ca.pem", "none.pem"):
        with pytest.raises(MofangError) as caught:
            ask("https://127.0.0.1:1/v1", ca=str(tmp_path / name))
        assert caught.value.where == str(tmp_path / name)


def test_the_proxy_is_used(
    scripted: ScriptedEndpoint, proxy: ForwardProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_PROXY", proxy.url)
    assert ask(scripted.url, proxy="$MY_PROXY").text == "答：你好"
    assert proxy.seen == [f"POST {scripted.url}/chat/completions HTTP/1.1"]


def test_tls_goes_through_the_proxy(
    scripted_tls: ScriptedEndpoint, proxy: ForwardProxy, authority: tuple[Path, Path]
) -> None:
    assert ask(scripted_tls.url, proxy=proxy.url, ca=str(authority[0])).text == "答：你好"
    assert proxy.seen == [f"CONNECT 127.0.0.1:{scripted_tls.port} HTTP/1.1"]


def test_a_proxy_that_refuses(scripted_tls: ScriptedEndpoint) -> None:
    with ForwardProxy(refuse=403) as proxy:
        assert failure(scripted_tls.url, proxy=proxy.url).code == "proxy"
    assert scripted_tls.calls == []


def test_the_loopback_never_goes_through_the_environments_proxy(
    scripted: ScriptedEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert ask(scripted.url).text == "答：你好"


def test_a_password_of_the_proxy_goes_to_the_proxy_and_nowhere_else(
    scripted: ScriptedEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ForwardProxy(refuse=407) as proxy:
        monkeypatch.setenv("MY_PROXY", proxy.url.replace("http://", f"http://me:{SECRET}@"))
        error = failure(scripted.url, proxy="$MY_PROXY")
    assert (
        proxy.heads[0]["proxy-authorization"] == "Basic " + base64.b64encode(f"me:{SECRET}".encode()).decode()
    )
    assert SECRET not in error.diagnostics()
    assert scripted.calls == []


@pytest.mark.parametrize("name", ["HTTP_PROXY", "ALL_PROXY"])
def test_the_environments_proxy_is_used_unless_it_makes_an_exception(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for known in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(known, raising=False)
        monkeypatch.delenv(known.lower(), raising=False)
    with ForwardProxy(refuse=403) as proxy:
        monkeypatch.setenv(name, proxy.url.removeprefix("http://"))
        assert failure("http://mofang.invalid/v1", retries=0).code == "unauthorized"
        assert proxy.seen == ["POST http://mofang.invalid/v1/chat/completions HTTP/1.1"]
        monkeypatch.setenv("NO_PROXY", "mofang.invalid")
        assert failure("http://mofang.invalid/v1", retries=0).code == "unreachable"


@pytest.mark.parametrize("address", ["socks5://127.0.0.1:1", "http://", "http://[::1", "http://a:b:c"])
def test_a_proxy_that_is_no_address_is_named(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("MY_PROXY", address)
    with pytest.raises(MofangError, match="proxy is not an address"):
        ask("http://mofang.invalid/v1", proxy="$MY_PROXY")


def test_a_long_conversation_goes_out_whole(scripted: ScriptedEndpoint) -> None:
    """Above a megabyte the client library wants a file."""
    scripted.answer = lambda question: str(len(question))
    assert ask(scripted.url, "河" * 500_000).text == "500000"


def test_a_variable_that_is_not_set_is_named(
    scripted: ScriptedEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MY_KEY", raising=False)
    with pytest.raises(MofangError) as caught:
        ask(scripted.url, key_env="MY_KEY")
    assert "export MY_KEY" in str(caught.value.remedy)
    monkeypatch.setenv("MY_KEY", "sk-中文")
    with pytest.raises(MofangError) as caught:
        ask(scripted.url, key_env="MY_KEY")
    assert "sk-" not in caught.value.diagnostics()


def test_secrets_stand_nowhere(
    scripted: ScriptedEndpoint, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MY_KEY", SECRET)
    scripted.key = "another"
    settings = config(scripted.url, key_env="MY_KEY", headers={"X-Api-Key": "$MY_KEY"})

    async def refused() -> tuple[str, EndpointError]:
        async with Endpoint(settings) as endpoint:
            with pytest.raises(EndpointError) as caught:
                await endpoint.ask("你好")
            return repr(vars(endpoint)) + repr(endpoint), caught.value

    with caplog.at_level(logging.DEBUG):
        shown, error = asyncio.run(refused())
    assert "Incorrect API key provided: Bearer ***" in error.message
    assert SECRET not in error.diagnostics() + repr(error) + caplog.text + repr(settings) + repr(
        settings.wire()
    )
    assert SECRET not in shown.replace(repr((SECRET,)), "")


def test_an_error_crosses_process_borders_whole() -> None:
    error = EndpointError("refused", "nobody", where="127.0.0.1:1", remedy="start it", status=None)
    error.attempts = 4
    again = pickle.loads(pickle.dumps(error))
    assert (again.code, again.attempts, again.diagnostics()) == ("refused", 4, error.diagnostics())
