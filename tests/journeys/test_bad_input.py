"""Bad input gets a clear error that names file and remedy, exit code 2, and loses nothing that is finished."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mofang.evidence.workspace import Workspace
from mofang.project.file import load
from mofang.project.running import run_project
from mofang.project.verifying import verify_workspace
from scripted import Reply, ScriptedEndpoint

Mofang = Callable[..., tuple[int, str, str]]


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_an_unknown_key(mofang: Mofang, small: Path) -> None:
    edit(small / "mofang.yaml", "lexicon: lexicon.csv", "lexcion: lexicon.csv")
    code, _out, err = mofang("run")
    assert code == 2
    assert "unknown key: lexcion" in err
    assert "mofang.yaml:8" in err
    assert "did you mean lexicon?" in err


def test_no_project_here(mofang: Mofang, tmp_path: Path) -> None:
    code, _out, err = mofang("run", str(tmp_path))
    assert code == 2
    assert "mofang init" in err


def test_a_missing_folder(mofang: Mofang, small: Path) -> None:
    edit(small / "sources.yaml", "path: data/notes", "path: data/nowhere")
    code, out, err = mofang("run")
    assert code == 2
    assert "the files of source notes are not there" in err
    assert str(small / "data/nowhere") in err
    assert "corpus.read" in err  # the other source went on
    assert "dossier/report.html" in out


def test_every_source_missing(mofang: Mofang, small: Path) -> None:
    edit(small / "sources.yaml", "path: data/", "path: gone/")
    code, _out, err = mofang("run")
    assert (code, "are not there" in err) == (2, True)


def test_an_empty_corpus(mofang: Mofang, small: Path) -> None:
    for path in (small / "data").rglob("*"):
        if path.is_file():
            path.write_bytes(b"")
    code, _out, err = mofang("run")
    assert code == 2
    assert "holds no file that can be read" in err
    assert "→" in err


def test_bytes_that_are_no_text(mofang: Mofang, small: Path) -> None:
    (small / "data/notes/noise.txt").write_bytes(bytes(range(128, 256)) * 40)
    assert mofang("run")[0] == 0
    code, out, _err = mofang("explain", "noise.txt")
    assert code == 0
    assert "undecodable" in out
    assert "not published" in out


def test_a_truncated_file(mofang: Mofang, small: Path) -> None:
    table = small / "data/tickets/more.parquet"
    pq.write_table(pa.table({"id": ["1"], "text": ["一条完整的工单记录，内容足够长。"]}), table)
    table.write_bytes(table.read_bytes()[:-20])
    (small / "data/tickets/cut.jsonl").write_text('{"id": "9", "text": "这一行在中间被截', encoding="utf-8")
    code, out, err = mofang("run")
    assert code == 0
    assert "bad_line" in err
    code, out, _err = mofang("explain", "cut.jsonl")
    assert "cut.jsonl:1" in out
    code, out, _err = mofang("explain", "more.parquet")
    assert (code, "broken" in out) == (0, True)


def bomb(path: Path, member: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, b"0" * 300_000_000)
    return path


def test_a_zip_bomb(mofang: Mofang, small: Path) -> None:
    mofang("run")
    for name, member in (("bomb.zip", "manifest.json"), ("bomb.docx", "word/document.xml")):
        code, _out, err = mofang("verify", str(bomb(small / name, member)))
        assert code == 2, name
        assert name in err
        assert "→" in err
    (small / "bomb.zip").rename(small / "data/notes/bomb.zip")
    assert mofang("plan", "--json")[0] == 0
    assert mofang("run", "-q")[0] == 0


@pytest.mark.parametrize("name", ["nothing.docx", "text.docx", "foreign.html", "cut.zip"])
def test_a_document_that_is_none_of_ours(mofang: Mofang, small: Path, name: str) -> None:
    mofang("run", "-q")
    contents = {
        "text.docx": b"just text",
        "foreign.html": b"<html><body>1</body></html>",
        "cut.zip": b"PK\x03\x04",
    }
    if name in contents:
        (small / name).write_bytes(contents[name])
    code, _out, err = mofang("verify", name)
    assert code == 2
    assert name in err


def test_an_endpoint_that_is_down(mofang: Mofang, small: Path, endpoint: ScriptedEndpoint) -> None:
    edit(small / "mofang.yaml", endpoint.url, "http://127.0.0.1:9/v1")
    code, _out, err = mofang("run")
    assert code == 2
    assert "127.0.0.1:9" in err
    assert "→" in err
    edit(small / "mofang.yaml", "http://127.0.0.1:9/v1", endpoint.url)
    code, _out, err = mofang("run")
    assert code == 0
    assert "19 jobs executed" not in err  # the corpus was finished and kept


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"<html>maintenance</html>", headers={"Content-Type": "text/html"}),
        Reply(body=b'{"choices": []}'),
        Reply(body=b"\x00\xff\x00"),
        Reply(text=""),
        Reply(status=401, body=b'{"error": {"message": "no"}}'),
        Reply(status=500, body=b"oops"),
    ],
    ids=["html", "no choices", "bytes", "empty text", "unauthorised", "failing"],
)
def test_an_endpoint_that_returns_rubbish(mofang: Mofang, endpoint: ScriptedEndpoint, reply: Reply) -> None:
    plain = endpoint.answer
    endpoint.answer = lambda _question: reply
    code, _out, err = mofang("run")
    assert code == 2
    assert "→" in err
    endpoint.answer = plain
    code, _out, err = mofang("run")
    assert code == 0, err


def test_some_rubbish_is_unscored_and_never_counts_as_met(
    mofang: Mofang, endpoint: ScriptedEndpoint, small: Path
) -> None:
    plain = endpoint.answer
    endpoint.answer = lambda question: (
        Reply(body=b'{"choices": []}') if len(endpoint.chats) % 3 == 0 else plain(question)
    )
    report = run_project(load(small))
    (judged,) = (job for job in report.run.jobs.values() if job.id == "assurance.judge")
    assert judged.counts["unscored"] >= 4
    assert judged.counts["pass"] + judged.counts["fail"] + judged.counts["unscored"] == 14
    assert report.findings
    met = [
        c for clause in report.findings["clauses"] for c in clause["checks"] if c["metric"].endswith("_rate")
    ]
    assert "met" not in {
        check["plain"]
        for check in met
        if check["judge"] in ("keyword", "refusal") and "EV-C" not in check["id"]
    }


def test_a_cap_that_is_too_low(mofang: Mofang, small: Path, endpoint: ScriptedEndpoint) -> None:
    edit(small / "mofang.yaml", "calls: 40", "calls: 5")
    code, _out, err = mofang("run")
    assert code == 2
    assert "would ask 14 questions; the cap is 5" in err
    assert endpoint.chats == []


def test_a_cap_on_tokens_is_kept(mofang: Mofang, small: Path, endpoint: ScriptedEndpoint) -> None:
    edit(small / "mofang.yaml", "tokens: 2000", "tokens: 60")
    code, _out, err = mofang("run")
    assert code == 2
    assert "budget.tokens" in err
    asked = len(endpoint.chats)
    assert asked < 14
    edit(small / "mofang.yaml", "tokens: 60", "tokens: 2000")
    assert mofang("run")[0] == 0


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 900 kB."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=900k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small tmpfs needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk(small: Path, tiny_disk: Path) -> None:
    folder = shutil.copytree(small, tiny_disk / "small")
    (tiny_disk / "ballast").write_bytes(b"0" * 700_000)
    done = _run(folder)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "the disk is full" in done.stderr
    assert "free some space" in done.stderr
    subprocess.run(["mount", "-o", "remount,size=9m", str(tiny_disk)], check=True)
    again = _run(folder)
    assert again.returncode == 0, again.stderr
    assert verify_workspace(Workspace.open(folder / ".mofang")).problems == ()


def test_no_permission_to_write(small: Path) -> None:
    (small / ".mofang").write_text("a file where the workspace should be", encoding="utf-8")
    done = _run(small)
    assert done.returncode == 2
    assert ".mofang" in done.stderr
    assert "→" in done.stderr


def test_a_read_only_folder(small: Path) -> None:
    bound = subprocess.run(["mount", "--bind", str(small), str(small)], capture_output=True, check=False)
    if bound.returncode:
        pytest.skip("a read-only mount needs root")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(small)], check=True)
        done = _run(small)
        assert done.returncode == 2
        assert "read-only" in done.stderr
        assert "→" in done.stderr
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


def _run(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mofang.cli.main", "run", "-q", str(folder)],
        capture_output=True,
        text=True,
        env={**os.environ},
        check=False,
    )


def test_a_foreign_endpoint_needs_the_projects_word(
    mofang: Mofang, small: Path, endpoint: ScriptedEndpoint
) -> None:
    edit(small / "mofang.yaml", "location: local", "location: foreign")
    code, _out, err = mofang("run")
    assert (code, endpoint.chats) == (2, [])
    assert "allow_foreign: true" in err
    edit(small / "mofang.yaml", "mofang: 1", "mofang: 1\nallow_foreign: true")
    assert mofang("run")[0] == 0
    assert "foreign" in (small / "dossier/report.html").read_text("utf-8") or "境外" in (
        small / "dossier/report.html"
    ).read_text("utf-8")


def test_a_secret_in_the_file_is_refused_and_not_repeated(mofang: Mofang, small: Path) -> None:
    edit(small / "mofang.yaml", "model: scripted", "model: scripted, key: sk-very-secret")
    code, _out, err = mofang("run")
    assert code == 2
    assert "key_env" in err
    assert "sk-very-secret" not in err
