"""report.html and evidence.html: single files that open without a network, on paper, on a desk and on a
phone."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from mofang.assurance.dossier.annex import Item, Measurement, Words
from mofang.assurance.dossier.figure_book import Printed
from mofang.assurance.dossier.material import CONCLUSIONS, GLYPHS, Dossier
from mofang.assurance.dossier.narrative import Passage
from mofang.assurance.dossier.picture import interval, panels, tally_bar
from mofang.assurance.dossier.refs import shortened
from mofang.i18n import Text


def render_report(dossier: Dossier, language: str = "zh") -> str:
    """The self-assessment report. ``language`` is the one shown first; the reader switches on the page."""
    return _page("report.html.j2", dossier, language, plots=panels(dossier), bar=tally_bar, interval=interval)


def render_evidence(dossier: Dossier, measurements: Sequence[Measurement], language: str = "zh") -> str:
    """The evidence annex: one section for each measurement, an anchor for each figure."""
    more = {"measurements": measurements, "contents": _contents(measurements), "texts": _texts}
    return _page("evidence.html.j2", dossier, language, **more)


def _page(template: str, dossier: Dossier, language: str, **more: Any) -> str:
    return (
        _environment()
        .get_template(template)
        .render(
            d=dossier,
            w=dossier.words,
            language=language,
            style=Markup(_style()),
            conclusions=CONCLUSIONS,
            glyphs=GLYPHS,
            **more,
        )
    )


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("mofang.assurance.dossier"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(t=_both, fig=_figure, short=_short, prose=_prose, css=_css_string)
    return environment


@functools.cache
def _style() -> str:
    return resources.files(__package__).joinpath("style.css").read_text("utf-8")


def _both(text: Text) -> Markup:
    """Both languages; the page's switch hides one. A text that reads the same in both stands once."""
    if text["zh"] == text["en"]:
        return escape(text["zh"])
    return Markup('<span lang="zh">{}</span><span lang="en">{}</span>').format(text["zh"], text["en"])


def _figure(printed: Printed | int) -> Markup:
    if isinstance(printed, int):
        return escape(f"{printed:,}")
    return Markup('<a class="figure" data-figure="{}" data-value="{}" href="evidence.html#{}">{}</a>').format(
        printed.id, printed.exact, printed.anchor, printed.text
    )


def _short(ref: str) -> Markup:
    """A reference cut to what ``mofang show`` still finds; the whole stands in the title."""
    return Markup('<code title="{}">{}</code>').format(ref, shortened(ref))


def _prose(passages: Sequence[Passage]) -> Markup:
    return Markup("\n").join(_passage(passage) for passage in passages)


def _passage(passage: Passage) -> Markup:
    lines = [
        Markup("").join(
            Markup("<strong>{}</strong>").format(span.text) if span.bold else escape(span.text)
            for span in line
        )
        for line in passage.lines
    ]
    if passage.kind in ("ul", "ol"):
        items = Markup("").join(Markup("<li>{}</li>").format(line) for line in lines)
        return Markup("<{0}>{1}</{0}>").format(Markup(passage.kind), items)
    tag = Markup('p class="small-head"' if passage.kind == "h" else "p")
    return Markup("<{}>{}</p>").format(tag, lines[0])


def _css_string(text: str) -> Markup:
    """A text as a CSS string literal."""
    kept = "".join(character for character in text if character.isprintable() and character not in '\\"<>')
    return Markup('"' + kept + '"')


def _texts(item: Item) -> list[tuple[str, Words]]:
    pairs = (
        ("question" if item.verdict == "" or item.answer else "text", item.question),
        ("answer", item.answer),
    )
    return [(name, words) for name, words in pairs if words]


def _contents(measurements: Sequence[Measurement]) -> list[tuple[int, Measurement]]:
    """The first measurement of each metric and clause, with its place: one over all risks stands once."""
    first: dict[tuple[str, ...], tuple[int, Measurement]] = {}
    for n, one in enumerate(measurements, 1):
        first.setdefault((one.metric, *one.used_by), (n, one))
    return list(first.values())


def page_counts(measurements: Sequence[Measurement]) -> Mapping[str, int]:
    """How much the annex lists: measurements and items."""
    return {"measurements": len(measurements), "items": sum(len(one.items) for one in measurements)}
