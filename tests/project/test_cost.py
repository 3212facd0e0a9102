from __future__ import annotations

import pytest

from mofang.errors import MofangError
from mofang.models.config import EndpointConfig
from mofang.project.cost import EMBEDDED_RATE, check_budget, cost_of
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
