"""Show 展示: opening whatever a reference points to, as facts, a readable body and further references."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from mofang.errors import MofangError
from mofang.evidence.digest import Digest
from mofang.evidence.errors import EvidenceError, ObjectMissing
from mofang.evidence.figures import Figure
from mofang.evidence.find import FoundFigure, find, find_artifact, find_figure
from mofang.evidence.leaves import WITHDRAWN, leaf_ref, marked, read_leaf, read_leaves
from mofang.evidence.lineage import state_words
from mofang.evidence.pedigree import Fact, Pedigree, Standing
from mofang.evidence.preview import body_of, leaf_text, printable
from mofang.evidence.substance import METRIC_FAULTS, recomputed, standings
from mofang.evidence.workspace import Workspace
from mofang.i18n import _

LINKED_LEAVES = 20
_LINK = re.compile(r"(?:sha256:|fig:sha256:)[0-9a-f]{64}(?:#\d+)?")


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands behind a reference: ``facts`` as (label, value), ``body`` as text, ``links`` as references
    that can be shown in turn."""

    title: str
    facts: list[tuple[str, str]]
    body: str | None
    links: list[str]


def show(ws: Workspace, ref: str, *, reveal: bool = False) -> Shown:
    """What ``ref`` points to: a digest or a unique beginning of one, a leaf (``…#17``), a name
    (``runs/latest``) or a figure (``fig:…``). Texts of questions and answers are veiled unless ``reveal``.
    Raises EvidenceError, with candidates where several things begin alike; ObjectMissing where the artifact
    is gone and nobody said why."""
    pedigree = Pedigree(ws)
    if ref.startswith("fig:"):
        return _figure(pedigree, find_figure(pedigree, ref))
    digest, leaf = find_artifact(ws, pedigree, ref)
    if digest in pedigree.facts:
        return _statement(ws, pedigree.facts[digest])
    standing = pedigree.standing(digest)
    if standing.word in ("withdrawn", "collected", "elsewhere"):
        return _absent(pedigree, digest, standing)
    here = standing.digest
    if here is None or not pedigree.objects.has(here):
        raise ObjectMissing(
            _("the workspace holds no artifact {digest}").format(digest=digest),
            where=ref,
            remedy=_("check the workspace with: mofang verify"),
        )
    if leaf is not None:
        return _leaf(pedigree, digest, here, leaf, reveal)
    return _artifact(pedigree, digest, standing, here, reveal)


def _artifact(pedigree: Pedigree, digest: Digest, standing: Standing, here: Digest, reveal: bool) -> Shown:
    subject = pedigree.subject(digest)
    media_type = subject.media_type if subject else ""
    body = body_of(pedigree.objects, here, media_type, reveal)
    facts = [
        *_identity(pedigree, digest),
        (_("size"), _("{n} bytes").format(n=pedigree.objects.size(here))),
        *_state(standing),
        *body.facts,
        *_making(pedigree, digest),
    ]
    links = [*_maker(pedigree, digest), *body.links]
    return Shown(_title(pedigree, digest), facts, body.text, links)


def _leaf(pedigree: Pedigree, digest: Digest, here: Digest, index: int, reveal: bool) -> Shown:
    leaf = read_leaf(pedigree.objects, here, index)
    title = _("leaf {index} of {name}").format(index=index, name=_title(pedigree, digest))
    facts = _identity(pedigree, digest)
    mark = marked(leaf)
    if mark is not None:
        facts += _redaction(pedigree, here, index, mark, leaf[mark])
    return Shown(title, facts, leaf_text(leaf, reveal), [str(digest), *_links(leaf)])


def _redaction(
    pedigree: Pedigree, here: Digest, index: int, mark: str, hidden: Mapping[str, Any]
) -> list[tuple[str, str]]:
    words = state_words("withdrawn") if mark == WITHDRAWN else state_words("withheld")
    facts = [(_("state"), words), (_("reason"), printable(str(hidden.get("reason", ""))))]
    for fact in pedigree.facts.values():
        stone = fact.tombstone
        if mark == WITHDRAWN and stone is not None:
            copies = [
                old
                for old, numbers in stone.leaves.items()
                if index in numbers and old in pedigree.versions(here)
            ]
            if copies:
                facts += [(_("date"), stone.date), (_("tombstone"), str(fact.id))]
                break
    return facts


def _absent(pedigree: Pedigree, digest: Digest, standing: Standing) -> Shown:
    facts = [*_identity(pedigree, digest), *_state(standing), *_making(pedigree, digest)]
    links = _maker(pedigree, digest)
    if standing.fact is not None:
        links.append(str(standing.fact.id))
        if standing.fact.tombstone is not None:
            links += [each["digest"] for each in standing.fact.tombstone.downstream]
    return Shown(_title(pedigree, digest), facts, None, links)


def _state(standing: Standing) -> list[tuple[str, str]]:
    if standing.whole:
        return []
    facts = [(_("state"), state_words(standing.word))]
    if standing.fact is not None and standing.fact.tombstone is not None:
        stone = standing.fact.tombstone
        facts += [
            (_("date"), stone.date),
            (_("reason"), printable(stone.reason)),
            (_("tombstone"), str(stone.statement)),
        ]
    elif standing.fact is not None:
        facts.append((_("date"), str(standing.fact.statement.predicate.get("recorded", ""))[:10]))
    return facts


