"""Attachments: documents that somebody brings as proof of a clause, with an owner, a date and an end.

The file becomes an artifact, the fact a signed statement. A newer file of the same name to the same clause
replaces the older one, which stays in the history. That a document is attached is a fact; whether it proves
the clause is for a person to judge.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date as Day
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mofang.assurance.errors import AttachmentError
from mofang.assurance.standard.schema import Pack
from mofang.evidence.digest import Digest, sha256_bytes
from mofang.evidence.leaves import Segment, write_leaves
from mofang.evidence.objects import ObjectStore
from mofang.evidence.statements import Subject
from mofang.i18n import _

if TYPE_CHECKING:
    from mofang.evidence.workspace import Workspace

ATTACHMENT = "https://mofang.dev/attachment/v1"
MOST_BYTES = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document brought for ``clause`` of ``standard``. ``owner`` answers for it; ``claimed_by`` is who
    recorded it, as that person gave the name (nobody checked it). ``expires`` is its last day, None = no
    end."""

    standard: str
    clause: str
    file: str
    digest: Digest
    media_type: str
    owner: str
    date: str
    expires: str | None
    claimed_by: str
    statement: Digest | None = None

    def wire(self) -> dict[str, Any]:
        """The statement's predicate."""
        return {
            "standard": self.standard,
            "clause": self.clause,
            "file": self.file,
            "media_type": self.media_type,
            "owner": self.owner,
            "date": self.date,
            "expires": self.expires,
            "claimed_by": self.claimed_by,
        }

    def leaf(self) -> dict[str, Any]:
        """The attachment in the list that an assessment reads."""
        return {**self.wire(), "digest": self.digest, "statement": self.statement}

    def current(self, as_of: str) -> bool:
        """Whether it still holds on ``as_of``; it holds through its last day."""
        return self.expires is None or self.expires >= as_of


def attach(
    ws: Workspace,
    pack: Pack,
    clause: str,
    file: Path,
    *,
    owner: str,
    date: str,
    expires: str | None = None,
    claimed_by: str | None = None,
    as_of: str | None = None,
) -> Attachment:
    """Attach ``file`` to a clause. Needs the lock. Raises AttachmentError for a missing, empty or too large
    file, a date that is none, a document that has expired on ``as_of`` (default: its own date); MofangError
    for an unknown clause."""
    known = pack.clause(clause)
    if not owner.strip():
        raise AttachmentError(
            _("an attachment has an owner"), where=known.id, remedy=_("name who answers for it")
        )
    _check_days(date, expires, as_of)
    _check_file(file)
    made = Attachment(
        pack.id,
        known.id,
        file.name,
        ws.objects.put_file(file),
        mimetypes.guess_type(file.name)[0] or "application/octet-stream",
        owner.strip(),
        date,
        expires,
        (claimed_by or owner).strip(),
    )
    statement = ws.record(ATTACHMENT, [Subject(made.file, made.digest, made.media_type)], made.wire())
    ws.refs.set("attachments", _ref_name(made), made.digest)
    return Attachment(**{**_values(made), "statement": statement})


def history(ws: Workspace, standard: str) -> list[Attachment]:
    """Every attachment ever recorded for a standard, oldest first; replaced and expired ones too."""
    found = []
    for recorded in ws.ledger.statements(ATTACHMENT):
        statement = ws.statement(recorded.id)
        if statement.predicate["standard"] == standard:
            digest = statement.subjects[0].digest
            found.append(Attachment(**dict(statement.predicate), digest=digest, statement=recorded.id))
    return found


def current_attachments(ws: Workspace, standard: str) -> list[Attachment]:
    """The newest attachment of each file name to each clause whose bytes are still here; in order of clause
    and file. Expired ones are among them, with their date: an assessment says that they have expired."""
    newest = {(made.clause, made.file): made for made in history(ws, standard)}
    return [made for _key, made in sorted(newest.items()) if ws.objects.has(made.digest)]


def attachment_list(objects: ObjectStore, attachments: Iterable[Attachment]) -> Segment:
    """The attachments as a leaf segment, the form in which an assessment takes them."""
    return write_leaves(objects, (made.leaf() for made in attachments))


def _check_days(date: str, expires: str | None, as_of: str | None) -> None:
    for day in (date, expires, as_of):
        try:
            if day is not None and Day.fromisoformat(day).isoformat() != day:
                raise ValueError(day)
        except ValueError:
            raise AttachmentError(
                _("{day} is not a date").format(day=repr(day)), remedy=_("write it like 2026-11-01")
            ) from None
    if expires is not None and expires < max(date, as_of or date):
        raise AttachmentError(
            _("the document expired on {day}").format(day=expires),
            remedy=_("attach a document that still holds"),
        )


def _check_file(file: Path) -> None:
    if not file.is_file():
        raise AttachmentError(
            _("there is no such file"),
            where=str(file),
            remedy=_("check the path; a folder cannot be attached"),
        )
    size = file.stat().st_size
    if size == 0:
        raise AttachmentError(_("the file is empty"), where=str(file), remedy=_("attach the document itself"))
    if size > MOST_BYTES:
        raise AttachmentError(
            _("the file has {size} bytes, more than {most}").format(size=size, most=MOST_BYTES),
            where=str(file),
            remedy=_("attach a smaller copy, or a page that says where the original is kept"),
        )


def _ref_name(made: Attachment) -> str:
    # File names may hold anything, names of refs may not.
    return f"{made.standard}.{made.clause}.{sha256_bytes(made.file.encode()).hex[:12]}"


def _values(made: Attachment) -> Mapping[str, Any]:
    return {**made.wire(), "digest": made.digest}
