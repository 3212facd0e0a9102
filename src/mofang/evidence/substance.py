"""Whether artifacts still say what was stated of them: they are here or accounted for, leaves give their
Merkle root, figures give their value, pure jobs give their bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from mofang.errors import MofangError
from mofang.evidence import merkle
from mofang.evidence.digest import Digest
from mofang.evidence.errors import EvidenceError
from mofang.evidence.figures import FIGURES, Figure, Value, recompute
from mofang.evidence.leaves import leaf_hashes, leaf_ref, marked, read_leaves
from mofang.evidence.objects import ObjectStore
from mofang.evidence.pedigree import Fact, Pedigree, Standing
from mofang.evidence.report import Problem
from mofang.evidence.statements import Statement, Subject
from mofang.evidence.workspace import Workspace
from mofang.i18n import _

METRIC_FAULTS = (MofangError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
_ACCOUNTED = {
    "withdrawn": "withdrawn",
    "redacted": "withdrawn",
    "collected": "collected",
    "elsewhere": "not_in_bundle",
}


def check_artifacts(pedigree: Pedigree, counts: dict[str, int]) -> Iterator[Problem]:
    """Everything that a statement of provenance names is here, was withdrawn on request, or was collected."""
    counts.update(artifacts=0, withdrawn=0, collected=0, not_in_bundle=0)
    for digest, (fact, name) in sorted(_named(pedigree).items()):
        counts["artifacts"] += 1
        standing = pedigree.standing(digest)
        if standing.word in _ACCOUNTED:
            counts[_ACCOUNTED[standing.word]] += 1
        elif standing.word == "missing":
            yield Problem(
                _("{name} of {node} is missing; entry {n} of the chain names it").format(
                    name=name, node=fact.node, n=fact.n
                ),
                str(digest),
                _("run again to make it anew, or restore it from a copy"),
            )
        if standing.fact is not None and standing.fact.tombstone is not None and pedigree.objects.has(digest):
            yield Problem(
                _("{name} of {node} was withdrawn by request but is still here").format(
                    name=name, node=fact.node
                ),
                str(digest),
                _("the withdrawal was interrupted; the next run or mofang gc finishes it"),
            )


def check_segments(pedigree: Pedigree, counts: dict[str, int], damaged: set[Digest]) -> Iterator[Problem]:
    """The leaves of every segment, redacted ones included, give the Merkle root that was stated."""
    counts.update(segments=0, leaves=0)
    stated = {
        (here, subject.root): subject
        for subject in _subjects(pedigree)
        if subject.root is not None and (here := _readable(pedigree, subject.digest, damaged)) is not None
    }
    for (here, root), subject in stated.items():
        counts["segments"] += 1
        try:
            hashes = list(leaf_hashes(pedigree.objects, here))
        except EvidenceError as error:
            yield Problem(error.message, error.where or str(here), _rerun())
            continue
        counts["leaves"] += len(hashes)
        found = Digest.of(merkle.tree_hash(hashes))
        if found != root:
            yield Problem(
                _("the leaves of {name} give the Merkle root {found}, not {stated}").format(
                    name=subject.name, found=found, stated=root
                ),
                str(subject.digest),
                _rerun(),
            )


def check_figures(pedigree: Pedigree, counts: dict[str, int], damaged: set[Digest]) -> Iterator[Problem]:
    """Every figure gives its value again. Where inputs were withdrawn, withheld or collected it is counted
    whether the readable rest still gives the value (in part) or not."""
    counts.update(figures=0, figures_recomputed=0, figures_in_part=0, figures_not_recomputed=0)
    digests = {subject.digest for subject in _subjects(pedigree) if subject.media_type == FIGURES}
    segments = {_readable(pedigree, digest, damaged) for digest in digests} - {None}
    for segment in sorted(each for each in segments if each is not None):
        for index, figure in figures_of(pedigree.objects, segment):
            counts["figures"] += 1
            where = leaf_ref(segment, index)
            answer = (
                Problem(figure, where, _rerun())
                if isinstance(figure, str)
                else _figure(pedigree, figure, where, damaged)
            )
            if isinstance(answer, Problem):
                yield answer
            else:
                counts[answer] += 1


def check_jobs(
    ws: Workspace,
    pedigree: Pedigree,
    counts: dict[str, int],
    damaged: set[Digest],
    deep: Callable[[Workspace, Statement], list[Problem] | None],
) -> Iterator[Problem]:
    """``deep`` of the newest statement of every pure job whose inputs and outputs are all here and sound."""
    counts.update(reexecuted=0, not_reexecuted=0)
    newest = {
        fact.statement.predicate.get("key"): fact for fact in pedigree.facts.values() if fact.mode == "pure"
    }
    for fact in newest.values():
        named = {subject.digest for subject in fact.statement.subjects} | {
            digest for name, digest in fact.inputs if name != "params"
        }
        if damaged & named or not all(pedigree.standing(digest).whole for digest in named):
            counts["not_reexecuted"] += 1
            continue
        found = deep(ws, fact.statement)
        counts["not_reexecuted" if found is None else "reexecuted"] += 1
        yield from found or ()


def recomputed(pedigree: Pedigree, figure: Figure) -> Value:
    """The figure's value from what stands for its inputs today. Raises one of METRIC_FAULTS if it cannot be
    had."""
    return recompute(pedigree.objects, _with_todays_inputs(figure, standings(pedigree, figure)))


def standings(pedigree: Pedigree, figure: Figure) -> Mapping[Digest, Standing]:
    """How each input of a figure stands."""
    flat = [
        digest for each in figure.inputs.values() for digest in (each if isinstance(each, list) else [each])
    ]
    return {digest: pedigree.standing(digest) for digest in flat}


def _figure(pedigree: Pedigree, figure: Figure, where: str, damaged: set[Digest]) -> Problem | str:
    """A problem, or the count that the figure belongs to."""
    inputs = standings(pedigree, figure)
    missing = [digest for digest, standing in inputs.items() if standing.word == "missing"]
    if missing:
        what = _("figure {metric} ({field}) stands on an artifact that is missing: {digest}")
        return Problem(
            what.format(metric=figure.metric, field=figure.field, digest=missing[0]), where, _rerun()
        )
    if any(standing.digest is None or standing.digest in damaged for standing in inputs.values()):
        return "figures_not_recomputed"  # accounted for, or named already
    whole = all(standing.whole for standing in inputs.values())
    what = _disagreement(pedigree, figure, inputs)
    if what:
        return Problem(what, where, _rerun()) if whole else "figures_not_recomputed"
    return "figures_recomputed" if whole else "figures_in_part"


def _disagreement(pedigree: Pedigree, figure: Figure, inputs: Mapping[Digest, Standing]) -> str:
    """What is wrong with the value of a figure whose inputs can be read; empty if it comes out again."""
    try:
        value = recompute(pedigree.objects, _with_todays_inputs(figure, inputs))
    except METRIC_FAULTS as error:
        reason = error.message if isinstance(error, MofangError) else f"{type(error).__name__}: {error}"
        return _("figure {metric} ({field}), stated {stated}, cannot be recomputed: {reason}").format(
            metric=figure.metric, field=figure.field, stated=figure.value, reason=reason
        )
    if value == figure.value:
        return ""
    return _("figure {metric} ({field}) states {stated}, its inputs give {value}").format(
        metric=figure.metric, field=figure.field, stated=figure.value, value=value
    )


def _with_todays_inputs(figure: Figure, standings: Mapping[Digest, Standing]) -> Figure:
    today = {digest: standing.digest or digest for digest, standing in standings.items()}
    inputs = {
        name: [today[digest] for digest in each] if isinstance(each, list) else today[each]
        for name, each in figure.inputs.items()
    }
    return Figure(figure.metric, figure.version, figure.params, inputs, figure.field, figure.value)


def figures_of(objects: ObjectStore, digest: Digest) -> Iterator[tuple[int, Figure | str]]:
    """The figures of a segment with their leaf numbers; for a leaf that is none, what is wrong with it."""
    try:
        for index, leaf in enumerate(read_leaves(objects, digest)):
            if not marked(leaf):
                try:
                    yield index, Figure.parse(leaf)
                except EvidenceError as error:
                    yield index, error.message
    except EvidenceError:
        return  # a line that is no leaf: the segment's own check names it


def _named(pedigree: Pedigree) -> dict[Digest, tuple[Fact, str]]:
    """What provenance names: outputs but those of caches, and inputs that are artifacts."""
    found: dict[Digest, tuple[Fact, str]] = {}
    for fact in pedigree.facts.values():
        if fact.made_by_job and fact.mode != "cache":
            found.update((subject.digest, (fact, subject.name)) for subject in fact.statement.subjects)
    caches = {
        subject.digest
        for fact in pedigree.facts.values()
        if fact.mode == "cache"
        for subject in fact.statement.subjects
    }
    for fact in pedigree.facts.values():
        for name, digest in fact.inputs:
            if fact.made_by_job and name != "params" and digest not in caches:
                found.setdefault(digest, (fact, name))
    return found


def _subjects(pedigree: Pedigree) -> dict[Subject, None]:
    return {subject: None for fact in pedigree.facts.values() for subject in fact.statement.subjects}


def _readable(pedigree: Pedigree, digest: Digest, damaged: set[Digest]) -> Digest | None:
    """What to read for an artifact, if that is here and sound."""
    here = pedigree.standing(digest).digest
    return here if here is not None and here not in damaged and pedigree.objects.has(here) else None


def _rerun() -> str:
    return _("run again to make it anew, or restore it from a copy")
