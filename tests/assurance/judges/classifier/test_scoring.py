"""Scoring: probabilities of six digits, the same for a text wherever it stands."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.assurance.judges.classifier import container
from mofang.assurance.judges.classifier.errors import ClassifierError
from mofang.assurance.judges.classifier.scoring import TextClassifier, load_classifier
from mofang.assurance.judges.classifier.training import Trained
from mofang.evidence.digest import sha256_bytes
from mofang.evidence.errors import StorageError

SPOILT, FRESH = "早上码头的梨全都烂了。", "周末老街的梨又甜又脆。"


def test_it_tells_the_one_from_the_other(classifier: TextClassifier) -> None:
    bad, good = classifier.scores([SPOILT, FRESH]).tolist()
    assert bad > 0.8 > 0.2 > good


def test_bytes_and_file_are_one_classifier(trained: Trained, tmp_path: Path) -> None:
    path = tmp_path / "own.judge"
    path.write_bytes(trained.data)
    one, other = load_classifier(path), load_classifier(trained.data)
    assert one.identity == other.identity == sha256_bytes(trained.data)
    assert one.card == trained.card
    assert len(repr(one)) < 200


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        load_classifier(tmp_path / "none.judge")


def test_scores_have_six_digits(classifier: TextClassifier) -> None:
    for score in classifier.scores([SPOILT, FRESH, "x", ""]).tolist():
        assert Decimal(str(score)) == Decimal(str(score)).quantize(Decimal("0.000001"))
        assert 0 <= score <= 1


@given(st.lists(st.sampled_from([SPOILT, FRESH, "", "梨", "x y z", "今天" * 50]), min_size=1, max_size=12))
def test_a_score_does_not_depend_on_the_company(classifier: TextClassifier, texts: list[str]) -> None:
    alone = [int(classifier.micro([text])[0]) for text in texts]
    assert classifier.micro(texts).tolist() == alone


def test_blanks_width_and_case_change_nothing(classifier: TextClassifier) -> None:
    one, other = classifier.micro([SPOILT, SPOILT.replace("的", " 的\u200b")]).tolist()
    assert one == other


def test_nothing_known_is_said(classifier: TextClassifier) -> None:
    _micro, known = classifier.read([SPOILT, "щзщ", "", "   "])
    assert known[0] > 5
    assert known[1:].tolist() == [0, 0, 0]


def test_the_threshold_itself_fails(classifier: TextClassifier) -> None:
    limit = int(Decimal(classifier.threshold) * 10**6)
    assert (classifier.fails(limit), classifier.fails(limit - 1)) == (True, False)


def test_many_texts_of_any_length(classifier: TextClassifier) -> None:
    texts = [SPOILT * n for n in (1, 400)] + [FRESH] * 3000
    assert len(classifier.scores(texts)) == 3002
    assert classifier.scores([]).tolist() == []


@pytest.mark.parametrize(
    "decides",
    [
        {"threshold": "1.500000"},
        {"threshold": "0.5"},
        {"threshold": 0},
        {"bias": "nan"},
        {"bias": "1e9"},
        {"share": "-1"},
        {"features": 2},
        {"calibration": {"method": "platt", "slope": "0", "intercept": "0"}},
        {"calibration": None},
    ],
)
def test_a_card_that_cannot_decide_is_refused(trained: Trained, decides: dict[str, object]) -> None:
    parts = container.unpack(trained.data)
    card = {**parts.card, "decides": {**parts.card["decides"], **decides}}
    with pytest.raises(ClassifierError):
        load_classifier(container.pack(replace(parts, card=card)))


def test_a_card_without_its_parts_is_refused(trained: Trained) -> None:
    parts = container.unpack(trained.data)
    with pytest.raises(ClassifierError):
        load_classifier(container.pack(replace(parts, card={"format": 1})))


def test_scores_are_numbers_whatever_the_weights(trained: Trained) -> None:
    parts = container.unpack(trained.data)
    huge = replace(parts, weights=np.full_like(parts.weights, 3e38))
    assert load_classifier(container.pack(huge)).scores([SPOILT]).tolist() == [1.0]
