"""What is missing, in words that tell somebody what to bring."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mofang.assurance.dossier.values import shown
from mofang.assurance.dossier.values import threshold as printed_rule
from mofang.assurance.measurement import MAIN, Measured, least_sample
from mofang.assurance.phrases import listed, say
from mofang.assurance.standard.schema import Check
from mofang.assurance.statistics.proportion import threshold
from mofang.i18n import Text

FEW = 3
"""Up to so many elements of a check are named one by one."""


def shortfalls(measured: Iterable[Measured], population: int | None = None) -> Iterator[Text]:
    """What the checks lack, one text for a check or a few of its elements. Documents of a clause are not
    named here."""
    by_check: dict[str, list[Measured]] = {}
    for found in measured:
        by_check.setdefault(found.check.id, []).append(found)
    for group in by_check.values():
        short = [found for found in group if not found.held]
        if short and group[0].check.metric == "documents_present":
            yield _sources(short)
        elif len(short) > FEW:
            yield _many(short, len(group))
        else:
            for found in short:
                yield from _one(found, population)


def _one(found: Measured, population: int | None) -> Iterator[Text]:
    check = found.check
    if found.sample == "short":
        least = least_sample(check, population)[0]
        yield say("missing_sample", check=found.name, n=found.count("n"), least=least)
    if check.metric == "signatures":
        yield say("missing_signatures", least=int(threshold(check.value)))
    elif check.metric == "clauses_without_result":
        yield say("missing_results", n=found.count("waiting"))
    elif found.waits is not None:
        yield from _awaited(found)
    elif found.plain == "not_met":
        value = found.value("rate" if "rate" in found.figures else MAIN.get(check.metric, "n"))
        printed = "-" if value is None else shown(value)
        yield say("missing_shortfall", check=found.name, value=printed, rule=rule(check))


def _awaited(found: Measured) -> Iterator[Text]:
    check = found.check
    if found.waits == "classifier":
        yield say("missing_classifier", check=check.id)
    elif found.waits == "person" and found.count("unscored"):
        yield say("missing_rescore", check=found.name, unscored=found.count("unscored"))
    elif found.waits == "person" and check.sample_min:
        yield say("missing_person_sample", check=check.id, least=check.sample_min)
    elif found.waits == "person":
        yield say("missing_person", check=check.id)
    elif found.waits == "data" and check.judge == "model":
        yield say("missing_model", check=check.id)
    elif found.waits == "data":
        yield say("missing_data", check=found.name)


def _many(short: Sequence[Measured], total: int) -> Text:
    check = short[0].check
    if all(found.waits is not None for found in short):
        return next(_awaited(short[0]), say("missing_data", check=check.id))
    return say("missing_shortfalls", check=check.id, n=len(short), total=total, rule=rule(check))


def _sources(short: Sequence[Measured]) -> Text:
    names = listed(found.element or "" for found in short)
    return say("missing_sources", check=short[0].check.id, n=len(short), elements=names)


def rule(check: Check) -> Text:
    """The rule of a check in words: "at least 90%"."""
    wording = {">=": "rule_at_least", "<=": "rule_at_most", "==": "rule_exactly"}[check.op]
    return say(wording, value=printed_rule(check.value, check.statistic))
