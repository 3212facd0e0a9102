"""Puts the documents into the project's folder. A document that a person edited is never overwritten."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mofang.assurance.dossier.plan import FILES
from mofang.errors import MofangError
from mofang.evidence.digest import Digest, canonical, sha256_file
from mofang.evidence.files import make_folder, reported, write_atomic
from mofang.evidence.objects import ObjectStore
from mofang.i18n import _

MEMORY = ".generated.json"
EDITABLE = frozenset({"report.docx", "gaps.xlsx"})
"""People write in these; the others are made anew each time."""
REMEMBERED = 20


@dataclass(frozen=True, slots=True)
class Export:
    """What was written, and what a person should be told."""

    written: tuple[Path, ...]
    messages: tuple[str, ...]


def export(objects: ObjectStore, outputs: Mapping[str, Digest], folder: Path) -> Export:
    """Write report.html, evidence.html, report.docx, gaps.xlsx and manifest.json, each whole or not at all.

    ``outputs`` are the digests of the dossier job by output name. An edited report.docx or gaps.xlsx
    stays as it is and the new one is written beside it (report.new.docx). Raises StorageError where the
    folder cannot be written.
    """
    names = {**FILES, "manifest": "manifest.json"}
    make_folder(folder)
    memory = _remember(folder)
    targets: dict[Path, Digest] = {}
    messages = []
    for output, name in names.items():
        target = _target(folder, name, outputs[output], memory)
        if target.name != name:
            messages.append(
                _("{name} was edited and is kept; the new one is {new}").format(
                    name=folder / name, new=target.name
                )
            )
        targets[target] = outputs[output]
    # Written first: after a crash in between, our own files would otherwise look edited.
    _note(folder, memory, targets)
    for target, digest in targets.items():
        write_atomic(target, objects.get(digest))
    return Export(tuple(targets), tuple(messages))


def _target(folder: Path, name: str, digest: Digest, memory: Mapping[str, list[str]]) -> Path:
    """Where a document goes: its place, or the first free name beside it if a person edited what stands
    there."""
    path = folder / name
    stem, suffix = path.stem, path.suffix
    candidates = [path, *(folder / f"{stem}.new{n}{suffix}" for n in ("", *range(2, 100)))]
    for candidate in candidates if name in EDITABLE else candidates[:1]:
        if name not in EDITABLE or not candidate.exists():
            return candidate
        present = sha256_file(candidate)
        if present == digest or present in memory.get(candidate.name, []):
            return candidate
    raise MofangError(
        _("{name} and all its new versions were edited").format(name=name),
        where=str(folder),
        remedy=_("move the old versions elsewhere"),
    )


def _remember(folder: Path) -> dict[str, list[str]]:
    path = folder / MEMORY
    if not path.exists():
        return {}
    try:
        with reported(path):
            memory = json.loads(path.read_text("utf-8"))
    except ValueError:
        # Without a memory every document counts as edited, which loses nothing.
        return {}
    if not isinstance(memory, dict):
        return {}
    return {name: digests for name, digests in memory.items() if isinstance(digests, list)}


def _note(folder: Path, memory: Mapping[str, list[str]], targets: Mapping[Path, Digest]) -> None:
    noted = {name: list(digests) for name, digests in memory.items()}
    for path, digest in targets.items():
        if path.name in EDITABLE or ".new" in path.name:
            earlier = [one for one in noted.get(path.name, []) if one != digest]
            noted[path.name] = [*earlier, digest][-REMEMBERED:]
    write_atomic(folder / MEMORY, canonical(noted))
