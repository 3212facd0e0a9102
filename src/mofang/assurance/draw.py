"""Drawing samples that nobody can choose: the seed is committed before a question is asked.

The seed is SHA-256 over the head of the statement chain, the root of the bank and the plan; it exists as a
signed statement before the run (:func:`commit`). Questions are ordered by HMAC-SHA-256(seed, id), records
by the same over their id, so a draw depends on the seed and the members alone, never on their order.
Somebody who draws again leaves a second statement: :func:`draws_of` lists every draw of a bank.
"""

from __future__ import annotations

import heapq
import hmac
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar

from mofang.assurance.config import SampleConfig
from mofang.assurance.standard.schema import KINDS
from mofang.errors import MofangError
from mofang.evidence.digest import Digest, canonical, sha256_bytes
from mofang.evidence.statements import Subject
from mofang.i18n import _

if TYPE_CHECKING:
    from mofang.evidence.workspace import Workspace

Plan = Mapping[str, Any]
"""What is to be drawn: count by question kind, ``minimum`` per stratum, corpus counts. JSON without
floats."""

SAMPLING = "https://mofang.dev/sampling-commitment/v1"

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Commitment:
    """A draw fixed beforehand. ``statement`` and ``n`` (its place in the chain) exist once it is
    recorded."""

    assessment: str
    bank_root: Digest
    plan: Plan
    chain_head: Digest
    seed: Digest
    statement: Digest | None = None
    n: int | None = None

    def wire(self) -> dict[str, Any]:
        """The predicate of the commitment's statement."""
        return {
            "assessment": self.assessment,
            "bank_root": self.bank_root,
            "plan": dict(self.plan),
            "chain_head": self.chain_head,
            "seed": self.seed,
        }


def sampling_plan(sample: SampleConfig, minimum: int = 1) -> dict[str, Any]:
    """The plan of a project's ``sample`` section; every stratum with questions gives at least
    ``minimum``."""
    return {
        "content": sample.content,
        "should_refuse": sample.should_refuse,
        "should_not_refuse": sample.should_not_refuse,
        "corpus_manual": sample.corpus_manual,
        "corpus_technical_share": sample.corpus_technical_share,
        "minimum": minimum,
    }


def commitment(bank_root: Digest, plan: Plan, chain_head: Digest, assessment: str) -> Commitment:
    """The commitment that these circumstances yield; the seed hangs on all that is known before the run."""
    seed = sha256_bytes(canonical([chain_head, bank_root, dict(plan)]))
    return Commitment(assessment, bank_root, plan, chain_head, seed)


def banks_root(roots: Sequence[Digest]) -> Digest:
    """One root for the banks of an assessment: the bank's own Merkle root, or a digest over several in
    order."""
    if not roots:
        raise MofangError(_("an assessment needs a bank"), remedy=_("name one under assurance.banks"))
    return roots[0] if len(roots) == 1 else sha256_bytes(canonical(list(roots)))


def rank(seed: Digest, member: str) -> bytes:
    """The place of a member in the seeded order; smaller comes first."""
    return hmac.digest(bytes.fromhex(seed.partition(":")[2]), member.encode(), "sha256")


def draw(questions: Iterable[Mapping[str, Any]], plan: Plan, seed: Digest) -> list[Mapping[str, Any]]:
    """The questions that the seed picks, kind after kind, each kind in its seeded order.

    Strata are the risks (or aspects) of a kind: each gives ``plan["minimum"]``, the rest is shared out in
    proportion. A kind smaller than the count asked is taken whole. Raises MofangError for a repeated id.
    """
    strata: dict[str, dict[str, list[Mapping[str, Any]]]] = {kind: {} for kind in KINDS}
    seen: set[str] = set()
    for question in questions:
        if question["id"] in seen:
            raise MofangError(
                _("question {id} stands twice in the banks").format(id=question["id"]),
                remedy=_("give every question its own id"),
            )
        seen.add(question["id"])
        strata[question["kind"]].setdefault(question["risk"], []).append(question)
    minimum = int(plan.get("minimum", 1))
    return [q for kind in KINDS for q in _draw_kind(strata[kind], int(plan.get(kind, 0)), minimum, seed)]


def _draw_kind(
    strata: Mapping[str, list[Mapping[str, Any]]], asked: int, minimum: int, seed: Digest
) -> list[Mapping[str, Any]]:
    shares = allocate({risk: len(members) for risk, members in strata.items()}, asked, minimum, seed)
    key = bytes.fromhex(seed.hex)
    chosen: list[tuple[bytes, Mapping[str, Any]]] = []
    for risk, members in strata.items():
        ranked = ((hmac.digest(key, q["id"].encode(), "sha256"), q) for q in members)
        chosen += sorted(ranked, key=_place)[: shares[risk]]
    return [q for _rank, q in sorted(chosen, key=_place)]


