"""The sections of the Word report, in printing order."""

from __future__ import annotations

from docx.enum.text import WD_BREAK
from docx.shared import Pt

from mofang.assurance.dossier import ooxml
from mofang.assurance.dossier.docx_clause import FILLS, NBSP, write_clause, write_sampled
from mofang.assurance.dossier.docx_writer import WIDTH, Piece, Writer
from mofang.assurance.dossier.material import CONCLUSIONS, GLYPHS, BlockView, Dossier, PathView
from mofang.assurance.dossier.picture import panels
from mofang.assurance.dossier.refs import shortened
from mofang.assurance.dossier.wording import Wording


def write_sections(dossier: Dossier, writer: Writer) -> None:
    """The whole body: cover, contents, summary, overview, blocks, annexes."""
    _cover(dossier, writer)
    start = writer.document.add_paragraph()
    start.add_run().add_break(WD_BREAK.PAGE)
    _summary(dossier, writer)
    _overview(dossier, writer)
    for block in dossier.blocks:
        _block(block, dossier.words, writer)
    _gaps(dossier, writer)
    _banks(dossier, writer)
    _draws(dossier, writer)
    _attachments(dossier, writer)
    _unverified(dossier, writer)
    _sources(dossier, writer)
    _signatures(dossier, writer)
    writer.contents(start, writer.say(dossier.words["contents"]))


def _cover(dossier: Dossier, writer: Writer) -> None:
    say, words = writer.say, dossier.words
    writer.document.add_paragraph().paragraph_format.space_after = Pt(70)
    writer.document.add_paragraph(say(dossier.title), style="Title")
    writer.document.add_paragraph(say(dossier.project), style="Subtitle")
    table = writer.table((WIDTH,))
    cell = writer.row(table, (WIDTH,), say(words["disclaimer"]))[0]
    ooxml.shade(cell, "FFF7E6")
    writer.gap()
    writer.facts([(say(fact.label), say(fact.value)) for fact in dossier.facts])
    if dossier.draft:
        reasons = [piece for reason in dossier.draft for piece in ("\n", f"· {say(reason)}")]
        table = writer.table((WIDTH,))
        cell = writer.row(table, (WIDTH,), [f"{say(words['draft'])}　{say(words['draft_why'])}", *reasons])[0]
        ooxml.shade(cell, "FFFAF0")
    writer.document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def _summary(dossier: Dossier, writer: Writer) -> None:
    say, words = writer.say, dossier.words
    writer.heading(say(words["summary"]), 1)
    writer.paragraph(say(words["proposed_note"]), style="Note")
    widths = (42, *(24,) * 5)
    heads = [f"{GLYPHS[name]} {say(words[f'conclusion_{name}'])}" for name in CONCLUSIONS]
    table = writer.table(widths, [say(words["by_block"]), *heads])
    for block in dossier.blocks:
        cells = writer.row(
            table, widths, say(block.title), *(str(block.tally[name] or "") for name in CONCLUSIONS)
        )
        for name, cell in zip(CONCLUSIONS, cells[1:], strict=True):
            writer.right(cell)
            if block.tally[name]:
                ooxml.shade(cell, FILLS[name])
    if dossier.totals:
        for cell in writer.row(
            table, widths, say(words["total"]), *(dossier.totals[name] for name in CONCLUSIONS)
        )[1:]:
            writer.right(cell)
    writer.gap()
    plotted = [row for panel in panels(dossier) for row in panel.rows]
    if plotted:
        writer.small_heading(say(words["measured"]))
        write_sampled([row.check for row in plotted], words, writer, notes=False)
        writer.paragraph(say(words["decision_note"]), style="Note")
    if dossier.path:
        _path(dossier.path, words, writer)


def _path(path: PathView, words: Wording, writer: Writer) -> None:
    say = writer.say
    writer.small_heading(say(words["path"]))
    writer.write(writer.paragraph(), say(path.outcome), bold=True)
    for reason in path.reasons:
        writer.paragraph(say(reason), style="List Bullet")
    for label, texts in ((words["also"], path.also), (words["open_questions"], path.open)):
        if texts:
            writer.paragraph(say(label))
            for text in texts:
                writer.paragraph(say(text), style="List Bullet")
    writer.paragraph(say(words["path_note"]), style="Note")


def _overview(dossier: Dossier, writer: Writer) -> None:
    say, words = writer.say, dossier.words
    writer.heading(say(words["overview"]), 1).paragraph_format.page_break_before = True
    writer.prose(dossier.overview)
    writer.small_heading(say(words["identity"]))
    writer.facts([(say(fact.label), say(fact.value)) for fact in dossier.service])
    writer.small_heading(say(words["corpus"]))
    writer.facts([(say(fact.label), say(fact.value)) for fact in dossier.corpus])
    counts: list[Piece] = []
    for label, count in dossier.corpus_counts:
        counts += [f"{say(label)}{NBSP}", count, "　"]
    if counts:
        writer.paragraph(*counts)
    writer.paragraph(say(dossier.corpus_note))


