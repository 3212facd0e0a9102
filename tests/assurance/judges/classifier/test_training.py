"""Training: the same labels give the same file; the card says what happened and holds no text."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mofang.assurance.judges.classifier import peaks
from mofang.assurance.judges.classifier.errors import LabelsError
from mofang.assurance.judges.classifier.evaluating import evaluate
from mofang.assurance.judges.classifier.labels import Columns, Labelled, read_labels
from mofang.assurance.judges.classifier.linear import Settings
from mofang.assurance.judges.classifier.scoring import TextClassifier, load_classifier
from mofang.assurance.judges.classifier.training import Recipe, Trained, train

QUICK = Settings(members=2)
SECOND = peaks.Settings(width=8)
SMALL = Recipe(settings=QUICK, second=SECOND)


def test_the_card_says_what_happened(trained: Trained, labelled: Labelled) -> None:
    card = trained.card
    data = card["data"]
    assert data["digest"] == labelled.digest()
    assert data["trained_on"] + data["held_out"] == data["texts"] == len(labelled.texts)
    assert data["fail"] + data["pass"] == data["texts"]
    assert set(data["groups"]) == {"weekday", "weekend"}
    assert data["languages"] == {"zh": data["texts"], "latin": 0, "other": 0}
    assert card["labels"] == {
        "text": "text", "label": "label", "group": "group", "fail": ["1"], "pass": ["0"],
    }  # fmt: skip
    assert card["held_out"]["n"] == data["held_out"] == trained.held_out.n
    assert [one["group"] for one in card["unseen_groups"]] == ["weekday", "weekend"]
    assert len(card["held_out"]["reliability"]) == 10


def test_it_learns(trained: Trained) -> None:
    assert trained.held_out.accuracy.value is not None
    assert trained.held_out.accuracy.value > 0.85
    assert float(trained.card["unseen_groups"][0]["macro_f1"]["value"]) > 0.85


def test_no_text_stands_in_card_or_file(trained: Trained, labelled: Labelled) -> None:
    card = json.dumps(trained.card, ensure_ascii=False)
    for text in labelled.texts[:50]:
        assert text not in card
        assert text.encode() not in trained.data
        assert text[:4].encode() not in trained.data


def test_the_same_labels_in_any_order_give_the_same_bytes(
    table: Path, columns: Columns, tmp_path: Path
) -> None:
    head, *lines = table.read_text("utf-8").splitlines()
    (tmp_path / "l.csv").write_text("\n".join([head, *reversed(lines)]), "utf-8")
    made = [train(read_labels(path, columns), columns, SMALL).data for path in (table, tmp_path / "l.csv")]
    assert made[0] == made[1]
    assert train(read_labels(table, columns), columns, replace(SMALL, seed=2)).data != made[0]


@pytest.mark.parametrize("method", ["temperature", "isotonic"])
def test_every_calibration_makes_a_file_that_loads(labelled: Labelled, columns: Columns, method: str) -> None:
    made = train(labelled, columns, replace(SMALL, method=method, criterion="sensitivity=0.9"))
    assert load_classifier(made.data).card["decides"]["calibration"]["method"] == method


def test_one_kind_alone_teaches_nothing(tmp_path: Path, write_csv: Any, columns: Columns) -> None:
    rows = [(f"第{n}箱苹果已经发霉", "1", "a") for n in range(200)]
    with pytest.raises(LabelsError, match="one class alone"):
        train(read_labels(write_csv(tmp_path / "l.csv", rows), columns), columns)


def test_too_little_is_refused(tmp_path: Path, write_csv: Any, sentences: Any, columns: Columns) -> None:
    labelled = read_labels(write_csv(tmp_path / "l.csv", sentences(60)), columns)
    with pytest.raises(LabelsError, match="at least 50"):
        train(labelled, columns)


def test_variations_of_one_text_cannot_be_held_out(tmp_path: Path, write_csv: Any, columns: Columns) -> None:
    stem = "今天早上东边集市的苹果全都烂了而且还长了虫子大家都看见了老板也点了点头"
    rows = [(f"{stem}{n}", str(n % 2), "a") for n in range(300)]
    with pytest.raises(LabelsError, match="too alike"):
        train(read_labels(write_csv(tmp_path / "l.csv", rows), columns), columns)


def test_near_duplicates_do_not_flatter(tmp_path: Path, write_csv: Any, columns: Columns) -> None:
    """Labels drawn by lot cannot be learned; copies on both sides would make it look as if they could."""
    import random

    chance = random.Random(4)
    rows = []
    for n in range(260):
        text, label = (
            "".join(chance.choices("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥", k=30)),
            str(n % 2),
        )
        rows += [(text, label, "a"), (text + "！", label, "a"), (text + "。", label, "a")]
    made = train(read_labels(write_csv(tmp_path / "l.csv", rows), columns), columns, SMALL)
    assert made.card["data"]["clusters"] == 260
    assert made.held_out.accuracy.low is not None
    assert made.held_out.accuracy.low < 0.55


def test_rare_fails_are_still_found(tmp_path: Path, write_csv: Any, sentences: Any, columns: Columns) -> None:
    rows = sentences(1500, seed=9, wrong=0.0)
    rows = [row for row in rows if row[1] == "0"] + [row for row in rows if row[1] == "1"][:80]
    made = train(read_labels(write_csv(tmp_path / "l.csv", rows), columns), columns, SMALL)
    assert made.held_out.sensitivity.value == 1.0


def test_progress_goes_to_the_end(labelled: Labelled, columns: Columns) -> None:
    seen: list[tuple[int, int]] = []
    train(labelled, columns, SMALL, lambda done, total, what: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1]
    assert [done for done, _total in seen] == sorted(done for done, _total in seen)


@pytest.mark.parametrize("share", ["0.01", "0.9"])
def test_an_odd_share_is_refused(share: str) -> None:
    with pytest.raises(LabelsError):
        Recipe(held_out=share)


def test_an_evaluation_is_per_group_and_knows_its_own_labels(
    classifier: TextClassifier,
    labelled: Labelled,
    tmp_path: Path,
    write_csv: Any,
    sentences: Any,
    columns: Columns,
) -> None:
    assert evaluate(classifier, labelled).known
    rows = [*sentences(300, seed=5), ("щзщ", "1", "weekday")]
    found = evaluate(classifier, read_labels(write_csv(tmp_path / "l.csv", rows), columns))
    assert not found.known
    assert found.unscored == 1
    assert sum(group.n for group in found.groups.values()) == found.measures.n
    assert found.measures.accuracy.value is not None
    assert found.measures.accuracy.value > 0.85
    assert set(found.wire()) >= {"accuracy", "groups", "reliability", "trained_on_these"}


@pytest.mark.slow
def test_cold_within_its_targets(shared_data: Path) -> None:
    """Figures of bench/classifier.py, with room: comments in three topics, training part and development part."""
    columns = Columns("TEXT", "label", "topic", ("1",))
    made = train(read_labels(shared_data / "cold" / "train.csv", columns), columns)
    found = evaluate(load_classifier(made.data), read_labels(shared_data / "cold" / "dev.csv", columns))
    unseen = [float(one["macro_f1"]["value"]) for one in made.card["unseen_groups"]]
    assert found.measures.accuracy.value is not None
    assert found.measures.accuracy.value >= 0.908
    assert found.measures.ece.value is not None
    assert found.measures.ece.value < 0.03
    assert sum(unseen) / len(unseen) > 0.825
