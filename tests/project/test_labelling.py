"""Labels in a project: a sheet of the last run's answers goes out, comes back, and counts in the next run."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from mofang.assurance.judges.labels.draw import SHEET
from mofang.assurance.judges.labels.errors import LabelError
from mofang.assurance.judges.labels.reading import Defaults
from mofang.cli.verbs.label import label as verb
from mofang.errors import MofangError
from mofang.evidence.leaves import read_leaves
from mofang.evidence.openings import openings
from mofang.evidence.workspace import Workspace
from mofang.project.file import Loaded, load
from mofang.project.labelling import (
    import_sheet,
    judged,
    label_agreement,
    recorded_labels,
    write_label_sheet,
)
from mofang.project.running import run_project
from scripted import ScriptedEndpoint

HEAD = "mofang: 1\nname: little\nas_of: 2026-11-01\nprovider: {name: 虚构示例公司}\n"
ASSURANCE = """\
models:
  service: {{endpoint: "{url}", model: scripted, location: local, max_tokens: 8, retries: 1}}
assurance:
  standard: cn_gbt_45654_2025
  model: service
  sample: {{content: 3, should_refuse: 2, should_not_refuse: 2}}
"""
Rows = list[list[Any]]
VERDICT, ANNOTATOR, DATE, ANSWER = 4, 5, 7, 9
"""Places of columns in a sheet."""


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a project, assessed once, and the key that signed it."""
    folder = tmp_path_factory.mktemp("assessed")
    (folder / "project").mkdir()
    with pytest.MonkeyPatch.context() as patch, ScriptedEndpoint() as endpoint:
        patch.setenv("MOFANG_CONFIG_HOME", str(folder / "config"))
        patch.setenv("MOFANG_WORKERS", "1")
        text = HEAD + ASSURANCE.format(url=endpoint.url)
        (folder / "project" / "mofang.yaml").write_text(text, encoding="utf-8")
        run_project(load(folder / "project"))
    return folder


@pytest.fixture
def loaded(assessed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loaded:
    """A project whose service has been assessed once: three content questions, two of each refusal kind."""
    shutil.copytree(assessed, tmp_path / "copy")
    monkeypatch.setenv("MOFANG_CONFIG_HOME", str(tmp_path / "copy" / "config"))
    return load(tmp_path / "copy" / "project")


def fill(sheet: Path, word: str, person: str = "甲", change: Callable[[Rows], Rows] | None = None) -> Path:
    """A copy of a sheet with one word in every row."""
    book = load_workbook(sheet)
    page = book["标注"]
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=2)]
    for row in rows:
        row[VERDICT], row[ANNOTATOR], row[DATE] = word, person, "2026-11-01"
    for line, row in enumerate(change(rows) if change else rows, start=2):
        for column, value in enumerate(row, start=1):
            cell: Any = page.cell(line, column)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
    target = sheet.with_name(f"{person}-{word}.xlsx")
    book.save(target)
    return target


def manual(loaded: Loaded) -> list[dict[str, Any]]:
    """What the next run makes of the labels."""
    run = run_project(loaded).run
    ws = Workspace.open(loaded.workspace)
    (digest,) = run.outputs("assurance.people:verdicts")
    return list(read_leaves(ws.objects, digest))


def test_labels_count_in_the_next_run(loaded: Loaded, tmp_path: Path) -> None:
    sheet = write_label_sheet(loaded, tmp_path / "s.xlsx", n=2)
    assert (sheet.rows, sheet.frame) == (2, 3)
    made = import_sheet(loaded, fill(sheet.path, "不合格"), by="评测组")
    assert (len(made.labels), made.bad) == (2, ())
    assert {label.probability for label in made.labels} == {"0.666667"}
    found = manual(loaded)
    assert [(leaf["judge"], leaf["verdict"], leaf["kind"]) for leaf in found] == [
        ("manual", "fail", "content")
    ] * 2


def test_a_shuffled_sheet_says_the_same(loaded: Loaded, tmp_path: Path) -> None:
    sheet = write_label_sheet(loaded, tmp_path / "s.xlsx")

    def shuffled(rows: Rows) -> Rows:
        random.Random(7).shuffle(rows)
        return rows

    made = import_sheet(loaded, fill(sheet.path, "合格", change=shuffled), by="评测组")
    assert (len(made.labels), made.bad) == (3, ())


def test_labels_for_other_answers_are_named(loaded: Loaded, tmp_path: Path) -> None:
    sheet = write_label_sheet(loaded, tmp_path / "s.xlsx")

    def foreign(rows: Rows) -> Rows:
        rows[0][ANSWER] = rows[1][ANSWER]
        rows[2][0] = "somebody-elses-question"
        return rows

    file = fill(sheet.path, "合格", change=foreign)
    made = import_sheet(loaded, file, by="评测组")
    assert (made.statement, [bad.line for bad in made.bad]) == (None, [2, 4])
    assert recorded_labels(loaded) == []
    kept = import_sheet(loaded, file, by="评测组", keep_good=True)
    assert kept.statement is not None
    assert [one.counts for one in recorded_labels(loaded)] == [{"content": 1}]


def test_the_draw_is_recorded_once(loaded: Loaded, tmp_path: Path) -> None:
    first = write_label_sheet(loaded, tmp_path / "a.xlsx", n=2)
    again = write_label_sheet(loaded, tmp_path / "b.xlsx", n=2)
    assert (first.draw, first.seed) == (again.draw, again.seed)
    assert len(Workspace.open(loaded.workspace).ledger.statements(SHEET)) == 1