def _block(block: BlockView, words: Wording, writer: Writer) -> None:
    heading = writer.heading(writer.say(block.title), 1)
    heading.paragraph_format.page_break_before = True
    if block.intro:
        writer.paragraph(writer.say(block.intro))
    if block.narrative:
        writer.prose(block.narrative)
    else:
        writer.paragraph(f"{writer.say(words['narrative_empty'])} narrative/{block.id}.md", style="Note")
    for clause in block.clauses:
        write_clause(clause, words, writer)


def _gaps(dossier: Dossier, writer: Writer) -> None:
    say, words = writer.say, dossier.words
    writer.heading(say(words["gaps"]), 1).paragraph_format.page_break_before = True
    if not dossier.gaps:
        writer.paragraph(say(words["gaps_none"]))
        return
    widths = (46, 58, 34, 24)
    table = writer.table(widths, [say(words[name]) for name in ("clause", "gap", "who", "state")])
    for gap in dossier.gaps:
        state = f"{GLYPHS[gap.state]} {say(words[f'conclusion_{gap.state}'])}"
        writer.row(table, widths, f"{gap.clause} {say(gap.title)}", say(gap.what), say(gap.who), state)
    ooxml.keep_rows_whole(table)


def _banks(dossier: Dossier, writer: Writer) -> None:
    say, words = writer.say, dossier.words
    writer.heading(say(words["banks"]), 1)
    widths = (52, 62, 48)
    table = writer.table(widths, [say(words[name]) for name in ("bank", "count", "root")])
    for bank in dossier.banks:
        counts: list[Piece] = []
        for label, count in bank.counts:
            counts += [f"{say(label)}{NBSP}", f"{count:,}" if isinstance(count, int) else count, "  "]
        name: list[Piece] = [bank.name, "\n", say(words["demo"])] if bank.demo else [bank.name]
        writer.row(table, widths, name, counts, shortened(bank.root or bank.digest))


def _draws(dossier: Dossier, writer: Writer) -> None:
    say, words = writer.say, dossier.words
    writer.heading(say(words["draws"]), 1)
    writer.paragraph(say(words["draws_note"]), style="Note")
    widths = (24, 16, 14, 18, 30, 30, 30)
    names = ("draw", "place", "asked", "used", "seed", "root", "statement")
    table = writer.table(widths, [say(words[name]) for name in names])
    for draw in dossier.draws:
        place = "" if draw.get("entry") is None else str(draw["entry"])
        used = say(words["value_yes" if draw.get("used") else "value_no"])
        digests = (shortened(str(draw.get(name) or "")) for name in ("seed", "bank_root", "statement"))
        writer.row(table, widths, str(draw["assessment"]), place, str(draw["n"]), used, *digests)


def _attachments(dossier: Dossier, writer: Writer) -> None:
    say, words = writer.say, dossier.words
    writer.heading(say(words["attachments"]), 1)
    if not dossier.attachments:
        writer.paragraph(say(words["attachments_none"]))
        return
    widths = (20, 52, 22, 22, 22, 24)
    table = writer.table(
        widths, [say(words[name]) for name in ("clause", "file", "owner", "date", "expires", "digest")]
    )
    for file in dossier.attachments:
        texts = (str(file.get(name) or "") for name in ("clause", "file", "owner", "date", "expires"))
        writer.row(table, widths, *texts, shortened(str(file["digest"])))


def _unverified(dossier: Dossier, writer: Writer) -> None:
    say, words = writer.say, dossier.words
    if not dossier.unverified:
        return
    writer.heading(say(words["unverified"]), 1)
    writer.paragraph(say(words["unverified_note"]), style="Note")
    for name in ("unconfirmed", "carry_over"):
        writer.paragraph(f"{say(words[name])}：{say(words[f'{name}_says'])}", style="Note")
    widths = (82, 20, 20, 40)
    table = writer.table(widths, [say(words[name]) for name in ("clause", "force", "confidence", "source")])
    for clause in dossier.unverified:
        force, confidence = words.term("force", clause.force), words.term("confidence", clause.confidence)
        writer.row(
            table,
            widths,
            f"{clause.id} {say(clause.title)}",
            say(force),
            say(confidence),
            " ".join(clause.sources),
        )


def _sources(dossier: Dossier, writer: Writer) -> None:
    say, words = writer.say, dossier.words
    if not dossier.sources:
        return
    writer.heading(say(words["cited"]), 1)
    widths = (16, 66, 80)
    table = writer.table(widths, [say(words[name]) for name in ("source", "cited_title", "cited_address")])
    for source in dossier.sources:
        addresses: list[Piece] = []
        for address in source.addresses:
            addresses += ["\n", address] if addresses else [address]
        writer.row(table, widths, source.id, say(source.title), addresses or say(words["memory"]))


def _signatures(dossier: Dossier, writer: Writer) -> None:
    say, words = writer.say, dossier.words
    if not dossier.signers:
        return
    writer.heading(say(words["signatures"]), 1).paragraph_format.page_break_before = True
    widths = (66, 54, 42)
    table = writer.table(widths)
    for who, remark in dossier.signers:
        role: list[Piece] = [say(who), "\n", say(remark)] if remark else [say(who)]
        writer.row(table, widths, role, f"{say(words['signature'])}：", f"{say(words['date'])}：")
    for row in table.rows:
        row.height = Pt(52)
