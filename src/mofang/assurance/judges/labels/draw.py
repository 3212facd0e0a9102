"""Which items a sheet holds: drawn by a seed that is recorded with the draw, each with its chance of being drawn.

The seed is SHA-256 over chain head, what is to be labelled and the plan; the same plan on the same answers is one draw.
Items on which the judges disagree can be drawn more often; their labels then carry another probability than the
rest, and must be weighted by it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from mofang.assurance.draw import rank
from mofang.assurance.judges.labels.errors import LabelError
from mofang.assurance.judges.labels.label import Unit
from mofang.assurance.statistics.proportion import decimal_text
from mofang.evidence.digest import Digest, canonical, sha256_bytes
from mofang.evidence.leaves import LEAVES, marked, read_leaves, write_leaves
from mofang.evidence.statements import Subject
from mofang.i18n import _

if TYPE_CHECKING:
    from mofang.evidence.workspace import Workspace

SHEET = "https://mofang.dev/label-sheet/v1"
REFS = "label-sheets"


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """What a sheet asks for: at most ``n`` items of ``kind``, of the answers or sample ``judged``; with
    ``disagreements`` half of them among the items whose judges differ, as far as there are such."""

    kind: str
    n: int
    judged: Digest
    disagreements: bool = False

    def wire(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "n": self.n,
            "judged": self.judged,
            "disagreements": self.disagreements,
        }


@dataclass(frozen=True, slots=True)
class SheetDraw:
    """A recorded draw: ``units`` in the seeded order, the probability of each by its answer's digest."""

    id: Digest
    seed: Digest
    frame: int
    units: tuple[Unit, ...]
    probabilities: Mapping[str, str]


def draw_sheet(
    ws: Workspace, units: Sequence[Unit], plan: SheetPlan, split: Collection[str] = ()
) -> SheetDraw:
    """The draw of this plan, recorded now or before. ``units`` is everything that can be labelled; ``split`` holds the
    digests of answers on which judges differ. Needs the lock. Raises LabelError where there is nothing to label."""
    frame = [unit for unit in units if unit.kind == plan.kind]
    if not frame or plan.n < 1:
        raise LabelError(
            _("there is nothing of kind {kind} to label").format(kind=plan.kind),
            remedy=_("run the assessment first, or choose another --kind"),
        )
    known = _earlier(ws, plan)
    if known is not None:
        digest, said = known
        return _read(ws, frame, digest, Digest(said["seed"]))
    seed = sha256_bytes(canonical([ws.chain.head(), plan.judged, plan.wire()]))
    drawn = choose(frame, plan.n, seed, split if plan.disagreements else ())
    segment = write_leaves(
        ws.objects,
        (
            {
                "item": unit.item,
                "repeat": unit.repeat,
                "kind": unit.kind,
                "answer": unit.answer,
                "probability": chance,
            }
            for unit, chance in drawn
        ),
    )
    predicate = {**plan.wire(), "chain_head": ws.chain.head(), "seed": seed, "frame": len(frame)}
    name = f"{plan.kind}-{seed.hex[:12]}"
    ws.record(SHEET, [Subject(name, segment.digest, LEAVES, segment.root)], predicate)
    ws.refs.set(REFS, name, segment.digest)
    return _read(ws, frame, segment.digest, seed)


def choose(
    frame: Sequence[Unit], n: int, seed: Digest, split: Collection[str] = ()
) -> list[tuple[Unit, str]]:
    """At most ``n`` units in the seeded order, each with its probability of being chosen (six decimals). The units in
    ``split`` get half of the places, or more where the others do not fill theirs. Hangs on seed and members, not
    on their order."""
    strata = [
        [unit for unit in frame if unit.answer in split],
        [unit for unit in frame if unit.answer not in split],
    ]
    sizes = [len(stratum) for stratum in strata]
    first = min(sizes[0], max((n + 1) // 2, n - sizes[1]))
    counts = [first, min(sizes[1], n - first)]
    chosen = [
        (unit, decimal_text(Fraction(count, len(stratum))))
        for stratum, count in zip(strata, counts, strict=True)
        for unit in sorted(stratum, key=lambda unit: _rank(seed, unit))[:count]
    ]
    return sorted(chosen, key=lambda pair: _rank(seed, pair[0]))


def recorded_draws(ws: Workspace) -> dict[str, dict[str, str]]:
    """Every recorded draw whose bytes are here: id -> answer digest -> probability."""
    found: dict[str, dict[str, str]] = {}
    for recorded in ws.ledger.statements(SHEET):
        digest = ws.statement(recorded.id).subjects[0].digest
        if ws.objects.has(digest):
            leaves = read_leaves(ws.objects, digest)
            found[digest] = {leaf["answer"]: leaf["probability"] for leaf in leaves if marked(leaf) is None}
    return found


def _earlier(ws: Workspace, plan: SheetPlan) -> tuple[Digest, Mapping[str, Any]] | None:
    for recorded in ws.ledger.statements(SHEET):
        statement = ws.statement(recorded.id)
        said, digest = statement.predicate, statement.subjects[0].digest
        if {name: said[name] for name in plan.wire()} == plan.wire() and ws.objects.has(digest):
            return digest, said
    return None


def _read(ws: Workspace, frame: Sequence[Unit], digest: Digest, seed: Digest) -> SheetDraw:
    chances = {
        leaf["answer"]: leaf["probability"]
        for leaf in read_leaves(ws.objects, digest)
        if marked(leaf) is None
    }
    units = [unit for unit in frame if unit.answer in chances]
    return SheetDraw(
        digest, seed, len(frame), tuple(sorted(units, key=lambda unit: _rank(seed, unit))), chances
    )


def _rank(seed: Digest, unit: Unit) -> bytes:
    return rank(seed, f"{unit.item}~{unit.repeat}")
