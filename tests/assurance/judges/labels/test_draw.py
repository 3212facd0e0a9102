"""Sheets are drawn by a recorded seed; every item has its known chance."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.assurance.judges.labels.draw import SHEET, SheetPlan, choose, draw_sheet, recorded_draws
from mofang.assurance.judges.labels.errors import LabelError
from mofang.assurance.judges.labels.label import Unit
from mofang.evidence.digest import sha256_bytes
from mofang.evidence.workspace import Workspace

JUDGED = sha256_bytes(b"answers")
SEED = sha256_bytes(b"seed")


def units(n: int, kind: str = "content") -> list[Unit]:
    return [
        Unit(f"{kind}{i}", kind, "X.1", 0, sha256_bytes(f"{kind}{i}".encode()), f"{JUDGED}#{i}")
        for i in range(n)
    ]


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "workspace")


def test_the_same_order_is_the_same_draw_and_another_is_another(ws: Workspace) -> None:
    frame = [*units(30), *units(5, "should_refuse")]
    with ws.lock("test"):
        first = draw_sheet(ws, frame, SheetPlan("content", 10, JUDGED))
        again = draw_sheet(ws, frame[::-1], SheetPlan("content", 10, JUDGED))
        other = draw_sheet(ws, frame, SheetPlan("content", 11, JUDGED))
    assert first == again
    assert (len(first.units), first.frame) == (10, 30)
    assert {unit.kind for unit in first.units} == {"content"}
    assert set(first.probabilities.values()) == {"0.333333"}
    assert other.id != first.id
    assert len(ws.ledger.statements(SHEET)) == 2
    assert recorded_draws(ws)[first.id] == first.probabilities


def test_all_of_them_where_there_are_fewer(ws: Workspace) -> None:
    with ws.lock("test"):
        drawn = draw_sheet(ws, units(3), SheetPlan("content", 200, JUDGED))
    assert len(drawn.units) == 3
    assert set(drawn.probabilities.values()) == {"1.000000"}


def test_nothing_to_label(ws: Workspace) -> None:
    with ws.lock("test"), pytest.raises(LabelError, match="nothing of kind corpus"):
        draw_sheet(ws, units(3), SheetPlan("corpus", 5, JUDGED))
    assert ws.ledger.statements(SHEET) == []


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 40))
def test_places_and_chances_add_up(split: int, rest: int, n: int) -> None:
    frame = units(split + rest)
    chosen = choose(frame, n, SEED, {unit.answer for unit in frame[:split]})
    assert len(chosen) == min(n, split + rest)
    assert len({unit.answer for unit, _chance in chosen}) == len(chosen)
    first = sum(unit in frame[:split] for unit, _chance in chosen)
    assert first >= min(split, n // 2)
    # Horvitz and Thompson: chosen items weighted by their chances count the whole.
    total = sum(1 / Fraction(Decimal(chance)) for _unit, chance in chosen)
    assert (
        not chosen
        or len(chosen) < n
        or abs(total - (split + rest)) < Fraction(1, 100)
        or min(first, len(chosen) - first) == 0
    )


def test_every_item_is_as_likely_as_the_next() -> None:
    frame = units(20)
    seen = Counter(
        unit.item for n in range(2000) for unit, _chance in choose(frame, 5, sha256_bytes(b"%d" % n))
    )
    # 2,000 draws of 5 from 20: 500 expected, standard deviation 19.4; five of them on either side.
    assert all(400 < seen[unit.item] < 600 for unit in frame)
