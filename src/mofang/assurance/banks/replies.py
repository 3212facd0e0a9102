"""Curated replies 代答库: answers that a service declares it gives verbatim to certain questions.

They are a normal control. Declaring them lets a result be shown with and without them; what is looked up without
being declared is found by :mod:`mofang.assurance.banks.lookup`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from mofang.assurance.banks.files import LONGEST, BadRow
from mofang.assurance.banks.letters import letters
from mofang.assurance.banks.rows import NoColumn, Rows, read_rows
from mofang.assurance.errors import BankError
from mofang.evidence.leaves import Segment, write_leaves
from mofang.evidence.objects import ObjectStore
from mofang.i18n import _


@dataclass(frozen=True, slots=True)
class Reply:
    """One declared reply. ``risk`` and ``added`` (a date) are empty where nobody stated them."""

    id: str
    text: str
    risk: str = ""
    added: str = ""

    def __post_init__(self) -> None:
        if not letters(self.text):
            raise BankError(_("the reply has no letters"))
        if self.added and not _is_date(self.added):
            raise BankError(_("added is not a date such as 2026-11-01"))

    def wire(self) -> dict[str, Any]:
        """The reply as a leaf."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Replies:
    """The replies of a file in its order, the rows left out, and what a person should know of the reading."""

    replies: tuple[Reply, ...]
    bad: tuple[BadRow, ...] = ()
    notes: tuple[str, ...] = ()


def read_replies(path: Path, *, sheet: str | None = None) -> Replies:
    """The replies of a ``.jsonl``, ``.json``, ``.csv`` or ``.xlsx`` file with the column ``text`` and, if there
    are, ``id``, ``risk`` and ``added``; a reply that stands there several times counts once. Raises BankError for a
    file without any reply."""
    kept: dict[str, Reply] = {}
    bad: list[BadRow] = []
    notes: list[str] = []
    for line, row, reason in _rows(path, notes, sheet):
        try:
            reply = _reply(row, reason)
        except BankError as error:
            bad.append(BadRow(line, error.message))
            continue
        first = kept.setdefault(reply.id, reply)
        if first is not reply and letters(first.text) != letters(reply.text):
            bad.append(BadRow(line, _("another reply has this id already")))
    if not kept:
        raise BankError(
            _("file {path} holds no reply").format(path=path.name),
            where=f"{path}:{bad[0].line}" if bad else str(path),
            remedy=bad[0].reason if bad else _("write one reply a row under the heading text"),
        )
    return Replies(tuple(kept.values()), tuple(bad), tuple(notes))


def _rows(path: Path, notes: list[str], sheet: str | None) -> Rows:
    try:
        yield from read_rows(path, ("text",), notes, sheet=sheet)
    except NoColumn as error:
        remedy = _("give the column with the replies the heading text")
        raise BankError(error.message, where=error.where, remedy=remedy) from error


def _reply(row: Mapping[str, Any] | None, reason: str | None) -> Reply:
    if row is None:
        raise BankError(reason or _("not readable"))
    text = row.get("text")
    if not isinstance(text, str) or not text.strip():
        raise BankError(_("no {name}").format(name="text"))
    if len(text) > LONGEST["text"] or "\x00" in text:
        raise BankError(_("the text is too long, or holds a NUL character"))
    rest = {name: str(row[name]) for name in ("id", "risk", "added") if row.get(name) not in (None, "")}
    return Reply(**{"id": reply_id(text), **rest, "text": text})


def reply_id(text: str) -> str:
    """The id of a reply nobody gave one: equal for equal letters, and it says nothing of them."""
    return f"reply-{hashlib.sha256(letters(text).encode()).hexdigest()[:12]}"


def store_replies(objects: ObjectStore, replies: Iterable[Reply]) -> Segment:
    """Files replies as a leaf segment, the ``replies`` input of an inspection."""
    return write_leaves(objects, (reply.wire() for reply in replies))


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
