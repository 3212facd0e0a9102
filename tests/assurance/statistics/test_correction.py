"""Correction of a judge by labels: against ppi-python, by hand, by simulation, and on labelled answers."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mofang.assurance.statistics.agreement import Confusion, stray_labels, usable
from mofang.assurance.statistics.correction import (
    Part,
    labels_saved,
    plain,
    ppi,
    quantile,
    rogan_gladen,
    stratified_ppi,
)

WHERE = np.arange(200)
TRUE = ((WHERE * 7) % 10 < 6).astype(float)
JUDGED = np.where((WHERE * 13) % 11 < 9, TRUE, 1 - TRUE)


@pytest.mark.parametrize(
    ("tuning", "rate", "low", "high"),
    [
        # ppi-python 0.2.3: ppi_mean_pointestimate and ppi_mean_ci(Y, Yhat, Yhat_unlabeled, alpha=0.05, lam=...)
        (0.0, 0.6, 0.44818184, 0.75181816),
        (1.0, 0.58125, 0.43067552, 0.73182448),
        (0.5, 0.590625, 0.4660782, 0.7151718),
        (None, 0.5906113, 0.46606554, 0.71515707),
    ],
)
def test_as_the_authors_program(tuning: float | None, rate: float, low: float, high: float) -> None:
    found = ppi(TRUE[:40], JUDGED[:40], JUDGED[40:], tuning=tuning)
    # Theirs divides by n, ours by n - 1: 1.3 % of the width with 40 labels, and of lambda where it is tuned.
    assert found.rate == pytest.approx(rate, abs=1e-9 if tuning is not None else 4e-4)
    middle, theirs = found.rate, (high - low) / 2
    assert found.interval()[1] - middle == pytest.approx(theirs * (40 / 39) ** 0.5, rel=4e-3)
    assert middle - found.interval()[0] == pytest.approx(theirs * (40 / 39) ** 0.5, rel=4e-3)


def test_a_useless_judge_is_not_believed() -> None:
    useless = ((WHERE * 3) % 7 < 3).astype(float)
    found, alone = ppi(TRUE[:40], useless[:40], useless[40:]), plain(TRUE[:40], 200)
    assert found.tuning == pytest.approx(0, abs=0.05)
    assert found.rate == pytest.approx(alone.rate, abs=0.01)
    assert ppi(TRUE[:40], 1 - TRUE[:40], 1 - TRUE[40:]).tuning == 0  # clipped, not turned round
    assert ppi(TRUE[:40], np.ones(40), np.ones(160)).tuning == 0  # a judge that always says the same


def test_everything_labelled_leaves_nothing_to_predict() -> None:
    found = ppi(TRUE, JUDGED, JUDGED[:0])
    assert (found.rate, found.tuning) == (pytest.approx(TRUE.mean()), 0)
    with pytest.raises(ValueError, match="two labels"):
        ppi(TRUE[:1], JUDGED[:1], JUDGED[1:])


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=4, max_size=40), st.integers(2, 3))
@settings(max_examples=60)
def test_lambda_zero_is_the_plain_mean(rows: list[tuple[bool, bool]], labels: int) -> None:
    true, judged = (np.array([row[side] for row in rows], float) for side in (0, 1))
    found, alone = (
        ppi(true[:labels], judged[:labels], judged[labels:], tuning=0.0),
        plain(true[:labels], len(rows)),
    )
    assert (found.rate, found.error) == (pytest.approx(alone.rate), pytest.approx(alone.error))
    tuned = ppi(true[:labels], judged[:labels], judged[labels:])
    assert tuned.tuning is not None
    assert 0 <= tuned.tuning <= 1
    low, high = tuned.interval()
    assert 0 <= low <= high <= 1


def test_strata_add_up() -> None:
    parts = [
        Part(Fraction(3), TRUE[:40], JUDGED[:40], JUDGED[40:100]),
        Part(Fraction(1), TRUE[100:130], JUDGED[100:130], JUDGED[130:]),
    ]
    one, other = (ppi(part.labels, part.judged, part.elsewhere) for part in parts)
    found = stratified_ppi(parts)
    assert found.rate == pytest.approx(0.75 * one.rate + 0.25 * other.rate)
    assert found.error == pytest.approx(((0.75 * one.error) ** 2 + (0.25 * other.error) ** 2) ** 0.5)
    assert (found.n, found.labelled) == (200, 70)
    with pytest.raises(ValueError, match="weight"):
        stratified_ppi([])


def test_rogan_gladen_by_hand() -> None:
    # The example of Lee et al.'s repository: p = 0.4, n = 1000, specificity 0.7, sensitivity 0.9, 200 labels each.
    found = rogan_gladen(400, 1_000, (180, 200), (140, 200))
    assert found is not None
    assert found.rate == pytest.approx((0.4 + 0.7 - 1) / (0.7 + 0.9 - 1))
    z = quantile(Fraction(975, 1000))
    s1, s0, p = 181 / 202, 141 / 202, (400 + z * z / 2) / (1_000 + z * z)
    middle = (p + s0 - 1) / (s0 + s1 - 1)
    v1, v0, vp = s1 * (1 - s1) / 202, s0 * (1 - s0) / 202, p * (1 - p) / (1_000 + z * z)
    shift = 2 * z * z * (found.rate * v1 - (1 - found.rate) * v0)
    half = z * (vp + (1 - middle) ** 2 * v0 + middle**2 * v1) ** 0.5 / (s0 + s1 - 1)
    assert found.low == pytest.approx(middle + shift - half)
    assert found.high == pytest.approx(middle + shift + half)


def test_a_judge_like_a_coin_cannot_be_inverted() -> None:
    assert rogan_gladen(40, 100, (10, 20), (10, 20)) is None
    assert rogan_gladen(40, 100, (2, 20), (3, 20)) is None
    with pytest.raises(ValueError, match="both kinds"):
        rogan_gladen(40, 100, (0, 0), (10, 20))


def test_rogan_gladen_carries_the_uncertainty_of_the_labels() -> None:
    few, many = (rogan_gladen(400, 1_000, (9 * m, 10 * m), (7 * m, 10 * m)) for m in (5, 500))
    assert few is not None
    assert many is not None
    assert few.high - few.low > 2 * (many.high - many.low)


def test_coverage_of_rogan_gladen() -> None:
    rng, covered, q1, q0, truth = np.random.default_rng(11), 0, 0.85, 0.9, 0.8
    for _draw in range(600):
        found = rogan_gladen(
            int(rng.binomial(1_000, truth * q1 + (1 - truth) * (1 - q0))),
            1_000,
            (int(rng.binomial(120, q1)), 120),
            (int(rng.binomial(60, q0)), 60),
        )
        covered += found is not None and found.low <= truth <= found.high
    assert covered / 600 >= 0.93


@pytest.fixture(scope="module")
def answers(shared_data: Path) -> dict[str, list[dict[str, str]]]:
    """Labels of XSTest's published answers, by model; never their texts."""
    found = {}
    for model in ("gpt4", "llama2new", "llama2orig", "mistralguard", "mistralinstruct"):
        path = shared_data / "refusal" / f"xstest_judged_{model}_gpteval.csv"
        if not path.is_file():
            pytest.skip(f"no labelled answers at {path}")
        with open(path, newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file)
            found[model] = [{name: row[name] for name in ("final_label", "gpt4_label")} for row in rows]
    return found


