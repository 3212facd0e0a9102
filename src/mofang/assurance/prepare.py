"""Before a run: what an assessment takes from outside the plan becomes artifacts, and the draw is
committed."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mofang.assurance.attach import attachment_list, current_attachments
from mofang.assurance.banks.bank import Bank
from mofang.assurance.config import AssuranceConfig
from mofang.assurance.draw import Commitment, banks_root, commit, draws_of, sampling_plan
from mofang.assurance.errors import BankError
from mofang.assurance.standard.schema import (
    Aspect,
    Check,
    Clause,
    Crosswalk,
    Group,
    Pack,
    Reading,
    Risk,
    Source,
)
from mofang.errors import MofangError
from mofang.evidence.digest import Digest, canonical, sha256_bytes
from mofang.evidence.leaves import LEAVES, Segment
from mofang.evidence.objects import ObjectStore
from mofang.evidence.statements import Subject
from mofang.i18n import _

if TYPE_CHECKING:
    from mofang.evidence.workspace import Workspace

PACK = "application/vnd.mofang.pack+json"
CLASSIFIER = "application/vnd.mofang.classifier"


@dataclass(frozen=True, slots=True)
class Given:
    """An artifact that is there before the run."""

    digest: Digest
    media_type: str
    count: int | None = None
    root: Digest | None = None

    def wire(self) -> dict[str, Any]:
        return {"digest": self.digest, "media_type": self.media_type, "count": self.count, "root": self.root}


@dataclass(frozen=True, slots=True)
class Further:
    """A further standard held against the same evidence, with the documents attached to it."""

    pack: Pack
    standard: Given
    attachments: Given


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything an assessment takes from outside the plan. ``draws``: every draw of these banks, this one
    among them, as the findings print them. ``also``: the further standards; ``classifier``, ``replies`` and
    ``labels``: None where there are none."""

    standard: Given
    banks: tuple[tuple[Bank, Given], ...]
    attachments: Given
    commitment: Commitment
    draws: tuple[Mapping[str, Any], ...]
    also: tuple[Further, ...] = ()
    classifier: Given | None = None
    replies: Given | None = None
    labels: Given | None = None


@dataclass(frozen=True, slots=True)
class Brought:
    """Files that a project brings beside its banks: a classifier, declared curated replies. ``sealed``: texts lie sealed
    at rest."""

    classifier: Path | None = None
    replies: Path | None = None
    sealed: bool = False


def prepare(
    ws: Workspace,
    config: AssuranceConfig,
    pack: Pack,
    banks: Sequence[Bank],
    *,
    also: Sequence[Pack] = (),
    brought: Brought | None = None,
    record: bool = True,
) -> Prepared:
    """File the packs, what was brought, the lists of attachments and labels, and commit the draw. Needs the lock.

    ``record=False`` (for showing a plan) writes nothing and needs no lock: the seed is the one that a run
    begun now would draw by.
    """
    filed = brought or Brought()
    if not record:
        with tempfile.TemporaryDirectory() as folder:
            return _prepared(ws, ObjectStore(Path(folder)), config, [pack, *also], banks, filed, record)
    return _prepared(ws, ws.objects, config, [pack, *also], banks, filed, record)


def _prepared(
    ws: Workspace,
    objects: ObjectStore,
    config: AssuranceConfig,
    packs: Sequence[Pack],
    banks: Sequence[Bank],
    brought: Brought,
    record: bool,
) -> Prepared:
    pack, *also = packs
    # What cannot be read is refused before the draw is committed, and before anybody is asked.
    classifier = _classifier(objects, brought.classifier)
    replies = _replies(objects.sealing(brought.sealed), brought.replies)
    subjects = [Subject(bank.name, bank.digest, LEAVES, bank.root) for bank in banks]
    committed = commit(
        ws, assessment=config.assessment, banks=subjects, plan=sampling_plan(config.sample), record=record
    )
    return Prepared(
        standard=Given(file_pack(objects, pack), PACK),
        banks=tuple((bank, Given(bank.digest, LEAVES, bank.total, bank.root)) for bank in banks),
        attachments=_attached(ws, objects, pack),
        commitment=committed,
        draws=_draws(ws, banks, committed),
        also=tuple(
            Further(one, Given(file_pack(objects, one), PACK), _attached(ws, objects, one)) for one in also
        ),
        classifier=classifier,
        replies=replies,
        labels=_labels(ws, objects),
    )


