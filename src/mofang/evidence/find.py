"""Finding what a person means by a reference: ``sha256:9f3c``, ``9f3c…#17``, ``runs/latest``,
``fig:3f2a``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mofang.evidence.digest import Digest
from mofang.evidence.errors import EvidenceError
from mofang.evidence.figures import FIGURES, Figure
from mofang.evidence.leaves import leaf_ref, parse_ref
from mofang.evidence.pedigree import Pedigree
from mofang.evidence.substance import figures_of
from mofang.evidence.workspace import Workspace
from mofang.i18n import _
from mofang.registry import nearest

SHORTEST = 4  # hex digits of a prefix
_HEX = re.compile(r"(?:sha256:)?([0-9a-f]+)(?:#(\d{1,12}))?\Z")
_CANDIDATES = 8


class Found(NamedTuple):
    """What a reference stands for: an artifact, and the number of a leaf if one was asked for."""

    digest: Digest
    leaf: int | None = None


class FoundFigure(NamedTuple):
    """A figure and the leaf it is stored in."""

    figure: Figure
    ref: str


def find(ws: Workspace, ref: str) -> Digest:
    """The artifact (or the statement) that ``ref`` stands for: a digest, a unique beginning of one, or a
    name. Of a reference to a leaf or figure, the artifact that holds it. Raises EvidenceError with
    candidates."""
    pedigree = Pedigree(ws)
    if ref.startswith("fig:"):
        return parse_ref(find_figure(pedigree, ref).ref)[0]
    return find_artifact(ws, pedigree, ref).digest


def find_artifact(ws: Workspace, pedigree: Pedigree, ref: str) -> Found:
    """As :func:`find`, with the leaf."""
    form = _HEX.match(ref.strip().lower())
    if form:
        digits, leaf = form[1], None if form[2] is None else int(form[2])
        if len(digits) == 64:
            return Found(Digest("sha256:" + digits), leaf)
        if ref.startswith("sha256:") or len(digits) >= SHORTEST:
            return Found(_beginning(ws, pedigree, digits), leaf)
    kind, slash, rest = ref.partition("/")
    name, mark, number = rest.partition("#")
    digest = ws.refs.get(kind, name) if slash and kind and name else None
    if digest is None or (mark and not number.isdigit()):
        raise _unknown_name(ws, ref)
    return Found(digest, int(number) if mark else None)


def find_figure(pedigree: Pedigree, ref: str) -> FoundFigure:
    """The figure whose id is, or begins with, what follows ``fig:``; the newest segment that holds it counts.
    Raises EvidenceError with candidates."""
    digits = ref.removeprefix("fig:").removeprefix("sha256:").lower()
    if not SHORTEST <= len(digits) <= 64 or set(digits) - set("0123456789abcdef"):
        raise _too_short(ref)
    found: dict[Digest, FoundFigure] = {}
    for figure, where in figures(pedigree):
        if figure.id.hex.startswith(digits):
            found[figure.id] = FoundFigure(figure, where)
    if len(found) == 1:
        return next(iter(found.values()))
    raise _not_one(
        ref,
        [
            f"fig:{id.hex[:16]}  {each.figure.metric} {each.figure.field}"
            for id, each in sorted(found.items())
        ],
    )


def figures(pedigree: Pedigree) -> Iterator[tuple[Figure, str]]:
    """Every figure that can be read, with its leaf reference; those of newer statements last."""
    seen = set()
    for fact in pedigree.facts.values():
        for subject in fact.statement.subjects:
            here = pedigree.standing(subject.digest).digest
            if (
                subject.media_type == FIGURES
                and here is not None
                and here not in seen
                and pedigree.objects.has(here)
            ):
                seen.add(here)
                for index, figure in figures_of(pedigree.objects, here):
                    if isinstance(figure, Figure):
                        yield figure, leaf_ref(here, index)


def _beginning(ws: Workspace, pedigree: Pedigree, digits: str) -> Digest:
    if len(digits) < SHORTEST:
        raise _too_short("sha256:" + digits)
    known = set(ws.objects) | pedigree.known()
    found = sorted(digest for digest in known if digest.hex.startswith(digits))
    if len(found) == 1:
        return found[0]
    raise _not_one("sha256:" + digits, [f"{digest}  {_name(pedigree, digest)}".rstrip() for digest in found])


def _name(pedigree: Pedigree, digest: Digest) -> str:
    subject = pedigree.subject(digest)
    return subject.name if subject else pedigree.facts[digest].type if digest in pedigree.facts else ""


def _not_one(ref: str, candidates: Iterable[str]) -> EvidenceError:
    lines = list(candidates)
    if not lines:
        return EvidenceError(
            _("nothing here begins with {ref}").format(ref=ref),
            remedy=_("names and digests are listed by: mofang status; figures stand in the dossier"),
        )
    listed = "\n    ".join([*lines[:_CANDIDATES], *(["…"] if len(lines) > _CANDIDATES else [])])
    return EvidenceError(
        _("{n} things begin with {ref}").format(n=len(lines), ref=ref),
        remedy=_("give more digits; there are:") + "\n    " + listed,
    )


def _too_short(ref: str) -> EvidenceError:
    return EvidenceError(
        _("not a reference: {ref}").format(ref=ref[:120]),
        remedy=_("give at least {n} hexadecimal digits").format(n=SHORTEST),
    )


def _unknown_name(ws: Workspace, ref: str) -> EvidenceError:
    names = [f"{each.kind}/{each.name}" for each in ws.refs.list()]
    near = nearest(ref, names) or names[:_CANDIDATES]
    return EvidenceError(
        _("nothing here is called {ref}").format(ref=ref[:120]),
        remedy=_("known: {names}").format(names=", ".join(near))
        if near
        else _("write a digest (sha256:…), a leaf (sha256:…#3), a figure (fig:…) or a name (kind/name)"),
    )
