"""The linear view: its minimum is LIBLINEAR's, and it is the same every time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array, random_array

from mofang.assurance.judges.classifier.linear import Settings, fit_bag, fit_one


def data(rows: int = 400, columns: int = 60) -> tuple[Any, Any]:
    chance = np.random.default_rng(3)
    matrix = csr_array(random_array((rows, columns), density=0.2, random_state=chance, format="csr"))
    signs = np.where(
        matrix @ chance.standard_normal(columns) + chance.standard_normal(rows) / 2 > 0, 1.0, -1.0
    )
    return matrix, signs


@pytest.mark.parametrize("cost", [0.05, 1.0])
def test_the_minimum_is_the_one_that_liblinear_finds(cost: float) -> None:
    svm = pytest.importorskip("sklearn.svm")
    matrix, signs = data()
    weights, bias = fit_one(matrix, signs, np.full(len(signs), cost))
    peer = svm.LinearSVC(C=cost, tol=1e-8, max_iter=100_000, dual=False)
    peer.fit(matrix, signs)
    assert weights == pytest.approx(peer.coef_[0], abs=2e-3)
    assert bias == pytest.approx(peer.intercept_[0], abs=2e-3)


def test_the_slope_at_the_minimum_is_nothing() -> None:
    matrix, signs = data()
    costs = np.linspace(0.1, 2, len(signs))
    weights, bias = fit_one(matrix, signs, costs)
    margins = matrix @ weights + bias
    pull = np.where(margins * signs < 1, 2 * costs * (margins - signs), 0)
    slope = np.append(weights + matrix.T @ pull, bias + pull.sum())
    assert np.abs(slope).max() < 0.05


def test_a_bag_is_the_same_every_time_and_nearly_right() -> None:
    matrix, signs = data()
    ticks: list[int] = []
    runs = [
        fit_bag(matrix, signs, np.ones(len(signs)), Settings(cost=1.0, members=8), 5, lambda: ticks.append(1))
        for _n in range(2)
    ]
    assert (runs[0][0] == runs[1][0]).all()
    assert len(ticks) == 16
    weights, bias = runs[0]
    assert (((matrix @ weights + bias) > 0) == (signs > 0)).mean() > 0.8
