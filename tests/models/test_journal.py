"""The journal: what was handed over is there after a kill, whatever was torn or damaged is asked again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.evidence import sealing
from mofang.evidence.digest import canonical
from mofang.evidence.errors import KeyFileError
from mofang.models.asking import Answer
from mofang.models.journal import Journal, compact, read_journal, read_states


def answer(n: int, state: str = "answered", **more: object) -> Answer:
    return Answer(f"q{n}", state, "好" if state == "answered" else "", **more)  # type: ignore[arg-type]


def write(path: Path, *answers: Answer) -> None:
    with Journal(path) as journal:
        for one in answers:
            journal.add(one)


def test_a_line_is_there_before_the_journal_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "journal.jsonl"
    with Journal(path) as journal:
        journal.add(answer(1))
        assert path.read_bytes() == canonical(answer(1).wire()) + b"\n"
        journal.sync()
        journal.add(answer(2))
        assert set(read_journal(path)) == {("q1", 0), ("q2", 0)}


def test_the_newest_line_counts_for_each_repeat(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    write(path, answer(1, "error", error="timeout"), answer(1, repeat=1), answer(1), answer(2, "error"))
    assert read_states(path) == {("q1", 0): "answered", ("q1", 1): "answered", ("q2", 0): "error"}
    assert read_journal(path)["q1", 0]["error"] is None


def test_a_missing_journal_is_an_empty_one(tmp_path: Path) -> None:
    assert read_states(tmp_path / "none") == {}
    assert read_journal(tmp_path / "none") == {}


def test_a_journal_of_the_time_before_repeats(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    old = {name: value for name, value in answer(1).wire().items() if name != "repeat"}
    path.write_bytes(canonical(old) + b"\n")
    assert read_states(path) == {("q1", 0): "answered"}
    assert read_journal(path)["q1", 0]["repeat"] == 0


def test_a_torn_line_is_dropped_before_the_next_one_is_written(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    write(path, answer(1), answer(2))
    path.write_bytes(path.read_bytes()[:-7])
    assert set(read_states(path)) == {("q1", 0)}
    write(path, answer(3))
    assert set(read_journal(path)) == {("q1", 0), ("q3", 0)}


@pytest.mark.parametrize(
    "line",
    [
        b"\x00\xff", b"[1]", b"7", b'{"question": "q9"}', b'{"question": ["q9"], "state": "answered"}',
        b'{"question": "q9", "state": "asked"}', b"[" * 100_000,
    ],
)  # fmt: skip
def test_a_line_that_is_no_answer_is_passed_over(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "journal.jsonl"
    write(path, answer(1))
    with path.open("ab") as file:
        file.write(line + b"\n")
    write(path, answer(2))
    assert set(read_states(path)) == set(read_journal(path)) == {("q1", 0), ("q2", 0)}


TEXTS = st.text(st.characters(codec="utf-8"))


@given(
    answers=st.lists(
        st.builds(
            Answer,
            question=TEXTS,
            state=st.sampled_from(["answered", "error"]),
            text=TEXTS | st.just('","question":"q7","repeat":0,"state":"answered",'),
            finish_reason=TEXTS | st.just('"question":"q7","state":"error",'),
            repeat=st.integers(0, 19),
        ),
        max_size=8,
    )
)
def test_the_quick_look_sees_what_the_whole_reading_sees(
    tmp_path_factory: pytest.TempPathFactory, answers: list[Answer]
) -> None:
    path = tmp_path_factory.mktemp("journal") / "journal.jsonl"
    write(path, *answers)
    whole = read_journal(path)
    assert read_states(path) == {key: leaf["state"] for key, leaf in whole.items()}
    assert whole == {(one.question, one.repeat): one.wire() for one in answers}


def test_a_journal_of_mostly_old_lines_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    write(path, *(answer(n % 30, "error") for n in range(1500)), answer(1))
    before = read_journal(path)
    states = read_states(path)
    assert (len(states), states["q1", 0]) == (30, "answered")
    assert len(path.read_bytes().splitlines()) == 1501  # who only looks changes nothing
    compact(path, len(states))
    assert len(path.read_bytes().splitlines()) == 30
    assert read_journal(path) == before


def test_a_sealed_journal_holds_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOFANG_KEY_FILE", str(tmp_path / "key.pem"))
    path = tmp_path / "journal.jsonl"
    with Journal(path, sealed=True) as journal:
        journal.add(Answer("q1", "answered", "在河边散步", repeat=1))
        journal.add(answer(2, "error"))
    assert "散步" not in path.read_text("utf-8")
    assert read_states(path) == {("q1", 1): "answered", ("q2", 0): "error"}
    assert read_journal(path)["q1", 1] == Answer("q1", "answered", "在河边散步", repeat=1).wire()

    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    moved = {**lines[0], "question": "q3"}
    path.write_bytes(b"".join(canonical(leaf) + b"\n" for leaf in (*lines, moved)))
    assert ("q3", 1) not in read_journal(path)  # a sealed text belongs to its question

    monkeypatch.setenv("MOFANG_KEY_FILE", str(tmp_path / "other.pem"))
    sealing._key.cache_clear()
    with pytest.raises(KeyFileError):
        read_journal(path)
