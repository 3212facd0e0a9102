"""Measuring a pack's checks: from artifacts to figures, and from figures to the plain rule and the
bound."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Literal

from mofang.assurance.phrases import listed, say
from mofang.assurance.standard.schema import LEVEL, Check, Pack
from mofang.assurance.statistics.proportion import compare, threshold
from mofang.evidence.digest import Digest
from mofang.evidence.figures import METRICS, Figure
from mofang.evidence.objects import ObjectStore
from mofang.i18n import Text

Plain = Literal["met", "not_met", "unknown"]
Bound = Literal["shown", "not_shown", "unknown"]
Sample = Literal["enough", "short", "whole"]
Waits = Literal["person", "document", "classifier", "data"]

MOST_UNSCORED = Fraction(1, 100)
"""Above this share of unscored items nothing is concluded in the provider's favour."""

MAIN = {"days_since_update": "days", "document_attached": "present", "clauses_without_result": "waiting"}
"""The field that a rule is held against; ``n`` where nothing stands here."""

JUDGED = ("pass_rate", "refusal_rate")
"""Metrics over verdicts: a judge that was not there may come later."""

COMPLETENESS = {
    "document_attached": "document",
    "documents_present": "document",
    "clauses_without_result": "person",
    "signatures": "person",
}
"""Metrics that say what is still missing: a shortfall waits for somebody, it is no failure."""


@dataclass(frozen=True, slots=True)
class Supply:
    """What an assessment measures from: artifacts by the name under which metrics ask for them."""

    objects: ObjectStore
    pack: Pack
    inputs: Mapping[str, Digest | list[Digest]]
    as_of: str
    sources: tuple[Mapping[str, Any], ...] = ()
    population: int | None = None
    """Records from which the corpus sample was drawn."""
    lost: tuple[str, ...] = ()
    """Sources of the corpus that could not be read: what was drawn or counted is not the whole."""
    traffic: Mapping[str, str] = field(default_factory=dict)
    """Share of each risk in real use, as the project declares it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One check, measured on one element of its scope. ``plain`` holds the measured value alone against the
    rule; ``sample`` says whether the items were as many as the clause asks for (None: nothing was drawn);
    ``waits`` what must come before the check can be decided."""

    check: Check
    element: str | None
    figures: Mapping[str, Figure]
    plain: Plain
    bound: Bound
    notes: tuple[Text, ...] = ()
    waits: Waits | None = None
    sample: Sample | None = None

    @property
    def failed(self) -> bool:
        """The rule is not met, or it is met on fewer items than the clause asks for."""
        return self.plain == "not_met" or self.sample == "short"

    @property
    def held(self) -> bool:
        return self.plain == "met" and self.sample != "short"

    @property
    def name(self) -> str:
        return self.check.id if self.element is None else f"{self.check.id} ({self.element})"

    def value(self, name: str) -> int | str | None:
        """The value of a field, None where it was not measured."""
        return self.figures[name].value if name in self.figures else None

    def count(self, name: str) -> int:
        return int(self.value(name) or 0)


def measure(check: Check, supply: Supply) -> list[Measured]:
    """The check on every element of its scope; one unmeasured result where there is nothing to measure."""
    waits = check.waits_for is not None and check.metric != "document_attached"
    if waits and check.metric not in JUDGED:
        return [_waiting(check)]
    found = [_measure(check, element, narrow, supply) for element, narrow in elements(check, supply)]
    if waits:
        # What waited for a voice is measured as soon as that voice has spoken; risks it said nothing of stay open.
        return found if any(one.count("n") for one in found) else [_waiting(check)]
    return found or [_no_data(check, None)]


def elements(check: Check, supply: Supply) -> Iterator[tuple[str | None, Mapping[str, Any]]]:
    """What a check is repeated over: the element's name, and the params that narrow the metric to it."""
    pack, sources = supply.pack, supply.sources
    if check.scope is None:
        yield None, _whole(check, pack)
    elif check.scope == "each_risk":
        risks = pack.risks_in(check.params.get("groups"))
        yield from ((risk.code, _coded(pack, [risk.code])) for risk in risks)
    elif check.scope == "each_aspect":
        yield from ((aspect.code, _coded(pack, [aspect.code])) for aspect in pack.aspects)
    elif check.scope == "each_source":
        yield from ((source["id"], {"source": source["id"]}) for source in sources)
    elif check.scope == "each_modality":
        yield from ((name, {"modality": name}) for name in sorted({s["modality"] for s in sources}))
    elif check.scope == "each_language_modality":
        for language, modality in sorted({(s["language"], s["modality"]) for s in sources}):
            yield f"{language}/{modality}", {"language": language, "modality": modality}


