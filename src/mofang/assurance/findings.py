"""Findings: the whole assessment as one value, and the figures it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mofang.assurance.conclude import Conclusion, conclude_clause
from mofang.assurance.config import PathFacts
from mofang.assurance.measurement import Measured, Supply, measure
from mofang.assurance.metrics import leaves_of
from mofang.assurance.phrases import join
from mofang.assurance.proofs import proofs_of
from mofang.assurance.standard.path import decide_path
from mofang.assurance.standard.schema import Clause
from mofang.evidence.digest import Digest
from mofang.evidence.figures import Figure, compute_figure
from mofang.evidence.leaves import Segment, write_leaves

FINDINGS = "application/vnd.mofang.findings+json"
FORMAT = 1
CORPUS_FIGURES = ("records_read", "kept", "redacted", "dropped", "duplicates")

Declared = Mapping[str, Any]
"""What the project declares: ``as_of``, ``assessment``, ``project``, ``service``, ``facts``, ``role``,
``draws``, ``banks``, ``judges``. JSON without floats."""


@dataclass(frozen=True, slots=True)
class Assessed:
    """The findings (JSON without floats), every figure they name (each once), and the bare list of
    conclusions, from which the clause about the other clauses is measured; ``results`` are the conclusions of
    every clause, from which the totals are."""

    findings: Mapping[str, Any]
    figures: tuple[Figure, ...]
    conclusions: Segment
    results: Segment


def assess(supply: Supply, declared: Declared) -> Assessed:
    """One assessment. Pure: same artifacts, same bytes."""
    pack, facts = supply.pack, PathFacts(**declared["facts"])
    attached = list(leaves_of(supply.objects, supply.inputs, "attachments"))
    results, conclusions = _results(supply, facts, attached)
    supply = _with(supply, conclusions)
    book: dict[Digest, Figure] = {}
    clauses = [
        _clause_wire(clause, measured, found, attached, supply, book) for clause, measured, found in results
    ]
    listed = ({"clause": clause.id, "conclusion": found.word} for clause, _measured, found in results)
    concluded = write_leaves(supply.objects, listed)
    totals = _totals(supply, concluded, book)
    catalogues = supply.inputs["banks"]
    banks = [
        _bank_wire(bank, catalogue, supply, book)
        for bank, catalogue in zip(declared["banks"], catalogues, strict=True)
    ]
    corpus = _corpus_wire(supply, declared["role"], book)
    findings = {
        "format": FORMAT,
        "standard": {
            "id": pack.id,
            "version": pack.version,
            "title": dict(pack.title),
            "number": pack.number,
            "digest": pack.digest,
        },
        "as_of": declared["as_of"],
        "assessment": declared["assessment"],
        "project": declared["project"],
        "service": declared["service"],
        "corpus": corpus,
        "path": decide_path(pack, facts).wire(),
        "judges": declared["judges"],
        "draws": declared["draws"],
        "clauses": clauses,
        "totals": totals,
        "gaps": [_gap(clause, lack) for clause in clauses for lack in clause["missing"]],
        "attachments": attached,
        "banks": banks,
    }
    return Assessed(findings, tuple(book.values()), conclusions, concluded)


Result = tuple[Clause, list[Measured], Conclusion]


def _results(
    supply: Supply, facts: PathFacts, attached: Sequence[Mapping[str, Any]]
) -> tuple[list[Result], Segment]:
    """Every clause concluded; those that ask about the other conclusions come last but keep their place."""
    summary = {check.clause for check in supply.pack.checks if check.metric == "clauses_without_result"}
    done: dict[str, Result] = {}
    for clause in supply.pack.clauses:
        if clause.id not in summary:
            done[clause.id] = _conclude(clause, supply, facts, attached)
    leaves = [{"clause": id, "conclusion": found.word} for id, (_clause, _measured, found) in done.items()]
    conclusions = write_leaves(supply.objects, leaves)
    for clause in supply.pack.clauses:
        if clause.id in summary:
            done[clause.id] = _conclude(clause, _with(supply, conclusions), facts, attached)
    return [done[clause.id] for clause in supply.pack.clauses], conclusions


def _with(supply: Supply, conclusions: Segment) -> Supply:
    return replace(supply, inputs={**supply.inputs, "conclusions": conclusions.digest})


def _conclude(
    clause: Clause, supply: Supply, facts: PathFacts, attached: Sequence[Mapping[str, Any]]
) -> Result:
    measured = [found for check in supply.pack.checks_of(clause.id) for found in measure(check, supply)]
    mine = [leaf for leaf in attached if leaf["clause"] == clause.id]
    return clause, measured, conclude_clause(clause, measured, mine, facts, supply.as_of, supply.population)


def _clause_wire(
    clause: Clause,
    measured: Sequence[Measured],
    found: Conclusion,
    attached: Sequence[Mapping[str, Any]],
    supply: Supply,
    book: dict[Digest, Figure],
) -> dict[str, Any]:
    if found.word == "not_applicable":
        measured = ()
    for one in measured:
        book.update((figure.id, figure) for figure in one.figures.values())
    mine = [leaf for leaf in attached if leaf["clause"] == clause.id]
    return {
        "id": clause.id,
        "number": clause.number,
        "block": clause.block,
        "title": dict(clause.title),
        "says": dict(clause.says),
        "force": clause.force,
        "confidence": clause.confidence,
        "sources": list(clause.sources),
        "confirmed_by": clause.confirmed_by,
        "carry_over": clause.carry_over,
        "confirmed_edition": clause.confirmed_edition,
        "confirmed_on": clause.confirmed_on,
        "settled": supply.pack.settled(clause),
        "caveats": [dict(text) for text in supply.pack.caveats(clause, supply.as_of)],
        "conclusion": found.word,
        "reason": dict(found.reason),
        "proofs": proofs_of(clause, measured, mine, supply),
        "checks": [_check_wire(one) for one in measured],
        "missing": [{"what": dict(what), "who": dict(clause.owner)} for what in found.missing],
    }


def _check_wire(found: Measured) -> dict[str, Any]:
    check = found.check
    notes = [*found.notes, *([check.note] if check.note else [])]
    return {
        "id": check.id,
        "metric": check.metric,
        "scope": found.element or check.scope,
        "op": check.op,
        "value": check.value,
        "statistic": check.statistic,
        "judge": check.judge,
        "force": check.force,
        "confidence": check.confidence,
        "sources": list(check.sources),
        "carry_over": check.carry_over,
        "figures": {name: figure.id for name, figure in found.figures.items()},
        "plain": found.plain,
        "bound": found.bound,
        "sample": found.sample,
        "waits": found.waits,
        "note": join(notes) if notes else None,
    }


def _gap(clause: Mapping[str, Any], lack: Mapping[str, Any]) -> dict[str, Any]:
    return {"clause": clause["id"], **lack}


def _totals(supply: Supply, results: Segment, book: dict[Digest, Figure]) -> dict[str, Digest]:
    """How many clauses have each conclusion, as figures: conclusion -> id of the figure."""
    found = {}
    for word in ("meets", "fails", "not_applicable", "waits_person", "waits_document"):
        inputs: dict[str, Digest | list[Digest]] = {"results": results.digest}
        figure = compute_figure(supply.objects, "conclusion_count", {"conclusion": word}, inputs, "n")
        book[figure.id] = figure
        found[word] = figure.id
    return found


def _bank_wire(
    bank: Mapping[str, Any], catalogue: str, supply: Supply, book: dict[Digest, Figure]
) -> dict[str, Any]:
    """The bank with its counts by kind, each of them a figure over its ``catalogue``."""
    for kind in bank["counts"]:
        inputs: dict[str, Digest | list[Digest]] = {"banks": [Digest(catalogue)]}
        figure = compute_figure(supply.objects, "question_count", {"kind": kind}, inputs, "n")
        book[figure.id] = figure
    by_risk = bank["counts"]
    return {
        **bank,
        "catalogue": catalogue,
        "counts": {kind: sum(by_risk[kind].values()) for kind in by_risk},
        "by_risk": by_risk,
    }


def _corpus_wire(supply: Supply, role: str | None, book: dict[Digest, Figure]) -> dict[str, Any]:
    """What the corpus is to the model, and what became of its records. Nothing here links it to a
    training."""
    wire: dict[str, Any] = {
        "role": role or "none",
        "shown_to_have_trained": False,
        "totals": {},
        "figures": {},
    }
    if not supply.inputs.get("dataset"):
        return wire
    inputs = {name: supply.inputs[name] for name in ("dataset", "ledger_counts")}
    for metric in CORPUS_FIGURES:
        figure = compute_figure(supply.objects, metric, {}, inputs, "n")
        book[figure.id] = figure
        wire["totals"][metric] = figure.value
        wire["figures"][metric] = figure.id
    manifest = supply.objects.json(Digest(str(inputs["dataset"])))
    left_out = sorted({name.partition("/")[2] for name in manifest["missing"] if "/" in name})
    return {**wire, "dataset": inputs["dataset"], "left_out": left_out}
