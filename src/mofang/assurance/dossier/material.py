"""What is printed: findings and figures as one view that every document is made from. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mofang.assurance.dossier.checks_view import CheckView, view_check
from mofang.assurance.dossier.facts import Fact, corpus_facts, project_facts, service_facts
from mofang.assurance.dossier.figure_book import FigureBook, Printed
from mofang.assurance.dossier.narrative import Narrative, Passage, passages
from mofang.assurance.dossier.wording import Wording, both
from mofang.errors import MofangError
from mofang.evidence.digest import Digest
from mofang.evidence.figures import Figure
from mofang.i18n import Text, _

CONCLUSIONS = ("meets", "fails", "waits_person", "waits_document", "not_applicable")
GLYPHS = {"meets": "●", "fails": "▲", "waits_person": "◐", "waits_document": "◇", "not_applicable": "—"}
"""Conclusions differ by shape as well as by colour."""
COUNTED = ("records_read", "kept", "redacted", "dropped", "duplicates")
MANY = 6
ATTACHED = "document_attached"
"""Whether a document is there stands among the proofs or the gaps; a table of noughts would say it twice."""
WAITING = ("waits_person", "waits_document")


@dataclass(frozen=True, slots=True)
class Proof:
    """A numbered proof. ``ref`` is what ``mofang show`` takes; ``figure`` is set where it is a figure."""

    n: int
    label: Text
    ref: str
    figure: Printed | None


@dataclass(frozen=True, slots=True)
class Missing:
    """What a clause lacks and who must bring it."""

    clause: str
    number: str
    title: Text
    what: Text
    who: Text
    state: str


@dataclass(frozen=True, slots=True)
class ClauseView:
    """One clause as printed. ``marks`` stand beside it, ``caveats`` say more."""

    id: str
    number: str
    title: Text
    says: Text
    force: str
    confidence: str
    sources: tuple[str, ...]
    confirmed_by: str | None
    conclusion: str
    reason: Text
    marks: tuple[Text, ...]
    caveats: tuple[Text, ...]
    proofs: tuple[Proof, ...]
    checks: tuple[CheckView, ...]
    missing: tuple[Missing, ...]
    narrative: tuple[Passage, ...]

    @property
    def measured(self) -> tuple[CheckView, ...]:
        """The checks that the report prints as measurements."""
        return tuple(check for check in self.checks if check.metric != ATTACHED)

    @property
    def sampled(self) -> tuple[CheckView, ...]:
        """Those that rest on a sample and carry a bound."""
        return tuple(check for check in self.measured if check.bound)

    @property
    def repeated(self) -> tuple[CheckView, ...]:
        """One rule over many elements (risks, aspects, sources), which is printed as a grid."""
        found = tuple(check for check in self.measured if not check.bound and check.element["zh"])
        return found if len(found) > MANY else ()

    @property
    def counted(self) -> tuple[CheckView, ...]:
        """The rest."""
        grid = self.repeated
        return tuple(check for check in self.measured if not check.bound and check not in grid)

    @property
    def repeated_notes(self) -> tuple[tuple[str, Text], ...]:
        """The notes of the grid, each once with the check it belongs to."""
        notes = {(check.id, check.note["zh"]): check.note for check in self.repeated if check.note}
        return tuple((id, note) for (id, _zh), note in notes.items())


@dataclass(frozen=True, slots=True)
class BlockView:
    """One block of the report with its clauses and the number of each conclusion."""

    id: str
    title: Text
    intro: Text | None
    narrative: tuple[Passage, ...]
    clauses: tuple[ClauseView, ...]

    @property
    def tally(self) -> Mapping[str, int]:
        return tally(self.clauses)


@dataclass(frozen=True, slots=True)
class BankView:
    """A question bank; ``counts`` pairs a label with the number, bound to its figure where one exists."""

    name: str
    digest: str
    root: str
    demo: bool
    counts: tuple[tuple[Text, Printed | int], ...]


@dataclass(frozen=True, slots=True)
class SourceView:
    """Where rules were read: public addresses, none where it was the writer's memory."""

    id: str
    title: Text
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PathView:
    """The proposed procedure with its reasons, what may come in addition, and what nobody has answered."""

    outcome: Text
    reasons: tuple[Text, ...]
    also: tuple[Text, ...]
    open: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """The whole report, ready to print."""

    words: Wording
    title: Text
    project: Text
    provider: str
    standard: Text
    as_of: str
    findings: Digest
    facts: tuple[Fact, ...]
    service: tuple[Fact, ...]
    corpus: tuple[Fact, ...]
    corpus_counts: tuple[tuple[Text, Printed], ...]
    corpus_note: Text
    totals: Mapping[str, Printed]
    draft: tuple[Text, ...]
    path: PathView | None
    overview: tuple[Passage, ...]
    blocks: tuple[BlockView, ...]
    gaps: tuple[Missing, ...]
    banks: tuple[BankView, ...]
    draws: tuple[Mapping[str, Any], ...]
    attachments: tuple[Mapping[str, Any], ...]
    signers: tuple[tuple[Text, Text | None], ...]
    sources: tuple[SourceView, ...]
    book: FigureBook

    @property
    def clauses(self) -> tuple[ClauseView, ...]:
        return tuple(clause for block in self.blocks for clause in block.clauses)

    @property
    def stated(self) -> frozenset[str]:
        """Ids of the figures that the report states."""
        checks = {
            figure.id for clause in self.clauses for check in clause.measured for figure in check.figures
        }
        proofs = {proof.figure.id for clause in self.clauses for proof in clause.proofs if proof.figure}
        banks = {
            count.id for bank in self.banks for _label, count in bank.counts if isinstance(count, Printed)
        }
        totals = {count.id for count in self.totals.values()}
        corpus = {count.id for _label, count in self.corpus_counts}
        return frozenset(checks | proofs | banks | totals | corpus)

    @property
    def unverified(self) -> tuple[ClauseView, ...]:
        return tuple(clause for clause in self.clauses if clause.confirmed_by is None)


