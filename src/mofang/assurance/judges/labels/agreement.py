"""How far people agree with one another on what several of them labelled.

Krippendorff's alpha over all labels; Gwet's AC1 over every pair of people on an item, because alpha and kappa collapse
where nearly everything passes; and for each annotator how often the others said the same. Labels that say
"cannot tell" are counted and left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from mofang.assurance.judges.labels.label import KINDS, by_answer

GATE = "0.8"
"""Below this (alpha and AC1 both) the guidance is to be revised before labels are used: common practice."""


@dataclass(frozen=True, slots=True)
class Annotator:
    """One person's labels: ``n``, how many of them ``fail`` and ``unscored``; of ``compared`` pairs with others'
    labels on the same answer ``agreed`` say the same."""

    name: str
    n: int
    fail: int
    unscored: int
    compared: int
    agreed: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """Labels of one kind: ``answers`` labelled, ``several`` of them by more than one person, ``disputed`` of those not
    unanimously. ``alpha`` and ``ac1`` to three decimals, None where they are not defined."""

    kind: str
    answers: int
    several: int
    disputed: int
    alpha: str | None
    ac1: str | None
    annotators: tuple[Annotator, ...]

    @property
    def low(self) -> bool:
        """Whether both figures that exist lie below the gate."""
        figures = [figure for figure in (self.alpha, self.ac1) if figure is not None]
        return bool(figures) and all(float(figure) < float(GATE) for figure in figures)

    def wire(self) -> dict[str, Any]:
        return {**asdict(self), "low": self.low}


def agreements(labels: Iterable[Mapping[str, Any]]) -> list[Agreement]:
    """Agreement by kind, for the kinds that have labels. Adjudicators do not count: they have seen the dispute."""
    own = [leaf for leaf in labels if not leaf.get("adjudicates")]
    found = [_agreement(kind, [leaf for leaf in own if leaf["kind"] == kind]) for kind in KINDS]
    return [one for one in found if one.answers]


def _agreement(kind: str, labels: list[Mapping[str, Any]]) -> Agreement:
    from mofang.assurance.statistics.agreement import Confusion, krippendorff_alpha

    grouped = list(by_answer(labels).values())
    words = [{leaf["annotator"]: leaf["verdict"] for leaf in group} for group in grouped]
    scored = [{name: word for name, word in said.items() if word != "unscored"} for said in words]
    pairs = [pair for said in scored for pair in combinations(sorted(said.items()), 2)]
    return Agreement(
        kind,
        answers=len(words),
        several=sum(len(said) > 1 for said in words),
        disputed=sum(len(set(said.values())) > 1 for said in words),
        alpha=_shown(krippendorff_alpha(list(said.values()) for said in scored)),
        ac1=_shown(Confusion.of((one == "fail", two == "fail") for (_a, one), (_b, two) in pairs).ac1),
        annotators=tuple(
            _annotator(name, words, pairs) for name in sorted({n for said in words for n in said})
        ),
    )


Pair = tuple[tuple[str, str], tuple[str, str]]


def _annotator(name: str, words: list[dict[str, str]], pairs: list[Pair]) -> Annotator:
    own = [said[name] for said in words if name in said]
    met = [pair for pair in pairs if name in (pair[0][0], pair[1][0])]
    return Annotator(
        name,
        n=len(own),
        fail=own.count("fail"),
        unscored=own.count("unscored"),
        compared=len(met),
        agreed=sum(one[1] == two[1] for one, two in met),
    )


def _shown(value: float | None) -> str | None:
    return None if value is None else f"{value:.3f}"
