"""The journey of a small project, and what a second run does not do again."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from mofang.assurance.dossier.bound import read_bound_figures
from mofang.evidence.workspace import Workspace
from mofang.project.file import Loaded, load
from mofang.project.lockfile import read_lock
from mofang.project.running import Report, look_ahead, run_project
from mofang.project.verifying import verify_document, verify_workspace
from scripted import Reply, ScriptedEndpoint

Mofang = Callable[..., tuple[int, str, str]]


def executed(report: Report) -> list[str]:
    return sorted(job.id for job in report.run.in_state("done"))


def counts(loaded: Loaded) -> dict[str, int]:
    ws = Workspace.open(loaded.workspace)
    record = ws.refs.get("runs", "latest")
    assert record
    ledger = ws.objects.json(record)["corpus.manifest"]["ledger_counts"]
    return dict(ws.objects.json(ledger)["totals"])


def test_the_whole_journey(loaded: Loaded, endpoint: ScriptedEndpoint) -> None:
    report = run_project(loaded)
    assert [error.diagnostics() for error in report.errors] == []
    assert len(endpoint.chats) == 14
    found = counts(loaded)
    assert {name: found[name] for name in ("records", "keep", "redact", "drop", "duplicates")} == {
        "records": 8,
        "keep": 3,
        "redact": 2,
        "drop": 3,
        "duplicates": 1,
    }
    assert sorted(path.name for path in loaded.dossier.iterdir() if not path.name.startswith(".")) == [
        "evidence.html",
        "gaps.xlsx",
        "manifest.json",
        "report.docx",
        "report.html",
    ]
    assert report.findings
    conclusions = {clause["id"]: clause["conclusion"] for clause in report.findings["clauses"]}
    assert conclusions["TB-1"] == "fails"  # the demonstration bank is far too small
    assert conclusions["EV-R1"] == "fails"  # four questions are no sample of three hundred
    assert conclusions["EV-M2"] in ("waits_person", "waits_document")
    assert "meets" in conclusions.values()


def test_what_was_found_holds(loaded: Loaded) -> None:
    run_project(loaded)
    ws = Workspace.open(loaded.workspace)
    report = verify_workspace(ws, deep=True)
    assert report.problems == ()
    assert report.counts["figures"] > 20
    assert report.counts["reexecuted"] > 15
    for name in ("report.html", "report.docx"):
        assert verify_document(loaded.dossier / name, ws).problems == ()


def test_the_second_run_executes_nothing(loaded: Loaded, endpoint: ScriptedEndpoint) -> None:
    run_project(loaded)
    lock = (loaded.folder / "mofang.lock").read_bytes()
    entries = len(list(Workspace.open(loaded.workspace).chain.entries()))
    again = run_project(loaded)
    assert executed(again) == []
    assert len(endpoint.chats) == 14
    assert (loaded.folder / "mofang.lock").read_bytes() == lock
    assert len(list(Workspace.open(loaded.workspace).chain.entries())) == entries
    assert look_ahead(loaded).to_run == 0


def test_a_run_with_nothing_to_do_imports_nothing_heavy(loaded: Loaded) -> None:
    run_project(loaded)
    code = (
        "import sys; from pathlib import Path; from mofang.project.file import load; "
        "from mofang.project.running import run_project; "
        f"report = run_project(load(Path({str(loaded.folder)!r}))); "
        "print(report.executed, [m for m in ('numba', 'scipy', 'sklearn', 'ray', 'docx', 'aiohttp') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0 []"


def test_one_changed_file_runs_only_what_depends_on_it(loaded: Loaded, endpoint: ScriptedEndpoint) -> None:
    run_project(loaded)
    path = loaded.folder / "data/notes/visitors.md"
    path.write_text(path.read_text("utf-8") + "\n请勿让访客单独停留在机房。\n", encoding="utf-8")
    again = executed(run_project(loaded))
    assert "corpus.read/notes[0]" in again
    assert not [job for job in again if "tickets" in job and "decide" not in job and "publish" not in job]
    assert "assurance.ask" not in again
    assert len(endpoint.chats) == 14


def test_one_changed_threshold_reads_nothing_again(loaded: Loaded, endpoint: ScriptedEndpoint) -> None:
    run_project(loaded)
    file = loaded.folder / "mofang.yaml"
    file.write_text(file.read_text("utf-8").replace("min_chars: 10", "min_chars: 3"), encoding="utf-8")
    again = executed(run_project(load(loaded.folder)))
    assert {job.partition("/")[0] for job in again} >= {
        "corpus.decide",
        "corpus.publish",
        "assurance.conclude",
    }
    assert not [
        job
        for job in again
        if job.startswith(("corpus.read", "corpus.pii", "corpus.screen", "assurance.ask"))
    ]
    assert counts(loaded)["drop"] == 2
    assert len(endpoint.chats) == 14


def test_the_lock_says_what_happened(loaded: Loaded) -> None:
    report = run_project(loaded)
    lock = read_lock(loaded.folder)
    assert set(lock) == set(report.run.jobs)
    assert lock["assurance.ask"]["outputs"] == dict(report.run.jobs["assurance.ask"].outputs)


def test_a_failing_source_is_reported_and_the_others_go_on(loaded: Loaded) -> None:
    (loaded.folder / "data/tickets/tickets.jsonl").rename(loaded.folder / "tickets.jsonl")
    report = run_project(loaded)
    assert ["tickets" in error.diagnostics() for error in report.errors] == [True]
    assert counts(loaded)["records"] == 5
    assert report.findings
    assert report.findings["corpus"]["left_out"] == ["tickets"]
    assert "未能读取的来源" in (loaded.dossier / "report.html").read_text("utf-8")
    (loaded.folder / "tickets.jsonl").rename(loaded.folder / "data/tickets/tickets.jsonl")
    assert run_project(loaded).errors == ()
    assert counts(loaded)["records"] == 8


def test_the_command_tells_a_machine(mofang: Mofang) -> None:
    code, out, err = mofang("run", "--json")
    assert (code, err) == (0, "")
    facts = json.loads(out)
    assert facts["executed"] == sum(facts["jobs"].values())
    assert facts["gaps"] > 0
    code, out, _err = mofang("run", "--json")
    assert json.loads(out)["executed"] == 0


def test_the_command_tells_a_person(mofang: Mofang, small: Path) -> None:
    code, out, err = mofang("run")
    assert code == 0
    assert "will ask 127.0.0.1" in err
    assert "14 questions" in err
    for word in (
        "does not meet",
        "waits for a person",
        "dossier/report.html",
        "mofang show fig:",
        "mofang verify",
    ):
        assert word in out
    commands = [line.strip().split() for line in out.splitlines() if re.match(r"  \S*mofang ", line)]
    assert len(commands) == 4
    for words in commands:
        assert mofang(*[word.strip("'") for word in words[1:]])[0] == 0


def test_ctrl_c_stops_asking_and_keeps_every_answer(loaded: Loaded, endpoint: ScriptedEndpoint) -> None:
    slow = endpoint.answer

    def answer(question: str) -> Reply:
        if len(endpoint.chats) == 5:
            os.kill(process.pid, signal.SIGINT)
        return Reply(text=str(slow(question)), wait=0.3)

    endpoint.answer = answer
    command = [sys.executable, "-m", "mofang.cli.main", "run", "-q", str(loaded.folder)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    said = process.communicate(timeout=60)[1]
    assert (process.returncode, said.strip()) == (
        130,
        "stopped; what was finished is kept, run the same command again to go on",
    )
    asked = len(endpoint.chats)
    assert asked < 14
    endpoint.answer = slow
    assert run_project(loaded).errors == ()
    journal = next((loaded.workspace / "work").glob("*/journal.jsonl")).read_bytes().count(b"\n")
    assert journal == 14


def test_counts_of_the_bank_are_bound_in_the_documents(loaded: Loaded) -> None:
    run_project(loaded)
    page = (loaded.dossier / "report.html").read_text("utf-8")
    banks = page[page.index('<section id="banks"') :].partition("</section>")[0]
    assert {"124", "60"} <= set(re.findall(r'class="figure"[^>]*>([^<]+)</a>', banks))
    assert {"124", "60"} <= {figure.text for figure in read_bound_figures(loaded.dossier / "report.docx")}
