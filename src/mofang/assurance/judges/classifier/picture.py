"""The reliability diagram: what scores promise against what is so, as an SVG file or a page with its table."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from pathlib import Path

from mofang.assurance.judges.classifier.errors import LabelsError
from mofang.assurance.judges.classifier.measures import Bin, Measures
from mofang.assurance.statistics.proportion import wilson
from mofang.evidence.files import write_atomic
from mofang.i18n import _, language

SIDE, LEFT, TOP, FOOT = 360, 64, 48, 90
STYLE = (
    "text{font:13px sans-serif;fill:#222}.axis{stroke:#888}.grid{stroke:#e4e4e4}.even{stroke:#999;"
    "stroke-dasharray:5 4}.bar{fill:#cfd8e6}.reach{stroke:#1f4e8c;stroke-width:2}.dot{fill:#1f4e8c}"
)


def check_picture(path: Path) -> None:
    """Raises LabelsError for a file name that is neither .svg nor .html."""
    if path.suffix.lower() not in (".svg", ".html"):
        raise LabelsError(
            _("a picture cannot be written as {name}").format(name=path.name),
            remedy=_("name it .svg or .html"),
        )


def write_picture(path: Path, measures: Measures, title: str) -> None:
    """Write the diagram to ``path``, whole or not at all. Raises LabelsError, StorageError."""
    check_picture(path)
    made = page(measures, title) if path.suffix.lower() == ".html" else svg(measures, title)
    write_atomic(path, made.encode("utf-8"))


def svg(measures: Measures, title: str) -> str:
    """The diagram. Each dot is a bin of scores with its interval (Wilson, 95 %); bars show how many texts."""
    width, height = LEFT + SIDE + 24, TOP + SIDE + FOOT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img">',
        f"<title>{html.escape(title)}</title><style>{STYLE}</style>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        _text(LEFT, 22, title),
        *_axes(),
        *_bars(measures.bins),
        *_dots(measures.bins),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def page(measures: Measures, title: str) -> str:
    """The diagram and its numbers as one page that loads nothing."""
    heads = (_("scores from"), _("texts"), _("mean score"), _("share that fails"))
    rows = [
        (f"{bin.begin:.1f}", str(bin.n), f"{bin.mean:.3f}", f"{bin.fails / bin.n:.3f}")
        for bin in measures.bins
        if bin.n
    ]
    table = "".join(
        "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row) + "</tr>"
        for tag, row in [("th", heads), *(("td", row) for row in rows)]
    )
    code = "zh-CN" if language() == "zh" else "en"
    style = "body{font:15px sans-serif;margin:2em}td,th{padding:.2em .8em;text-align:right}"
    return (
        f'<!doctype html>\n<html lang="{code}"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{style}</style>\n{svg(measures, title)}<table>{table}</table></html>\n"
    )


def _axes() -> Iterator[str]:
    for n in range(0, 11, 2):
        at = SIDE * n / 10
        x, y, label = LEFT + at, TOP + SIDE - at, f"{n / 10:.1f}"
        yield f'<path class="grid" d="M{x:.1f} {TOP}v{SIDE}M{LEFT} {y:.1f}h{SIDE}"/>'
        yield _text(x, TOP + SIDE + 18, label, "middle") + _text(LEFT - 8, y + 4, label, "end")
    yield f'<path class="axis" fill="none" d="M{LEFT} {TOP}v{SIDE}h{SIDE}"/>'
    yield f'<path class="even" d="M{LEFT} {TOP + SIDE}L{LEFT + SIDE} {TOP}"/>'
    yield _text(LEFT + SIDE / 2, TOP + SIDE + 40, _("score: promised probability of a fail"), "middle")
    yield _text(LEFT, TOP - 8, _("share of the texts that fail"))
    yield _text(
        LEFT + SIDE / 2,
        TOP + SIDE + 62,
        _("on the dashed line scores are true; bars: how many texts"),
        "middle",
    )


def _bars(bins: Sequence[Bin]) -> Iterator[str]:
    most = max((bin.n for bin in bins), default=0) or 1
    for bin in bins:
        tall = 60 * bin.n / most
        x, width = LEFT + SIDE * bin.begin + 3, SIDE / len(bins) - 6
        yield (
            f'<rect class="bar" x="{x:.1f}" y="{TOP + SIDE - tall:.1f}" width="{width:.1f}" '
            f'height="{tall:.1f}"><title>{bin.n}</title></rect>'
        )


def _dots(bins: Sequence[Bin]) -> Iterator[str]:
    for bin in bins:
        if not bin.n:
            continue
        low, high = wilson(bin.fails, bin.n)
        x = LEFT + SIDE * bin.mean
        top, foot = TOP + SIDE * (1 - high), TOP + SIDE * (1 - low)
        yield f'<path class="reach" d="M{x:.1f} {top:.1f}V{foot:.1f}"/>'
        yield f'<circle class="dot" cx="{x:.1f}" cy="{TOP + SIDE * (1 - bin.fails / bin.n):.1f}" r="5"/>'


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(words)}</text>'
