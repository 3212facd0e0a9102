"""Imports of labels: a leaf segment, a signed statement, and a name under ``labels/``.

A name stands for one import. A corrected sheet may take its place when that is asked for; what it said before stays in
the history. Over all names that hold, one annotator has one label on one answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mofang.assurance.judges.labels.draw import recorded_draws
from mofang.assurance.judges.labels.errors import LabelError
from mofang.assurance.judges.labels.label import Label, Unit
from mofang.assurance.judges.labels.reading import BadRow, Defaults, Reading, check_defaults, read_labels
from mofang.assurance.judges.labels.sheets import read_sheet
from mofang.evidence.digest import Digest, sha256_file
from mofang.evidence.leaves import LEAVES, Segment, marked, read_leaves, write_leaves
from mofang.evidence.objects import ObjectStore
from mofang.evidence.statements import Statement, Subject
from mofang.i18n import _

if TYPE_CHECKING:
    from mofang.evidence.workspace import Workspace

LABELS = "https://mofang.dev/labels/v1"
REFS = "labels"


@dataclass(frozen=True, slots=True)
class LabelSet:
    """One import. ``counts``: kind -> labels; ``claimed_by`` is who imported, as that person gave the name;
    ``current`` is False for one whose place a later import took."""

    name: str
    digest: Digest
    statement: Digest
    standard: str
    counts: Mapping[str, int]
    annotators: tuple[str, ...]
    claimed_by: str
    source: str
    current: bool

    def wire(self) -> dict[str, Any]:
        """The set for machines."""
        return {
            "name": self.name,
            "digest": self.digest,
            "statement": self.statement,
            "standard": self.standard,
            "counts": dict(self.counts),
            "annotators": list(self.annotators),
            "claimed_by": self.claimed_by,
            "source": self.source,
            "current": self.current,
        }


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a sheet. ``statement`` is None where nothing was recorded: rows are bad and were not to be left
    out. ``bad``, ``empty`` and ``again`` as in :class:`Reading`."""

    name: str
    labels: tuple[Label, ...]
    bad: tuple[BadRow, ...]
    empty: int
    again: int
    statement: Digest | None


def import_labels(
    ws: Workspace,
    file: Path,
    units: Sequence[Unit],
    *,
    standard: str,
    by: str,
    name: str | None = None,
    keep_good: bool = False,
    replace: bool = False,
    defaults: Defaults | None = None,
) -> Imported:
    """Record the labels of a sheet on ``units`` under ``name`` (default: the file's). Needs the lock.

    With a bad row nothing is recorded unless ``keep_good`` says to record the rest. ``replace`` lets them take the place
    of the labels of that name. Raises LabelError for a file that is no sheet or that nobody has filled in, for a name
    that is taken, or where nobody is named as the one who imports."""
    if not by.strip():
        raise LabelError(_("an import names who brings it"), remedy=_("say who: --by NAME"))
    defaults = defaults or Defaults()
    check_defaults(defaults)
    called = name or file.stem
    reading = read_labels(
        read_sheet(file),
        units,
        defaults=defaults,
        known=_known(ws, called if replace else None),
        draws=recorded_draws(ws),
    )
    if not (reading.labels or reading.bad or reading.again):
        raise LabelError(
            _("nobody has filled in this sheet: {n} rows without a verdict").format(n=reading.empty),
            where=str(file),
            remedy=_("fill in verdict, annotator and date, then import it again"),
        )
    statement = None
    if reading.labels and (keep_good or not reading.bad):
        _refuse_taken(ws, called, replace)
        statement = _record(ws, file, called, reading, standard, by.strip(), defaults)
    return Imported(called, reading.labels, reading.bad, reading.empty, reading.again, statement)


def _known(ws: Workspace, without: str | None) -> dict[tuple[str, str], Label]:
    return {(leaf["answer"], leaf["annotator"]): _label(leaf) for leaf in current_labels(ws, without=without)}


def _refuse_taken(ws: Workspace, name: str, replace: bool) -> None:
    taken = ws.refs.get(REFS, name)  # raises for a name that no ref can have
    if taken is not None and not replace:
        raise LabelError(
            _("there are labels called {name} already").format(name=name),
            where=f"{REFS}/{name}",
            remedy=_(
                "give these another name with --name, or let them take the others' place with --replace"
            ),
        )


def _record(
    ws: Workspace, file: Path, name: str, reading: Reading, standard: str, by: str, defaults: Defaults
) -> Digest:
    segment = label_list(ws.objects, (label.leaf() for label in reading.labels))
    predicate = {
        "name": name,
        "standard": standard,
        "counts": dict(sorted(Counter(label.kind for label in reading.labels).items())),
        "annotators": sorted({label.annotator for label in reading.labels}),
        "claimed_by": by,
        "bound": "item" if defaults.by_item else "digest",
        "left_out": len(reading.bad),
        "source": {"file": file.name, "digest": sha256_file(file)},
    }
    statement = ws.record(LABELS, [Subject(name, segment.digest, LEAVES, segment.root)], predicate)
    ws.refs.set(REFS, name, segment.digest)
    return statement


def label_sets(ws: Workspace) -> list[LabelSet]:
    """Every import ever recorded, oldest first."""
    named = {ref.name: ref.digest for ref in ws.refs.list(REFS)}
    statements = {recorded.id: ws.statement(recorded.id) for recorded in ws.ledger.statements(LABELS)}
    newest = {_named(made): id for id, made in statements.items()}
    return [
        _set(id, made, newest[_named(made)] == id and named.get(_named(made)[0]) == _named(made)[1])
        for id, made in statements.items()
    ]


def _named(made: Statement) -> tuple[str, Digest]:
    return made.predicate["name"], made.subjects[0].digest


def _set(id: Digest, made: Statement, current: bool) -> LabelSet:
    said = made.predicate
    return LabelSet(
        name=said["name"],
        digest=made.subjects[0].digest,
        statement=id,
        standard=said["standard"],
        counts=said["counts"],
        annotators=tuple(said["annotators"]),
        claimed_by=said["claimed_by"],
        source=said["source"]["file"],
        current=current,
    )


def current_labels(ws: Workspace, *, without: str | None = None) -> list[dict[str, Any]]:
    """The labels that hold: those of every name's newest import whose bytes are still here, but for the name
    ``without``. Each as its leaf, with ``set`` and ``statement``."""
    return [
        {**leaf, "set": made.name, "statement": made.statement}
        for made in label_sets(ws)
        if made.current and made.name != without and ws.objects.has(made.digest)
        for leaf in read_leaves(ws.objects, made.digest)
        if marked(leaf) is None
    ]


def label_list(objects: ObjectStore, labels: Iterable[Mapping[str, Any]]) -> Segment:
    """Labels as a leaf segment, the form in which an assessment takes them; their order says nothing."""
    return write_leaves(objects, sorted(labels, key=_place))


def _place(leaf: Mapping[str, Any]) -> tuple[str, int, str, str]:
    return leaf["item"], leaf["repeat"], leaf["answer"], leaf["annotator"]


def _label(leaf: Mapping[str, Any]) -> Label:
    return Label(**{name: value for name, value in leaf.items() if name not in ("set", "statement")})
