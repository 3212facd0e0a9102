"""Small pictures as inline SVG, without style attributes, so that the page may forbid inline styles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal

from markupsafe import Markup

from mofang.assurance.dossier.figure_book import Printed
from mofang.assurance.dossier.picture import Scale
from mofang.assurance.dossier.values import plain

STRIP = 10
ROW = 26


def scale_for(op: str, values: Sequence[str]) -> Scale:
    """The stretch of percent that holds these proportions; it ends at the limit that nothing can pass."""
    points = [Decimal(value) * 100 for value in values]
    if op == "<=":
        highest = max([*points, Decimal(20)])
        return Scale(Decimal(0), min(-((-highest) // 20) * 20, Decimal(100)))
    lowest = (min([*points, Decimal(80)]) / 20).to_integral_value(ROUND_FLOOR) * 20
    return Scale(max(lowest, Decimal(0)), Decimal(100))


def strip(figures: Mapping[str, Printed], rule: str | None, scale: Scale) -> Markup:
    """A cell's strip: the two-sided interval, the one-sided bound, the rate, and the rule as a tick."""
    middle = STRIP // 2
    parts = [f'<line class="axis" x1="0%" x2="100%" y1="{middle}" y2="{middle}"/>']
    parts += _band(figures, scale, middle, 2)
    parts += _tick(figures.get("lower"), "bound", scale, 1, STRIP - 1)
    if rule is not None:
        at = _percent(scale.at(rule))
        parts.append(f'<line class="limit" x1="{at}" x2="{at}" y1="0" y2="{STRIP}"/>')
    if "rate" in figures:
        x = _percent(scale.at(figures["rate"].exact))
        parts.append(f'<circle class="rate" cx="{x}" cy="{middle}" r="3"/>')
    return _hidden("strip", STRIP, parts)


def interval(figures: Mapping[str, Printed], op: str, rule: str, scale: Scale, state: str) -> Markup:
    """One decision: the side that is asked, interval, bound, rate and rule."""
    middle = ROW // 2
    limit = scale.at(rule)
    start, width = (limit, 100 - limit) if op == ">=" else (Decimal(0), limit)
    parts = [
        f'<rect class="good" x="{_percent(start)}" y="{middle - 9}" width="{_percent(width)}" height="18"/>',
        f'<line class="axis" x1="0%" x2="100%" y1="{middle}" y2="{middle}"/>',
        *_band(figures, scale, middle, 5),
    ]
    bound = figures.get("lower" if op == ">=" else "upper")
    if bound and "rate" in figures:
        ends = _percent(scale.at(bound.exact)), _percent(scale.at(figures["rate"].exact))
        parts.append(f'<line class="reach" x1="{ends[0]}" x2="{ends[1]}" y1="{middle}" y2="{middle}"/>')
    parts += _tick(bound, "bound", scale, middle - 8, middle + 8)
    parts.append(f'<line class="limit" x1="{_percent(limit)}" x2="{_percent(limit)}" y1="1" y2="{ROW - 1}"/>')
    if "rate" in figures:
        x = _percent(scale.at(figures["rate"].exact))
        parts.append(f'<circle class="rate {state}" cx="{x}" cy="{middle}" r="5"/>')
    return _hidden("interval", ROW, parts)


def _band(figures: Mapping[str, Printed], scale: Scale, middle: int, half: int) -> list[str]:
    low, high = figures.get("wilson_low"), figures.get("wilson_high")
    if low is None or high is None:
        return []
    start, end = scale.at(low.exact), scale.at(high.exact)
    place = f'x="{_percent(start)}" y="{middle - half}" width="{_percent(end - start)}" height="{2 * half}"'
    return [f'<rect class="band" {place}/>']


def _tick(figure: Printed | None, name: str, scale: Scale, top: int, foot: int) -> list[str]:
    if figure is None:
        return []
    at = _percent(scale.at(figure.exact))
    return [f'<line class="{name}" x1="{at}" x2="{at}" y1="{top}" y2="{foot}"/>']


def _hidden(name: str, height: int, parts: Sequence[str]) -> Markup:
    # The numbers stand beside the picture in words, so a screen reader passes it over.
    opening = f'<svg class="{name}" width="100%" height="{height}" aria-hidden="true" focusable="false">'
    return Markup(opening + "".join(parts) + "</svg>")


def _percent(number: Decimal) -> str:
    return f"{plain(number.quantize(Decimal('0.001')))}%"
