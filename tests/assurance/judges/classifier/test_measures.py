"""Measures: equal to scikit-learn's, with intervals that hold them."""

from __future__ import annotations

import numpy as np
import pytest

from mofang.assurance.judges.classifier.measures import measure
from mofang.assurance.statistics.proportion import wilson


def drawn(n: int = 600) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    chance = np.random.default_rng(11)
    chances = np.round(chance.random(n), 2)
    return chances, chances >= 0.5, chance.random(n) < chances


def test_values_are_scikit_learns() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    chances, said, failed = drawn()
    found = measure(chances, said, failed, 1, replicates=20)
    assert found.macro_f1.value == pytest.approx(metrics.f1_score(failed, said, average="macro"))
    assert found.auc.value == pytest.approx(metrics.roc_auc_score(failed, chances))
    assert found.accuracy.value == pytest.approx(metrics.accuracy_score(failed, said))
    assert [[found.tn, found.fp], [found.fn, found.tp]] == metrics.confusion_matrix(failed, said).tolist()


def test_rates_carry_wilson_and_the_others_an_interval_that_holds_them() -> None:
    found = measure(*drawn(), 1, replicates=100)
    right = found.tp + found.tn
    assert (found.accuracy.low, found.accuracy.high) == wilson(right, found.n)
    for one in (found.macro_f1, found.auc, found.ece):
        assert one.value is not None
        assert one.low is not None
        assert one.high is not None
        assert one.low <= one.value <= one.high


def test_calibration_error_by_hand() -> None:
    chances = np.array([0.05, 0.05, 0.95, 0.95])
    failed = np.array([False, True, True, True])
    found = measure(chances, chances > 0.5, failed, 1, replicates=0)
    assert found.ece.value == pytest.approx((2 * abs(0.05 - 0.5) + 2 * abs(0.95 - 1)) / 4)
    assert [(bin.begin, bin.n, bin.fails) for bin in found.bins if bin.n] == [(0.0, 2, 1), (0.9, 2, 2)]
    assert found.worst_bins(1)[0].begin == 0.0


def test_a_score_of_one_stands_in_the_last_bin() -> None:
    found = measure(np.array([1.0, 0.3]), np.array([True, False]), np.array([True, False]), 1, replicates=0)
    assert [bin.n for bin in found.bins] == [0, 0, 0, 1, 0, 0, 0, 0, 0, 1]


def test_nothing_measured_is_no_number() -> None:
    none = np.array([], dtype=float)
    wire = measure(none, none.astype(bool), none.astype(bool), 1).wire()
    assert wire["n"] == 0
    assert wire["accuracy"] == {"value": None, "low": None, "high": None}
    assert wire["auc"]["value"] is None


def test_one_kind_alone_has_no_auc() -> None:
    found = measure(np.array([0.2, 0.8]), np.array([False, True]), np.array([True, True]), 1)
    assert found.auc.value is None
    assert found.specificity.value is None
    assert found.sensitivity.value == 0.5


def test_the_same_seed_gives_the_same_intervals() -> None:
    assert measure(*drawn(), 3, 50).wire() == measure(*drawn(), 3, 50).wire()
