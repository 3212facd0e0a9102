"""Question banks 题库: the question, the bank as a segment of leaves, what it covers, what may be filed."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from mofang.assurance.errors import BankError
from mofang.assurance.standard.schema import KINDS, Check, Pack
from mofang.evidence.digest import Digest
from mofang.evidence.leaves import marked, read_leaves, write_leaves
from mofang.evidence.objects import ObjectStore
from mofang.i18n import Text, _

LANGUAGES = ("zh", "en")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Question:
    """One test question. ``risk`` is a risk code, for ``should_not_refuse`` an aspect's code.

    Questions made from one template share a ``cluster``. ``added`` is a date, empty where nobody stated it.
    ``reply`` is the answer that the bank itself gives, empty where it gives none.
    Raises BankError for a value outside its vocabulary.
    """

    id: str
    kind: str
    risk: str
    text: str
    language: str
    cluster: str
    author: str
    licence: str
    added: str
    demo: bool = False
    reply: str = ""

    def __post_init__(self) -> None:
        for name in ("id", "risk", "text", "cluster"):
            value = getattr(self, name)
            if not isinstance(value, str) or not value.strip():
                raise BankError(_("{name} is empty or not text").format(name=name))
        if self.kind not in KINDS:
            raise BankError(
                _("kind is {kind}; it must be one of {known}").format(
                    kind=seen(self.kind), known=", ".join(KINDS)
                )
            )
        if self.language not in LANGUAGES:
            raise BankError(
                _("language is {language}; it must be zh or en").format(language=seen(self.language))
            )
        if self.added and not _is_date(self.added):
            raise BankError(
                _("added is {added}; write a date such as 2026-11-01").format(added=seen(self.added))
            )
        _encodable(self)

    def wire(self) -> dict[str, Any]:
        """The question as a leaf. A bank without replies has the bytes it had before there were any."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "reply" or self.reply}

    @property
    def fold(self) -> tuple[str, str]:
        """Equal for questions of one kind that differ in case, width, spaces or punctuation only."""
        letters = unicodedata.normalize("NFKC", self.text).casefold()
        return self.kind, "".join(c for c in letters if c.isalnum()) or letters


def seen(value: object) -> str:
    """A value as an error may print it: a word or a code, but never a question that stands in the wrong column."""
    text = str(value)
    return repr(text) if brief(text) else _("a text of {n} characters").format(n=len(text))


def brief(text: str) -> bool:
    """Whether a text is so short that it is a name or a code. Six Chinese characters can be a question already."""
    return len(text) <= 6 or (len(text) <= 40 and text.isascii() and text.count(" ") <= 3)


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _encodable(question: Question) -> None:
    for name in question.__slots__:
        value = getattr(question, name)
        try:
            if isinstance(value, str) and not value.isascii():
                value.encode()
        except UnicodeEncodeError:
            raise BankError(_("{name} holds characters that are not UTF-8").format(name=name)) from None


@dataclass(frozen=True, slots=True)
class Bank:
    """A stored bank. ``counts``: kind -> risk or aspect -> number; ``demo`` if any question is."""

    name: str
    digest: Digest
    root: Digest
    demo: bool
    counts: Mapping[str, Mapping[str, int]]

    @property
    def total(self) -> int:
        return sum(sum(by_risk.values()) for by_risk in self.counts.values())

    def count(self, kind: str, risk: str | None = None) -> int:
        """Questions of a kind, of one risk or of all."""
        by_risk = self.counts.get(kind, {})
        return sum(by_risk.values()) if risk is None else by_risk.get(risk, 0)

    def wire(self) -> dict[str, Any]:
        """The bank as it stands in the findings."""
        return {
            "name": self.name,
            "digest": str(self.digest),
            "root": str(self.root),
            "demo": self.demo,
            "counts": {kind: dict(by_risk) for kind, by_risk in self.counts.items()},
        }


def store_bank(objects: ObjectStore, name: str, questions: Iterable[Question]) -> Bank:
    """Stores questions as a leaf segment, in their order. Raises BankError for none, or a repeated id."""
    kept = list(questions)
    if not kept:
        raise BankError(_("bank {name} has no questions").format(name=name), where=name)
    repeated = [id for id, n in Counter(question.id for question in kept).items() if n > 1]
    if repeated:
        raise BankError(
            _("bank {name}: ids stand twice: {ids}").format(name=name, ids=", ".join(repeated[:5])),
            where=name,
        )
    segment = write_leaves(objects, (question.wire() for question in kept))
    return Bank(name, segment.digest, segment.root, any(q.demo for q in kept), count_questions(kept))


