"""Figures as the page prints them. Every number carries its figure's id; the card of a figure says how it was
computed, and ``mofang show`` opens it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Any

from mofang.assurance.dossier.figure_book import FigureBook, Printed, prefix_of
from mofang.assurance.dossier.values import is_rate, percent, plain
from mofang.assurance.report.wording import Words
from mofang.evidence.digest import Digest
from mofang.evidence.figures import Figure

ORDER = (
    *(
        "n",
        "passed",
        "refused",
        "failed",
        "answered",
        "unscored",
        "rate",
        "worst",
        "wanted",
        "met",
        "lower",
        "upper",
    ),
    *(
        "needed",
        "shown",
        "open",
        "simultaneous",
        "lower_simultaneous",
        "upper_simultaneous",
        "family",
        "p",
        "p_adjusted",
    ),
)
"""Fields in the order in which a card lists them; others come after, by name."""
DOWN = ("lower", "low", "wilson_low")
UP = ("upper", "high", "wilson_high")
PROBABILITIES = frozenset({"p", "p_adjusted", "p_mid", "q"})
COEFFICIENTS = frozenset(
    {"kappa", "ac1", "pabak", "alpha", "lambda", "informedness", "informedness_lower", "design_effect"}
)
POINTS = frozenset({"difference", "lower", "upper"})
"""Fields of a paired change that are differences between two rates."""
SIZES = frozenset({"effective_n"})


@dataclass(frozen=True, slots=True)
class Known(Printed):
    """A printed figure whose id is known: computing it again for every place on the page takes seconds."""

    known: Digest

    @property
    def id(self) -> str:
        return self.known

    @property
    def prefix(self) -> str:
        return prefix_of(self.known)


class Numbers(FigureBook):
    """A figure book that also prints what analyses give: probabilities, coefficients, differences. ``figures``
    by id."""

    def __init__(self, figures: Mapping[str, Figure]) -> None:
        self._printed = {
            Digest(id): Known(figure, printed(figure), Digest(id)) for id, figure in figures.items()
        }

    def some(self, figures: Mapping[str, str] | None, where: str) -> dict[str, Printed]:
        """Figures by field name; nothing where nothing was measured."""
        return self.all(figures or {}, where)


def printed(figure: Figure) -> str:
    """The printed form of a figure. Limits are rounded outwards, probabilities up, so that print never claims
    more than was computed."""
    value, field = figure.value, figure.field
    if isinstance(value, int):
        return f"{value:,}"
    if not is_rate(value):
        return value
    if field in PROBABILITIES:
        return _probability(value)
    if field in COEFFICIENTS:
        return _cut(Decimal(value), "0.001", ROUND_FLOOR if field.endswith("_lower") else ROUND_HALF_EVEN)
    if field in SIZES:
        return _cut(Decimal(value), "0.1", ROUND_FLOOR)
    if figure.metric == "paired_change" and field in POINTS:
        return _points(value, field)
    return percent(value, _direction(field))


def _direction(field: str) -> str:
    """The rounding that a field asks for, under the name by which values know it."""
    if field in DOWN or field.endswith(("_lower", "_low")) or field == "lower_simultaneous":
        return "lower"
    if field in UP or field.endswith(("_upper", "_high")) or field == "upper_simultaneous":
        return "upper"
    return field


def _probability(value: str) -> str:
    exact = Decimal(value)
    return "< 0.0001" if exact < Decimal("0.0001") else _cut(exact, "0.0001", ROUND_CEILING)


def _points(value: str, field: str) -> str:
    rounding = {"lower": ROUND_FLOOR, "upper": ROUND_CEILING}.get(field, ROUND_HALF_EVEN)
    text = _cut(abs(Decimal(value)) * 100, "0.01", _mirrored(rounding) if value.startswith("-") else rounding)
    sign = "−" if value.startswith("-") and text != "0" else "+" if text != "0" else ""
    return f"{sign}{text}"


def _mirrored(rounding: str) -> str:
    return {ROUND_FLOOR: ROUND_CEILING, ROUND_CEILING: ROUND_FLOOR}.get(rounding, rounding)


def _cut(exact: Decimal, step: str, rounding: str) -> str:
    return plain(exact.quantize(Decimal(step), rounding))


def cards(book: Numbers, words: Words) -> dict[str, Any]:
    """Every figure of the page, those computed together in one group: what the script shows of a figure.

    ``groups`` hold metric, version, params, inputs and ``fields`` (name, id, printed, exact); ``labels`` what
    metrics and fields are called, both languages.
    """
    found: dict[str, dict[str, Any]] = {}
    labels: dict[str, list[str]] = {}
    for one in book:
        figure = one.figure
        params = json.dumps(dict(figure.params), ensure_ascii=False, sort_keys=True)
        key = json.dumps([figure.metric, figure.version, params, dict(figure.inputs)], sort_keys=True)
        group = found.setdefault(key, _group(figure, params))
        group["fields"].append([figure.field, one.id, one.text, one.exact])
        metric, field = words.term("metric", figure.metric), words.field(figure.metric, figure.field)
        labels[figure.metric] = [metric["zh"], metric["en"]]
        labels[f"{figure.metric}.{figure.field}"] = [field["zh"], field["en"]]
        if isinstance(figure.value, str):
            value = words.term("value", one.text)
            labels[f"={one.text}"] = [value["zh"], value["en"]]
    for group in found.values():
        group["fields"].sort(key=lambda row: (ORDER.index(row[0]) if row[0] in ORDER else len(ORDER), row[0]))
    plain_labels = {name: text for name, text in labels.items() if text[0] != name[1:] or text[1] != name[1:]}
    return {"groups": list(found.values()), "labels": plain_labels}


def _group(figure: Figure, params: str) -> dict[str, Any]:
    inputs = [
        [name, digest]
        for name, value in sorted(figure.inputs.items())
        for digest in ([value] if isinstance(value, str) else value)
    ]
    return {
        "metric": figure.metric,
        "version": figure.version,
        "params": params,
        "inputs": inputs,
        "fields": [],
    }
