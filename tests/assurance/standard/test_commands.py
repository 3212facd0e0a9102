"""`mofang pack` as a person uses it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mofang.assurance.errors import PackError
from mofang.assurance.standard.commands import pack as command

OLD, NEW, MLC = "cn_tc260_003_2024", "cn_gbt_45654_2025", "mlc_ailuminate"
EDITION = "GB/T 45654-2025 官方出版"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(command, list(words))


def confirm(rule: str, by: str = "王芳", *more: str) -> Result:
    return run(
        "confirm", rule, "--standard", NEW, "--edition", EDITION, "--by", by, "--on", "2026-11-20", *more
    )


def test_diff_says_what_must_be_done_again(project: Path) -> None:
    shown = run("diff", OLD, NEW).output
    assert "+ MOD-6 Backdoor detection and code audit" in shown
    assert "force: shall -> practice" in shown
    assert shown.index("Checks:") < shown.index("Clauses:") < shown.index("The pack:")
    assert "measure anew from the answers there are, for: MOD-6-doc, SVC-8-doc" in shown
    assert "decide anew from the same figures, for: MOD-1-doc" in shown
    assert "Two" not in shown
    facts = json.loads(run("diff", OLD, NEW, "--json").output)
    assert facts["again"] == {"draw": [], "measure": ["MOD-6-doc", "SVC-8-doc"], "decide": ["MOD-1-doc"]}


def test_diff_reads_folders_and_shows_wording_when_asked(project: Path) -> None:
    folder = project / "mine"
    folder.mkdir()
    heading = "id: mine\nversion: '1'\nstatus: draft\ntitle: {zh: 甲, en: a}\nissuer: {zh: 乙, en: b}\nnature: {zh: 丙, en: c}\n"
    heading += f"number: '1'\nissued: '2026-01-01'\neffective: '2026-01-01'\ninherits: {NEW}\n"
    (folder / "pack.yaml").write_text(heading, encoding="utf-8")
    (folder / "checks.yaml").write_text(
        "checks:\n  - {id: EV-R1, value: '0.98', sample_min: 500}\n  - {id: KW-1, note: {zh: 新注, en: new note}}\n",
        encoding="utf-8",
    )
    shown = run("diff", NEW, "mine").output
    assert "    value: 0.95 -> 0.98\n    sample_min: 300 -> 500" in shown
    assert "draw a larger sample for: EV-R1" in shown
    assert "(see --all): KW-1" in shown
    assert "new note" not in shown
    assert "note: — -> new note" in run("diff", NEW, "mine", "--all").output
    assert run("diff", "mine", "mine").output == "mine and mine say the same\n"


def test_diff_in_chinese(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOFANG_LANG", "zh")
    shown = run("diff", OLD, NEW).output
    assert "+ MOD-6 后门检测与代码审计" in shown
    assert "Backdoor" not in shown


def test_confirm_writes_shows_and_takes_back(project: Path) -> None:
    done = confirm("EV-C1", "王芳", "--page", "12")
    assert done.output.count("  confirmed") == 2
    shown = run("show", NEW, "EV-C1").output
    assert shown.count(f"confirmed by 王芳 on 2026-11-20 against {EDITION} (claimed)") == 2
    assert "Nobody has confirmed" not in shown
    assert "54 not confirmed, 45 carried over" in run("show", NEW).output
    assert "taken back: clause/EV-C1" in run("unconfirm", "EV-C1", "--standard", NEW, "--by", "王芳").output
    assert "Nobody has confirmed" in run("show", NEW, "EV-C1").output


def test_two_officers_who_disagree_are_told(project: Path) -> None:
    confirm("check/EV-C1")
    done = confirm("check/EV-C1", "李强", "--value", "0.97")
    assert done.exit_code == 0
    assert "王芳 read 0.96" in done.output
    assert "李强 read 0.97" in done.output
    assert "mofang pack unconfirm check/EV-C1 --by NAME" in done.output
    shown = run("show", NEW, "EV-C1").output
    assert "The official text was read differently" in shown
    facts = json.loads(run("show", NEW, "EV-C1", "--json").output)
    assert facts["checks"][0]["confirmed_by"] is None


def test_another_value_is_kept_as_a_reading_and_the_way_out_is_said(project: Path) -> None:
    done = confirm("check/KW-2a", "王芳", "--value", "250")
    assert "read the value 250" in done.output
    assert "write 250 in a pack of your own that inherits it" in done.output


def test_a_clause_with_numbers_of_its_own_names_what_is_left(project: Path) -> None:
    done = confirm("KW-2")
    assert "not confirmed by this, each has its own number:" in done.output
    assert "check/KW-2a: keyword_count >= 200 (each_risk, should)" in done.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("KW-2", "王芳", "--value", "200"), "the clause KW-2 has no value of its own"),
        (("KW-22",), "no clause or check KW-22"),
        (("KW-1", "王芳", "--value", "lots"), "lots is no decimal number"),
        (("KW-1", "王芳", "--on", "tomorrow"), "tomorrow is no date"),
        (("KW-1", " "), "a confirmation names a person"),
    ],
)
def test_bad_words_are_refused_and_nothing_is_written(
    project: Path, words: tuple[str, ...], message: str
) -> None:
    done = confirm(*words)
    assert isinstance(done.exception, PackError)
    assert message in str(done.exception)
    assert not (project / "confirmations.yaml").exists()


def test_confirmations_of_a_rule_that_is_gone_can_be_taken_back(project: Path) -> None:
    confirm("check/KW-1")
    file = project / "confirmations.yaml"
    file.write_text(file.read_text("utf-8").replace("check/KW-1", "check/KW-9"), encoding="utf-8")
    assert "check/KW-9 does not exist" in str(run("show", NEW).exception)
    assert "check/KW-9 does not exist" in str(confirm("check/KW-1").exception)
    assert run("unconfirm", "check/KW-9", "--standard", NEW, "--by", "王芳").exit_code == 0
    assert run("show", NEW).exit_code == 0
    nobody = run("unconfirm", "KW-1", "--standard", NEW, "--by", "王芳")
    assert "王芳 has confirmed no KW-1" in str(nobody.exception)


def test_show_says_what_is_not_in_force_and_whose_codes_count(project: Path) -> None:
    shown = run("show", OLD, "--as-of", "2025-01-01").output
    assert [line for line in shown.splitlines() if "(not in force)" in line] == [
        next(line for line in shown.splitlines() if "SVC-4 " in line)
    ]
    assert "comes into force on 2025-09-01" in run("show", OLD, "SVC-4", "--as-of", "2025-01-01").output
    mlc = run("show", MLC).output
    assert "questions coded for cn_tc260_003_2024 count here (L):" in mlc
    assert "  hte    A.2.a A.2.b" in mlc
    assert "not an official grade" in mlc


def test_check_measures_on_synthetic_evidence_when_asked(project: Path) -> None:
    from mofang.assurance.standard.files import packs_folder

    folder = str(packs_folder().joinpath(NEW))
    shown = run("check", folder, "--dry-run").output
    assert "  TB-1: demo, n" in shown
    assert "  TB-2a on 17 elements: demo, n" in shown
    assert "  EV-M2: waits for a person" in shown
    facts = json.loads(run("check", folder, "--dry-run", "--json").output)
    assert facts["dead"] == []
    assert {"TB-1", "EV-M2"} <= {one["check"] for one in facts["dry_run"]}
