"""The pedigree 谱系 of artifacts: every statement of the chain by what it names, and how each artifact stands
today.

It is read from the chain and the payloads, not from the ledger, and steps over what cannot be read: a check
must be able to use it on a damaged workspace."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from mofang.evidence import files
from mofang.evidence.bundled import BundledWorkspace
from mofang.evidence.digest import Digest, canonical
from mofang.evidence.entries import Entry
from mofang.evidence.errors import DigestError, EvidenceError, StatementError
from mofang.evidence.index import inputs_of
from mofang.evidence.objects import ObjectStore
from mofang.evidence.openings import OPENING
from mofang.evidence.statements import PROVENANCE, Statement, Subject
from mofang.evidence.tombstones import TOMBSTONE, Tombstone
from mofang.evidence.workspace import Workspace
from mofang.i18n import _

COLLECTION = "https://mofang.dev/collection/v1"
REMOVALS = (TOMBSTONE, COLLECTION)
_MENTION = re.compile(rb"sha256:[0-9a-f]{64}(?![0-9a-f])")


@dataclass(frozen=True, slots=True)
class Fact:
    """A statement of the chain. ``inputs`` are the artifacts it says it used, (name, digest); those that its
    parameters mention come last, under the name ``params``."""

    n: int
    id: Digest
    statement: Statement
    inputs: tuple[tuple[str, Digest], ...] = ()
    tombstone: Tombstone | None = field(default=None, compare=False)

    @property
    def type(self) -> str:
        return self.statement.predicate_type

    @property
    def made_by_job(self) -> bool:
        return self.type == PROVENANCE

    @property
    def node(self) -> str:
        """The step of the plan, empty for a declared fact."""
        return str(self.statement.predicate.get("node", "")) if self.made_by_job else ""

    @property
    def kind(self) -> str:
        """The kind of job; for a declared fact, its predicate type."""
        return str(self.statement.predicate.get("kind", "")) if self.made_by_job else self.type

    @property
    def mode(self) -> str:
        """``pure``, ``observed`` or ``cache``; empty for a declared fact."""
        return str(self.statement.predicate.get("mode", "")) if self.made_by_job else ""


class Standing(NamedTuple):
    """How an artifact stands: ``present``, ``redacted`` (leaves were withdrawn), ``withheld`` (in a bundle
    without its texts), ``withdrawn``, ``collected``, ``elsewhere`` (a bundle leaves it out) or ``missing``.
    ``digest``: what to read instead of it, None if there is nothing. ``fact``: the statement that says so."""

    word: str
    digest: Digest | None
    fact: Fact | None = None

    @property
    def whole(self) -> bool:
        """Whether the very bytes are here."""
        return self.word == "present"


class Pedigree:
    """All statements of ``ws`` as they stood when this was made; :meth:`standing` looks at the disk each
    time."""

    def __init__(self, ws: Workspace) -> None:
        self.objects: ObjectStore = ws.objects
        self.partial = isinstance(ws, BundledWorkspace)
        self.withheld: Mapping[Digest, Digest] = (
            ws.manifest.withheld if isinstance(ws, BundledWorkspace) else {}
        )
        self.facts: dict[Digest, Fact] = {}
        self.unreadable: list[tuple[int, str]] = []
        self._named: dict[Digest, list[tuple[int, Fact]]] = defaultdict(list)
        self._used: dict[Digest, list[Fact]] = defaultdict(list)
        self._removed: dict[Digest, tuple[int, Fact]] = {}
        self._replacements: dict[Digest, Fact] = {}
        for entry in _entries(ws):
            self._take(entry)

    def producer(self, digest: Digest, upto: int | None = None) -> Fact | None:
        """The newest statement that names the artifact as its subject, not after entry ``upto``."""
        for n, fact in reversed(self._named.get(digest, ())):
            if upto is None or n <= upto:
                return fact
        return self._replacements.get(digest)

    def producers(self, digest: Digest) -> list[Fact]:
        """All statements that name the artifact as their subject, oldest first, each once."""
        return list({fact.id: fact for _n, fact in self._named.get(digest, ())}.values())

    def consumers(self, digest: Digest) -> list[Fact]:
        """The statements that used the artifact, oldest first."""
        return self._used.get(digest, [])

    def versions(self, digest: Digest) -> list[Digest]:
        """The artifact and every copy that stood, or stands, in its place after leaves were withdrawn."""
        found = [digest]
        for each in found:
            stones = (self._replacements.get(each), self._removed.get(each, (0, None))[1])
            pairs = [
                pair for fact in stones if fact and fact.tombstone for pair in fact.tombstone.replaced.items()
            ]
            found += [other for pair in pairs if each in pair for other in pair if other not in found]
        return found

    def subject(self, digest: Digest) -> Subject | None:
        """The artifact as the newest statement about it names it; one that a tombstone put in the place of
        another is named like that one."""
        fact = self.producer(digest)
        if fact is None:
            return None
        return next((each for each in fact.statement.subjects if each.digest == digest), None)

    def known(self) -> set[Digest]:
        """Every artifact and statement that the chain names."""
        return {*self._named, *self._removed, *self._replacements, *self.facts}

    def standing(self, digest: Digest) -> Standing:
        """How the artifact stands now. What was made or declared anew after its removal stands again."""
        removed = self._removed.get(digest)
        named = max((n for n, _fact in self._named.get(digest, ())), default=-1)
        if removed is not None and removed[0] > named:
            gone = self._gone(digest, removed[1])
            if gone is not None:
                return gone
        if self.objects.has(digest):
            return Standing("present", digest)
        if digest in self.withheld:
            return Standing("withheld", self.withheld[digest])
        return Standing("elsewhere" if self.partial else "missing", None)

    def _gone(self, digest: Digest, fact: Fact) -> Standing | None:
        if fact.tombstone is None:
            return None if self.objects.has(digest) else Standing("collected", None, fact)
        new = fact.tombstone.replaced.get(digest)
        if new is None:
            return Standing("withdrawn", None, fact)
        instead = self.standing(new)
        return Standing("redacted", new, fact) if instead.whole else instead

    def _take(self, entry: Entry) -> None:
        known = self.facts.get(entry.statement)
        if known is not None:
            # Further signatures come as a further entry; only a bare one says the same thing again.
            if len(entry.signatures) == 1:
                self._name(entry.n, known)
            return
        try:
            fact = _fact(entry, Statement.parse(self.objects.get(entry.statement), str(entry.statement)))
        except EvidenceError as error:
            self.unreadable.append((entry.n, error.message))
            return
        self.facts[fact.id] = fact
        self._name(entry.n, fact)
        for digest in dict.fromkeys(digest for _name, digest in fact.inputs):
            self._used[digest].append(fact)

    def _name(self, n: int, fact: Fact) -> None:
        if fact.type == COLLECTION:
            for each in fact.statement.predicate.get("removed", ()):
                self._removed[Digest(each)] = n, fact
        elif fact.tombstone is not None:
            self._removed.update((digest, (n, fact)) for digest in fact.tombstone.gone)
            self._replacements.update((digest, fact) for digest in fact.tombstone.replaced.values())
        elif fact.type != OPENING:  # who read an artifact says nothing of what it is
            for subject in fact.statement.subjects:
                self._named[subject.digest].append((n, fact))


def reach(pedigree: Pedigree, roots: Iterable[tuple[Digest, int | None]]) -> set[Digest]:
    """Every artifact that the roots (digest, newest entry to look at) rest on: what made them, from what,
    with all the outputs of those jobs, and what JSON artifacts among them mention. Withdrawn ones are named
    too."""
    reached: set[Digest] = set()
    facts: set[Digest] = set()
    scanned: set[Digest] = set()
    waiting = list(roots)
    while waiting:
        digest, upto = waiting.pop()
        reached.add(digest)
        fact = pedigree.producer(digest, upto)
        if fact is not None and fact.id not in facts:
            facts.add(fact.id)
            waiting += [(subject.digest, fact.n) for subject in fact.statement.subjects]
            waiting += [(used, fact.n - 1) for _name, used in fact.inputs]
        here = pedigree.standing(digest).digest
        if here is not None and here not in scanned:
            scanned.add(here)
            reached.add(here)
            bound = upto if fact is None else fact.n
            if here not in pedigree.facts:
                waiting += [
                    (each, bound) for each in mentions(pedigree.objects, here) if each not in pedigree.facts
                ]
    return reached


def mentions(objects: ObjectStore, digest: Digest) -> set[Digest]:
    """The digests that an artifact of JSON or of leaves mentions; none for anything else."""
    if not objects.has(digest):
        return set()
    with objects.open(digest) as file:
        if file.read(1) not in (b"{", b"["):
            return set()
        file.seek(0)
        return {each for line in file for each in mentioned_in(line)}


def mentioned(value: object) -> set[Digest]:
    """The digests that a JSON value mentions, as they are or in references to leaves."""
    return mentioned_in(canonical(value))


def mentioned_in(text: bytes) -> set[Digest]:
    """The digests that a text mentions."""
    return {Digest(each.decode("ascii")) for each in _MENTION.findall(text)}


def _entries(ws: Workspace) -> Iterator[Entry]:
    for line in files.read_lines(ws.chain.path):
        try:
            yield Entry.parse(line)
        except (ValueError, RecursionError, EvidenceError):
            continue  # the chain's own check names it


def _fact(entry: Entry, statement: Statement) -> Fact:
    tombstone = None
    if statement.predicate_type == TOMBSTONE:
        tombstone = Tombstone.parse(entry.n, entry.statement, statement)
    if statement.predicate_type == COLLECTION:
        _check_collection(entry, statement)
    return Fact(entry.n, entry.statement, statement, tuple(_inputs(statement)), tombstone)


def _check_collection(entry: Entry, statement: Statement) -> None:
    try:
        for each in statement.predicate["removed"]:
            Digest(each)
    except (KeyError, TypeError, DigestError) as error:
        raise StatementError(
            _("not a collection: {reason}").format(reason=repr(error)), where=str(entry.statement)
        ) from error


def _inputs(statement: Statement) -> Iterator[tuple[str, Digest]]:
    if statement.predicate_type in REMOVALS:
        return
    named = list(inputs_of(statement.predicate))
    yield from named
    if statement.predicate_type == PROVENANCE:
        for digest in sorted(
            mentioned(statement.predicate.get("params")) - {digest for _name, digest in named}
        ):
            yield "params", digest
