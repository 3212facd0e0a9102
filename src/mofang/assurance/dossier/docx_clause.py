"""A clause in the Word report: its table, its measurements, and room for what the provider writes."""

from __future__ import annotations

from collections.abc import Sequence

from mofang.assurance.dossier import ooxml
from mofang.assurance.dossier.checks_view import CheckView
from mofang.assurance.dossier.docx_writer import HEAD, WIDTH, Piece, Writer
from mofang.assurance.dossier.material import GLYPHS, MANY, ClauseView
from mofang.assurance.dossier.refs import shortened
from mofang.assurance.dossier.wording import Wording
from mofang.i18n import Text

NBSP = "\u00a0"
FILLS = {
    "meets": "DCECF1",
    "fails": "F8E0D5",
    "waits_person": "FBF0D2",
    "waits_document": "EAE4F3",
    "not_applicable": "ECEEF0",
}
INKS = {
    "meets": "0F6F8C",
    "fails": "B8430F",
    "waits_person": "8A6100",
    "waits_document": "6A4C93",
    "not_applicable": "68727F",
}


def write_clause(clause: ClauseView, words: Wording, writer: Writer) -> None:
    writer.heading(writer.say(clause.title), 2)
    writer.paragraph(writer.say(clause.says)).paragraph_format.keep_with_next = True
    _clause_table(clause, words, writer)
    if clause.sampled:
        write_sampled(clause.sampled, words, writer)
    if clause.counted:
        _counted(clause.counted, words, writer)
    if clause.repeated:
        _repeated(clause, words, writer)
    if clause.conclusion == "fails":
        _room(clause, words, writer)
    elif clause.narrative:
        writer.small_heading(writer.say(words["narrative"]))
        writer.prose(clause.narrative)


def _clause_table(clause: ClauseView, words: Wording, writer: Writer) -> None:
    say = writer.say
    widths = (24, 57, 24, 57)
    table = writer.table(widths)
    number = f"{clause.number} · {clause.id}"
    first = writer.row(table, widths, say(words["clause"]), number, say(words["proposed"]), "")
    conclusion = f"{GLYPHS[clause.conclusion]} {say(words[f'conclusion_{clause.conclusion}'])}"
    writer.write(first[3].paragraphs[0], conclusion, bold=True, colour=INKS[clause.conclusion])
    ooxml.shade(first[3], FILLS[clause.conclusion])
    force = say(words.term("force", clause.force))
    origin = f"{say(words['source'])} {' '.join(clause.sources)}"
    confidence = f"{say(words.term('confidence', clause.confidence))}　{origin}"
    second = writer.row(table, widths, say(words["force"]), force, say(words["confidence"]), confidence)
    for cell in (first[0], first[2], second[0], second[2]):
        ooxml.shade(cell, HEAD)
    for label, content in _wide_rows(clause, words, writer):
        writer.wide_row(table, label, content)
    ooxml.keep_rows_whole(table)
    ooxml.keep_on_one_page(table)
    writer.gap()


def _wide_rows(clause: ClauseView, words: Wording, writer: Writer) -> list[tuple[str, list[Piece]]]:
    say = writer.say
    rows: list[tuple[str, list[Piece]]] = []
    if clause.marks:
        rows.append((say(words["caveat"]), [" · ".join(say(mark) for mark in clause.marks)]))
    rows += [(say(words["caveat"]), [say(caveat)]) for caveat in clause.caveats]
    if clause.confirmed_by:
        rows.append((say(words["confirmed_by"]), [clause.confirmed_by]))
    if clause.reason["zh"]:
        rows.append((say(words["reason"]), [say(clause.reason)]))
    proofs: list[Piece] = []
    between = "\n" if len(clause.proofs) <= MANY else "；"
    for proof in clause.proofs:
        proofs += [between] if proofs else []
        proofs += [f"({proof.n}) {say(proof.label)} ", proof.figure or shortened(proof.ref)]
    if proofs:
        rows.append((say(words["proof"]), proofs))
    lacks: list[Piece] = []
    for lack in clause.missing:
        lacks += ["\n"] if lacks else []
        lacks.append(f"· {say(lack.what)}（{say(lack.who)}）")
    if lacks:
        rows.append((say(words["missing"]), lacks))
    return rows


