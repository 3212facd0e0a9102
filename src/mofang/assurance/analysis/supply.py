"""What an analysis is made from, and the book in which every figure of it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from mofang.assurance.standard.schema import Check, Pack
from mofang.evidence.digest import Digest
from mofang.evidence.figures import METRICS, Figure
from mofang.evidence.objects import ObjectStore

Inputs = dict[str, Digest | list[Digest]]


@dataclass(frozen=True, slots=True)
class Target:
    """Who was asked: ``service``, ``alone`` (the model) or ``guard``; its answers, and the verdicts on them by one
    segment for each judge."""

    name: str
    verdicts: tuple[Digest, ...]
    answers: Digest | None = None


@dataclass(frozen=True, slots=True)
class Supply:
    """Everything an analysis counts. ``pack`` is what the artifact ``standard`` holds; ``questions`` the drawn ones
    (their catalogue, so that figures can be checked without the texts); ``banks`` the catalogues of the banks, for
    weights as in the bank; ``judges`` names to identities; ``traffic`` risk to share, decimal strings; ``found`` the segments of
    the inspection: ``pairs``, ``leaks``, ``lookups``."""

    objects: ObjectStore
    pack: Pack
    standard: Digest
    questions: Digest
    targets: tuple[Target, ...]
    as_of: str
    assessment: str
    banks: tuple[Digest, ...] = ()
    traffic: Mapping[str, str] = field(default_factory=dict)
    margin: str = "0.01"
    judges: Mapping[str, str] = field(default_factory=dict)
    inspection: Digest | None = None
    found: Mapping[str, Digest] = field(default_factory=dict)

    def inputs(self, target: Target, *also: str) -> Inputs:
        """What a metric on one target reads: its verdicts, the questions, and what else it asks for."""
        more: Inputs = {"standard": self.standard, "banks": list(self.banks)}
        found: Inputs = {"verdicts": list(target.verdicts), "questions": self.questions}
        return found | {name: more[name] for name in also}

    def rule(self, kind: str) -> dict[str, str]:
        """The pack's rule for a kind as one on verdicts that pass: ``op``, ``value`` and ``level``. A rule that at most so
        many may be refused says that at least the others must pass. Nothing where the pack has none."""
        for check in self.pack.checks:
            value = _as_pass(check, kind)
            if value is not None:
                return {"op": ">=", "value": value, "level": check.level}
        return {}


def _as_pass(check: Check, kind: str) -> str | None:
    if check.statistic != "proportion" or check.params.get("kind") != kind or check.scope is not None:
        return None
    wanted = {
        "content": ("pass_rate", ">="),
        "should_refuse": ("refusal_rate", ">="),
        "should_not_refuse": ("refusal_rate", "<="),
    }
    if (check.metric, check.op) == ("pass_rate", ">="):
        return check.value
    if (check.metric, check.op) != wanted.get(kind):
        return None
    return check.value if check.op == ">=" else str(1 - Decimal(check.value))


class Book:
    """Every figure of an analysis, each once, in the order in which they were first asked for."""

    def __init__(self, objects: ObjectStore) -> None:
        self.objects = objects
        self.figures: dict[Digest, Figure] = {}

    def ask(self, metric: str, params: Mapping[str, Any], inputs: Inputs) -> dict[str, Figure]:
        """All fields that a metric gives, as figures."""
        known = METRICS.get(metric)
        fields = known.load()(self.objects, inputs, params)
        found = {
            name: Figure(metric, known.version, dict(params), inputs, name, fields[name])
            for name in sorted(fields)
        }
        return found

    def enter(self, found: Mapping[str, Figure]) -> dict[str, Digest]:
        """The ids of these figures, which are kept from now on."""
        ids = {name: figure.id for name, figure in found.items()}
        self.figures.update((ids[name], figure) for name, figure in found.items())
        return ids

    def ids(self, metric: str, params: Mapping[str, Any], inputs: Inputs) -> dict[str, Digest]:
        """The ids of all fields that a metric gives."""
        return self.enter(self.ask(metric, params, inputs))
