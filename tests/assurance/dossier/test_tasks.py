"""The dossier's jobs, as the run calls them, and their place in a plan."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mofang.assurance.dossier.narrative import narrative_digests
from mofang.assurance.dossier.plan import plan_dossier, writers
from mofang.assurance.dossier.tasks import gather_narrative, make_dossier
from mofang.compute.kinds import Job
from mofang.errors import MofangError
from mofang.evidence.digest import Digest, canonical


def _gather(assessment: Any, folder: Path, tmp_path: Path) -> Digest:
    job = Job({"texts": narrative_digests(folder)}, {}, {"folder": str(folder)}, assessment.objects, tmp_path)
    return gather_narrative(job).outputs["narrative"].digest


def _job(assessment: Any, narrative: Digest, tmp_path: Path) -> Job:
    segments = assessment.segments
    inputs: dict[str, Digest | list[Digest]] = {
        "findings": assessment.digest,
        "figures": assessment.figures_digest,
        "narrative": narrative,
        "verdicts": list(segments.verdicts),
        "questions": segments.questions[0],
        "banks": [segments.questions[1]],
        "answers": segments.answers[0],
        "sample": segments.samples[0],
    }
    params = {"dossier": assessment.pack["dossier"], "language": "zh", "writers": writers()}
    return Job(params, inputs, {}, assessment.objects, tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "narrative"
    folder.mkdir()
    (folder / "corpus.md").write_text("语料来自**公开手册**。", "utf-8")
    return folder


def test_the_same_job_gives_the_same_documents(assessment: Any, folder: Path, tmp_path: Path) -> None:
    job = _job(assessment, _gather(assessment, folder, tmp_path), tmp_path)
    first, second = make_dossier(job), make_dossier(job)
    assert first == second
    assert set(first.outputs) == {"html", "docx", "evidence_html", "gaps", "manifest"}
    assert first.counts["clauses"] == 17
    assert "公开手册" in assessment.objects.get(first.outputs["html"].digest).decode()


def test_the_manifest_names_every_file_and_input(assessment: Any, folder: Path, tmp_path: Path) -> None:
    outcome = make_dossier(_job(assessment, _gather(assessment, folder, tmp_path), tmp_path))
    manifest = assessment.objects.json(outcome.outputs["manifest"].digest)
    assert manifest["inputs"]["findings"] == assessment.digest
    assert {name: file["digest"] for name, file in manifest["files"].items()} == {
        "report.html": outcome.outputs["html"].digest,
        "evidence.html": outcome.outputs["evidence_html"].digest,
        "report.docx": outcome.outputs["docx"].digest,
        "gaps.xlsx": outcome.outputs["gaps"].digest,
    }


def test_a_text_that_changed_after_planning_stops_the_job(
    assessment: Any, folder: Path, tmp_path: Path
) -> None:
    planned = narrative_digests(folder)
    (folder / "corpus.md").write_text("另一段文字", "utf-8")
    job = Job({"texts": planned}, {}, {"folder": str(folder)}, assessment.objects, tmp_path)
    with pytest.raises(MofangError, match="changed during the run"):
        gather_narrative(job)


def test_the_plan_carries_no_text_and_no_place(assessment: Any, folder: Path) -> None:
    nodes = plan_dossier(
        assessment.pack["dossier"],
        {"findings": "assurance.conclude:findings", "figures": "assurance.conclude:figures"},
        narrative=narrative_digests(folder),
        folder=str(folder),
    )
    assert [node.name for node in nodes] == ["assurance.narrative", "assurance.dossier"]
    assert nodes[1].inputs["narrative"] == "assurance.narrative:narrative"
    keyed = canonical([[dict(node.params), dict(node.inputs)] for node in nodes]).decode()
    assert "公开手册" not in keyed
    assert str(folder) not in keyed


def test_planning_loads_no_writer() -> None:
    rooms = "plan", "publish", "narrative", "bound"
    imports = "; ".join(f"import mofang.assurance.dossier.{room}" for room in rooms)
    heavy = "[name for name in ('docx', 'openpyxl', 'jinja2', 'lxml', 'scipy') if name in sys.modules]"
    code = f"import sys; {imports}; print({heavy})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
