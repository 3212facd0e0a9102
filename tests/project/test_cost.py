from __future__ import annotations

import pytest

from mofang.errors import MofangError
from mofang.models.config import EndpointConfig
from mofang.project.cost import EMBEDDED_RATE, check_budget, cost_of, total_cost
from mofang.project.file import Budget


def test_the_most_a_run_can_cost() -> None:
    embedded = cost_of(200, EndpointConfig(endpoint="embedded", max_tokens=48))
    assert (embedded.calls, embedded.tokens) == (200, 9600)
    assert embedded.minutes == -(-9600 // (EMBEDDED_RATE * 60))
    remote = cost_of(2, EndpointConfig(endpoint="http://127.0.0.1:9/v1", model="m", location="local"))
    assert remote.minutes is None
    assert remote.wire()["endpoint"] == "127.0.0.1:9"


def test_the_cap_is_reached_but_not_passed() -> None:
    cost = cost_of(10, EndpointConfig(endpoint="embedded"))
    check_budget(cost, Budget(calls=10))
    with pytest.raises(MofangError, match="the cap is 9") as caught:
        check_budget(cost, Budget(calls=9))
    assert caught.value.where == "mofang.yaml: budget.calls"


def remote(**settings: str) -> EndpointConfig:
    return EndpointConfig("https://api.example.cn/v1", "m", location="domestic", **settings)  # type: ignore[arg-type]


def test_money_is_what_full_answers_cost() -> None:
    """1,000 × (200 prompt tokens at 0.8 and 512 answer tokens at 2.4 a million) = 1.3888, rounded up."""
    cost = cost_of(1000, remote(price_in="0.8", price_out="2.4"))
    assert (cost.money, cost.currency) == ("1.39", "CNY")
    assert cost.said == "about 1.39 CNY if every answer has full length"
    assert cost_of(1000, remote()).said is None
    assert cost_of(1000, EndpointConfig("embedded")).money == "0.00"


def test_several_askings_are_added() -> None:
    service = cost_of(10, remote(price_in="1", price_out="1000"))
    judge = cost_of(5, remote(price_in="1", price_out="2000"))
    here = cost_of(4, EndpointConfig("embedded"))
    both = total_cost([service, judge, here])
    assert both is not None
    assert (both.calls, both.tokens, both.minutes) == (19, 19 * 512, None)
    assert both.money == "10.26"  # 5.13 + 5.13, each rounded up
    assert both.endpoint == "api.example.cn, embedded"
    assert total_cost([]) is None
    other = cost_of(5, remote(price_in="1", price_out="2", currency="USD"))
    mixed = total_cost([service, other])
    assert mixed is not None
    assert mixed.money is None


def test_a_cap_on_money_needs_prices() -> None:
    check_budget(cost_of(10, remote(price_in="1", price_out="2")), Budget(cost="5"))
    with pytest.raises(MofangError, match=r"nobody says what api\.example\.cn costs"):
        check_budget(cost_of(10, remote()), Budget(cost="5"))
    for wrong in ("-1", "viel", "1e3"):
        with pytest.raises(MofangError, match=r"budget\.cost"):
            Budget(cost=wrong)
