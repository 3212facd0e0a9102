"""A bank's card: what it is called, which state of it this is, what is in it, and how it came here.

The card lies beside the bank's file (``bank.jsonl`` and ``bank.card.json``). Counts, dates and digests are taken
from the questions whenever the card is shown; name, version and origin are what the import wrote down.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mofang.assurance.banks.bank import Question, count_questions
from mofang.assurance.banks.files import BankReport
from mofang.assurance.banks.layout import Layout
from mofang.assurance.errors import BankError
from mofang.evidence import merkle
from mofang.evidence.digest import Digest, canonical, sha256_bytes, sha256_file
from mofang.evidence.files import reported, write_atomic
from mofang.i18n import _

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Origin:
    """How a bank came here: the file it was read from (its name alone), that file's digest, the layout it was
    read by, how many rows were kept, left out as bad, and passed over as not meant."""

    file: str
    digest: Digest
    layout: str
    layout_digest: Digest
    sheet: str | None
    kept: int
    bad: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Card:
    """A bank in figures. ``digest`` and ``root`` are those under which a workspace stores it; ``oldest`` and
    ``newest`` are empty where no question has a date; ``origins`` are none for a bank nobody imported."""

    name: str
    version: str
    licences: tuple[str, ...]
    authors: tuple[str, ...]
    languages: tuple[str, ...]
    oldest: str
    newest: str
    undated: int
    clusters: int
    replies: int
    demo: bool
    counts: Mapping[str, Mapping[str, int]]
    digest: Digest
    root: Digest
    origin: Origin | None = None

    @property
    def total(self) -> int:
        return sum(sum(by_risk.values()) for by_risk in self.counts.values())

    def wire(self) -> dict[str, Any]:
        """The card as JSON; nothing in it depends on machine, folder or hour."""
        return {"format": FORMAT, **asdict(self), "total": self.total}


def card(name: str, questions: Sequence[Question], version: str = "", origin: Origin | None = None) -> Card:
    """The card of these questions. Raises BankError for none."""
    if not questions:
        raise BankError(_("bank {name} has no questions").format(name=name), where=name)
    lines = [canonical(question.wire()) for question in questions]
    dates = sorted(question.added for question in questions if question.added)
    return Card(
        name=name,
        version=version,
        licences=tuple(sorted({question.licence for question in questions})),
        authors=tuple(sorted({question.author for question in questions})),
        languages=tuple(sorted({question.language for question in questions})),
        oldest=dates[0] if dates else "",
        newest=dates[-1] if dates else "",
        undated=len(questions) - len(dates),
        clusters=len({question.cluster for question in questions}),
        replies=sum(1 for question in questions if question.reply),
        demo=any(question.demo for question in questions),
        counts=count_questions(questions),
        digest=sha256_bytes(b"".join(line + b"\n" for line in lines)),
        root=Digest.of(merkle.tree_hash([merkle.leaf_hash(line) for line in lines])),
        origin=origin,
    )


def origin_of(path: Path, report: BankReport, layout: Layout, sheet: str | None = None) -> Origin:
    """How the questions of ``report`` came from the file at ``path``."""
    return Origin(
        file=path.name,
        digest=sha256_file(path),
        layout=layout.name,
        layout_digest=layout.digest,
        sheet=sheet,
        kept=len(report.questions),
        bad=len(report.bad),
        skipped=report.skipped,
    )


def card_path(bank: Path) -> Path:
    """Where the card of a bank file lies."""
    return bank.with_suffix(".card.json")


def write_card(bank: Path, made: Card) -> None:
    """Puts the card beside the bank's file."""
    write_atomic(card_path(bank), canonical(made.wire()) + b"\n")


def read_card(bank: Path, questions: Sequence[Question]) -> tuple[Card, bool]:
    """The card of a bank file, and whether the one beside it (if any) is of this state of the questions. Raises
    BankError for a card that cannot be read."""
    path = card_path(bank)
    if not path.is_file():
        return card(bank.stem, questions), True
    try:
        with reported(path):
            said = json.loads(path.read_text(encoding="utf-8"))
        origin = said["origin"]
        made = card(
            str(said["name"]), questions, str(said["version"]), None if origin is None else _origin(origin)
        )
        return made, said["digest"] == made.digest
    except (ValueError, KeyError, TypeError) as error:
        raise BankError(
            _("the card of the bank cannot be read: {why}").format(why=type(error).__name__),
            where=str(path),
            remedy=_("import the bank again, or remove this file"),
        ) from error


def _origin(said: Mapping[str, Any]) -> Origin:
    return Origin(
        **{**said, "digest": Digest(said["digest"]), "layout_digest": Digest(said["layout_digest"])}
    )