def tally(clauses: Iterable[ClauseView]) -> dict[str, int]:
    """Number of clauses by conclusion, in printing order, zeros included."""
    counts = Counter(clause.conclusion for clause in clauses)
    return {conclusion: counts[conclusion] for conclusion in CONCLUSIONS}


def read_material(
    findings: Mapping[str, Any],
    digest: Digest,
    figures: Iterable[Figure],
    pack: Mapping[str, Any],
    narrative: Narrative | None = None,
) -> Dossier:
    """The view of one assessment. ``pack`` is the pack's wire form, of which ``dossier``, ``aspects`` and
    ``sources`` are read so far as they are there; ``narrative`` is markdown by section.

    Raises MofangError where the findings are of a format this version does not read or name an unknown
    figure.
    """
    if findings.get("format") != 1:
        raise MofangError(
            _("the findings are of format {n}; this version reads format 1").format(n=findings.get("format")),
            where=digest,
            remedy=_("conclude the assessment again with this version"),
        )
    words, book, told = Wording(pack), FigureBook(figures), narrative or {}
    layout: Mapping[str, Any] = pack.get("dossier") or {}
    clauses = [_clause(clause, words, book, told) for clause in findings["clauses"]]
    banks = tuple(_bank(bank, words, book) for bank in findings.get("banks", ()))
    project, corpus = findings.get("project") or {}, findings.get("corpus") or {}
    return Dossier(
        words=words,
        title=both(layout.get("title") or words["report"]),
        project=both(project.get("title") or project.get("name")),
        provider=str((project.get("provider") or {}).get("name", "")),
        standard=both(findings["standard"]["title"]),
        as_of=str(findings["as_of"]),
        findings=digest,
        facts=project_facts(findings, digest, words),
        service=service_facts(findings, words),
        corpus=corpus_facts(corpus, words),
        corpus_counts=_corpus_counts(corpus.get("figures") or {}, words, book),
        totals=book.all(findings.get("totals") or {}, "totals"),
        corpus_note=words["trained" if corpus.get("shown_to_have_trained") else "not_shown_trained"],
        draft=_draft(clauses, banks, words),
        path=_path(findings.get("path") or {}, words),
        overview=passages(told.get("overview", "")),
        blocks=_blocks(findings["clauses"], clauses, layout, words, told),
        gaps=_gaps(findings, clauses),
        banks=banks,
        draws=tuple(findings.get("draws", ())),
        attachments=tuple(findings.get("attachments", ())),
        signers=tuple(
            (both(who["title"]), both(who["note"]) if who.get("note") else None)
            for who in layout.get("signatures", ())
        ),
        sources=_sources(pack, clauses),
        book=book,
    )


def _corpus_counts(
    figures: Mapping[str, str], words: Wording, book: FigureBook
) -> tuple[tuple[Text, Printed], ...]:
    names = sorted(figures, key=lambda name: (COUNTED.index(name) if name in COUNTED else len(COUNTED), name))
    return tuple((words.term("metric", name), book.get(figures[name], name)) for name in names)


def _path(path: Mapping[str, Any], words: Wording) -> PathView | None:
    if not path.get("outcome"):
        return None
    title = path.get("title") or path["outcome"]
    return PathView(
        both(title),
        tuple(both(reason) for reason in path.get("reasons", ())),
        tuple(both(other["title"]) for other in path.get("also", ())),
        tuple(both(question) for question in path.get("open", ())),
    )


def _sources(pack: Mapping[str, Any], clauses: Sequence[ClauseView]) -> tuple[SourceView, ...]:
    cited = {source for clause in clauses for source in clause.sources}
    return tuple(
        SourceView(source["id"], both(source["title"]), tuple(source["addresses"]))
        for source in pack.get("sources", ())
        if source["id"] in cited
    )


