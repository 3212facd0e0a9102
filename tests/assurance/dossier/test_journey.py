"""From a real assessment, with the real pack and starter bank, to the documents in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mofang.assurance.dossier.bound import check_document, read_findings
from mofang.assurance.dossier.narrative import create_starters, narrative_digests
from mofang.assurance.dossier.plan import FILES, plan_dossier
from mofang.assurance.dossier.publish import export
from mofang.compute.executors import InProcess
from mofang.compute.run import failures, run_graph
from mofang.evidence.figures import Figure
from mofang.evidence.leaves import read_leaves

INPUTS = {
    "findings": "assurance.conclude:findings",
    "figures": "assurance.conclude:figures",
    "standard": "assurance.given/standard:given",
    "questions": "assurance.draw:questions",
    "banks": ("assurance.given/bank/starter:given",),
    "answers": "assurance.ask:answers",
    "verdicts": ("assurance.judge:verdicts", "assurance.check_corpus:verdicts"),
    "sample": "assurance.sample_corpus:sample",
}


def test_an_assessment_becomes_documents_that_agree_with_its_evidence(project: Any, tmp_path: Path) -> None:
    narrative, folder = tmp_path / "narrative", tmp_path / "dossier"
    create_starters(narrative, {block["id"]: block["title"] for block in project.pack.dossier["blocks"]})
    with project.ws.lock("test"):
        texts = narrative_digests(narrative)
        nodes = plan_dossier(project.pack.dossier, INPUTS, narrative=texts, folder=str(narrative))
        run = run_graph(project.ws, [*project.nodes(), *nodes], InProcess())
    assert [error.diagnostics() for error in failures(run)] == []
    outputs = {name: run.outputs(f"assurance.dossier:{name}")[0] for name in (*FILES, "manifest")}
    written = export(project.ws.objects, outputs, folder).written
    assert sorted(path.name for path in written) == sorted([*FILES.values(), "manifest.json"])
    (findings,) = run.outputs("assurance.conclude:findings")
    (leaves,) = run.outputs("assurance.conclude:figures")
    figures = [Figure.parse(leaf) for leaf in read_leaves(project.ws.objects, leaves)]
    for name in ("report.docx", "report.html"):
        assert read_findings(folder / name) == findings
        assert check_document(folder / name, figures, project.ws.objects) == []
    page = (folder / "report.html").read_text("utf-8")
    for clause in project.ws.objects.json(findings)["clauses"]:
        assert page.count(f'id="clause-{clause["id"]}"') == 1
    assert page.count("流程演示题，不得用于报送") >= 1