def _refused(rows: list[dict[str, str]], column: str) -> list[bool]:
    return [row[column] != "1_full_compliance" for row in rows]


def test_two_hundred_labels_correct_the_judge(answers: dict[str, list[dict[str, str]]]) -> None:
    rows = [row for model in answers.values() for row in model]
    people, judge = (np.array(_refused(rows, column), float) for column in ("final_label", "gpt4_label"))
    assert (round(people.mean(), 3), round(judge.mean(), 3)) == (0.515, 0.384)
    rng, rates, covered, saved = np.random.default_rng(1), [], 0, []
    for _draw in range(300):
        order = rng.permutation(len(people))
        read, rest = order[:200], order[200:]
        found = ppi(people[read], judge[read], judge[rest])
        low, high = found.interval()
        rates.append(found.rate)
        covered += low <= people.mean() <= high
        saved.append(labels_saved(found, plain(people[read], len(people))))
    assert np.mean(rates) == pytest.approx(0.515, abs=0.01)
    assert covered / 300 >= 0.93
    assert np.mean(saved) >= 0.40


def test_the_judge_of_one_model_is_flagged(answers: dict[str, list[dict[str, str]]]) -> None:
    words = {"1_full_compliance", "2_full_refusal", "3_partial_refusal"}
    found = {}
    for model, rows in answers.items():
        pairs = zip(_refused(rows, "gpt4_label"), _refused(rows, "final_label"), strict=True)
        table = Confusion.of(pairs)
        stray = stray_labels((row["gpt4_label"] for row in rows), words)
        found[model] = (usable(table).word, usable(table, stray).why)
    assert found.pop("mistralinstruct") == ("no", "stray_labels")
    assert set(found.values()) == {("yes", "")}
