"""An entry of the chain, as the line it is written as."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from mofang.evidence.digest import Digest, canonical, sha256_bytes
from mofang.evidence.errors import DigestError
from mofang.evidence.keys import SigningKey
from mofang.evidence.statements import PAYLOAD_TYPE, Signature, Statement, pae
from mofang.i18n import _

ENTRY_TYPE = "application/vnd.mofang.chain-entry+json"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the chain. ``prev`` is the predecessor's digest, empty for entry 0."""

    n: int
    prev: str
    statement: Digest
    type: str
    signatures: tuple[Signature, ...]
    seal: Signature

    @classmethod
    def made(
        cls, n: int, prev: str, statement: Statement, key: SigningKey, signatures: tuple[Signature, ...] = ()
    ) -> Entry:
        """The entry for ``statement`` signed and sealed by ``key``; ``signatures`` are other people's."""
        payload = statement.payload()
        own = key.sign(pae(PAYLOAD_TYPE, payload))
        draft = cls(n, prev, sha256_bytes(payload), statement.predicate_type, (own, *signatures), own)
        return cls(
            draft.n, draft.prev, draft.statement, draft.type, draft.signatures, key.sign(draft.sealed_bytes())
        )

    @classmethod
    def parse(cls, line: bytes) -> Entry:
        """Reads a line. Raises ValueError with the reason; never repairs."""
        wire = json.loads(line)
        try:
            entry = cls(
                n=wire["n"],
                prev=wire["prev"] and Digest(wire["prev"]),
                statement=Digest(wire["statement"]),
                type=wire["type"],
                signatures=tuple(Signature(**each) for each in wire["signatures"]),
                seal=Signature(**wire["seal"]),
            )
            if entry.line() != line:
                raise ValueError(_("the line is not in canonical form"))
        except (KeyError, TypeError, DigestError) as error:
            raise ValueError(
                _("a field is missing or of the wrong kind: {field}").format(field=error)
            ) from error
        return entry

    def _body(self) -> dict[str, Any]:
        return {
            "n": self.n,
            "prev": self.prev,
            "statement": self.statement,
            "type": self.type,
            "signatures": [signature.wire() for signature in self.signatures],
        }

    def sealed_bytes(self) -> bytes:
        """What the seal covers: everything but the seal, in DSSE's encoding."""
        return pae(ENTRY_TYPE, canonical(self._body()))

    def line(self) -> bytes:
        return canonical({**self._body(), "seal": self.seal.wire()})

    @property
    def digest(self) -> Digest:
        return sha256_bytes(self.line())
