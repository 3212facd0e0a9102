"""What may stand under ``models`` in a project file, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.errors import MofangError
from mofang.evidence.digest import canonical
from mofang.models.config import EndpointConfig

URL = "https://api.example.cn/v1"
SECRET = "sk-4f9d2c7e1b"


def test_embedded_needs_nothing_more() -> None:
    config = EndpointConfig("embedded")
    assert (config.model, config.identity, config.location) == ("SmolLM2-135M-Instruct", "weights", "local")
    assert config.host == "embedded"


def test_an_address_is_declared_unless_it_says_more() -> None:
    config = EndpointConfig("https://API.example.cn:8443/v1", "qwen", location="domestic")
    assert (config.identity, config.host) == ("declared", "api.example.cn:8443")


@pytest.mark.parametrize(
    ("wrong", "about"),
    [
        ({"key": SECRET}, "key_env"),
        ({"key_env": SECRET}, "key_env"),
        ({"headers": {"Authorization": f"Bearer {SECRET}"}}, "$MY_VARIABLE"),
        ({"headers": {"X-Api-Key": SECRET}}, "$MY_VARIABLE"),
        ({"endpoint": f"https://user:{SECRET}@api.example.cn/v1"}, "key_env"),
        ({"endpoint": f"{URL}?key={SECRET}"}, "key_env"),
        ({"proxy": f"http://user:{SECRET}@proxy:3128"}, "$MY_PROXY"),
        ({"extra": {"api_key": SECRET}}, "remove"),
    ],
)
def test_a_secret_is_refused_and_never_repeated(wrong: dict[str, Any], about: str) -> None:
    with pytest.raises(MofangError) as caught:
        EndpointConfig.parse({"endpoint": URL, "model": "qwen", "location": "domestic", **wrong})
    assert about in caught.value.diagnostics()
    assert SECRET not in caught.value.diagnostics()


@pytest.mark.parametrize(
    ("wrong", "about"),
    [
        ({"endpoint": "api.example.cn/v1"}, "https://"),
        ({"endpoint": "ftp://api.example.cn"}, "https://"),
        ({"endpoint": "https://api.example.cn:port/v1"}, "https://"),
        ({"endpoint": "https://api.example.cn /v1"}, "https://"),
        ({"endpoint": f"{URL}/chat/completions"}, "/v1"),
        ({"model": " "}, "/models"),
        ({"location": ""}, "domestic"),
        ({"location": "moon"}, "domestic"),
        ({"identity": "weights"}, "fingerprinted"),
        ({"identity": "sure"}, "fingerprinted"),
        ({"temperature": "warm"}, "0.7"),
        ({"temperature": "2.1"}, "0.7"),
        ({"temperature": "nan"}, "0.7"),
        ({"temperature": 0.7}, "quotes"),
        ({"max_tokens": 0}, "131072"),
        ({"concurrency": 1001}, "1000"),
        ({"retries": -1}, "20"),
        ({"timeout_s": "60"}, "3600"),
        ({"requests_per_minute": 0}, "1000000"),
        ({"tokens_per_minute": "9"}, "1000000000"),
        ({"tokens_per_minute": True}, "1000000000"),
        ({"price_in": "1"}, "both prices"),
        ({"price_in": "1", "price_out": "-2"}, "0.8"),
        ({"price_in": "1", "price_out": "2e3"}, "0.8"),
        ({"price_in": 1, "price_out": "2"}, "quotes"),
        ({"currency": "yuan"}, "CNY"),
        ({"headers": {"X-Team": 7}}, "name: text"),
        ({"headers": {"X Team": "a"}}, "Name: value"),
        ({"proxy": "proxy:3128"}, "http://"),
        ({"extra": {"model": "other"}}, "remove"),
        ({"modle": "qwen"}, "model"),
    ],
)
def test_a_wrong_setting_says_what_to_write(wrong: dict[str, Any], about: str) -> None:
    with pytest.raises(MofangError) as caught:
        EndpointConfig.parse({"endpoint": URL, "model": "qwen", "location": "domestic", **wrong})
    assert caught.value.remedy is not None
    assert about in caught.value.remedy


def test_embedded_is_one_model_and_runs_here() -> None:
    with pytest.raises(MofangError, match="model"):
        EndpointConfig("embedded", "qwen")
    with pytest.raises(MofangError, match="location"):
        EndpointConfig("embedded", location="foreign")


@pytest.mark.parametrize(
    ("written", "kept"), [("0", "0"), ("0.70", "0.7"), ("1.0", "1"), ("2", "2"), (".5", "0.5")]
)
def test_temperature_is_kept_as_one_decimal(written: str, kept: str) -> None:
    assert EndpointConfig("embedded", temperature=written).temperature == kept


def test_extra_fields_are_read_as_json_and_identified_as_written() -> None:
    config = EndpointConfig(
        "embedded", extra={"top_p": "0.8", "enable_thinking": "false", "user": "mofang", "x": "NaN"}
    )
    assert config.body() == {
        "model": "SmolLM2-135M-Instruct",
        "temperature": 0.0,
        "max_tokens": 512,
        "top_p": 0.8,
        "enable_thinking": False,
        "user": "mofang",
        "x": "NaN",
    }
    assert config.identity_parameters()["extra"]["top_p"] == "0.8"


@given(
    model=st.text(st.characters(codec="utf-8"), min_size=1).filter(
        lambda text: text == text.strip() and text
    ),
    system_prompt=st.text(st.characters(codec="utf-8")),
    temperature=st.decimals(0, 2, places=2).map(str),
    max_tokens=st.integers(1, 131_072),
    extra=st.dictionaries(st.sampled_from(["top_p", "seed", "stop"]), st.text(st.characters(codec="utf-8"))),
)
def test_wire_and_back_is_the_same_config(**settings: Any) -> None:
    config = EndpointConfig(URL, location="domestic", **settings)
    assert EndpointConfig.parse(config.wire()) == config
    canonical(config.wire())
    canonical(config.identity_parameters())


def test_a_project_file_reads_as_written(tmp_path: Path) -> None:
    from mofang.project.document import read_document

    file = tmp_path / "model.yaml"
    file.write_text(
        "endpoint: https://api.example.cn/v1\nmodel: qwen\nlocation: domestic\ntemperature: 0.70\n"
        "key_env: MY_KEY\nheaders: {X-Team: $TEAM}\nextra: {enable_thinking: false}\n",
        encoding="utf-8",
    )
    config = read_document(EndpointConfig, file, {})
    assert (config.temperature, config.headers, config.body()["enable_thinking"]) == (
        "0.7",
        {"X-Team": "$TEAM"},
        False,
    )
    file.write_text("endpoint: https://api.example.cn/v1\nmodel: q\nkey: " + SECRET, encoding="utf-8")
    with pytest.raises(MofangError) as caught:
        read_document(EndpointConfig, file, {})
    assert "key_env" in caught.value.diagnostics()
    assert SECRET not in caught.value.diagnostics()


def test_limits_and_prices_are_nobodys_identity() -> None:
    plain = EndpointConfig(URL, "qwen", location="domestic")
    limits = {"requests_per_minute": 60, "tokens_per_minute": 9000, "price_in": "0.8", "price_out": "2"}
    paid = EndpointConfig(URL, "qwen", location="domestic", currency="USD", concurrency=1000, **limits)  # type: ignore[arg-type]
    assert paid.identity_parameters() == plain.identity_parameters()
    assert paid.body() == plain.body()
    assert EndpointConfig.parse(paid.wire()) == paid
    assert (paid.priced, plain.priced, EndpointConfig("embedded").priced) == (True, False, True)


def test_a_config_of_the_time_before_limits_reads() -> None:
    wire = EndpointConfig(URL, "qwen", location="domestic").wire()
    for name in ("requests_per_minute", "tokens_per_minute", "price_in", "price_out", "currency"):
        del wire[name]
    assert EndpointConfig.parse(wire).requests_per_minute is None


def test_prices_read_as_written_in_a_project_file(tmp_path: Path) -> None:
    from mofang.project.document import read_document

    file = tmp_path / "model.yaml"
    file.write_text(
        f"endpoint: {URL}\nmodel: qwen\nlocation: domestic\nprice_in: 0.80\nprice_out: 2\n"
        "requests_per_minute: 60\n",
        encoding="utf-8",
    )
    config = read_document(EndpointConfig, file, {})
    assert (config.price_in, config.price_out, config.requests_per_minute) == ("0.80", "2", 60)
