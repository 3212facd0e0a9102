"""Verify 校验: everything the evidence says, held against the bytes. Reads only, takes no lock.

format, keys, objects, chain, ledger, refs    is every byte what it was                 this file
artifacts, segments, figures, jobs            does it still say what was stated         substance.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from mofang.evidence import files
from mofang.evidence.bundled import BundledWorkspace
from mofang.evidence.digest import Digest
from mofang.evidence.errors import (
    ChainBroken,
    EvidenceError,
    KeyFileError,
    ObjectMissing,
    RefError,
    StorageError,
)
from mofang.evidence.flaws import Flaw
from mofang.evidence.leaves import WITHHELD, read_leaves
from mofang.evidence.pedigree import Pedigree
from mofang.evidence.report import Problem, Report
from mofang.evidence.statements import Statement
from mofang.evidence.substance import check_artifacts, check_figures, check_jobs, check_segments
from mofang.evidence.workspace import FORMAT, Workspace
from mofang.i18n import _
from mofang.settings import workers

Deep = Callable[[Workspace, Statement], list[Problem] | None]
"""Executes a pure job again from its statement of provenance and says what differs; None where that cannot be done."""


def verify(ws: Workspace, deep: Deep | None = None) -> Report:
    """Check format, keys, every object's bytes, the chain with its signatures, the ledger against a rebuild,
    refs, every artifact of a statement of provenance, Merkle roots and figures; with ``deep`` also pure jobs,
    executed again. Of a bundle, what it leaves out is counted and is no problem."""
    pedigree = Pedigree(ws)
    counts: dict[str, int] = {}
    damaged: set[Digest] = set()
    problems = [
        *_format(ws),
        *_keys(ws),
        *_objects(ws, counts, damaged),
        *_chain(ws, pedigree, counts),
        *_ledger(ws),
        *_refs(ws, pedigree, counts),
        *_bundle(ws, pedigree, counts),
        *check_artifacts(pedigree, counts),
        *check_segments(pedigree, counts, damaged),
        *check_figures(pedigree, counts, damaged),
    ]
    if deep is not None:
        problems += check_jobs(ws, pedigree, counts, damaged, deep)
    return Report(tuple(dict.fromkeys(problems)), counts)


def _format(ws: Workspace) -> Iterator[Problem]:
    path = ws.path / "format"
    try:
        found = path.read_bytes()
    except OSError as error:
        yield _of(files.storage_error(error, path))
        return
    if found != b"%d\n" % FORMAT:
        yield Problem(_("the format file does not say {format}").format(format=FORMAT), str(path), _restore())


def _keys(ws: Workspace) -> Iterator[Problem]:
    for keyid in ws.keys.ids():
        try:
            ws.keys.get(keyid)
        except EvidenceError as error:
            yield _of(error)


def _objects(ws: Workspace, counts: dict[str, int], damaged: set[Digest]) -> Iterator[Problem]:
    digests = list(ws.objects)
    counts["objects"] = len(digests)
    with ThreadPoolExecutor(workers()) as threads:
        for digest, problem in zip(
            digests, threads.map(lambda digest: _object(ws, digest), digests), strict=True
        ):
            if problem is not None:
                damaged.add(digest)
                yield problem


def _object(ws: Workspace, digest: Digest) -> Problem | None:
    try:
        if ws.objects.check(digest):
            return None
    except ObjectMissing:
        return None  # removed while this goes on; who names it will say so
    except (StorageError, KeyFileError) as error:
        return _of(error)
    return Problem(
        _("the bytes of an artifact have changed"),
        str(digest),
        _("remove {path} and run again, or restore it from a copy").format(path=ws.objects.path(digest)),
    )


def _chain(ws: Workspace, pedigree: Pedigree, counts: dict[str, int]) -> Iterator[Problem]:
    counts["statements"] = len(pedigree.facts)
    flawed = set()
    for flaw in ws.chain.check(ws.objects, ws.keys):
        if flaw.kind == "torn":
            continue  # half a line that nothing rests on; the next writer drops it
        flawed.add(flaw.n)
        yield Problem(flaw.message, _entry(ws, flaw.n), _chain_remedy(flaw))
    for n, reason in pedigree.unreadable:
        if n not in flawed:
            yield Problem(reason, _entry(ws, n), _restore())


def _chain_remedy(flaw: Flaw) -> str:
    if flaw.kind in ("payload", "statement"):
        return _("restore this statement's artifact from a copy of the workspace")
    if flaw.kind == "key":
        return _("restore the public key from a copy of the workspace")
    return _("restore the chain from a copy of the workspace; what follows this entry cannot be relied on")


def _ledger(ws: Workspace) -> Iterator[Problem]:
    try:
        found = ws.ledger.differences()
    except ChainBroken:
        return  # an index is held against a chain that can be read; the chain's own problems are named
    for line in found:
        yield Problem(
            line,
            str(ws.ledger.path),
            _("delete this file; it is only an index and is built again from the chain"),
        )


def _refs(ws: Workspace, pedigree: Pedigree, counts: dict[str, int]) -> Iterator[Problem]:
    counts["refs"] = 0
    for kind, name in _ref_names(ws):
        counts["refs"] += 1
        try:
            digest = ws.refs.get(kind, name)
        except (RefError, StorageError) as error:
            yield _of(error)
            continue
        word = "missing" if digest is None else pedigree.standing(digest).word
        if word in ("missing", "collected"):
            yield Problem(
                _("the name stands for an artifact that is not here: {digest}").format(digest=digest or "-"),
                f"{kind}/{name}",
                _("run again, or restore the artifact from a copy"),
            )


def _ref_names(ws: Workspace) -> list[tuple[str, str]]:
    paths = sorted(ws.refs.folder.glob("*/*"))
    return [
        (path.parent.name, path.name)
        for path in paths
        if not path.name.startswith(".") and path.suffix != ".log"
    ]


def _bundle(ws: Workspace, pedigree: Pedigree, counts: dict[str, int]) -> Iterator[Problem]:
    if not isinstance(ws, BundledWorkspace):
        return
    counts["withheld"] = len(ws.manifest.withheld)
    for digest in sorted({ws.manifest.dossier, *ws.manifest.objects}):
        if not ws.objects.has(digest):
            yield Problem(
                _("the bundle lacks an artifact that its manifest names"),
                str(digest),
                _("ask for the bundle again"),
            )
    for digest in sorted(ws.manifest.withheld):
        subject = pedigree.subject(digest)
        if subject is None or subject.root is None:
            # Only a Merkle root proves that a copy without texts stands for its original.
            yield Problem(
                _("the bundle withholds texts of an artifact that has no Merkle root"),
                str(digest),
                _("ask for the bundle again"),
            )
        elif _unproven(ws, ws.manifest.withheld[digest]):
            yield Problem(
                _("the bundle shows parts of withheld leaves, which nothing proves"),
                str(digest),
                _("ask for the bundle again"),
            )


def _unproven(ws: Workspace, copy: Digest) -> bool:
    try:
        return any("kept" in leaf.get(WITHHELD, {}) for leaf in read_leaves(ws.objects, copy))
    except EvidenceError:
        return False  # named by the check of its Merkle root


def _entry(ws: Workspace, n: int) -> str:
    return _("{path}, entry {n}").format(path=ws.chain.path, n=n)


def _of(error: EvidenceError) -> Problem:
    return Problem(error.message, error.where or "", error.remedy or _restore())


def _restore() -> str:
    return _("restore this file from a copy of the workspace")


__all__ = ["Deep", "Problem", "Report", "verify"]
