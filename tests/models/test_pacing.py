"""The gate and the purse hold whatever happens."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mofang.models.pacing import Gate, Purse


@given(st.integers(1, 1000), st.lists(st.sampled_from(["enter", "leave", "eased", "pressed"])))
def test_the_gate_stays_within_its_bounds(most: int, events: list[str]) -> None:
    gate = Gate(most)
    for event in events:
        if event == "enter" and not gate.open:
            continue
        if event == "leave" and not gate.active:
            continue
        getattr(gate, event)()
        assert 1 <= gate.limit <= most
        assert 0 <= gate.active <= most


def test_the_gate_opens_fast_until_the_first_pressure() -> None:
    gate = Gate(100)
    for _n in range(40):
        gate.eased()
    assert gate.limit == 48
    gate.pressed()
    assert gate.limit == 24
    for _n in range(24):
        gate.eased()
    assert 24 <= gate.limit <= 25


def test_requests_in_flight_together_count_as_one_pressure() -> None:
    gate = Gate(8)
    for _n in range(8):
        gate.enter()
    for _n in range(8):
        gate.pressed()
    assert gate.limit == 4


@given(st.integers(0, 50), st.integers(1, 20), st.lists(st.integers(0, 20)))
def test_reserved_tokens_never_pass_the_cap(cap: int, most: int, answers: list[int]) -> None:
    purse, spent, flying = Purse(None, cap, None), 0, 0
    for used in answers:
        if purse.reached(most) is None:
            purse.reserve(most)
            flying += 1
        elif flying:
            purse.spend(min(used, most))
            purse.release(most)
            spent, flying = spent + min(used, most), flying - 1
        assert spent + flying * most <= cap


def test_caps_of_zero_allow_nothing() -> None:
    assert Purse(0, None, None).reached(1) == "calls"
    assert Purse(None, 0, None).reached(1) == "tokens"
    assert Purse(None, None, 0).reached(1) == "minutes"
    assert Purse(None, None, None).reached(1) is None