def test_a_sheet_is_never_written_over(loaded: Loaded, tmp_path: Path) -> None:
    out = tmp_path / "a.xlsx"
    write_label_sheet(loaded, out)
    with pytest.raises(LabelError, match="filled it in"):
        write_label_sheet(loaded, out)
    assert out.stat().st_mode & 0o077 == 0


def test_refusal_questions_ask_whether_it_refuses(loaded: Loaded, tmp_path: Path) -> None:
    sheet = write_label_sheet(loaded, tmp_path / "a.xlsx", kind="should_refuse")
    made = import_sheet(loaded, fill(sheet.path, "部分拒答"), by="评测组")
    assert {(one.verdict, one.refused) for one in made.labels} == {("pass", True)}


def test_people_who_agree_and_people_who_do_not(loaded: Loaded, tmp_path: Path) -> None:
    sheet = write_label_sheet(loaded, tmp_path / "a.xlsx")
    import_sheet(loaded, fill(sheet.path, "合格", "甲"), by="评测组")
    import_sheet(loaded, fill(sheet.path, "不合格", "乙"), by="评测组")
    (found,) = label_agreement(loaded)
    assert (found.several, found.disputed) == (3, 3)
    assert {leaf["reason"] for leaf in manual(loaded)} == {"disagree"}


def test_disagreements_are_drawn_first(loaded: Loaded, tmp_path: Path) -> None:
    """With judges that say the same there are none, and the draw is a plain one."""
    sheet = write_label_sheet(loaded, tmp_path / "a.xlsx", n=2, disagreements=True)
    assert sheet.rows == 2


def test_what_there_is_not(loaded: Loaded, service: Path, corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="no corpus sample"):
        write_label_sheet(loaded, tmp_path / "a.xlsx", kind="corpus")
    with pytest.raises(LabelError, match="no alone"):
        write_label_sheet(loaded, tmp_path / "a.xlsx", target="alone")
    with pytest.raises(MofangError, match="no assessment"):
        write_label_sheet(load(corpus), tmp_path / "a.xlsx")
    assert not (tmp_path / "a.xlsx").exists()


def test_sealed_answers_are_opened_by_name(loaded: Loaded, tmp_path: Path) -> None:
    ws = Workspace.open(loaded.workspace, writable=True)
    answers = judged(ws).answers["service"]
    ws.objects.sealing().put(ws.objects.get(answers))
    with pytest.raises(MofangError, match="sealed"):
        write_label_sheet(loaded, tmp_path / "a.xlsx")
    assert not (tmp_path / "a.xlsx").exists()
    write_label_sheet(loaded, tmp_path / "a.xlsx", by="李工")
    assert {(one.digest, one.by) for one in openings(ws)} == {(answers, "李工")}


def test_before_the_first_run(service: Path, tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="run yet"):
        write_label_sheet(load(service), tmp_path / "a.xlsx")
    with pytest.raises(LabelError, match="run yet"):
        recorded_labels(load(service))


def test_what_can_be_judged(loaded: Loaded) -> None:
    found = judged(Workspace.open(loaded.workspace))
    assert set(found.answers) == {"service"}
    assert found.questions is not None
    assert found.sample is None
    assert "assurance.judge" in found.verdicts


def test_a_sheet_of_ones_own(loaded: Loaded, tmp_path: Path) -> None:
    found = judged(Workspace.open(loaded.workspace))
    assert found.questions is not None
    leaves = read_leaves(Workspace.open(loaded.workspace).objects, found.questions)
    ids = [leaf["id"] for leaf in leaves if leaf["kind"] == "content"]
    file = tmp_path / "own.csv"
    file.write_bytes(("题目编号,结论\n" + "".join(f"{id},符合\n" for id in ids)).encode("gb18030"))
    assert len(import_sheet(loaded, file, by="评测组", defaults=Defaults("甲", "2026-11-01")).bad) == 3
    made = import_sheet(loaded, file, by="评测组", defaults=Defaults("甲", "2026-11-01", by_item=True))
    assert (len(made.labels), made.bad) == (3, ())


def run(loaded: Loaded, *arguments: str) -> Any:
    return CliRunner().invoke(verb, [*arguments, "--project", str(loaded.folder)])


def test_the_command(loaded: Loaded, tmp_path: Path) -> None:
    out = tmp_path / "s.xlsx"
    done = run(loaded, "sheet", "--n", "2", "--out", str(out))
    assert "2 of 3 items" in done.output
    assert run(loaded, "list").output == "no labels have been imported\n"
    filled = fill(out, "合格")
    done = run(loaded, "import", str(filled), "--by", "评测组", "--name", "first")
    assert "first: 2 labels recorded" in done.output
    assert "nothing new: 2 labels" in run(loaded, "import", str(filled), "--by", "评测组").output
    assert "content 2; labelled by 甲; brought by 评测组" in run(loaded, "list").output
    assert "content: 2 answers labelled, 0 by several" in run(loaded, "agreement").output
    (one,) = json.loads(run(loaded, "list", "--json").output)
    assert (one["name"], one["current"]) == ("first", True)


def test_the_command_names_bad_rows_and_records_nothing(loaded: Loaded, tmp_path: Path) -> None:
    out = tmp_path / "s.xlsx"
    run(loaded, "sheet", "--out", str(out))
    done = run(loaded, "import", str(fill(out, "也许")), "--by", "评测组")
    assert "row 2" in done.output
    assert isinstance(done.exception, LabelError)
    assert "也许" not in done.output
    done = run(loaded, "import", str(fill(out, "也许")), "--by", "评测组", "--json")
    assert json.loads(done.output)["recorded"] is False
