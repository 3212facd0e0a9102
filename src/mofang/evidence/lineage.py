"""Lineage 血缘: what made an artifact, from what (upwards), and what came of it (downwards), as a tree of
steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Literal

from mofang.evidence.digest import Digest
from mofang.evidence.pedigree import Fact, Pedigree
from mofang.evidence.workspace import Workspace
from mofang.i18n import _

Direction = Literal["up", "down"]
_DEEPEST = 200
_ALIKE = 8  # steps of one name that are printed before the rest is only counted


@dataclass(frozen=True, slots=True)
class Step:
    """An artifact in a lineage and the statement that names it. ``kind`` is the kind of job (or the predicate
    type of a declared fact), ``node`` the step of the plan; both empty where nobody recorded it. ``state``:
    see :class:`mofang.evidence.pedigree.Standing`. ``repeated``: it stands elsewhere in the tree with its
    children."""

    digest: Digest
    name: str
    media_type: str
    kind: str
    node: str
    statement: Digest | None
    state: str
    repeated: bool = False
    children: tuple[Step, ...] = ()


def lineage(ws: Workspace, digest: Digest, direction: Direction = "up") -> Step:
    """The tree above or below an artifact. Going up, of several statements that made the same bytes the
    newest before the step that used them counts; going down, every use counts."""
    pedigree = Pedigree(ws)
    grow = _above if direction == "up" else _below
    return grow(pedigree, _step(pedigree, digest, pedigree.producer(digest)), None, set(), 0)


def descendants(pedigree: Pedigree, digest: Digest) -> list[Step]:
    """Everything made from an artifact, directly or not, each once, without children."""
    found: dict[Digest, Step] = {}
    waiting = [digest]
    while waiting:
        for step in _made_from(pedigree, waiting.pop()):
            if step.digest != digest and step.digest not in found:
                found[step.digest] = step
                waiting.append(step.digest)
    return list(found.values())


def render(tree: Step) -> str:
    """The tree as text, one line a step. Of many steps of one name only the first are printed."""
    return "\n".join([_line(tree), *_branches(tree)])


def wire_form(tree: Step) -> dict[str, Any]:
    """The tree as JSON."""
    return {
        "digest": tree.digest,
        "name": tree.name,
        "media_type": tree.media_type,
        "kind": tree.kind,
        "node": tree.node,
        "statement": tree.statement,
        "state": tree.state,
        "repeated": tree.repeated,
        "children": [wire_form(child) for child in tree.children],
    }


def _above(pedigree: Pedigree, step: Step, upto: int | None, seen: set[Digest], depth: int) -> Step:
    fact = pedigree.producer(step.digest, upto)
    seen.add(step.digest)
    if fact is None or depth > _DEEPEST:
        return step
    children = []
    for name, digest in dict.fromkeys(_sources(fact, step.digest)):
        child = _step(pedigree, digest, pedigree.producer(digest, fact.n - 1), name)
        if child.statement is None and child.state in ("missing", "elsewhere"):
            continue  # a digest of something that was never an artifact: a file delivered, a head
        if digest == step.digest and child.statement is None:
            continue  # a job that passes on what nobody declared
        if digest in seen and digest != step.digest:
            children.append(replace(child, repeated=True))
        else:
            children.append(_above(pedigree, child, fact.n - 1, seen, depth + 1))
    return replace(step, children=tuple(children))


def _sources(fact: Fact, digest: Digest) -> Iterator[tuple[str, Digest]]:
    if fact.tombstone is not None:
        yield from (("", old) for old, new in fact.tombstone.replaced.items() if new == digest)
    yield from fact.inputs


def _below(pedigree: Pedigree, step: Step, _upto: int | None, seen: set[Digest], depth: int) -> Step:
    seen.add(step.digest)
    children = []
    for child in _made_from(pedigree, step.digest) if depth <= _DEEPEST else ():
        if child.digest in seen:
            children.append(replace(child, repeated=True))
        else:
            children.append(_below(pedigree, child, None, seen, depth + 1))
    return replace(step, children=tuple(children))


def _made_from(pedigree: Pedigree, digest: Digest) -> list[Step]:
    steps = {}
    for version in pedigree.versions(digest):
        for fact in pedigree.consumers(version):
            for subject in fact.statement.subjects:
                if subject.digest != digest:
                    steps[subject.digest] = _step(pedigree, subject.digest, fact)
    return list(steps.values())


def _step(pedigree: Pedigree, digest: Digest, fact: Fact | None, used_as: str = "") -> Step:
    subject = None
    if fact is not None:
        subject = next((each for each in fact.statement.subjects if each.digest == digest), None)
    return Step(
        digest,
        subject.name if subject else used_as,
        subject.media_type if subject else "",
        fact.kind if fact else "",
        fact.node if fact else "",
        fact.id if fact else None,
        pedigree.standing(digest).word,
    )


def _branches(tree: Step) -> Iterator[str]:
    shown = list(_shortened(tree.children))
    for place, child in enumerate(shown):
        last = place == len(shown) - 1
        if isinstance(child, str):
            yield ("└─ " if last else "├─ ") + child
            continue
        yield ("└─ " if last else "├─ ") + _line(child)
        for line in _branches(child):
            yield ("   " if last else "│  ") + line


def _shortened(steps: tuple[Step, ...]) -> Iterator[Step | str]:
    for _key, group in groupby(steps, key=_alike):
        members = list(group)
        yield from members[:_ALIKE]
        if len(members) > _ALIKE:
            yield _("… and {n} more like it").format(n=len(members) - _ALIKE)


def _alike(step: Step) -> tuple[str, str]:
    return step.name, step.node.partition("[")[0]


def _line(step: Step) -> str:
    parts = [step.name or _("artifact"), step.digest.short, step.node or step.kind, step.media_type]
    if step.state != "present":
        parts.append("(" + state_words(step.state) + ")")
    if step.repeated:
        parts.append(_("(see above)"))
    return "  ".join(part for part in parts if part)


def state_words(state: str) -> str:
    """A standing in words."""
    return {
        "present": _("present"),
        "redacted": _("some leaves withdrawn by request"),
        "withheld": _("texts withheld"),
        "withdrawn": _("withdrawn by request"),
        "collected": _("collected as unused"),
        "elsewhere": _("not in this bundle"),
        "missing": _("missing"),
    }[state]