def _statement(ws: Workspace, fact: Fact) -> Shown:
    signers = [
        signature.keyid
        for entry in ws.chain.entries()
        if entry.statement == fact.id
        for signature in entry.signatures
    ]
    facts = [
        (_("statement"), str(fact.id)),
        (_("type"), fact.type),
        (_("entry of the chain"), str(fact.n)),
        (_("signed by"), ", ".join(dict.fromkeys(signers))),
    ]
    facts += [(_("about"), f"{subject.name}  {subject.digest}") for subject in fact.statement.subjects]
    links = [str(subject.digest) for subject in fact.statement.subjects] + [
        str(digest) for _name, digest in fact.inputs
    ]
    body = json.dumps(fact.statement.predicate, ensure_ascii=False, indent=2)
    return Shown(
        _("statement {id}").format(id=fact.id.short), facts, printable(body), list(dict.fromkeys(links))
    )


def _figure(pedigree: Pedigree, found: FoundFigure) -> Shown:
    figure = found.figure
    facts = [
        (_("figure"), f"fig:{figure.id}"),
        (_("metric"), _("{metric}, version {version}").format(metric=figure.metric, version=figure.version)),
        (_("field"), figure.field),
        (_("parameters"), printable(json.dumps(dict(figure.params), ensure_ascii=False, sort_keys=True))),
    ]
    for digest, standing in standings(pedigree, figure).items():
        names = [name for name, each in figure.inputs.items() if digest == each or digest in each]
        words = "" if standing.whole else f"  ({state_words(standing.word)})"
        facts.append((_("input"), f"{', '.join(names)}  {digest}{words}"))
    facts += [(_("stated"), str(figure.value)), (_("recomputed"), _again(pedigree, figure))]
    title = f"{figure.metric}.{figure.field} = {figure.value}"
    return Shown(title, facts, None, [found.ref, *_counted(pedigree, figure)])


def _again(pedigree: Pedigree, figure: Figure) -> str:
    if any(standing.digest is None for standing in standings(pedigree, figure).values()):
        return _("not possible: an input is not here")
    try:
        return str(recomputed(pedigree, figure))
    except METRIC_FAULTS as error:
        return _("not possible: {reason}").format(
            reason=error.message if isinstance(error, MofangError) else repr(error)
        )


def _counted(pedigree: Pedigree, figure: Figure) -> list[str]:
    """References to the first leaves of the figure's inputs that its parameters choose: for each parameter
    that the leaf has as a field, the same value. Inputs whose leaves have more of those fields come first: they
    are what was counted."""
    found: list[tuple[int, list[str]]] = []
    for digest, standing in standings(pedigree, figure).items():
        subject = pedigree.subject(digest)
        if standing.digest is None or subject is None or subject.root is None:
            continue
        chosen = (
            (index, leaf)
            for index, leaf in enumerate(read_leaves(pedigree.objects, standing.digest))
            if not marked(leaf) and _chosen(leaf, figure.params)
        )
        first = list(islice(chosen, LINKED_LEAVES))
        shared = max((len(figure.params.keys() & leaf.keys()) for _index, leaf in first), default=0)
        found.append((shared, [leaf_ref(digest, index) for index, _leaf in first]))
    ranked = sorted(found, key=lambda one: -one[0])
    return [link for _shared, links in ranked for link in links][:LINKED_LEAVES]


def _chosen(leaf: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
    return all(wanted is None or leaf[name] == wanted for name, wanted in params.items() if name in leaf)


def _title(pedigree: Pedigree, digest: Digest) -> str:
    subject = pedigree.subject(digest)
    return (
        f"{printable(subject.name)} {digest.short}"
        if subject
        else _("artifact {digest}").format(digest=digest.short)
    )


def _identity(pedigree: Pedigree, digest: Digest) -> list[tuple[str, str]]:
    facts = [(_("digest"), str(digest))]
    subject = pedigree.subject(digest)
    if subject is not None:
        facts.append((_("media type"), printable(subject.media_type)))
        if subject.root is not None:
            facts.append((_("Merkle root"), str(subject.root)))
    return facts


def _making(pedigree: Pedigree, digest: Digest) -> list[tuple[str, str]]:
    fact = pedigree.producer(digest)
    if fact is None:
        return []
    if not fact.made_by_job:
        return [(_("declared by"), f"{fact.type}  {fact.id}")]
    said = fact.statement.predicate
    facts = [(_("made by"), printable(f"{fact.node} ({fact.kind} {said.get('version', '')}, {fact.mode})"))]
    facts.append((_("statement"), str(fact.id)))
    counts = said.get("counts")
    if isinstance(counts, dict) and counts:
        facts.append((_("counts"), printable(", ".join(f"{name} {n}" for name, n in sorted(counts.items())))))
    return facts


def _maker(pedigree: Pedigree, digest: Digest) -> list[str]:
    fact = pedigree.producer(digest)
    return [] if fact is None else [str(fact.id), *dict.fromkeys(str(used) for _name, used in fact.inputs)]


def _links(leaf: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(_LINK.findall(json.dumps(leaf))))


__all__ = ["EvidenceError", "Shown", "find", "show"]
