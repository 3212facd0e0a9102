"""The page of an assessment: one HTML file that opens without a network and forbids itself everything else.

Its policy (Content-Security-Policy 3, W3C) allows the one script and the one style sheet by their digests, so
that nothing an answer holds can run, load or send. Without script the page still reads; the list of items
needs it.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Mapping
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from mofang.assurance.dossier.facts import Fact, service_facts
from mofang.assurance.dossier.figure_book import Printed
from mofang.assurance.dossier.refs import shortened
from mofang.assurance.dossier.wording import both, joined
from mofang.assurance.report import decisions, heat, records, voices
from mofang.assurance.report.items import Items, data_block, read_items
from mofang.assurance.report.numbers import Numbers, cards
from mofang.assurance.report.wording import Words
from mofang.evidence.digest import Digest
from mofang.evidence.errors import ObjectMissing
from mofang.evidence.figures import Figure
from mofang.evidence.objects import ObjectStore
from mofang.i18n import Text

LANGUAGES = ("zh", "en")


def build(
    objects: ObjectStore,
    findings: Mapping[str, Any],
    analysis: Mapping[str, Any],
    figures: Mapping[str, Figure],
    *,
    language: str = "zh",
    texts: bool = False,
) -> str:
    """The page as one HTML text. Pure: equal artifacts give equal pages.

    ``findings`` and ``analysis`` are the JSON of ``assurance.conclude`` and ``assurance.analyse`` (``{}`` where
    there is no analysis), ``figures`` those of both by id. ``language`` ("zh" or "en") is shown first; the
    reader switches. ``texts`` writes questions and answers into the page, veiled until the reader opens one;
    without it the page names only their references. Raises MofangError for a figure that is missing.
    """
    pack = _pack(objects, findings)
    words = Words(pack, analysis)
    book = Numbers(figures)
    items = read_items(objects, analysis, texts=texts)
    rates = voices.rates(analysis, book)
    maps = heat.heat_maps(analysis, book)
    view = {
        "f": findings,
        "w": words,
        "language": language if language in LANGUAGES else "zh",
        "project": _project(findings),
        "facts": _facts(findings, words),
        "decisions": decisions.decisions(findings, words, book),
        "maps": maps,
        "marks": heat.MARKS,
        "states": tuple(state for state in heat.MARKS if any(state in one.states for one in maps)),
        "joint": any(one.joint for one in maps),
        "rates": rates,
        "matrices": voices.matrices(rates),
        "choruses": voices.choruses(analysis, book),
        "changes": voices.changes(analysis, book),
        "judged": voices.judged(analysis, book),
        "draws": records.draws(findings),
        "banks": records.banks(findings, book),
        "coverage": records.coverage(findings, book),
        "inspection": records.inspection(objects, analysis, book),
        "without": records.without(book),
        "unchecked": records.unchecked(findings),
        "notes": [both(text) for text in analysis.get("notes") or ()],
        "identities": findings.get("judges") or {},
        "items": items,
        "answers": {name: len(rows) for name, rows in items.wire["answers"].items()},
    }
    return _rendered(view, _blocks(words, book, items))


def _rendered(view: Mapping[str, Any], blocks: Mapping[str, Markup]) -> str:
    words, language = view["w"], view["language"]
    foot = _css_string(words["disclaimer"][language])
    style = _file("style.css") + _PAGE_FOOT.format(text=foot)
    script = _file("script.js")
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"script-src '{_hash(script)}'; style-src '{_hash(style)}'"
    )
    page = _environment().get_template("page.html.j2")
    return page.render(**view, blocks=blocks, style=Markup(style), script=Markup(script), policy=policy)


_PAGE_FOOT = """
@page {{ @bottom-left {{ content: {text}; font: 7.5pt sans-serif; color: #555; width: 84%; }} }}
"""


def _blocks(words: Words, book: Numbers, items: Items) -> dict[str, Markup]:
    """The data that the script reads, as JSON that may stand in the page."""
    risks = {code: _pair(words.term("risk", code)) for code in items.wire["risks"]}
    said = {name: _pair(words[name]) for name in _SCRIPT_WORDS}
    for group, names in (
        ("kind", items.wire["kinds"]),
        ("judge", items.wire["judges"]),
        ("target", list(items.wire["answers"])),
        ("reason", [name for name in items.wire["reasons"] if name]),
    ):
        said |= {f"{group}_{name}": _pair(words.term(group, name)) for name in names}
    blocks = {
        "items": data_block({**items.wire, "names": risks}),
        "words": data_block(said),
        "figures": data_block(cards(book, words)),
    }
    if items.texts is not None:
        blocks["texts"] = data_block(items.texts)
    return blocks


_SCRIPT_WORDS = (
    *(
        "verdict_pass",
        "verdict_fail",
        "verdict_unscored",
        "verdict_none",
        "show_text",
        "hide_text",
        "question",
    ),
    *("answer", "truncated", "shortened", "withdrawn", "withheld", "not_embedded", "copy", "copied", "exact"),
    *("params", "inputs", "all_kinds", "all_risks", "all_judges", "any_verdict", "more_rows", "rows_shown"),
    *(
        "rows_none",
        "votes",
        "score",
        "refused_yes",
        "refused_no",
        "terms_hit",
        "state_e",
        "state_w",
        "state_m",
    ),
    *("repeat", "risk", "kind", "target", "veiled", "open_with", "pattern_filter", "clear", "demo_short"),
    *(
        "other_targets",
        "verdict",
        "judge",
        "reason",
        "cell_list",
        "state",
        "open_item",
        "close",
        "one_open",
        "back",
    ),
)


def _pair(text: Text) -> list[str]:
    return [text["zh"], text["en"]]


def _pack(objects: ObjectStore, findings: Mapping[str, Any]) -> Mapping[str, Any]:
    """The pack as it was used; without it (it was not carried along) codes stand for themselves."""
    try:
        found = objects.json(Digest(findings["standard"]["digest"]))
    except (KeyError, ObjectMissing):
        return {}
    return found if isinstance(found, Mapping) else {}


def _project(findings: Mapping[str, Any]) -> Text:
    project = findings.get("project") or {}
    return both(project.get("title") or project.get("name"))


def _facts(findings: Mapping[str, Any], words: Words) -> tuple[Fact, ...]:
    standard = findings["standard"]
    number = " ".join(str(standard[name]) for name in ("number", "id", "version") if standard.get(name))
    own = (
        Fact(words["standard"], joined([both(standard["title"]), both(f"({number})")], " ", " ")),
        Fact(words["as_of"], both(findings["as_of"])),
        Fact(words["draw"], both(findings.get("assessment"))),
    )
    return (*(fact for fact in own if fact.value["zh"]), *service_facts(findings, words))


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("mofang.assurance.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(t=_both, fig=_figure, cellfig=_cell_figure, short=_short, show=_show)
    return environment


@functools.cache
def _file(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _both(text: Text) -> Markup:
    """Both languages; the page's switch hides one. A text that reads the same in both stands once."""
    if text["zh"] == text["en"]:
        return escape(text["zh"])
    return Markup('<span lang="zh">{}</span><span lang="en">{}</span>').format(text["zh"], text["en"])


def _figure(printed: Printed | int | None) -> Markup:
    """A number that opens its card: a button with the figure's id."""
    if not isinstance(printed, Printed):
        return Markup('<span class="nil">—</span>') if printed is None else escape(f"{printed:,}")
    return Markup(
        '<button type="button" class="fig" data-fig="{}" title="mofang show fig:{}">{}</button>'
    ).format(printed.id, printed.prefix, printed.text)


def _cell_figure(printed: Printed) -> Markup:
    """A number inside something that is a button itself."""
    return Markup('<data class="num" value="{}" data-fig="{}" title="mofang show fig:{}">{}</data>').format(
        printed.exact, printed.id, printed.prefix, printed.text
    )


def _short(ref: str) -> Markup:
    return Markup('<code title="{}">{}</code>').format(ref, shortened(ref))


def _show(ref: str) -> Markup:
    """A command that opens a reference, to be copied."""
    return Markup(
        '<button type="button" class="show" data-copy="mofang show {}"><code>{}</code></button>'
    ).format(ref, shortened(ref))


def _css_string(text: str) -> str:
    """A text as a CSS string literal."""
    return '"' + "".join(one for one in text if one.isprintable() and one not in '\\"<>') + '"'
