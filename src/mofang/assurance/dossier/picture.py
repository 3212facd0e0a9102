"""The summary pictures as inline SVG. Coordinates are percentages, so they follow the width of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from markupsafe import Markup, escape

from mofang.assurance.dossier.checks_view import CheckView
from mofang.assurance.dossier.material import CONCLUSIONS, BlockView, ClauseView, Dossier
from mofang.assurance.dossier.values import plain

BAR = 26
ROW = 30


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of the plot: a check whose result is a proportion, and the clause it belongs to."""

    clause: ClauseView
    check: CheckView


@dataclass(frozen=True, slots=True)
class Scale:
    """The stretch of percent that a panel shows; it always ends at the limit that nothing can pass."""

    start: Decimal
    end: Decimal

    def at(self, value: str) -> Decimal:
        """Where a proportion stands, as a percentage of the panel's width."""
        inside = min(max(Decimal(value) * 100, self.start), self.end)
        return (inside - self.start) * 100 / (self.end - self.start)

    @property
    def ticks(self) -> tuple[str, ...]:
        step = (self.end - self.start) / 4
        return tuple(f"{plain(self.start + step * n)}%" for n in range(5))


@dataclass(frozen=True, slots=True)
class Panel:
    """Rows whose rule points the same way, on one scale."""

    op: str
    scale: Scale
    rows: tuple[Measure, ...]


def panels(dossier: Dossier) -> list[Panel]:
    """The checks that can be plotted: those that ask for at least, then those that ask for at most."""
    rows = [
        Measure(clause, check) for clause in dossier.clauses for check in clause.measured if check.plotted
    ]
    found = {op: tuple(row for row in rows if row.check.op == op) for op in (">=", "<=")}
    return [Panel(op, _scale(op, some), some) for op, some in found.items() if some]


def _scale(op: str, rows: Sequence[Measure]) -> Scale:
    values = [Decimal(text) * 100 for row in rows for text in _values(row.check)]
    if op == ">=":
        lowest = (min(*values, Decimal(80)) / 20).to_integral_value(ROUND_FLOOR) * 20
        return Scale(max(lowest, Decimal(0)), Decimal(100))
    highest = (max(*values, Decimal(20)) / 20).to_integral_value(ROUND_CEILING) * 20
    return Scale(Decimal(0), min(highest, Decimal(100)))


def _values(check: CheckView) -> list[str]:
    printed = (check.measured, check.bound, check.low, check.high)
    return [check.value, *(one.exact for one in printed if one)]


def tally_bar(block: BlockView, largest: int) -> Markup:
    """A block's clauses as a stacked bar: width by number of clauses, one piece for each conclusion."""
    pieces, left = [], Decimal(0)
    for conclusion in CONCLUSIONS:
        count = block.tally[conclusion]
        if not count:
            continue
        width = Decimal(100 * count) / Decimal(max(largest, 1))
        middle = left + width / 2
        pieces.append(
            f'<rect class="c-{conclusion}" x="{_percent(left)}" y="1" width="{_percent(width)}" '
            f'height="{BAR - 2}"/>'
            f'<text class="on-{conclusion}" x="{_percent(middle)}" y="{BAR // 2 + 1}">{count}</text>'
        )
        left += width
    return _drawing("tally", BAR, _said(block.tally), pieces)


def interval(check: CheckView, scale: Scale) -> Markup:
    """One row of the plot: threshold, measured rate, one-sided bound and the two-sided interval."""
    assert check.measured is not None
    rate, limit, y = scale.at(check.measured.exact), scale.at(check.value), ROW // 2
    x, w = (limit, 100 - limit) if check.op == ">=" else (Decimal(0), limit)
    parts = [_box("good", x, w, y, 10), f'<line class="axis" x1="0%" x2="100%" y1="{y}" y2="{y}"/>']
    if check.low and check.high:
        low = scale.at(check.low.exact)
        parts.append(_box("band", low, scale.at(check.high.exact) - low, y, 6))
    if check.bound:
        bound = _percent(scale.at(check.bound.exact))
        parts.append(f'<line class="reach" x1="{bound}" x2="{_percent(rate)}" y1="{y}" y2="{y}"/>')
        parts.append(f'<line class="bound" x1="{bound}" x2="{bound}" y1="{y - 8}" y2="{y + 8}"/>')
    at = _percent(limit)
    parts.append(f'<line class="limit" x1="{at}" x2="{at}" y1="3" y2="{ROW - 3}"/>')
    parts.append(
        f'<svg x="{at}" y="0" overflow="visible"><path class="limit-mark" d="M-5 0 L5 0 L0 7 Z"/></svg>'
    )
    parts.append(f'<circle class="rate {check.plain}" cx="{_percent(rate)}" cy="{y}" r="5"/>')
    said = f"{check.id}: {check.measured.text} ({check.op} {check.value})"
    return _drawing("interval", ROW, said, parts)


def _drawing(name: str, height: int, said: str, parts: Sequence[str]) -> Markup:
    opening = f'<svg class="{name}" width="100%" height="{height}" role="img" aria-label="{escape(said)}">'
    return Markup(opening + "".join(parts) + "</svg>")


def _box(name: str, x: Decimal, width: Decimal, y: int, half: int) -> str:
    place = f'x="{_percent(x)}" y="{y - half}" width="{_percent(width)}" height="{2 * half}"'
    return f'<rect class="{name}" {place}/>'


def _percent(number: Decimal) -> str:
    return f"{plain(number.quantize(Decimal('0.001')))}%"


def _said(tally: Mapping[str, int]) -> str:
    return ", ".join(f"{conclusion} {count}" for conclusion, count in tally.items() if count)
