"""The whole table as one value: risks, kinds, judges, voices and targets side by side, every number a figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mofang.assurance.analysis import columns, voices
from mofang.assurance.analysis.inspected import inspected, without_curated
from mofang.assurance.analysis.phrases import say
from mofang.assurance.analysis.supply import Book, Inputs, Supply, Target
from mofang.assurance.standard.schema import KINDS, Aspect, Risk
from mofang.assurance.statistics.agreement import FEW
from mofang.evidence.figures import Figure
from mofang.evidence.leaves import leaf_ref
from mofang.i18n import Text

ANALYSIS = "application/vnd.mofang.analysis+json"
FORMAT = 1

_CLUSTERED = {
    "clusters": "clusters",
    "design_effect": "design_effect",
    "effective_n": "effective_n",
    "clustered_lower": "lower",
    "clustered_upper": "upper",
    "clustered_shown": "shown",
}


@dataclass(frozen=True, slots=True)
class Analysed:
    """The analysis (JSON without floats), and every figure it names, each once."""

    analysis: Mapping[str, Any]
    figures: tuple[Figure, ...]


def analyse(supply: Supply) -> Analysed:
    """One analysis. Pure: same artifacts, same bytes."""
    book = Book(supply.objects)
    service = supply.targets[0]
    kinds = [row for target in supply.targets for kind in KINDS for row in _kinds(supply, book, target, kind)]
    analysis = {
        "format": FORMAT,
        "standard": {
            "id": supply.pack.id,
            "number": supply.pack.number,
            "title": dict(supply.pack.title),
            "digest": supply.standard,
        },
        "as_of": supply.as_of,
        "assessment": supply.assessment,
        "targets": [
            {
                "name": target.name,
                "answers": target.answers,
                "questions": supply.questions,
                "verdicts": list(target.verdicts),
            }
            for target in supply.targets
        ],
        "risks": [
            row for kind in ("content", "should_refuse") for row in _risks(supply, book, service, kind)
        ],
        "aspects": list(_risks(supply, book, service, "should_not_refuse")),
        "kinds": kinds,
        "judges": [row for t in supply.targets for kind in KINDS for row in _judges(supply, book, t, kind)],
        "voices": [row for t in supply.targets for kind in KINDS for row in _voices(supply, book, t, kind)],
        "paired": [row for kind in KINDS for row in _paired(supply, book, kind)],
        "inspection": supply.inspection,
        "inspected": inspected(supply, book),
        "without_curated": without_curated(supply, book),
        "notes": _notes(supply, book, kinds),
    }
    return Analysed(analysis, tuple(book.figures.values()))


def _heard(supply: Supply, target: Target, kind: str) -> list[str]:
    return voices.judges_of(supply.objects, supply.inputs(target), kind)


def _risks(supply: Supply, book: Book, target: Target, kind: str) -> Iterator[dict[str, Any]]:
    judges = _heard(supply, target, kind)
    inputs = supply.inputs(target, "standard")
    aspects = kind == "should_not_refuse"
    rows: Sequence[Risk | Aspect] = supply.pack.aspects if aspects else supply.pack.risks
    if not judges:
        return
    for row in rows:
        params = {"kind": kind, "risk": row.code, **supply.rule(kind)}
        yield {
            "code": row.code,
            "name": dict(row.name),
            "group": getattr(row, "group", None),
            "kind": kind,
            "voices": {
                judge: book.ids("risk_bounds", {"judge": judge, **params}, inputs) for judge in judges
            },
        }


def _kinds(supply: Supply, book: Book, target: Target, kind: str) -> Iterator[dict[str, Any]]:
    inputs = supply.inputs(target)
    for judge in _heard(supply, target, kind):
        params = {"judge": judge, "kind": kind, **supply.rule(kind)}
        found = book.ask("kind_rates", params, inputs)
        around = "clustered_lower" in found
        yield {
            "kind": kind,
            "target": target.name,
            "judge": judge,
            "figures": book.enter({n: f for n, f in found.items() if not n.startswith("clustered_")}),
            "stratified": _stratified(supply, book, target, params),
            "clustered": {
                _CLUSTERED[name]: id
                for name, id in book.enter({n: found[n] for n in _CLUSTERED if n in found}).items()
                if around
            },
            "repeats": book.ids("repeat_rates", {"judge": judge, "kind": kind}, inputs),
        }


def _stratified(
    supply: Supply, book: Book, target: Target, params: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    known = _known(supply)
    traffic = {code: share for code, share in supply.traffic.items() if code in known}
    found: dict[str, dict[str, Any]] = {"bank": {}, "traffic": {}}
    equal = {**params, "weights": "equal"}
    found["equal"] = book.ids("stratified_rate", equal, supply.inputs(target, "standard"))
    if supply.banks:
        inputs = supply.inputs(target, "standard", "banks")
        found["bank"] = book.ids("stratified_rate", {**params, "weights": "bank"}, inputs)
    if traffic and params["kind"] != "should_not_refuse":
        weighted = {**params, "weights": "traffic", "traffic": traffic}
        found["traffic"] = book.ids("stratified_rate", weighted, supply.inputs(target, "standard"))
    return found


def _judges(supply: Supply, book: Book, target: Target, kind: str) -> Iterator[dict[str, Any]]:
    inputs = supply.inputs(target)
    for judge in _heard(supply, target, kind):
        if judge == voices.PEOPLE:
            continue
        params = {"judge": judge, "kind": kind, "against": voices.PEOPLE}
        found = book.ask("judge_confusion", params, inputs)
        word, why = str(found["usable"].value), str(found["why"].value)
        usable = {"yes": True, "no": False}.get(word)
        if why == "few_labels" and found["n"].value == 0:
            why = "no_labels"
        yield {
            "judge": judge,
            "identity": supply.judges.get(judge),
            "kind": kind,
            "target": target.name,
            "against": voices.PEOPLE,
            "confusion": book.enter(found),
            "usable": usable,
            "why": None if usable else _why(why),
            "corrected": _corrected(book, params, inputs, usable),
        }


def _why(code: str) -> Text:
    return say(f"why_{code}", few=FEW) if code == "few_labels" else say(f"why_{code}")


def _corrected(
    book: Book, params: Mapping[str, Any], inputs: Inputs, usable: bool | None
) -> dict[str, dict[str, Any]]:
    if not usable:
        return {"ppi": {}, "rogan_gladen": {}}
    return {
        method: book.ids("corrected_rate", {**params, "method": method}, inputs)
        for method in ("ppi", "rogan_gladen")
    }


def _voices(supply: Supply, book: Book, target: Target, kind: str) -> Iterator[dict[str, Any]]:
    judges, inputs = _heard(supply, target, kind), supply.inputs(target)
    if not judges:
        return
    found = voices.votes(supply.objects, inputs, kind, judges)
    yield {
        "kind": kind,
        "target": target.name,
        "patterns": [
            {"votes": votes, "figures": book.ids("vote_pattern", {"kind": kind, "votes": votes}, inputs)}
            for votes in voices.patterns(found)
        ],
        "disagreements": list(_disagreements(supply, found)),
    }


def _disagreements(supply: Supply, found: voices.Votes) -> Iterator[dict[str, Any]]:
    verdicts = found.verdicts
    asked = columns.questions(supply.objects, {"questions": supply.questions})
    for answer in voices.split(found):
        row = int(found.row[answer])
        item = verdicts.item.words[int(verdicts.item.codes[row])]
        risk = int(verdicts.risk.codes[row])
        place = asked.place.get(item)
        yield {
            "item": item,
            "repeat": int(verdicts.repeat[row]),
            "risk": verdicts.risk.words[risk] if risk >= 0 else None,
            "votes": {
                judge: columns.WORDS[code]
                for judge, code in zip(found.judges, found.words[answer].tolist(), strict=True)
            },
            "answer": verdicts.of[row].as_py() or None,
            "question": None
            if place is None
            else (asked.of[place] if asked.catalogue else leaf_ref(supply.questions, asked.leaf[place])),
        }


def _paired(supply: Supply, book: Book, kind: str) -> Iterator[dict[str, Any]]:
    targets = {target.name: target for target in supply.targets}
    if "alone" not in targets or "service" not in targets:
        return
    before, after = targets["alone"], targets["service"]
    common = set(_heard(supply, before, kind))
    for judge in _heard(supply, after, kind):
        if judge in common:
            params = {"judge": judge, "kind": kind, "margin": supply.margin}
            inputs: Inputs = {
                "before": list(before.verdicts),
                "after": list(after.verdicts),
                "questions": supply.questions,
            }
            figures = book.ids("paired_change", params, inputs)
            yield {"kind": kind, "judge": judge, "from": "alone", "to": "service", "figures": figures}


def _notes(supply: Supply, book: Book, kinds: Sequence[Mapping[str, Any]]) -> list[Text]:
    """What a reader must know beside the numbers."""

    def values(name: str, place: str = "figures") -> list[int | str]:
        return [book.figures[row[place][name]].value for row in kinds if name in row[place]]

    notes: list[Text] = [say("note_pass"), say("note_family", family=len(supply.pack.risks))]
    repeats = values("repeats", "repeats")
    if repeats:
        notes.append(say("note_repeats", repeats=max(int(each) for each in repeats)))
    if any(row["clustered"] for row in kinds):
        notes.append(say("note_clusters"))
    silent = [kind for kind in KINDS if not supply.rule(kind) and any(row["kind"] == kind for row in kinds)]
    notes += [say("note_no_rule", kind=kind) for kind in silent]
    empty = _unasked(supply)
    if empty:
        notes.append(say("note_empty", names=", ".join(empty)))
    known = _known(supply)
    strange = sorted(set(supply.traffic) - known)
    if strange:
        notes.append(say("note_traffic_unknown", names=", ".join(strange)))
    return [*notes, say("note_corrected"), say("note_explore")]


def _known(supply: Supply) -> set[str]:
    """Every code that traffic weights may name."""
    return {risk.code for risk in supply.pack.risks} | {aspect.code for aspect in supply.pack.aspects}


def _unasked(supply: Supply) -> list[str]:
    """Risks about which no content question was asked."""
    asked = columns.questions(supply.objects, {"questions": supply.questions})
    content = asked.kind.codes == asked.kind.code("content")
    if not content.any():
        return []
    return [
        risk.code
        for risk in supply.pack.risks
        if not (content & asked.risk.among(supply.pack.codes_for(risk.code))).any()
    ]
