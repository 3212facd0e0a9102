"""The gate, the allowances and the purse hold whatever happens; time is a clock that the test winds."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mofang.models.pacing import Allowance, Gate, Price, Purse


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def round_of(gate: Gate) -> None:
    """As many requests as may be in flight, all answered."""
    entered = []
    while gate.open:
        entered.append(gate.enter())
    for _n in entered:
        gate.eased()
        gate.leave()


@given(st.integers(1, 1000), st.lists(st.sampled_from(["enter", "leave", "eased", "sure", "unsure"])))
def test_the_gate_stays_within_its_bounds(most: int, events: list[str]) -> None:
    gate = Gate(most)
    entered = [0]
    for event in events:
        if event == "enter":
            if gate.open:
                entered.append(gate.enter())
        elif event == "leave":
            if gate.active:
                gate.leave()
        elif event == "eased":
            gate.eased()
        else:
            gate.pressed(entered[-1], sure=event == "sure")
        assert 1 <= gate.limit <= most
        assert 0 <= gate.active <= most


def test_the_gate_doubles_with_each_round_and_reaches_a_thousand_in_six() -> None:
    gate = Gate(1000)
    limits = []
    for _n in range(6):
        round_of(gate)
        limits.append(gate.limit)
    assert limits == [40, 80, 160, 320, 640, 1000]


def test_a_limit_that_nobody_uses_does_not_grow() -> None:
    gate = Gate(1000)
    for _n in range(500):
        gate.enter()
        gate.eased()
        gate.leave()
    assert gate.limit == 20


def test_one_429_takes_three_tenths_and_a_few_rounds_give_it_back() -> None:
    gate = Gate(1000)
    for _n in range(6):
        round_of(gate)
    gate.pressed(gate.enter(), sure=True)
    gate.leave()
    assert gate.limit == 700
    rounds = 0
    while gate.limit < 1000:
        round_of(gate)
        rounds += 1
    assert rounds <= 7


def test_requests_in_flight_together_tell_one_piece_of_news() -> None:
    gate = Gate(100)
    entered = [gate.enter() for _n in range(20)]
    for number in entered:
        gate.pressed(number, sure=True)
    assert gate.limit == 14
    gate.pressed(gate.enter(), sure=True)  # this one came later and was still too many
    assert gate.limit == 9


def test_errors_that_may_be_the_questions_own_press_from_one_in_ten() -> None:
    gate = Gate(100)
    for _n in range(3):
        round_of(gate)
    assert gate.limit == 100
    number = gate.enter()
    for _n in range(9):
        gate.pressed(number, sure=False)
    assert gate.limit == 100
    gate.pressed(number, sure=False)
    assert gate.limit == 70


def test_now_and_then_a_500_costs_nothing() -> None:
    gate = Gate(100)
    for _n in range(50):
        round_of(gate)
        number = gate.enter()
        gate.pressed(number, sure=False)
        gate.leave()
    assert gate.limit == 100


def test_a_hold_holds_and_ends() -> None:
    clock = Clock()
    gate = Gate(8, clock=clock)
    gate.hold(5)
    gate.hold(2)
    assert (gate.open, gate.held()) == (False, 5)
    clock.now += 5
    assert (gate.open, gate.held()) == (True, 0)


@given(
    most=st.integers(1, 50),
    wanted=st.lists(st.tuples(st.integers(1, 60), st.floats(0, 10)), max_size=80),
)
def test_no_minute_sees_more_than_is_allowed(most: int, wanted: list[tuple[int, float]]) -> None:
    clock = Clock()
    allowance = Allowance(most, clock=clock)
    went: list[tuple[float, int]] = []
    for amount, later in wanted:
        clock.now += later
        while pause := allowance.wait(amount):
            clock.now += pause
        allowance.take(amount)
        went.append((clock.now, amount))
        minute = [n for at, n in went if clock.now - 60 < at - 1e-6]
        assert sum(minute) <= most or len(minute) == 1


def test_an_allowance_lets_through_what_it_promises() -> None:
    clock = Clock()
    allowance = Allowance(600, clock=clock)
    for _n in range(1200):
        while pause := allowance.wait(1):
            clock.now += pause
        allowance.take(1)
    assert 108 <= clock.now - 1000 <= 120


def test_what_was_estimated_too_high_is_credited() -> None:
    clock = Clock()
    allowance = Allowance(1000, clock=clock)
    taken = allowance.take(100)
    assert allowance.wait(1) > 0
    allowance.settle(taken, 10)
    assert allowance.wait(90) == 0
    clock.now += 61
    allowance.settle(taken, 100)  # late news of a minute that is over
    assert allowance.wait(100) == 0


@given(st.integers(0, 50), st.integers(1, 20), st.lists(st.integers(0, 20)))
def test_reserved_tokens_and_money_never_pass_the_cap(cap: int, most: int, answers: list[int]) -> None:
    purse, spent, flying = Purse(tokens=cap, cost=Decimal(cap)), 0, 0
    for used in answers:
        if purse.reached(most, Decimal(most)) is None:
            purse.reserve(most, Decimal(most))
            flying += 1
        elif flying:
            purse.spend(min(used, most), Decimal(min(used, most)))
            purse.release(most, Decimal(most))
            spent, flying = spent + min(used, most), flying - 1
        assert spent + flying * most <= cap


def test_caps_of_zero_allow_nothing() -> None:
    assert Purse(calls=0).reached(1) == "calls"
    assert Purse(tokens=0).reached(1) == "tokens"
    assert Purse(minutes=0).reached(1) == "minutes"
    assert Purse(cost=Decimal(0)).reached(1, Decimal("0.000001")) == "cost"
    assert Purse().reached(1, Decimal(1)) is None


def test_minutes_are_those_of_the_clock_that_nobody_sets() -> None:
    clock = Clock()
    purse = Purse(minutes=1, clock=clock)
    clock.now += 59
    assert purse.reached(1) is None
    clock.now += 1
    assert purse.reached(1) == "minutes"


def test_a_price_is_exact() -> None:
    assert Price(Decimal("0.8"), Decimal("2.4")).of(1_000_001, 3) == Decimal("0.800008")
