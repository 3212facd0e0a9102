"""What the dossier's jobs run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mofang.assurance.dossier.annex import Segments, read_annex
from mofang.assurance.dossier.docx import MEDIA_TYPE as DOCX
from mofang.assurance.dossier.docx import render_docx
from mofang.assurance.dossier.gaps import MEDIA_TYPE as XLSX
from mofang.assurance.dossier.gaps import render_gaps
from mofang.assurance.dossier.html import page_counts, render_evidence, render_report
from mofang.assurance.dossier.material import read_material
from mofang.assurance.dossier.narrative import decode
from mofang.assurance.dossier.plan import FILES
from mofang.compute.kinds import Job, Outcome, Output
from mofang.errors import MofangError
from mofang.evidence.digest import Digest, sha256_bytes
from mofang.evidence.figures import Figure
from mofang.evidence.leaves import read_leaves
from mofang.i18n import _

HTML, JSON = "text/html", "application/json"
MEDIA = {"html": HTML, "evidence_html": HTML, "docx": DOCX, "gaps": XLSX}


def gather_narrative(job: Job) -> Outcome:
    """The texts of the narrative folder as one artifact ``{name: markdown}``. Raises MofangError for a text
    that changed since it was planned."""
    folder = Path(job.locations["folder"])
    texts = {name: _text(folder / f"{name}.md", digest) for name, digest in job.params["texts"].items()}
    return Outcome({"narrative": Output(job.objects.put_json(texts), JSON)}, {"texts": len(texts)})


def _text(path: Path, digest: str) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MofangError(
            _("this text cannot be read: {reason}").format(reason=error), where=str(path)
        ) from error
    if sha256_bytes(data) != digest:
        raise MofangError(_("this text changed during the run"), where=str(path), remedy=_("run again"))
    return decode(data, str(path))


def make_dossier(job: Job) -> Outcome:
    """Every document of the dossier from findings, figures and what they rest on. Pure."""
    objects, language = job.objects, str(job.params["language"])
    digest, figures = job.one("findings"), job.one("figures")
    findings = objects.json(digest)
    narrative = objects.json(job.one("narrative")) if "narrative" in job.inputs else {}
    book = [Figure.parse(leaf) for leaf in read_leaves(objects, figures)]
    pack = (
        objects.json(job.one("standard")) if "standard" in job.inputs else {"dossier": job.params["dossier"]}
    )
    dossier = read_material(findings, digest, book, pack, narrative)
    measurements = read_annex(objects, dossier, segments(job))
    made = {
        "html": render_report(dossier, language).encode(),
        "evidence_html": render_evidence(dossier, measurements, language).encode(),
        "docx": render_docx(dossier, language),
        "gaps": render_gaps(dossier, language),
    }
    outputs = {name: Output(objects.put(data), MEDIA[name]) for name, data in made.items()}
    manifest = _manifest(
        job, findings, {name: (outputs[name].digest, len(data)) for name, data in made.items()}
    )
    outputs["manifest"] = Output(objects.put_json(manifest), JSON)
    counts = {"clauses": len(dossier.clauses), "gaps": len(dossier.gaps), "figures": len(dossier.stated)}
    return Outcome(outputs, {**counts, **page_counts(measurements)})


def segments(job: Job) -> Segments:
    """The leaf segments among a job's inputs; absent ones are empty."""
    given = {name: tuple(dict.fromkeys(job.many(name))) if name in job.inputs else () for name in INPUTS}
    questions = tuple(dict.fromkeys((*given["questions"], *given["banks"])))
    return Segments(
        given["verdicts"],
        questions,
        given["answers"],
        given["sample"],
        given["catalogues"],
        bool(job.params.get("sealed")),
    )


INPUTS = ("verdicts", "questions", "banks", "answers", "sample", "catalogues")


def _manifest(
    job: Job, findings: Mapping[str, Any], made: Mapping[str, tuple[Digest, int]]
) -> dict[str, Any]:
    return {
        "format": 1,
        "as_of": findings["as_of"],
        "standard": {name: findings["standard"][name] for name in ("id", "version")},
        "language": job.params["language"],
        "inputs": dict(job.inputs),
        "files": {
            FILES[name]: {"digest": digest, "bytes": size, "media_type": MEDIA[name]}
            for name, (digest, size) in made.items()
        },
    }
