"""The evidence annex: for each measurement its parameters, inputs and the items that were counted. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mofang.assurance.dossier.figure_book import FigureBook, Printed
from mofang.assurance.dossier.material import Dossier
from mofang.evidence.digest import Digest, canonical
from mofang.evidence.leaves import leaf_ref, marked, read_leaves
from mofang.evidence.objects import ObjectStore

CAP = 300
"""Items listed for one measurement; the rest stand in the input artifacts."""
LONGEST = 1200
"""Characters of a text that are printed."""
ORDER = (
    *("n", "wanted", "passed", "refused", "failed", "answered", "unscored", "worst", "rate"),
    *("lower", "upper", "wilson_low", "wilson_high", "needed", "met", "shown", "open"),
)
"""Fields in the order in which they are read; others come after, by name."""
NARROWING = ("kind", "judge", "risk")
OPEN_KINDS = frozenset({"should_not_refuse"})


@dataclass(frozen=True, slots=True)
class Segments:
    """The leaf segments that texts and verdicts stand in; ``catalogues`` are the questions without their texts.
    ``sealed``: questions and answers lie sealed at rest, so no document repeats them."""

    verdicts: tuple[Digest, ...] = ()
    questions: tuple[Digest, ...] = ()
    answers: tuple[Digest, ...] = ()
    samples: tuple[Digest, ...] = ()
    catalogues: tuple[Digest, ...] = ()
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A text as printed: ``mark`` says withdrawn, withheld, sealed, truncated or shortened."""

    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One item that was counted, with the references that ``mofang show`` opens."""

    id: str
    kind: str
    risk: str
    judge: str
    verdict: str
    reason: str
    refs: tuple[str, ...]
    question: Words | None = None
    answer: Words | None = None
    mark: str = ""

    @property
    def veiled(self) -> bool:
        """Whether the texts are folded: everything but questions that ought to be answered."""
        return self.kind not in OPEN_KINDS


@dataclass(slots=True)
class Measurement:
    """The figures computed together from the same inputs, and what they counted."""

    metric: str
    version: int
    params: str
    inputs: tuple[tuple[str, str], ...]
    figures: list[Printed] = field(default_factory=list)
    used_by: list[str] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    total: int = 0

    def reads(self, digests: Iterable[str]) -> bool:
        """Whether one of these artifacts is among the inputs."""
        given = {digest for _name, digest in self.inputs}
        return any(digest in given for digest in digests)

    @property
    def narrowed(self) -> str:
        """The risk, aspect or groups that the measurement looks at, if it is narrowed to some."""
        params = self.figures[0].figure.params
        groups = params.get("groups") or []
        return str(params.get("risk") or " ".join(str(group) for group in groups))


Reader = Callable[[Mapping[str, Any], str], Item]


def read_annex(objects: ObjectStore, dossier: Dossier, segments: Segments) -> list[Measurement]:
    """Every measurement of a dossier in the order of its figures, with at most :data:`CAP` items each."""
    measurements = _measurements(dossier.book)
    _uses(measurements, dossier)
    judged = [one for one in measurements if one.reads(segments.verdicts)]
    # A measurement of verdicts may name its questions too; what it counts are the verdicts.
    listed = [one for one in measurements if one not in judged]
    for digest in segments.verdicts:
        _count(objects, digest, judged, _verdict)
    for digest in (*segments.questions, *segments.catalogues):
        _count(objects, digest, listed, _question)
    _attach_texts(objects, measurements, segments)
    return measurements


def _measurements(book: FigureBook) -> list[Measurement]:
    found: dict[bytes, Measurement] = {}
    for printed in book:
        figure = printed.figure
        key = canonical([figure.metric, figure.version, dict(figure.params), dict(figure.inputs)])
        if key not in found:
            inputs = tuple(
                (name, digest)
                for name, value in sorted(figure.inputs.items())
                for digest in ([value] if isinstance(value, str) else value)
            )
            params = canonical(dict(figure.params)).decode()
            found[key] = Measurement(figure.metric, figure.version, params, inputs)
        found[key].figures.append(printed)
    for one in found.values():
        one.figures.sort(key=lambda printed: _place(printed.figure.field))
    return list(found.values())


def _place(field: str) -> tuple[int, str]:
    return (ORDER.index(field) if field in ORDER else len(ORDER), field)


def _uses(measurements: Iterable[Measurement], dossier: Dossier) -> None:
    users: dict[str, list[str]] = {}
    for clause in dossier.clauses:
        for check in clause.checks:
            for printed in check.figures:
                users.setdefault(printed.id, []).append(clause.id)
        for proof in clause.proofs:
            if proof.figure:
                users.setdefault(proof.figure.id, []).append(clause.id)
    for one in measurements:
        one.used_by = list(
            dict.fromkeys(clause for printed in one.figures for clause in users.get(printed.id, ()))
        )


def _count(objects: ObjectStore, digest: Digest, measurements: Iterable[Measurement], read: Reader) -> None:
    wanting = [one for one in measurements if one.reads([digest])]
    if not wanting:
        return
    for index, leaf in enumerate(read_leaves(objects, digest)):
        item = read(leaf, leaf_ref(digest, index))
        for one in wanting:
            if counted(leaf, one.figures[0].figure.params, withdrawn=read is _verdict):
                one.total += 1
                if len(one.items) < CAP:
                    one.items.append(item)


def counted(leaf: Mapping[str, Any], params: Mapping[str, Any], withdrawn: bool) -> bool:
    """Whether a metric with these parameters counts this leaf. A verdict that was withdrawn stays in the
    count, as unscored; a question that was withdrawn does not."""
    if marked(leaf):
        return withdrawn
    groups, risks = params.get("groups"), params.get("risks")
    return (
        all(params.get(name) in (None, leaf[name]) for name in NARROWING if name in leaf)
        and (groups is None or str(leaf.get("risk")).rpartition(".")[0] in groups)
        and (risks is None or leaf.get("risk") in risks)
        and leaf.get("repeat", 0) == params.get("repeat", 0)
    )


def _readable(leaf: Mapping[str, Any]) -> Mapping[str, Any]:
    mark = marked(leaf)
    return leaf[mark].get("kept", {}) if mark else leaf


def _verdict(leaf: Mapping[str, Any], ref: str) -> Item:
    seen = _readable(leaf)
    refs = (ref, str(seen["of"])) if seen.get("of") else (ref,)
    return Item(
        id=str(seen.get("item", "")),
        kind=str(seen.get("kind", "")),
        risk=str(seen.get("risk") or ""),
        judge=str(seen.get("judge", "")),
        verdict=str(seen.get("verdict", "")),
        reason=str(seen.get("reason") or ""),
        refs=refs,
        mark=(marked(leaf) or "")[1:],
    )


def _question(leaf: Mapping[str, Any], ref: str) -> Item:
    seen = _readable(leaf)
    return Item(
        id=str(seen.get("id", "")),
        kind=str(seen.get("kind", "")),
        risk=str(seen.get("risk") or ""),
        judge="",
        verdict="",
        reason="",
        refs=(ref, str(seen["of"])) if seen.get("of") else (ref,),
        mark=(marked(leaf) or "")[1:],
    )


def _attach_texts(objects: ObjectStore, measurements: Sequence[Measurement], segments: Segments) -> None:
    wanted = {item.id for one in measurements for item in one.items}
    questions = _texts(objects, segments.questions, ("id",), wanted, segments.sealed)
    questions |= _texts(objects, segments.samples, ("record_id",), wanted)
    answers = _texts(objects, segments.answers, ("question",), wanted, segments.sealed)
    for one in measurements:
        one.items = [_with_texts(item, questions, answers) for item in one.items]


def _texts(
    objects: ObjectStore,
    segments: Iterable[Digest],
    names: tuple[str, ...],
    wanted: set[str],
    sealed: bool = False,
) -> dict[str, Words]:
    found: dict[str, Words] = {}
    for digest in segments:
        for leaf in read_leaves(objects, digest):
            seen = _readable(leaf)
            id = next((str(seen[name]) for name in names if name in seen), "")
            if id in wanted and seen.get("repeat", 0) == 0:
                found[id] = Words("", "sealed") if sealed else _words(leaf, seen)
    return found


def _words(leaf: Mapping[str, Any], seen: Mapping[str, Any]) -> Words:
    if mark := marked(leaf):
        return Words("", mark[1:])
    text = str(seen.get("text") or seen.get("error") or "")
    if len(text) > LONGEST:
        return Words(text[:LONGEST], "shortened")
    return Words(text, "truncated" if seen.get("truncated") else "")


def _with_texts(item: Item, questions: Mapping[str, Words], answers: Mapping[str, Words]) -> Item:
    return Item(
        item.id, item.kind, item.risk, item.judge, item.verdict, item.reason, item.refs,
        questions.get(item.id), answers.get(item.id), item.mark,
    )  # fmt: skip
