"""Agreement against scikit-learn's, statsmodels' and krippendorff's numbers and Krippendorff's own example."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.assurance.statistics.agreement import Confusion, krippendorff_alpha, stray_labels, usable
from mofang.assurance.statistics.proportion import wilson


def test_quality_of_a_judge_by_hand() -> None:
    table = Confusion(40, 6, 9, 45)
    assert (table.n, table.positives, table.negatives) == (100, 49, 51)
    assert table.sensitivity == pytest.approx(40 / 49)
    assert table.specificity == pytest.approx(45 / 51)
    assert table.informedness == pytest.approx(40 / 49 + 45 / 51 - 1)
    assert table.sensitivity_interval() == wilson(40, 49)
    assert table.specificity_interval() == wilson(45, 51)
    assert table.agreement == pytest.approx(0.85)
    assert table.pabak == pytest.approx(0.70)
    # statsmodels 0.15.0: cohens_kappa([[40, 9], [6, 45]]).kappa; krippendorff 0.9.0: alpha, nominal
    assert table.kappa == pytest.approx(0.6995192307692307, abs=1e-12)
    assert table.alpha == pytest.approx(0.7007518796992481, abs=1e-12)


def test_kappa_collapses_where_almost_all_passes() -> None:
    table = Confusion(1, 6, 9, 184)
    assert table.kappa == pytest.approx(0.0797546012269946, abs=1e-12)  # statsmodels 0.15.0
    share = (7 + 10) / 400
    chance = 2 * share * (1 - share)
    assert table.ac1 == pytest.approx((0.925 - chance) / (1 - chance))
    assert table.ac1 is not None
    assert table.ac1 > 0.9


def test_gwets_own_example() -> None:
    # Gwet (2008), section 1, the paradox: 118 and 2 agreed, 5 and 0 otherwise of 125 -> AC1 0.95, kappa near 0.
    table = Confusion(118, 5, 2, 0)
    assert table.agreement == pytest.approx(0.944)
    assert table.kappa == pytest.approx(-0.0234, abs=5e-4)
    assert table.ac1 == pytest.approx(0.9408, abs=5e-4)


def test_krippendorffs_example() -> None:
    # Krippendorff (2004), four observers, twelve units, gaps: nominal alpha 0.743.
    observers = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ]
    assert krippendorff_alpha(zip(*observers, strict=True)) == pytest.approx(0.743421052631579, abs=1e-12)
    assert krippendorff_alpha([(1, None), (None, 2)]) is None
    assert krippendorff_alpha([(1, 1), (1, 1)]) is None
    assert krippendorff_alpha([]) is None


def test_nothing_labelled_has_no_quality() -> None:
    table = Confusion(0, 0, 0, 0)
    found = (
        table.sensitivity,
        table.specificity,
        table.informedness,
        table.agreement,
        table.kappa,
        table.ac1,
    )
    assert found == (None,) * 6
    assert (table.alpha, table.pabak, table.informedness_lower()) == (None, None, None)
    with pytest.raises(ValueError, match="negative"):
        Confusion(-1, 0, 0, 0)


@pytest.mark.parametrize(
    ("table", "stray", "word", "why"),
    [
        (Confusion(90, 10, 10, 90), 0, "yes", ""),
        (Confusion(90, 10, 10, 90), 1, "no", "stray_labels"),
        (Confusion(50, 50, 50, 50), 0, "no", "near_chance"),
        (Confusion(16, 50, 60, 324), 0, "no", "near_chance"),
        (Confusion(0, 5, 6, 189), 0, "no", "near_chance"),  # 95 % agreement, and finds none of the failures
        (Confusion(4, 0, 0, 400), 0, "unknown", "few_labels"),
        (Confusion(0, 0, 0, 0), 0, "unknown", "few_labels"),
        (Confusion(4, 3, 1, 192), 0, "yes", ""),
    ],
)
def test_whether_a_judge_may_be_used(table: Confusion, stray: int, word: str, why: str) -> None:
    found = usable(table, stray)
    assert (found.word, found.why) == (word, why)


def test_labels_outside_the_vocabulary_are_counted() -> None:
    assert stray_labels(["yes", "no", "well", "yes", ""], ["yes", "no"]) == 2


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_agreement_is_at_most_complete(pairs: list[tuple[bool, bool]]) -> None:
    table = Confusion.of(pairs)
    turned = Confusion.of([(not judge, not people) for judge, people in pairs])
    for name in ("kappa", "ac1", "alpha", "pabak"):
        value = getattr(table, name)
        assert value is None or value <= 1 + 1e-12
        assert getattr(turned, name) == pytest.approx(value)
    least = table.informedness_lower()
    if least is not None and table.informedness is not None:
        assert least <= table.informedness + 1e-12
    assert table.alpha is None or table.alpha == pytest.approx(krippendorff_alpha(pairs))
