"""A digest that stays while the model stays, and changes when it is another one."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mofang.evidence.digest import canonical
from mofang.models.config import EndpointConfig
from mofang.models.endpoint import Endpoint
from mofang.models.identity import CANARIES, Identity, declared, identify
from scripted import ScriptedEndpoint

URL = "https://api.example.cn/v1"


def who(url: str, **settings: Any) -> Identity:
    async def once() -> Identity:
        async with Endpoint(EndpointConfig(url, "scripted", location="domestic", **settings)) as endpoint:
            return await identify(endpoint)

    return asyncio.run(once())


def test_a_declared_identity_asks_nobody(scripted: ScriptedEndpoint) -> None:
    identity = who(scripted.url)
    assert (identity.level, scripted.calls) == ("declared", [])
    assert identity == declared(EndpointConfig(scripted.url, "scripted", location="domestic"))


@pytest.mark.parametrize(
    "other",
    [
        {"model": "qwen-plus"},
        {"version": "2026-10"},
        {"system_prompt": "你是助手"},
        {"temperature": "0.1"},
        {"max_tokens": 7},
        {"extra": {"seed": "1"}},
        {"endpoint": "https://api.other.cn/v1"},
    ],
)
def test_what_shapes_answers_shapes_the_identity(other: dict[str, Any]) -> None:
    usual = {"endpoint": URL, "model": "qwen", "location": "domestic"}
    assert declared(EndpointConfig(**usual)).digest != declared(EndpointConfig(**{**usual, **other})).digest


@pytest.mark.parametrize(
    "same", [{"key_env": "MY_KEY"}, {"timeout_s": 9}, {"retries": 0}, {"concurrency": 3}]
)
def test_the_way_of_asking_does_not(same: dict[str, Any]) -> None:
    usual = {"endpoint": URL, "model": "qwen", "location": "domestic"}
    assert declared(EndpointConfig(**usual)).digest == declared(EndpointConfig(**{**usual, **same})).digest


def test_a_fingerprint_changes_when_the_model_behind_the_name_does(scripted: ScriptedEndpoint) -> None:
    before = who(scripted.url, identity="fingerprinted")
    assert scripted.questions == list(CANARIES)
    assert who(scripted.url, identity="fingerprinted") == before
    scripted.answer = lambda question: f"答曰：{question}"
    after = who(scripted.url, identity="fingerprinted")
    assert before.level == after.level == "fingerprinted"
    assert before.digest != after.digest
    assert before.parts["parameters"] == after.parts["parameters"]


def test_an_identity_is_plain_json(scripted: ScriptedEndpoint) -> None:
    identity = who(scripted.url, identity="fingerprinted")
    canonical(identity.wire())
    assert Identity.of(identity.level, identity.parts) == identity