def _coded(pack: Pack, codes: Sequence[str]) -> dict[str, Any]:
    """Params that narrow a metric to these codes and to those that the pack maps them to."""
    all_codes = list(dict.fromkeys(other for code in codes for other in pack.codes_for(code)))
    return {"risk": all_codes[0]} if len(all_codes) == 1 else {"risks": all_codes}


def _whole(check: Check, pack: Pack) -> dict[str, Any]:
    """What a check over everything is narrowed to: nothing where the pack asks in its own codes; else the
    mapped codes of the risks it is about, so that questions of other risks are left out."""
    kind = check.params.get("kind")
    if not pack.crosswalk or kind not in ("content", "should_refuse", "should_not_refuse"):
        return {}
    if "risk" in check.params:
        return _coded(pack, [check.params["risk"]])
    aspects = [aspect.code for aspect in pack.aspects]
    risks = [risk.code for risk in pack.risks_in(check.params.get("groups"))]
    codes = aspects if kind == "should_not_refuse" else risks
    return _coded(pack, codes) if codes else {}


def _measure(check: Check, element: str | None, narrow: Mapping[str, Any], supply: Supply) -> Measured:
    inputs, name = inputs_for(check, supply), metric_for(check)
    if inputs is None or name not in METRICS:
        return _no_data(check, element)
    params = params_for(check, narrow, supply.as_of) | _weights(check, supply)
    metric = METRICS.get(name)
    fields = metric.load()(supply.objects, inputs, params)
    figures = {
        name: Figure(metric.id, metric.version, params, inputs, name, fields[name]) for name in sorted(fields)
    }
    if check.metric in JUDGED:
        return _decide_sample(check, element, figures, supply)
    return _decide(check, element, figures)


def metric_for(check: Check) -> str:
    """The metric that is computed: a check that names an estimator over risks gets the weighted rate."""
    return check.metric if check.estimator == "plain" else "stratified_rate"


def _weights(check: Check, supply: Supply) -> dict[str, Any]:
    if check.estimator == "plain":
        return {}
    weights = check.estimator.partition("_")[2]
    counts = {"counts": "refused"} if check.metric == "refusal_rate" else {}
    traffic = {"traffic": dict(supply.traffic)} if weights == "traffic" else {}
    return {"weights": weights, **counts, **traffic}


def inputs_for(check: Check, supply: Supply) -> dict[str, Digest | list[Digest]] | None:
    """The artifacts a check is measured from, under the metric's own names; None where one is missing."""
    judged = {"verdicts": "verdicts", "questions": "questions"}
    wanted = {
        "pass_rate": {"verdicts": "corpus_verdicts"} if check.params.get("kind") == "corpus" else judged,
        "refusal_rate": judged,
        "question_count": {"banks": "banks"},
        "keyword_count": {"lexicon": "lexicon"},
        "days_since_update": {"lexicon": "lexicon"}
        if check.params.get("of") == "keywords"
        else {"banks": "banks"},
        "document_attached": {"attachments": "attachments"},
        "clauses_without_result": {"conclusions": "conclusions"},
    }.get(check.metric, {"dataset": "dataset", "ledger_counts": "ledger_counts"})
    if check.estimator != "plain":
        wanted = {**wanted, "standard": "standard"}
        wanted |= {"banks": "banks"} if check.estimator == "stratified_bank" else {}
    if not all(supply.inputs.get(source) for source in wanted.values()):
        return None
    if check.estimator == "stratified_traffic" and not supply.traffic:
        return None
    return {name: supply.inputs[source] for name, source in wanted.items()}


def params_for(check: Check, narrow: Mapping[str, Any], as_of: str) -> dict[str, Any]:
    """The metric's params: the check's own, narrowed to one element, with the rule where the metric
    decides."""
    params = {**check.params, **narrow}
    if "risk" in narrow or "risks" in narrow:
        params.pop("groups", None)
    if "risks" in narrow:
        params.pop("risk", None)
    if check.metric == "days_since_update":
        of = params.pop("of", None)
        return (
            {**params, "as_of": as_of} if of in (None, "keywords") else {**params, "kind": of, "as_of": as_of}
        )
    if check.metric == "document_attached":
        return {"clause": check.clause, "as_of": as_of}
    if check.statistic == "proportion" or check.metric == "documents_present":
        params |= {"op": check.op, "value": check.value}
    if check.metric in JUDGED:
        params |= {"judge": check.judge} if check.judge is not None else {}
        params |= {"level": check.level} if check.level != LEVEL else {}
    return params