def _attached(ws: Workspace, objects: ObjectStore, pack: Pack) -> Given:
    return _segment(attachment_list(objects, current_attachments(ws, pack.id)))


def _classifier(objects: ObjectStore, file: Path | None) -> Given | None:
    if file is None:
        return None
    return Given(objects.put_file(_there(file, "assurance.judges.classifier")), CLASSIFIER)


def _replies(objects: ObjectStore, file: Path | None) -> Given | None:
    from mofang.assurance.banks.replies import read_replies, store_replies

    if file is None:
        return None
    found = read_replies(_there(file, "assurance.replies"))
    if found.bad:
        raise BankError(
            _("{n} rows of the declared replies cannot be read; line {line}: {reason}").format(
                n=len(found.bad), line=found.bad[0].line, reason=found.bad[0].reason
            ),
            where=f"{file}:{found.bad[0].line}",
            remedy=_("mend these rows or remove them: a reply that is left out would count as undeclared"),
        )
    return _segment(store_replies(objects, found.replies))


def _labels(ws: Workspace, objects: ObjectStore) -> Given | None:
    from mofang.assurance.judges.labels.record import current_labels, label_list

    labels = current_labels(ws)
    return _segment(label_list(objects, labels)) if labels else None


def _segment(segment: Segment) -> Given:
    return Given(segment.digest, LEAVES, segment.count, segment.root)


def _there(file: Path, named: str) -> Path:
    if not file.is_file():
        raise MofangError(
            _("there is no such file"),
            where=str(file),
            remedy=_("correct the path in mofang.yaml: {where}").format(where=named),
        )
    return file


def file_pack(objects: ObjectStore, pack: Pack) -> Digest:
    """The pack as an artifact: what a person confirmed in it is part of it."""
    return objects.put_json(pack_wire(pack))


def pack_wire(pack: Pack) -> dict[str, Any]:
    """The pack as plain JSON, without its digest."""
    wire = asdict(pack)
    del wire["digest"]
    return wire


def parse_pack(wire: Mapping[str, Any], digest: Digest) -> Pack:
    """The pack behind :func:`pack_wire`; its digest is the artifact's."""
    crosswalk = wire.get("crosswalk", ())  # packs filed before there was one lack it
    rows: dict[str, Any] = {
        "groups": tuple(Group(**row) for row in wire["groups"]),
        "risks": tuple(Risk(**row) for row in wire["risks"]),
        "aspects": tuple(Aspect(**row) for row in wire["aspects"]),
        "sources": tuple(Source(**{**row, "addresses": tuple(row["addresses"])}) for row in wire["sources"]),
        "clauses": tuple(Clause(**{**row, "sources": tuple(row["sources"])}) for row in wire["clauses"]),
        "checks": tuple(Check(**{**row, "sources": tuple(row["sources"])}) for row in wire["checks"]),
        "crosswalk": tuple(Crosswalk(**{**row, "sources": tuple(row["sources"])}) for row in crosswalk),
        "readings": tuple(Reading(**row) for row in wire.get("readings", ())),
    }
    return Pack(**{**wire, **rows, "digest": digest})


def _draws(ws: Workspace, banks: Sequence[Bank], committed: Commitment) -> tuple[Mapping[str, Any], ...]:
    """Every draw that touched one of these banks, in the order of the chain; a draw not yet recorded comes
    last."""
    roots = dict.fromkeys([*(bank.root for bank in banks), banks_root([bank.root for bank in banks])])
    found = {made.statement: made for root in roots for made in draws_of(ws, root)}
    draws = sorted(found.values(), key=lambda made: made.n or 0)
    if committed.statement is None:
        draws.append(committed)
    return tuple(_draw_wire(made, made == committed) for made in draws)


def _draw_wire(made: Commitment, used: bool) -> dict[str, Any]:
    kinds = {name: count for name, count in made.plan.items() if name.startswith(("content", "should_"))}
    return {
        "assessment": made.assessment,
        "seed": made.seed,
        "plan": sha256_bytes(canonical(dict(made.plan))),
        "bank_root": made.bank_root,
        "chain_head": made.chain_head,
        "statement": made.statement,
        "entry": made.n,
        "n": sum(kinds.values()),
        "asked": dict(made.plan),
        "used": used,
    }
