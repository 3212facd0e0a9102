"""The dossier's part of the plan: gather the narrative, make the documents."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from mofang.compute.graph import Node, Refs
from mofang.compute.kinds import JobKind, register_kind
from mofang.evidence.digest import Digest

FILES = {
    "html": "report.html",
    "evidence_html": "evidence.html",
    "docx": "report.docx",
    "gaps": "gaps.xlsx",
}
"""Output name and file name of each document."""

NARRATIVE = register_kind(
    JobKind(
        "assurance.narrative", 1, "pure", "mofang.assurance.dossier.tasks:gather_narrative", ("narrative",)
    )
)
DOSSIER = register_kind(
    JobKind(
        "assurance.dossier",
        1,
        "pure",
        "mofang.assurance.dossier.tasks:make_dossier",
        ("html", "docx", "evidence_html", "gaps", "manifest"),
    )
)


def plan_dossier(
    dossier: Mapping[str, Any],
    inputs: Mapping[str, Refs],
    *,
    narrative: Mapping[str, Digest],
    folder: str,
    language: str = "zh",
    sealed: bool = False,
) -> list[Node]:
    """Two nodes, ``assurance.narrative`` and ``assurance.dossier``.

    ``dossier`` is the pack's dossier section. ``inputs`` name ``findings`` and ``figures`` and, so far
    as they exist, ``standard`` (the pack itself: with it aspects and sources are called by their names),
    ``verdicts``, ``questions``, ``banks``, ``answers`` and ``sample``. ``narrative`` holds the digests of
    the texts in ``folder`` (see ``narrative.narrative_digests``). ``sealed``: the banks are sealed at rest,
    so the documents do not repeat questions and answers.
    """
    veiled = {"sealed": True} if sealed else {}
    return [
        Node(NARRATIVE.name, NARRATIVE.name, {"texts": dict(narrative)}, locations={"folder": folder}),
        Node(
            DOSSIER.name,
            DOSSIER.name,
            # The writers' versions are in the key because the bytes of DOCX and XLSX change with them.
            {"dossier": dict(dossier), "language": language, "writers": writers(), **veiled},
            {**inputs, "narrative": f"{NARRATIVE.name}:narrative"},
        ),
    ]


def writers() -> dict[str, str]:
    """Versions of the libraries that write the Office files."""
    return {name: version(name) for name in ("python-docx", "openpyxl")}
