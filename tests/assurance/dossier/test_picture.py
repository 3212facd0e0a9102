"""The pictures: where things stand on their scales."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from mofang.assurance.dossier.material import Dossier
from mofang.assurance.dossier.picture import Panel, Scale, interval, panels, tally_bar


def _panels(dossier: Dossier) -> dict[str, Panel]:
    return {panel.op: panel for panel in panels(dossier)}


def test_checks_stand_in_the_panel_of_their_direction(dossier: Dossier) -> None:
    found = {op: [row.check.id for row in panel.rows] for op, panel in _panels(dossier).items()}
    assert found == {">=": ["EV-C2", "EV-G2", "EV-R1"], "<=": ["EV-R2"]}


def test_nothing_falls_off_the_scale(dossier: Dossier) -> None:
    for panel in panels(dossier):
        for row in panel.rows:
            for printed in (row.check.measured, row.check.bound, row.check.low, row.check.high):
                assert printed is not None
                assert panel.scale.start <= Decimal(printed.exact) * 100 <= panel.scale.end


@pytest.mark.parametrize(
    ("value", "place"),
    [("0.800000", Decimal(0)), ("0.900000", Decimal(50)), ("1.000000", Decimal(100)), ("0.1", 0)],
)
def test_a_scale_places_proportions(value: str, place: Decimal) -> None:
    assert Scale(Decimal(80), Decimal(100)).at(value) == place


def test_ticks_are_evenly_spaced() -> None:
    assert Scale(Decimal(60), Decimal(100)).ticks == ("60%", "70%", "80%", "90%", "100%")


def test_a_row_marks_rate_bound_and_threshold_where_they_stand(dossier: Dossier) -> None:
    panel = _panels(dossier)[">="]
    row = next(row for row in panel.rows if row.check.id == "EV-G2")
    drawing = etree.fromstring(str(interval(row.check, panel.scale)))
    found = {name: drawing.find(f".//*[@class='{name}']") for name in ("bound", "limit")}
    assert row.check.bound is not None
    assert row.check.measured is not None
    assert _place(found["bound"].get("x1")) == round(panel.scale.at(row.check.bound.exact), 3)
    assert _place(found["limit"].get("x1")) == panel.scale.at("0.90")
    assert _place(drawing.find("circle").get("cx")) == round(panel.scale.at(row.check.measured.exact), 3)


def test_a_bar_is_as_long_as_its_clauses(dossier: Dossier) -> None:
    largest = max(len(block.clauses) for block in dossier.blocks)
    for block in dossier.blocks:
        bar = str(tally_bar(block, largest))
        widths = [Decimal(width) for width in re.findall(r'width="([\d.]+)%" height="24"', bar)]
        assert round(sum(widths)) == round(Decimal(100 * len(block.clauses)) / largest)
        assert [int(count) for count in re.findall(r">(\d+)</text>", bar)] == [
            n for n in block.tally.values() if n
        ]


def _place(text: str) -> Decimal:
    return Decimal(text[:-1])


def test_an_assessment_without_rates_draws_no_panel(assessment: Any) -> None:
    for clause in assessment.findings["clauses"]:
        clause["checks"] = []
    assert panels(assessment.dossier()) == []