def write_sampled(checks: Sequence[CheckView], words: Wording, writer: Writer, *, notes: bool = True) -> None:
    say = writer.say
    widths = (44, 18, 34, 22, 22, 22)
    names = ("check", "requirement", "base", "result", "bound", "decision")
    table = writer.table(widths, [say(words[name]) for name in names])
    for check in checks:
        base: list[Piece] = []
        for field, figure in check.base:
            base += [f"{say(field)}{NBSP}", figure, "  "]
        got: list[Piece] = [check.measured] if check.measured else ["—"]
        if check.worst and check.wanted:
            got += [
                "\n",
                f"{say(words['field_worst'])} ",
                check.worst,
                "\n",
                f"{say(words['field_wanted'])} ",
                check.wanted,
            ]
        bound: list[Piece] = [check.bound] if check.bound else ["—"]
        if check.needed:
            bound += ["\n", f"{say(words['field_needed'])} ", check.needed]
        decided = _decided(check, words, writer)
        if check.shown != "unknown":
            decided += ["\n", say(words[f"bound_{check.shown}"])]
        label = _label(check, words, writer, notes=notes)
        writer.row(table, widths, label, _asked(check, writer), base, got, bound, decided)
    ooxml.keep_rows_whole(table)
    writer.gap()


def _counted(checks: Sequence[CheckView], words: Wording, writer: Writer) -> None:
    say = writer.say
    widths = (82, 28, 26, 26)
    table = writer.table(widths, [say(words[name]) for name in ("check", "requirement", "result", "plain")])
    for check in checks:
        got: list[Piece] = [check.measured or "—"]
        for field, figure in check.base:
            got += ["\n", f"{say(field)}{NBSP}", figure]
        label = _label(check, words, writer)
        cells = writer.row(table, widths, label, _asked(check, writer), got, _decided(check, words, writer))
        writer.right(cells[2])
    ooxml.keep_rows_whole(table)
    writer.gap()


def _repeated(clause: ClauseView, words: Wording, writer: Writer) -> None:
    """Two elements to a row: a rule over all risks would fill pages otherwise."""
    widths = (39, 15, 12, 15) * 2
    heads = [writer.say(words[name]) for name in ("check", "requirement", "result", "plain")]
    table = writer.table(widths, heads * 2)
    checks = clause.repeated
    for n in range(0, len(checks), 2):
        cells = [cell for check in checks[n : n + 2] for cell in _element(check, words, writer)]
        writer.row(table, widths, *cells, *[[""]] * (8 - len(cells)))
    ooxml.keep_rows_whole(table)
    for id, note in clause.repeated_notes:
        writer.paragraph(f"{id}：{writer.say(note)}", style="Note")
    writer.gap()


def _element(check: CheckView, words: Wording, writer: Writer) -> list[list[Piece]]:
    base: list[Piece] = []
    for field, figure in check.base:
        base += ["\n", f"{writer.say(field)}{NBSP}", figure]
    label = _named(check, check.element, words, writer, check.own_id)
    return [[label], [_asked(check, writer)], [check.measured or "—", *base], _decided(check, words, writer)]


def _label(check: CheckView, words: Wording, writer: Writer, *, notes: bool = True) -> list[Piece]:
    label = _named(check, check.label, words, writer, check.own_id or not notes)
    return [label, "\n", writer.say(check.note)] if check.note and notes else [label]


def _named(check: CheckView, called: Text, words: Wording, writer: Writer, numbered: bool) -> str:
    carried = f"（{writer.say(words['carry_over'])}）" if check.carried else ""
    return f"{check.id} {writer.say(called)}{carried}" if numbered else f"{writer.say(called)}{carried}"


def _asked(check: CheckView, writer: Writer) -> str:
    return writer.say(check.requirement) + (f"（{writer.say(check.force)}）" if check.force else "")


def _decided(check: CheckView, words: Wording, writer: Writer) -> list[Piece]:
    waits = check.plain == "unknown" and check.waits
    word = words[f"waits_{check.waits}"] if waits else words[f"plain_{check.plain}"]
    short: list[Piece] = ["\n", writer.say(words["sample_short"])] if check.short else []
    return [writer.say(word), *short]


def _room(clause: ClauseView, words: Wording, writer: Writer) -> None:
    say = writer.say
    table = writer.table((WIDTH,))
    hint = "" if clause.narrative else f"（narrative/{clause.id}.md）"
    cell = writer.row(table, (WIDTH,), f"{say(words['equivalent'])}{hint}")[0]
    if clause.narrative:
        for passage in clause.narrative:
            for line in passage.lines:
                cell.add_paragraph("".join(span.text for span in line), style="Cell")
    else:
        for _line in range(4):
            cell.add_paragraph(style="Cell")
    ooxml.keep_rows_whole(table)
    writer.gap()
