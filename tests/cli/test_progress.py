from __future__ import annotations

import io
import signal

import pytest

from mofang.cli.progress import Bars, Lines, stage_of, watch
from mofang.compute.executors import _deaf_to_interrupts
from mofang.compute.run import Settled
from mofang.errors import MofangError


@pytest.mark.parametrize(
    ("job", "stage"),
    [("corpus.read/notes[3]", "corpus.read"), ("assurance.ask", "assurance.ask"), ("a/b/c", "a")],
)
def test_a_job_belongs_to_a_stage(job: str, stage: str) -> None:
    assert stage_of(job) == stage


def test_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with Lines() as lines:
        lines.planned(3)
        for job in ("corpus.read/a[0]", "corpus.read/a[1]"):
            lines.started(job)
        for done in range(101):
            lines.progressed("corpus.read/a[0]", done, 100, "records")
        lines.settled(Settled("corpus.read/a[1]", "failed", error=MofangError("it broke")))
    said = capsys.readouterr()
    assert said.out == ""
    first, stage, *tenths, last = said.err.splitlines()
    assert (first, stage) == ("3 jobs planned", "corpus.read")
    assert len(tenths) == 10
    assert last == "corpus.read/a[1] failed: it broke"


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    lines = watch(quiet=True)
    lines.planned(1)
    lines.settled(Settled("a", "failed", error=MofangError("it broke")))
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("columns", [34, 120])
def test_bars_fit_and_take_any_text(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    screen = io.StringIO()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("FORCE_COLOR", "1")
    with Bars() as bars:
        bars.planned(7)
        bars.started("corpus.read/notes[0]")
        bars.progressed("corpus.read/notes[0]", 1, 4, "records")
        bars.progress.refresh()
        bars.settled(Settled("corpus.read/notes[0]", "failed", error=MofangError("no [/end] in [x]")))
    said = screen.getvalue()
    assert "0/7" in said
    assert "1/4" in said
    assert "no [/end] in [x]" in " ".join(said.split())
    assert said.count("\x1b[?25l") == said.count("\x1b[?25h")  # the cursor is back


def test_workers_start_deaf_to_interrupts() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with _deaf_to_interrupts():
        assert signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before