def _decide(check: Check, element: str | None, figures: Mapping[str, Figure]) -> Measured:
    """A census (a count, a share of everything, a number of days): exact, so there is no bound."""
    decided = "met" if "met" in figures else MAIN.get(check.metric, "n")
    notes = _remarks(figures, whole=element is None)
    if decided not in figures or (check.statistic == "proportion" and decided != "met"):
        return _no_data(check, element, figures, notes)
    value = figures[decided].value
    holds = value == "yes" if decided == "met" else compare(Fraction(value), check.op, threshold(check.value))
    if holds:
        return Measured(check, element, figures, "met", "unknown", notes)
    waits = COMPLETENESS.get(check.metric)
    if waits is None:
        return Measured(check, element, figures, "not_met", "unknown", notes)
    return Measured(check, element, figures, "unknown", "unknown", notes, _waits(waits))


def _decide_sample(
    check: Check, element: str | None, figures: Mapping[str, Figure], supply: Supply
) -> Measured:
    """A sample: the plain rule and the bound apart, and no conclusion where unscored items decide."""
    found = Measured(check, element, figures, "unknown", "unknown")
    n, unscored = found.count("n"), found.count("unscored")
    if n == 0 or "met" not in figures:
        return _no_data(check, element, figures)
    least, whole = least_sample(check, supply.population)
    sample: Sample = "short" if n < least else "whole" if whole else "enough"
    notes = [*([say("note_unscored", unscored=unscored)] if unscored else []), *_clusters(figures)]
    if sample == "short":
        notes.append(say("note_sample_small", n=n, least=least))
    elif whole:
        notes.append(say("note_whole", n=n))
    bound: Bound = "shown" if found.value("shown") == "yes" else "not_shown"
    if found.value("open") == "yes":
        notes.append(say("note_unscored_decide", unscored=unscored))
        return replace(found, bound=bound, notes=tuple(notes), waits="person", sample=sample)
    if found.value("met") == "yes" and unscored > MOST_UNSCORED * n:
        notes.append(say("note_unscored_many", unscored=unscored))
        return replace(found, bound=bound, notes=tuple(notes), waits="person", sample=sample)
    plain: Plain = "met" if found.value("met") == "yes" else "not_met"
    if supply.lost and check.params.get("kind") == "corpus":
        notes.append(say("note_lost", sources=listed(supply.lost)))
        if plain == "met":
            return replace(found, bound=bound, notes=tuple(notes), waits="data", sample=sample)
    return replace(found, plain=plain, bound=bound, notes=tuple(notes), sample=sample)


def least_sample(check: Check, population: int | None) -> tuple[int, bool]:
    """The fewest items a sample may have, and whether the population is so small that it is taken whole."""
    least = check.sample_min or 0
    corpus = check.params.get("kind") == "corpus" and population is not None
    if check.sample_share is not None and corpus:
        least = max(least, math.ceil(threshold(check.sample_share) * (population or 0)))
    if corpus and (population or 0) < least:
        return population or 0, True
    return least, False


def _remarks(figures: Mapping[str, Figure], *, whole: bool) -> tuple[Text, ...]:
    """What a reader must know beside a count: entries for demonstration only, entries dated too late. Said
    of the whole, not again of every element."""
    counts = {name: figures[name].value for name in ("demo", "later") if whole and name in figures}
    return tuple(say(f"note_{name}", **{name: count}) for name, count in counts.items() if count)


def _clusters(figures: Mapping[str, Figure]) -> list[Text]:
    if "clusters" not in figures or figures["clusters"].value == figures["n"].value:
        return []
    return [say("note_clusters", clusters=figures["clusters"].value)]


def _waiting(check: Check) -> Measured:
    """A check that this software does not measure."""
    waits = _waits(check.waits_for or "data")
    return Measured(check, None, {}, "unknown", "unknown", (say(f"note_waits_{waits}"),), waits)


def _no_data(
    check: Check,
    element: str | None,
    figures: Mapping[str, Figure] | None = None,
    notes: tuple[Text, ...] = (),
) -> Measured:
    return Measured(
        check, element, figures or {}, "unknown", "unknown", (say("note_no_data"), *notes), "data"
    )


def _waits(word: str) -> Waits:
    known: dict[str, Waits] = {
        "person": "person",
        "document": "document",
        "classifier": "classifier",
        "data": "data",
    }
    return known[word]
