"""The policy at work: attributes become keep, redact or drop, and every reason is kept, whichever decides.

A reason is a code (what was found), the rule it was held against, and a detail; its rule ends in ``:noted``
when the rule let the record pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from mofang.corpus import tables
from mofang.corpus.config import Policy
from mofang.evidence.digest import Digest
from mofang.evidence.objects import ObjectStore

KEEP, REDACT, DROP = "keep", "redact", "drop"
REASONS = ("too_short", "undecodable", "boilerplate", "duplicate", "listed_term", "personal_information")
NOTED = ":noted"

_FLAGS = {"undecodable": "undecodable", "boilerplate": "drop_boilerplate"}


class Reason(NamedTuple):
    """Why: a code of REASONS, the rule of the policy, and a detail such as a count or an id."""

    code: str
    rule: str
    detail: str


class Attributes(NamedTuple):
    """What is known of one record when the policy comes to it. ``terms`` are (term id, risk), ``pii``
    kinds."""

    chars: int
    flags: Sequence[str] = ()
    terms: Sequence[tuple[str, str]] = ()
    pii: Sequence[str] = ()
    duplicate_of: bytes | None = None


def decide(found: Attributes, policy: Policy) -> tuple[str, list[Reason]]:
    """The decision on one record and all its reasons, in the order of REASONS."""
    dropping: list[Reason] = []
    noted: list[Reason] = []
    if found.chars < policy.min_chars:
        dropping.append(Reason("too_short", "min_chars", f"{found.chars} < {policy.min_chars}"))
    for flag in found.flags:
        drops = flag != "boilerplate" or policy.drop_boilerplate
        (dropping if drops else noted).append(Reason(flag, _rule(_FLAGS[flag], drops), ""))
    if found.duplicate_of is not None:
        drops = policy.drop_duplicates
        (dropping if drops else noted).append(
            Reason("duplicate", _rule("drop_duplicates", drops), found.duplicate_of.hex())
        )
    _listed(found.terms, policy, dropping, noted)
    masked = [kind for kind in found.pii if kind in policy.redact]
    reasons = [*dropping, *noted, *_personal(found.pii, policy)]
    decision = DROP if dropping else REDACT if masked else KEEP
    return decision, sorted(reasons, key=lambda reason: REASONS.index(reason.code))


def _listed(
    terms: Sequence[tuple[str, str]], policy: Policy, dropping: list[Reason], noted: list[Reason]
) -> None:
    if not terms:
        return
    different = len({term for term, _risk in terms})
    for risk, count in sorted(Counter(risk for _term, risk in terms).items()):
        drops = risk in policy.drop_risks
        (dropping if drops else noted).append(
            Reason("listed_term", _rule("drop_risks", drops), f"{risk} x{count}")
        )
    if different > policy.max_listed_terms:
        detail = f"{different} > {policy.max_listed_terms}"
        dropping.append(Reason("listed_term", "max_listed_terms", detail))


def _personal(kinds: Sequence[str], policy: Policy) -> Iterable[Reason]:
    for kind, count in sorted(Counter(kinds).items()):
        yield Reason("personal_information", _rule("redact", kind in policy.redact), f"{kind} x{count}")


def _rule(name: str, acts: bool) -> str:
    return name if acts else name + NOTED


def decide_shard(
    objects: ObjectStore, inputs: Mapping[str, Digest], policy: Policy
) -> tuple[Any, dict[str, int]]:
    """The decisions table of a shard from its ``text``, ``keys``, ``pii`` and ``screen`` tables and the
    corpus's ``duplicates``; and how many records were kept, redacted and dropped."""
    keys = tables.read(objects, inputs["keys"], ["record_id", "chars"])
    ids = keys.column("record_id").to_pylist()
    flags = tables.read(objects, inputs["text"], ["flags"]).column("flags").to_pylist()
    pii = tables.read(objects, inputs["pii"], ["findings"]).column("findings").to_pylist()
    terms = tables.read(objects, inputs["screen"], ["findings"]).column("findings").to_pylist()
    doubles = duplicates_of(objects, inputs["duplicates"], keys.column("record_id"))
    decisions, reasons = [], []
    for name, chars, flag, personal, listed in zip(
        ids, keys.column("chars").to_pylist(), flags, pii, terms, strict=True
    ):
        attributes = Attributes(
            chars,
            flag,
            [(hit["term"], hit["risk"]) for hit in listed],
            [finding["kind"] for finding in personal],
            doubles.get(name),
        )
        decision, why = decide(attributes, policy)
        decisions.append(decision)
        reasons.append(why)
    nested = tables.nested(tables.DECISIONS.field("reasons").type, reasons)
    output = tables.write(objects, tables.DECISIONS, [keys.column("record_id"), decisions, nested])
    counted = Counter(decisions)
    return output, {name: counted[name] for name in (KEEP, REDACT, DROP)}


def duplicates_of(objects: ObjectStore, digest: Digest, ids: Any) -> dict[bytes, bytes]:
    """The representative of each of ``ids`` that has one. Reads the table bit by bit: it grows with the
    corpus."""
    import pyarrow.compute as pc

    found: dict[bytes, bytes] = {}
    for batch in tables.batches(objects, digest, ["record_id", "duplicate_of"]):
        mine = batch.filter(pc.is_in(batch.column("record_id"), value_set=ids))
        found.update(
            zip(mine.column("record_id").to_pylist(), mine.column("duplicate_of").to_pylist(), strict=True)
        )
    return found
