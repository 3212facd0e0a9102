"""Openings 启封: who read a sealed text, when and why, as signed statements in the chain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mofang.errors import MofangError
from mofang.evidence.digest import Digest
from mofang.evidence.statements import Subject
from mofang.i18n import _

if TYPE_CHECKING:
    from mofang.evidence.workspace import Workspace

OPENING = "https://mofang.dev/opening/v1"


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening: the sealed artifact, the part that was read ("" for all of it), by whom (as that person gave
    the name) and why."""

    digest: Digest
    part: str
    by: str
    why: str
    recorded: str
    statement: Digest


def record_opening(ws: Workspace, digest: Digest, *, part: str = "", by: str, why: str = "") -> Digest:
    """Record that ``by`` opens a sealed artifact; do so before it is shown. Needs the lock. Raises MofangError
    without a name."""
    if not by.strip():
        raise MofangError(
            _("this text is sealed; its opening is recorded with a name"),
            where=str(digest),
            remedy=_("say who reads it: --by NAME"),
        )
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    predicate = {"part": part, "by": by.strip(), "why": why.strip(), "recorded": now}
    return ws.record(OPENING, [Subject("sealed", digest, "application/octet-stream")], predicate)


def openings(ws: Workspace) -> list[Opening]:
    """Every opening that was recorded, oldest first."""
    found = []
    for recorded in ws.ledger.statements(OPENING):
        statement = ws.statement(recorded.id)
        said = statement.predicate
        subject = statement.subjects[0]
        found.append(
            Opening(subject.digest, said["part"], said["by"], said["why"], said["recorded"], recorded.id)
        )
    return found
