"""The proposed conclusion on each clause: what was measured, what was attached, and what somebody must
still bring.

Measured checks decide by the plain rule; the bound is reported beside it. Documents are proposed as proof,
never judged. Rules that are only recommended are shown and do not make a mandatory clause fail. Every
conclusion is a proposal: a named person concludes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mofang.assurance.config import PathFacts
from mofang.assurance.measurement import Measured
from mofang.assurance.phrases import itemised, join, listed, say
from mofang.assurance.shortfalls import shortfalls
from mofang.assurance.standard.conditions import answers, applies, parse_condition
from mofang.assurance.standard.schema import Clause
from mofang.i18n import Text

Word = Literal["meets", "fails", "not_applicable", "waits_person", "waits_document"]
Attached = Mapping[str, Any]

WEIGHT = {"shall": 3, "should": 2, "may": 1, "practice": 0}


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A proposal with its reason, and what is missing: a text for each thing that somebody must bring."""

    word: Word
    reason: Text
    missing: tuple[Text, ...] = ()


def conclude_clause(
    clause: Clause,
    measured: Sequence[Measured],
    attached: Sequence[Attached],
    facts: PathFacts,
    as_of: str,
    population: int | None = None,
) -> Conclusion:
    """The proposal on one clause. ``attached`` are the attachments to it, expired ones among them."""
    held = applies(clause.applies, facts)
    if held is not True:
        return _applicability(clause, facts, held)
    case = _Case(clause, measured, attached, as_of, population)
    if case.failed:
        return _fails(case)
    if case.open or case.lacks_document or case.lacks_person:
        return _waits(case)
    return _meets(case)


class _Case:
    """A clause with its measurements sorted by what they decide."""

    def __init__(
        self,
        clause: Clause,
        measured: Sequence[Measured],
        attached: Sequence[Attached],
        as_of: str,
        population: int | None,
    ) -> None:
        self.clause = clause
        self.measured = measured
        self.population = population
        self.current = [a for a in attached if a["expires"] is None or a["expires"] >= as_of]
        self.expired = [a for a in attached if a not in self.current]
        weight = WEIGHT[clause.force]
        self.decisive = [found for found in measured if WEIGHT[found.check.force] >= weight]
        self.aside = [f for f in measured if WEIGHT[f.check.force] < weight and f.failed]
        self.failed = [found for found in self.decisive if found.failed]
        # A document stands in where the software does not measure, never where it measured otherwise.
        stands_in = ("document", "data") if self.current else ()
        self.open = [
            f for f in self.decisive if f.plain == "unknown" and f.waits not in stands_in and not f.failed
        ]

    @property
    def lacks_document(self) -> bool:
        return self.clause.proof in ("document", "mixed") and not self.current

    @property
    def lacks_person(self) -> bool:
        measured = any(found.held for found in self.decisive)
        return not self.current and (
            self.clause.proof == "person" or (self.clause.proof == "measured" and not measured)
        )

    def names(self, chosen: Sequence[Measured]) -> Text:
        """Checks by id; one that goes over several elements with how many of them are meant."""
        texts = []
        for id in dict.fromkeys(found.check.id for found in chosen):
            part = [found for found in chosen if found.check.id == id]
            whole = [found for found in self.measured if found.check.id == id]
            texts.append(part[0].name if len(whole) == 1 else f"{id} {len(part)}/{len(whole)}")
        return listed(texts)

    def document(self) -> Text:
        """The document that the clause still wants."""
        wanted = self.clause.document or say("missing_any_document")
        if self.expired:
            return say("missing_expired", document=wanted, files=_files(self.expired))
        return say("missing_document", document=wanted)

    def lacks(self, chosen: Sequence[Measured]) -> tuple[Text, ...]:
        """What is missing for these checks, the clause's document first."""
        wants_document = self.lacks_document or any(f.waits == "document" for f in chosen)
        documents = [self.document()] if wants_document and not self._sources_only(chosen) else []
        named = [found for found in self.measured if found.check.id in {f.check.id for f in chosen}]
        return (*documents, *shortfalls([f for f in named if f in chosen or f.held], self.population))

    def _sources_only(self, chosen: Sequence[Measured]) -> bool:
        by_source = all(found.check.metric == "documents_present" for found in chosen)
        return bool(chosen) and by_source and not self.lacks_document


def _applicability(clause: Clause, facts: PathFacts, held: bool | None) -> Conclusion:
    given = answers(facts)
    wanted = parse_condition(clause.applies or "")
    if held is False:
        stated = listed(f"{name}={given[name]}" for name in wanted if given[name] is not None)
        return Conclusion(
            "not_applicable", say("reason_not_applicable", facts=stated, condition=clause.applies or "")
        )
    unanswered = listed(name for name in wanted if given[name] is None)
    return Conclusion(
        "waits_person",
        say("reason_applies_unknown", facts=unanswered),
        (say("missing_fact", facts=unanswered),),
    )


def _fails(case: _Case) -> Conclusion:
    missed = [found for found in case.failed if found.plain == "not_met"]
    short = [found for found in case.failed if found.sample == "short"]
    reason = [say("reason_fails", checks=case.names(missed))] if missed else []
    if short:
        reason.append(say("reason_short", checks=case.names(short)))
    return Conclusion("fails", join([*reason, *_asides(case)]), case.lacks([*case.failed, *case.open]))


def _waits(case: _Case) -> Conclusion:
    missing = case.lacks(case.open) or (say("missing_person", check=case.clause.id),)
    document = case.lacks_document or any(found.waits == "document" for found in case.open)
    word: Word = "waits_document" if document else "waits_person"
    reason = [say("reason_expired", files=_files(case.expired))] if case.expired and document else []
    reason.append(say(f"reason_{word}", what=itemised(missing)))
    return Conclusion(word, join([*reason, *_asides(case)]), missing)


def _meets(case: _Case) -> Conclusion:
    met = [found for found in case.decisive if found.held and found.check.metric != "document_attached"]
    unsure = [found for found in met if found.bound == "not_shown"]
    reason = [say("reason_meets_measured", checks=case.names(met))] if met else []
    if unsure:
        reason.append(say("reason_not_shown", checks=case.names(unsure)))
    if case.current:
        reason.append(say("reason_meets_document", files=_files(case.current)))
    return Conclusion("meets", join([*reason, *_asides(case)]))


def _asides(case: _Case) -> list[Text]:
    texts: list[Text] = []
    if case.aside:
        texts.append(say("reason_should_failed", checks=case.names(case.aside)))
    if case.clause.force != "shall":
        texts.append(say("reason_recommended"))
    return texts


def _files(attached: Sequence[Attached]) -> Text:
    return listed(str(one["file"]) for one in attached)
