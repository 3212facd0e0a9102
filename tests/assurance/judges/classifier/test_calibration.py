"""Calibration: probabilities that are true, thresholds that do what their criterion says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.assurance.judges.classifier.calibration import (
    METHODS,
    Calibration,
    calibrate,
    check_criterion,
    choose_threshold,
    parse_calibration,
)
from mofang.assurance.judges.classifier.errors import LabelsError


def drawn(n: int = 4000, slope: float = 2.0, intercept: float = -0.5) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(7)
    scores = chance.standard_normal(n) * 1.5
    return scores, chance.random(n) < 1 / (1 + np.exp(-(slope * scores + intercept)))


def test_platt_finds_the_curve_the_labels_came_from() -> None:
    found = calibrate("platt", *drawn())
    assert found.slope == pytest.approx(2.0, abs=0.15)
    assert found.intercept == pytest.approx(-0.5, abs=0.12)


def test_platt_is_scikit_learns() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    scores, failed = drawn(50_000)
    peer = linear.LogisticRegression(C=np.inf, tol=1e-8).fit(scores[:, None], failed)
    found = calibrate("platt", scores, failed)
    # Platt's softened targets differ from hard ones by one in the number of texts.
    assert (found.slope, found.intercept) == pytest.approx((peer.coef_[0, 0], peer.intercept_[0]), abs=2e-3)


def test_temperature_goes_through_one_half() -> None:
    found = calibrate("temperature", *drawn())
    assert found.chances(np.zeros(1)).tolist() == [0.5]


@pytest.mark.parametrize("method", METHODS)
def test_probabilities_rise_with_scores_and_survive_the_card(method: str) -> None:
    found = calibrate(method, *drawn())
    line = found.chances(np.linspace(-9, 9, 200))
    assert (np.diff(line) >= 0).all()
    assert 0 <= line[0] < 0.1
    assert 0.9 < line[-1] <= 1
    assert parse_calibration(found.wire()) == found


def test_isotonic_follows_what_no_curve_can() -> None:
    chance = np.random.default_rng(1)
    scores = chance.random(6000)
    failed = chance.random(6000) < np.where(scores < 0.5, 0.2, 0.7)
    line = calibrate("isotonic", scores, failed).chances(np.array([0.2, 0.8]))
    assert line == pytest.approx([0.2, 0.7], abs=0.06)


def test_scores_that_are_wrong_way_round_become_a_flat_curve() -> None:
    scores, failed = drawn()
    found = calibrate("platt", -scores, failed)
    assert found.slope == pytest.approx(1e-6)


@pytest.mark.parametrize(
    "wire",
    [
        {"method": "platt", "slope": "nan", "intercept": "0"},
        {"method": "platt", "slope": "-1", "intercept": "0"},
        {"method": "platt", "slope": 1.0, "intercept": "0"},
        {"method": "magic", "slope": "1", "intercept": "0"},
        {"method": "isotonic", "points": []},
        {"method": "isotonic", "points": [["0", "0.5"], ["1", "0.4"]]},
        {"method": "isotonic", "points": [["0", "0.5"], ["0", "0.6"]]},
        {"method": "isotonic", "points": [["0", "1.5"]]},
        {"method": "platt", "slope": "1" * 50, "intercept": "0"},
    ],
)
def test_a_card_cannot_bring_nonsense(wire: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        parse_calibration(wire)


CHANCES = np.array([0.05, 0.15, 0.35, 0.45, 0.55, 0.65, 0.85, 0.95])
FAILED = np.array([False, False, True, False, False, True, True, True])


@pytest.mark.parametrize(
    ("criterion", "threshold"),
    [
        ("accuracy", "0.560000"),
        ("macro_f1", "0.560000"),
        ("sensitivity=0.99", "0.350000"),
        ("specificity=0.99", "0.560000"),
        ("sensitivity=0.5", "0.850000"),
    ],
)
def test_thresholds_serve_their_criterion(criterion: str, threshold: str) -> None:
    assert choose_threshold(criterion, CHANCES, FAILED) == threshold


@given(st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=1, max_size=40))
def test_a_threshold_is_always_found(rows: list[tuple[int, bool]]) -> None:
    chances, failed = np.array([n / 100 for n, _f in rows]), np.array([f for _n, f in rows])
    for criterion in ("accuracy", "macro_f1", "balanced", "sensitivity=0.9", "specificity=0.9"):
        assert 0 < float(choose_threshold(criterion, chances, failed)) < 1


def test_of_equal_thresholds_the_middle_one_is_taken() -> None:
    chances, failed = np.array([0.1, 0.9]), np.array([False, True])
    assert choose_threshold("accuracy", chances, failed) == "0.500000"


@pytest.mark.parametrize("text", ["f1", "sensitivity=1.5", "sensitivity", "specificity=.9", ""])
def test_unknown_criteria_are_named(text: str) -> None:
    with pytest.raises(LabelsError) as caught:
        check_criterion(text)
    assert "macro_f1" in (caught.value.remedy or "")


def test_a_calibration_checks_itself() -> None:
    with pytest.raises(ValueError):
        Calibration("platt", slope=float("inf"))
