"""What happened to a record, and why: source, repairs, findings, reasons, and whether it was published.

Values of personal information and listed terms are never told: a finding is a kind and a place, and
excerpts are masked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from mofang.corpus.errors import CorpusError
from mofang.evidence.digest import Digest
from mofang.evidence.statements import PROVENANCE
from mofang.i18n import _

if TYPE_CHECKING:
    from mofang.corpus.lookup import Lookup
    from mofang.evidence.workspace import Workspace

MOST = 5
"""Records that one explanation tells of; further ones are counted."""
_EXCERPT = 120
_SHORTEST_PIECE = 2
_HEX = re.compile(r"[0-9a-f]{6,32}")
_LINE = re.compile(r"(?P<path>.+):(?P<line>[1-9][0-9]*)")


@dataclass(frozen=True, slots=True)
class Story:
    """One record's way through the corpus. Spans count code points of the repaired text, except those of
    edits."""

    record_id: str
    source: Mapping[str, Any]
    path: str
    ordinal: int
    key: str | None
    bytes: tuple[int, int] | None
    file_digest: str
    encoding: str
    chars: int
    flags: tuple[str, ...]
    edits: tuple[Mapping[str, Any], ...]
    personal: tuple[Mapping[str, Any], ...]
    listed: tuple[Mapping[str, Any], ...]
    decision: str
    reasons: tuple[Mapping[str, str], ...]
    duplicate_of: str | None
    duplicates: int
    published: bool
    excerpt: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The records that ``query`` means (at most MOST, ``more`` further ones), and files it means that gave
    none."""

    query: str
    dataset: Digest
    records: tuple[Story, ...]
    more: int = 0
    unread: tuple[Mapping[str, str], ...] = field(default=())

    def wire(self) -> dict[str, Any]:
        """The explanation as plain JSON."""
        return asdict(self)

    def lines(self) -> list[str]:
        """The explanation as a person reads it."""
        lines = [line for story in self.records for line in (*_told(story), "")]
        lines += [_("{path} was not read: {code}").format(**entry) for entry in self.unread]
        if self.more:
            lines.append(_("and {n} more; give a longer piece or a record id").format(n=self.more))
        return lines


def explain(ws: Workspace, query: str, dataset: Digest | None = None) -> Explanation:
    """Explain what ``query`` means in ``dataset`` (default: the newest of the workspace).

    A query is a record id or its beginning (6 hex digits or more), a file, ``file:line``, or a piece of the
    text. Raises CorpusError when there is no dataset, or nothing in it that the query means."""
    from mofang.corpus.lookup import Lookup

    found = dataset or newest_dataset(ws)
    lookup = Lookup(ws.objects, found)
    places, unread = _search(ws, lookup, query.strip())
    if not places and not unread:
        raise _unknown(_without_values(query), found, lookup.gone)
    stories = tuple(_story(lookup, *place) for place in places[:MOST])
    return Explanation(_without_values(query), found, stories, max(len(places) - MOST, 0), tuple(unread))


def _unknown(query: str, dataset: Digest, gone: int) -> CorpusError:
    if gone:
        return CorpusError(
            _("no record is known as {query}; {n} shards were withdrawn by request").format(
                query=query, n=gone
            ),
            where=str(dataset),
            remedy=_("make the shards anew without what was withdrawn: mofang run"),
        )
    return CorpusError(
        _("no record is known as {query}").format(query=query),
        where=str(dataset),
        remedy=_("give a record id, a file, file:line, or a longer piece of the text as it stands there"),
    )


def _without_values(query: str) -> str:
    """What was asked, fit to be printed: somebody may ask by a telephone number."""
    from mofang.corpus.pii import find, mask

    return mask(query, [(found.kind, found.start, found.end) for found in find(query, b"unused")])[:60]


def newest_dataset(ws: Workspace) -> Digest:
    """The dataset that the newest run wrote. Raises CorpusError before the first one."""
    for recorded in reversed(ws.ledger.statements(PROVENANCE)):
        statement = ws.statement(recorded.id)
        if statement.predicate["kind"] == "corpus.manifest":
            return next(subject.digest for subject in statement.subjects if subject.name == "dataset")
    raise CorpusError(_("no corpus was read yet"), where=str(ws.path), remedy=_("read it with: mofang run"))


Places = list[tuple[str, int, int]]


def _search(ws: Workspace, lookup: Lookup, query: str) -> tuple[Places, list[Mapping[str, str]]]:
    """Where the records are that ``query`` means, by the first reading of it that means any."""
    if _HEX.fullmatch(query) and (places := lookup.by_id(query)):
        return places, []
    match = _LINE.fullmatch(query)
    readings: list[tuple[str, int | None]] = [
        (query, None),
        *([(match["path"], int(match["line"]))] if match else []),
    ]
    for path, line in readings:
        if places := lookup.by_file(path, line):
            return places, []
    if len(query) >= _SHORTEST_PIECE and (places := lookup.by_text(query)):
        return places, []
    unread = [entry for path, _line in readings for entry in lookup.unread(path)]
    return [], unread or _missed(ws, lookup, readings[-1])