def _place(ranked: tuple[bytes, Mapping[str, Any]]) -> bytes:
    return ranked[0]


def allocate(sizes: Mapping[str, int], asked: int, minimum: int, seed: Digest) -> dict[str, int]:
    """How many each stratum gives: ``minimum`` (less where ``asked`` does not stretch to it), then in
    proportion to size by largest remainders, ties settled by the seed. Sums to ``min(asked, all)``."""
    total = sum(sizes.values())
    asked = min(asked, total)
    if not sizes or asked == 0:
        return dict.fromkeys(sizes, 0)
    floor = min(minimum, asked // len(sizes))
    given = {name: min(floor, size) for name, size in sizes.items()}
    left = asked - sum(given.values())
    room = {name: size - given[name] for name, size in sizes.items()}
    spare = sum(room.values())
    shares = {name: Fraction(left * space, spare) if spare else Fraction(0) for name, space in room.items()}
    for name, share in shares.items():
        given[name] += math.floor(share)
    left = asked - sum(given.values())
    order = sorted(shares, key=lambda name: (math.floor(shares[name]) - shares[name], rank(seed, name), name))
    for name in order[:left]:
        given[name] += 1
    return given


def smallest(members: Iterable[tuple[str, P]], count: int, seed: Digest) -> list[tuple[str, P]]:
    """The ``count`` members that come first in the seeded order, in that order, in one pass; memory grows
    with ``count`` alone. All of them where there are fewer. ``members`` are (id, what finds it again)."""
    ranked = ((rank(seed, name), name, place) for name, place in members)
    return [(name, place) for _rank, name, place in heapq.nsmallest(count, ranked, key=lambda m: m[:2])]


def corpus_sample_size(total: int, plan: Plan) -> int:
    """How many of ``total`` records are drawn: enough for people and for the share that rules check."""
    share = Fraction(str(plan.get("corpus_technical_share", "0")))
    return min(total, max(int(plan.get("corpus_manual", 0)), math.ceil(share * total)))


def commit(
    ws: Workspace, *, assessment: str, banks: Sequence[Subject], plan: Plan, record: bool = True
) -> Commitment:
    """Fix a draw before anything is asked: a signed statement about the banks, named
    ``draws/<assessment>``.

    The same plan for the same banks and assessment is not committed twice: the earlier draw is handed back.
    ``record=False`` says what would be committed now and writes nothing. Needs the lock otherwise.
    """
    root = banks_root([_root_of(bank) for bank in banks])
    found = _matching(draws_of(ws, root), root, plan, assessment)
    if found is None:
        found = commitment(root, plan, ws.chain.head(), assessment)
        if not record:
            return found
        statement = ws.record(SAMPLING, banks, found.wire())
        found = replace(found, statement=statement, n=_entry_number(ws, statement))
    if record and found.statement is not None:
        ws.refs.set("draws", assessment, found.statement)
    return found


def draws_of(ws: Workspace, bank_root: Digest) -> list[Commitment]:
    """Every draw ever committed from banks of this root (alone or with others), oldest first."""
    found = []
    for recorded in ws.ledger.statements(SAMPLING):
        statement = ws.statement(recorded.id)
        made = statement.predicate
        if bank_root in (made["bank_root"], *(subject.root for subject in statement.subjects)):
            found.append(
                Commitment(
                    made["assessment"],
                    Digest(made["bank_root"]),
                    made["plan"],
                    Digest(made["chain_head"]),
                    Digest(made["seed"]),
                    recorded.id,
                    recorded.n,
                )
            )
    return found


def _root_of(bank: Subject) -> Digest:
    if bank.root is None:
        raise MofangError(_("bank {name} has no root").format(name=bank.name), where=bank.digest)
    return bank.root


def _entry_number(ws: Workspace, statement: Digest) -> int:
    return next(found.n for found in ws.ledger.statements(SAMPLING) if found.id == statement)


def _matching(draws: Iterable[Commitment], root: Digest, plan: Plan, assessment: str) -> Commitment | None:
    wanted = (assessment, root, canonical(dict(plan)))
    for found in draws:
        if (found.assessment, found.bank_root, canonical(dict(found.plan))) == wanted:
            return found
    return None
