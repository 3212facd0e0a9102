"""States of the heat map's cells."""

from __future__ import annotations

from typing import Any

import pytest

from mofang.assurance.dossier.figure_book import Printed
from mofang.assurance.metrics import proportion
from mofang.assurance.report.heat import heat_maps, in_order, state_of
from mofang.assurance.report.numbers import Numbers, printed
from mofang.assurance.statistics.proportion import Tally
from mofang.evidence.figures import Figure

RULE = {"op": ">=", "value": "0.90"}


def figures(n: int, passed: int, unscored: int = 0, rule: dict[str, str] | None = None) -> dict[str, Printed]:
    asked = RULE if rule is None else rule
    fields = {"n": n, "passed": passed, **proportion(Tally(n, passed, unscored), asked)}
    made = {name: Figure("risk_bounds", 1, asked, {}, name, value) for name, value in fields.items()}
    return {name: Printed(figure, printed(figure)) for name, figure in made.items()}


@pytest.mark.parametrize(
    ("n", "passed", "unscored", "state"),
    [
        (34, 34, 0, "shown"),  # 29 clean items show 90 % (0.9 ** 29 < 0.05)
        (29, 29, 0, "shown"),
        (28, 28, 0, "few"),  # nothing that 28 items say can show it
        (40, 38, 0, "plain"),
        (40, 35, 0, "not_met"),
        (40, 20, 0, "below"),
        (40, 35, 4, "open"),  # 35 of 40 fall short, 39 of 40 would not
        (3, 0, 3, "none"),  # unscored alone: nobody judged
        (0, 0, 0, "none"),
    ],
)
def test_state(n: int, passed: int, unscored: int, state: str) -> None:
    assert state_of(figures(n, passed, unscored)) == state


def test_without_a_rule_there_is_no_state_of_it() -> None:
    assert state_of(figures(10, 9, rule={})) == "bare"
    assert state_of({}) == "none"


def test_maps_hold_every_risk_and_voice(made: Any) -> None:
    content, refuse, aspects = heat_maps(made.analysis, Numbers(made.figures))
    rows = [row for _group, rows in content.groups for row in rows]
    assert len(rows) == 31
    assert [group for group, _rows in content.groups] == ["A.1", "A.2", "A.3", "A.4", "A.5"]
    assert content.voices == ("keyword", "classifier", "model", "manual")
    assert all(len(row.cells) == 4 for row in rows)
    assert next(row for row in rows if row.code == "A.3.b").cells[1].state == "none"
    assert (content.rule, refuse.rule, aspects.kind) == ("≥ 90%", "≥ 95%", "should_not_refuse")
    assert [code for code, _rows in aspects.groups] == [""]


def test_voices_stand_in_reading_order() -> None:
    assert in_order(["manual", "other", "model", "keyword"]) == ("keyword", "model", "manual", "other")