def refuse_shared_ids(banks: Mapping[str, Iterable[Question]]) -> None:
    """Returns if no id stands in two banks (name -> questions). Raises BankError naming banks and ids: answers
    are found by the question's id alone."""
    owner: dict[str, str] = {}
    for name, questions in banks.items():
        shared = [question.id for question in questions if owner.setdefault(question.id, name) != name]
        if shared:
            raise BankError(
                _("{n} ids stand in bank {first} and in bank {name}: {ids}").format(
                    n=len(shared), first=owner[shared[0]], name=name, ids=", ".join(map(seen, shared[:5]))
                ),
                where=name,
                remedy=_(
                    "import one of them again with a mapping that puts its name before the id: compose: {id: ...}"
                ),
            )


def read_questions(objects: ObjectStore, digest: Digest) -> Iterator[Question]:
    """The questions of a stored bank. Raises BankError where a question was withheld or withdrawn."""
    for index, leaf in enumerate(read_leaves(objects, digest)):
        if marked(leaf):
            raise BankError(
                _("question {n} was withheld or withdrawn").format(n=index), where=f"{digest}#{index}"
            )
        yield Question(**leaf)


def count_questions(questions: Iterable[Question]) -> dict[str, dict[str, int]]:
    """Kind -> risk or aspect -> number, every kind present, codes sorted."""
    found = Counter((question.kind, question.risk) for question in questions)
    return {kind: {risk: n for (k, risk), n in sorted(found.items()) if k == kind} for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Cover:
    """One minimum of a pack against a bank: ``have`` questions of ``need``; ``code`` is None for a total."""

    check: str
    kind: str
    code: str | None
    name: Text | None
    have: int
    need: int
    force: str
    carry_over: str | None

    @property
    def short(self) -> int:
        return max(0, self.need - self.have)


def coverage(counts: Mapping[str, Mapping[str, int]], pack: Pack) -> list[Cover]:
    """Every question minimum of the pack, totals first and then per risk or aspect, against real counts.

    ``counts`` as in :attr:`Bank.counts`. Codes that no minimum asks for are left out; nothing is padded.
    """
    checks = [check for check in pack.checks if check.metric == "question_count"]
    checks.sort(key=lambda check: check.scope is not None)
    return [cover for check in checks for cover in _cover(check, counts, pack)]


def _cover(check: Check, counts: Mapping[str, Mapping[str, int]], pack: Pack) -> list[Cover]:
    kind = check.params["kind"]
    by_code = counts.get(kind, {})
    members: list[tuple[str | None, Text | None]] = [(None, None)]
    if check.scope == "each_risk":
        members = [(risk.code, risk.name) for risk in pack.risks_in(check.params.get("groups"))]
    elif check.scope == "each_aspect":
        members = [(aspect.code, aspect.name) for aspect in pack.aspects]
    return [
        Cover(
            check=check.id,
            kind=kind,
            code=code,
            name=name,
            have=_have(by_code, pack, code),
            need=int(check.value),
            force=check.force,
            carry_over=check.carry_over,
        )
        for code, name in members
    ]


def _have(by_code: Mapping[str, int], pack: Pack, code: str | None) -> int:
    """Questions under a code of the pack, or under those it maps the code to; of all its risks for None."""
    if code is None and not pack.crosswalk:
        return sum(by_code.values())
    own = [code] if code is not None else [risk.code for risk in pack.risks]
    return sum(by_code.get(one, 0) for one in dict.fromkeys(c for name in own for c in pack.codes_for(name)))


def annex_allowed(bank: Bank) -> None:
    """Returns if the bank may stand in a filing's annex. Raises BankError for demonstration questions."""
    if bank.demo:
        raise BankError(
            _("bank {name} holds demonstration questions (流程演示题，不得用于报送)").format(name=bank.name),
            where=bank.name,
            remedy=_("import your own bank: mofang bank import FILE --out bank.jsonl"),
        )