def _missed(ws: Workspace, lookup: Lookup, reading: tuple[str, int | None]) -> list[Mapping[str, str]]:
    """Why a file that was read gave no record there: the notes of the jobs that read it."""
    path, line = reading
    wanted = re.compile(rf"(?:.*/)?{re.escape(path)}:{line or '[0-9]+'}")
    notes: list[Mapping[str, str]] = []
    for shard in lookup.text_shards():
        for statement in ws.ledger.producers(shard):
            for note in ws.statement(statement).predicate.get("notes", ()):
                if wanted.fullmatch(note["where"]):
                    notes.append({"path": note["where"], "code": f"{note['code']} ({note['message']})"})
    return notes


def _story(lookup: Lookup, source_id: str, shard: int, row: int) -> Story:
    text = lookup.row("text", source_id, shard, row)
    personal = lookup.row("pii", source_id, shard, row)["findings"]
    decided = lookup.row("decisions", source_id, shard, row)
    name = text["record_id"]
    double, others = lookup.duplicates(name)
    listed = lookup.row("screen", source_id, shard, row)["findings"]
    return Story(
        record_id=name.hex(),
        source=lookup.source(source_id),
        path=text["path"],
        ordinal=text["ordinal"],
        key=text["key"],
        bytes=None if text["byte_start"] is None else (text["byte_start"], text["byte_end"]),
        file_digest=text["file_digest"],
        encoding=text["encoding"],
        chars=len(text["text"]),
        flags=tuple(text["flags"]),
        edits=tuple(text["edits"]),
        personal=tuple({name: found[name] for name in ("kind", "start", "end")} for found in personal),
        listed=tuple(listed),
        decision=decided["decision"],
        reasons=tuple(decided["reasons"]),
        duplicate_of=None if double is None else double.hex(),
        duplicates=others,
        published=decided["decision"] != "drop",
        excerpt=_excerpt(text["text"], personal, listed),
    )


def _excerpt(text: str, personal: list[dict[str, Any]], listed: list[dict[str, Any]]) -> str:
    """The beginning of the text, personal values and listed terms masked."""
    from mofang.corpus.pii import MASKS

    named = [(found["start"], found["end"], MASKS[found["kind"]]) for found in personal]
    named += [(hit["start"], hit["end"], hit["term"]) for hit in listed]
    parts: list[str] = []
    at = 0
    for start, end, name in sorted(named):
        parts += (text[at:start], f"[{name}]")
        at = max(at, end)
    masked = "".join((*parts, text[at:]))
    return masked[:_EXCERPT] + ("…" if len(masked) > _EXCERPT else "")


def _told(story: Story) -> Iterator[str]:
    source = story.source
    yield _("record {id}: {decision}").format(id=story.record_id, decision=story.decision)
    place = f"{story.path}:{story.ordinal + 1}" + (f" ({story.key})" if story.key else "")
    yield "  " + _("from {place} of source {source} ({licence}, {origin}, {method})").format(
        place=place,
        source=source["id"],
        licence=source["licence"],
        origin=source["origin"],
        method=source["method"],
    )
    if story.bytes:
        yield "  " + _("bytes {start} to {end} of {digest}, {encoding}").format(
            start=story.bytes[0], end=story.bytes[1], digest=story.file_digest[:19], encoding=story.encoding
        )
    for code, count in sorted(Counter(edit["code"] for edit in story.edits).items()):
        spans = ", ".join(f"{edit['start']}-{edit['end']}" for edit in story.edits if edit["code"] == code)
        yield "  " + _("repaired: {code} x{count} at {spans}").format(
            code=code, count=count, spans=_cut(spans)
        )
    for found in story.personal:
        yield "  " + _("personal information: {kind} at {start}-{end}").format(**found)
    for hit in story.listed:
        yield "  " + _("listed term {term} ({risk}) at {start}-{end}").format(**hit)
    for reason in story.reasons:
        yield "  " + _("reason: {code}, rule {rule} {detail}").format(**reason).rstrip()
    if story.duplicate_of:
        yield "  " + _("the same text as record {id}").format(id=story.duplicate_of)
    if story.duplicates:
        yield "  " + _("{n} further records repeat its text").format(n=story.duplicates)
    yield "  " + (_("published") if story.published else _("not published"))
    yield "  " + story.excerpt.replace("\n", " ")


def _cut(text: str) -> str:
    return text if len(text) <= 80 else text[:80] + "…"
