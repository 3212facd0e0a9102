"""The second view: it learns one strong sign, and scoring is exact whole-number work."""

from __future__ import annotations

import numpy as np
import pytest

from mofang.assurance.judges.classifier.peaks import Settings, Tokens, fit, scores


def tokens(texts: list[list[int]]) -> Tokens:
    singles = np.array([one for text in texts for one in text])
    begins = np.concatenate([[0], np.cumsum([len(text) for text in texts])])
    return Tokens(begins, singles, np.zeros(len(singles), dtype=np.int64))


def test_scores_are_weighted_peaks() -> None:
    vectors = np.array([[0, 0], [5, -3], [2, 7], [-4, -9]], dtype=np.int8)
    gains = np.array([0.5, -2.0], dtype=np.float32)
    found = scores(vectors, gains, tokens([[1], [1, 2], [3], [0], [3, 1]]))
    assert found.tolist() == [2.5, 2.5 - 14, 0.0, 0.0, 2.5]


def test_sums_of_vectors_do_not_overflow() -> None:
    vectors = np.array([[0], [127]], dtype=np.int8)
    both = Tokens(np.array([0, 1]), np.array([1]), np.array([1]))
    assert scores(vectors, np.ones(1, dtype=np.float32), both).tolist() == [254.0]


def test_one_strong_sign_is_learned() -> None:
    chance = np.random.default_rng(2)
    texts = [chance.integers(2, 40, 12).tolist() for _n in range(600)]
    failed = np.array([n % 2 == 0 for n in range(600)])
    for n in np.flatnonzero(failed):
        texts[n][int(chance.integers(12))] = 1
    given = tokens(texts)
    ticks: list[int] = []
    made = [
        fit(given, failed, np.zeros(39, dtype=bool), np.ones(600), Settings(), 1, lambda: ticks.append(1))
        for _n in range(2)
    ]
    assert len(ticks) == 2 * Settings().epochs
    assert (made[0][0] == made[1][0]).all()
    vectors, gains, bias = made[0]
    assert vectors.dtype == np.int8
    assert not vectors[0].any()
    found = scores(vectors, gains, given) + bias
    assert ((found > 0) == failed).mean() > 0.95


@pytest.mark.parametrize("n", [1, 5])
def test_few_texts_are_enough_to_run(n: int) -> None:
    made = fit(
        tokens([[1, 2]] * n),
        np.arange(n) % 2 == 0,
        np.zeros(2, dtype=bool),
        np.ones(n),
        Settings(),
        1,
        lambda: None,
    )
    assert np.isfinite(made[1]).all()