def _clause(clause: Mapping[str, Any], words: Wording, book: FigureBook, told: Narrative) -> ClauseView:
    if clause["conclusion"] not in CONCLUSIONS:
        raise MofangError(
            _("clause {id} has the unknown conclusion {word}").format(
                id=clause["id"], word=clause["conclusion"]
            )
        )
    return ClauseView(
        id=clause["id"],
        number=str(clause["number"]),
        title=both(clause["title"]),
        says=both(clause["says"]),
        force=clause["force"],
        confidence=clause["confidence"],
        sources=tuple(clause["sources"]),
        confirmed_by=clause.get("confirmed_by"),
        conclusion=clause["conclusion"],
        reason=both(clause.get("reason")),
        marks=_marks(clause, words),
        caveats=_caveats(clause, words),
        proofs=tuple(_proof(proof, book) for proof in clause.get("proofs", ())),
        checks=tuple(view_check(check, clause, words, book) for check in clause.get("checks", ())),
        missing=tuple(_missing(clause, lack) for lack in clause.get("missing", ())),
        narrative=passages(told.get(clause["id"], "")),
    )


def _marks(clause: Mapping[str, Any], words: Wording) -> tuple[Text, ...]:
    marks = [words["unconfirmed"]] if clause.get("confirmed_by") is None else []
    return (*marks, *([words["carry_over"]] if clause.get("carry_over") else []))


def _caveats(clause: Mapping[str, Any], words: Wording) -> tuple[Text, ...]:
    # The two standing sentences are said once, with the list of unverified rules; here their marks stand.
    standing = (words["unconfirmed_says"], words["carry_over_says"])
    return tuple(text for text in map(both, clause.get("caveats", ())) if text not in standing)


def _proof(proof: Mapping[str, Any], book: FigureBook) -> Proof:
    ref = str(proof["ref"])
    return Proof(
        int(proof["n"]), both(proof["label"]), ref, book.find(ref[4:]) if ref.startswith("fig:") else None
    )


def _missing(clause: Mapping[str, Any], lack: Mapping[str, Any]) -> Missing:
    return Missing(
        clause=str(clause["id"]),
        number=str(clause["number"]),
        title=both(clause["title"]),
        what=both(lack["what"]),
        who=both(lack["who"]),
        state=str(clause["conclusion"]),
    )


def _gaps(findings: Mapping[str, Any], clauses: Sequence[ClauseView]) -> tuple[Missing, ...]:
    known = {clause["id"]: clause for clause in findings["clauses"]}
    if "gaps" not in findings:
        return tuple(lack for clause in clauses for lack in clause.missing)
    return tuple(_missing(known[_id(gap["clause"])], gap) for gap in findings["gaps"])


def _id(clause: Any) -> str:
    return str(clause["id"] if isinstance(clause, Mapping) else clause)


def _blocks(
    raw: Sequence[Mapping[str, Any]],
    clauses: Sequence[ClauseView],
    dossier: Mapping[str, Any],
    words: Wording,
    told: Narrative,
) -> tuple[BlockView, ...]:
    """The pack's blocks in its order; clauses keep the findings' order, a block unknown to the pack comes
    last."""
    declared = {block["id"]: block for block in dossier.get("blocks", ())}
    order = [*declared, *dict.fromkeys(clause["block"] for clause in raw if clause["block"] not in declared)]
    return tuple(
        BlockView(
            id=name,
            title=both(declared.get(name, {}).get("title") or words.term("block", name)),
            intro=both(intro) if (intro := declared.get(name, {}).get("intro")) else None,
            narrative=passages(told.get(name, "")),
            clauses=tuple(view for view, clause in zip(clauses, raw, strict=True) if clause["block"] == name),
        )
        for name in order
    )


def _bank(bank: Mapping[str, Any], words: Wording, book: FigureBook) -> BankView:
    counts = tuple(
        (
            words.term("kind", kind),
            book.bank_count(bank.get("catalogue") or bank["digest"], kind) or int(count),
        )
        for kind, count in sorted(bank["counts"].items())
        if isinstance(count, int)
    )
    return BankView(
        str(bank["name"]), bank["digest"], str(bank.get("root") or ""), bool(bank["demo"]), counts
    )


def _draft(clauses: Sequence[ClauseView], banks: Sequence[BankView], words: Wording) -> tuple[Text, ...]:
    reasons = []
    counts = tally(clauses)
    for conclusion in WAITING:
        if counts[conclusion]:
            word = words.term("conclusion", conclusion)
            reasons.append(
                both({language: f"{word[language]}: {counts[conclusion]}" for language in ("zh", "en")})
            )
    unverified = sum(clause.confirmed_by is None for clause in clauses)
    if unverified:
        word = words["unverified"]
        reasons.append(both({language: f"{word[language]}: {unverified}" for language in ("zh", "en")}))
    if any(bank.demo for bank in banks):
        reasons.append(words["demo"])
    return tuple(reasons)
