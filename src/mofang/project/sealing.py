"""Sealing after the fact: a bank that was assessed in the open is sealed later. What earlier runs filed of its questions
and answers is then sealed where it lies; digests stay what they are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from mofang.assurance.asking import JOURNAL
from mofang.evidence import files
from mofang.evidence.digest import Digest, canonical
from mofang.evidence.leaves import LEAVES
from mofang.evidence.lineage import descendants
from mofang.evidence.pedigree import Pedigree
from mofang.evidence.quotes import fragments, quoting
from mofang.evidence.workspace import Workspace

MEMORY = "sealed.json"
TEXTS = ("questions", "answers", "replies")
"""Outputs whose leaves hold texts of questions or of answers."""


def seal_what_lay_open(ws: Workspace, banks: Iterable[Digest]) -> None:
    """Seal everything that came of these banks and repeats their texts: leaf segments, documents, journals. Done once
    for each bank. Needs the lock. Raises KeyFileError, StorageError."""
    memory = ws.path / "work" / MEMORY
    done, wanted = _done(memory), set(banks)
    if wanted <= done:
        return
    pedigree = Pedigree(ws)
    for digest in _telling(pedigree, wanted):
        if not ws.objects.sealed(digest):
            ws.objects.sealing().put(ws.objects.get(digest))
    for journal in sorted((ws.path / "work").glob(f"*/{JOURNAL}")):
        _seal_journal(journal)
    files.make_folder(memory.parent)
    files.write_atomic(memory, canonical(sorted(wanted | done)), durable=False)


def _done(memory: Path) -> set[Digest]:
    try:
        return {Digest(each) for each in json.loads(files.read_whole(memory) or b"[]")}
    except (ValueError, TypeError):
        return set()  # a memory that cannot be read is none


def _telling(pedigree: Pedigree, banks: set[Digest]) -> Iterator[Digest]:
    """What was made from the banks and holds texts: segments of them, and documents that quote those."""
    made = {step.digest: step for bank in sorted(banks) for step in descendants(pedigree, bank)}
    here = {digest: step for digest, step in made.items() if pedigree.objects.has(digest)}
    told = [digest for digest, step in here.items() if step.media_type == LEAVES and step.name in TEXTS]
    texts = {text for digest in told for text in fragments(pedigree.objects, digest)}
    yield from told
    yield from quoting(pedigree.objects, [digest for digest in here if digest not in told], texts)


def _seal_journal(path: Path) -> None:
    from mofang.models.asking import Answer
    from mofang.models.journal import Journal, read_journal

    fresh = path.with_name(f"{JOURNAL}.sealed")
    files.remove_file(fresh)
    with Journal(fresh, sealed=True) as journal:
        for leaf in read_journal(path).values():
            journal.add(Answer.parse(leaf))
    files.place(fresh, path)
