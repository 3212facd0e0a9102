"""Tombstones 墓碑: the signed record that something was withdrawn on request. They hold digests and codes,
never text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mofang.evidence.digest import Digest
from mofang.evidence.errors import DigestError, StatementError
from mofang.evidence.objects import ObjectStore
from mofang.evidence.statements import Statement
from mofang.i18n import _

if TYPE_CHECKING:
    from mofang.evidence.workspace import Workspace

TOMBSTONE = "https://mofang.dev/tombstone/v1"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """One withdrawal.

    ``removed``: artifacts taken out whole. ``replaced``: leaf segments by the copy without the withdrawn
    leaves, whose numbers stand in ``leaves``. ``downstream``: what had been made from them, ``{digest, name,
    node}`` each. ``recorded`` is the time in UTC; in ``request`` a person's value stands as HMAC only."""

    statement: Digest
    n: int
    recorded: str
    reason: str
    request: Mapping[str, str]
    removed: tuple[Digest, ...]
    replaced: Mapping[Digest, Digest]
    leaves: Mapping[Digest, tuple[int, ...]]
    downstream: tuple[Mapping[str, str], ...]

    @property
    def gone(self) -> tuple[Digest, ...]:
        """Every artifact whose bytes must no longer be in the workspace."""
        return (*self.removed, *self.replaced)

    @property
    def date(self) -> str:
        """The day it was recorded, YYYY-MM-DD."""
        return self.recorded[:10]

    @classmethod
    def parse(cls, n: int, id: Digest, statement: Statement) -> Tombstone:
        """Reads the statement of entry ``n``. Raises StatementError."""
        said: Mapping[str, Any] = statement.predicate
        try:
            return cls(
                statement=id,
                n=n,
                recorded=str(said["recorded"]),
                reason=str(said["reason"]),
                request={str(name): str(value) for name, value in said["request"].items()},
                removed=tuple(Digest(each) for each in said["removed"]),
                replaced={Digest(old): Digest(new) for old, new in said["replaced"].items()},
                leaves={Digest(old): tuple(map(int, numbers)) for old, numbers in said["leaves"].items()},
                downstream=tuple(dict(each) for each in said["downstream"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError, DigestError) as error:
            raise StatementError(
                _("not a tombstone: {reason}").format(reason=repr(error)), where=str(id)
            ) from error


def tombstones(ws: Workspace) -> list[Tombstone]:
    """Every tombstone of the workspace, oldest first."""
    return [_read(ws.objects, n, id) for n, id in _recorded(ws)]


def tombstoned(ws: Workspace) -> Mapping[Digest, Tombstone]:
    """The newest tombstone of every artifact that was withdrawn, whole or leaf by leaf."""
    return _by_digest(ws.objects, _recorded(ws))


def _recorded(ws: Workspace) -> tuple[tuple[int, Digest], ...]:
    first: dict[Digest, int] = {}
    for each in ws.ledger.statements(TOMBSTONE):
        first.setdefault(each.id, each.n)  # a later entry of the same id only adds signatures
    return tuple((n, id) for id, n in first.items())


@lru_cache(maxsize=16)
def _by_digest(objects: ObjectStore, recorded: tuple[tuple[int, Digest], ...]) -> Mapping[Digest, Tombstone]:
    stones = [_read(objects, n, id) for n, id in recorded]
    return MappingProxyType({digest: stone for stone in stones for digest in stone.gone})


@lru_cache(maxsize=1024)
def _read(objects: ObjectStore, n: int, id: Digest) -> Tombstone:
    return Tombstone.parse(n, id, Statement.parse(objects.get(id), str(id)))
