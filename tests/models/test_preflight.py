"""The check before the first question names what is wrong."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from mofang.models.config import EndpointConfig
from mofang.models.endpoint import Endpoint
from mofang.models.errors import EndpointError
from mofang.models.preflight import Preflight
from scripted import Reply, ScriptedEndpoint


def check(url: str, model: str = "scripted", **settings: Any) -> Preflight:
    async def once() -> Preflight:
        async with Endpoint(EndpointConfig(url, model, location="local", **settings)) as endpoint:
            return await endpoint.check()

    return asyncio.run(once())


def failure(url: str, model: str = "scripted", **settings: Any) -> EndpointError:
    with pytest.raises(EndpointError) as caught:
        check(url, model, **settings)
    return caught.value


def test_a_working_endpoint_costs_one_token(scripted: ScriptedEndpoint) -> None:
    assert check(scripted.url).models == ("scripted",)
    assert [call.body["max_tokens"] for call in scripted.chats] == [1]


def test_a_thinking_model_may_have_no_text_after_one_token(scripted: ScriptedEndpoint) -> None:
    scripted.script.append(Reply(text="", finish_reason="length"))
    assert check(scripted.url).completion.text == ""


@pytest.mark.parametrize("listing", [Reply(404), Reply(body=b"[]"), Reply(body=b'{"data": 7}'), Reply(500)])
def test_an_endpoint_without_a_list_is_fine(scripted: ScriptedEndpoint, listing: Reply) -> None:
    scripted.routes["/models"] = listing if listing.body else Reply(listing.status, body=b"{}")
    assert check(scripted.url).models == ()


def test_an_unlisted_model_gets_the_nearest(scripted: ScriptedEndpoint) -> None:
    scripted.models = ("qwen3-8b", "qwen3-32b", "glm-4")
    error = failure(scripted.url, "qwen3-9b")
    assert (error.code, error.remedy) == ("model_unknown", "it lists: qwen3-8b, qwen3-32b")
    assert scripted.chats == []


def test_a_model_the_chat_does_not_know(scripted: ScriptedEndpoint) -> None:
    body = json.dumps({"error": {"code": "model_not_found", "message": "no such model"}}).encode()
    scripted.routes["/models"] = Reply(404, body=b"{}")
    scripted.script.append(Reply(404, body=body))
    assert failure(scripted.url).code == "model_unknown"


def test_a_wrong_key_is_named(scripted: ScriptedEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sk-wrong")
    scripted.key = "sk-right"
    error = failure(scripted.url, key_env="MY_KEY")
    assert (error.code, error.status, "key_env" in str(error.remedy)) == ("unauthorized", 401, True)


def test_a_wrong_route_is_named(scripted: ScriptedEndpoint) -> None:
    error = failure(scripted.url.removesuffix("/v1"))
    assert (error.code, "/v1" in str(error.remedy)) == ("not_found", True)


def test_a_login_page_is_named(scripted: ScriptedEndpoint) -> None:
    scripted.routes["/models"] = Reply(
        body=b"<html>Please log in</html>", headers={"Content-Type": "text/html"}
    )
    assert failure(scripted.url).code == "html"


def test_nobody_there_is_named() -> None:
    assert failure("http://127.0.0.1:9/v1").code == "refused"
