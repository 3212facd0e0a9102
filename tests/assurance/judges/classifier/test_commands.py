"""``mofang judge`` as a user meets it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mofang.assurance.judges.classifier import container, training
from mofang.assurance.judges.classifier.training import Trained
from mofang.cli.main import main

COLUMNS = ["--text", "text", "--label", "label", "--fail", "1", "--group", "group"]


def call(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main([str(word) for word in words])
    out, err = capsys.readouterr()
    return int(left.value.code or 0), out, err


def test_train_show_evaluate(
    table: Path, tmp_path: Path, write_csv: Any, sentences: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    own, picture = tmp_path / "own.judge", tmp_path / "r.svg"
    code, out, err = call(capsys, "judge", "train", table, *COLUMNS, "--out", own)
    assert code == 0
    assert "held-out" in out
    assert "training" in err
    code, shown, _err = call(capsys, "judge", "show", own)
    assert code == 0
    assert shown.splitlines()[1:] == out.splitlines()[1:]
    others = write_csv(tmp_path / "others.csv", sentences(300, seed=5))
    code, told, _err = call(capsys, "judge", "evaluate", own, others, "--picture", picture)
    assert code == 0
    assert "weekend" in told
    assert picture.read_text("utf-8").startswith("<svg")
    code, told, _err = call(capsys, "judge", "evaluate", own, others, "--json")
    assert json.loads(told)["trained_on_these"] is False
    for text, _label, _group in sentences(300, seed=5):
        assert text not in out + err + shown + told


def test_json_is_one_document(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(
        capsys, "judge", "train", table, *COLUMNS, "--out", tmp_path / "own.judge", "--json"
    )
    facts = json.loads(out)
    assert (code, err) == (0, "")
    assert facts["card"]["type"] == "text-classifier"
    code, out, _err = call(capsys, "judge", "show", tmp_path / "own.judge", "--json")
    assert json.loads(out)["identity"] == facts["identity"]


def test_errors_leave_with_two_and_write_nothing(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own.judge"
    for words in (
        ["train", table, "--text", "text", "--label", "label", "--out", own],
        ["train", table, "--text", "words", "--label", "label", "--out", own],
        ["train", table, *COLUMNS, "--criterion", "best", "--out", own],
        ["train", table, *COLUMNS, "--held-out", "much", "--out", own],
        ["show", table],
        ["evaluate", table, table],
    ):
        code, _out, err = call(capsys, "judge", *words)
        assert code == 2
        assert "error" in err.lower()
    assert list(tmp_path.iterdir()) == []


def test_a_card_of_somebody_else_is_refused_or_shown_safely(
    trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own.judge"
    parts = container.unpack(trained.data)
    card = {name: part for name, part in parts.card.items() if name not in ("held_out", "labels")}
    own.write_bytes(container.pack(replace(parts, card=card)))
    for words in (["show", own], ["evaluate", own, own]):
        code, _out, err = call(capsys, "judge", *words)
        assert (code, "card" in err) == (2, True)
    labels = {**parts.card["labels"], "fail": ["\x1b[31mred"]}
    own.write_bytes(container.pack(replace(parts, card={**parts.card, "labels": labels})))
    code, out, _err = call(capsys, "judge", "show", own)
    assert (code, "\x1b" in out) == (0, False)


def test_an_interrupt_leaves_nothing_half(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_arguments: object, **_more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(training.linear, "fit_one", interrupted)
    code, _out, _err = call(capsys, "judge", "train", table, *COLUMNS, "--out", tmp_path / "own.judge")
    assert code == 130
    assert list(tmp_path.iterdir()) == []
