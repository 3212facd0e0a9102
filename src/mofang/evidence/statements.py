"""Statements 声明: in-toto Statement v1 about artifacts, signed as DSSE envelopes with Ed25519.

The payload is RFC 8785 JSON; its digest is the statement's id, so others can sign the same statement later.
Sources: in-toto attestation framework v1 (Statement, ResourceDescriptor); DSSE v1.0.2 (PAE, envelope).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mofang.evidence.digest import Digest, canonical, sha256_bytes
from mofang.evidence.errors import EvidenceError, StatementError
from mofang.i18n import _

IN_TOTO = "https://in-toto.io/Statement/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"

GENESIS = "https://mofang.dev/genesis/v1"
ROTATION = "https://mofang.dev/key-rotation/v1"
PROVENANCE = "https://mofang.dev/provenance/v1"


@dataclass(frozen=True, slots=True)
class Subject:
    """An artifact that a statement is about: name, digest, media type, and for leaf segments the Merkle
    root."""

    name: str
    digest: Digest
    media_type: str = "application/octet-stream"
    root: Digest | None = None

    def __post_init__(self) -> None:
        if not self.name or not self.media_type:
            raise StatementError(_("a subject has a name and a media type"), where=str(self.digest))
        object.__setattr__(self, "digest", Digest(self.digest))
        if self.root is not None:
            object.__setattr__(self, "root", Digest(self.root))

    def wire(self) -> dict[str, Any]:
        """The in-toto ResourceDescriptor."""
        wire: dict[str, Any] = {
            "name": self.name,
            "digest": {"sha256": Digest(self.digest).hex},
            "mediaType": self.media_type,
        }
        if self.root is not None:
            wire["annotations"] = {"merkleRoot": self.root}
        return wire

    @classmethod
    def parse(cls, wire: Mapping[str, Any]) -> Subject:
        root = wire.get("annotations", {}).get("merkleRoot")
        return cls(
            name=wire["name"],
            digest=Digest("sha256:" + wire["digest"]["sha256"]),
            media_type=wire["mediaType"],
            root=None if root is None else Digest(root),
        )


@dataclass(frozen=True, slots=True)
class Signature:
    """An Ed25519 signature in base64 and the id of the key that made it."""

    keyid: str
    sig: str

    def wire(self) -> dict[str, str]:
        return {"keyid": self.keyid, "sig": self.sig}

    @classmethod
    def made(cls, keyid: str, raw: bytes) -> Signature:
        return cls(keyid, base64.b64encode(raw).decode("ascii"))

    def raw(self) -> bytes:
        """The 64 bytes; empty if ``sig`` is not base64."""
        try:
            return base64.b64decode(self.sig, validate=True)
        except ValueError:
            return b""


@dataclass(frozen=True, slots=True)
class Statement:
    """A fact: ``predicate_type`` says of what kind, ``subjects`` about what, ``predicate`` which (JSON, no
    floats)."""

    predicate_type: str
    subjects: tuple[Subject, ...]
    predicate: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "subjects", tuple(self.subjects))
        if ":" not in self.predicate_type:
            raise StatementError(
                _("a predicate type is a URI, not {text}").format(text=repr(self.predicate_type))
            )

    def payload(self) -> bytes:
        """The bytes that are stored and signed. Raises DigestError for floats."""
        return canonical(
            {
                "_type": IN_TOTO,
                "subject": [subject.wire() for subject in self.subjects],
                "predicateType": self.predicate_type,
                "predicate": self.predicate,
            }
        )

    @property
    def id(self) -> Digest:
        """The digest of the payload."""
        return sha256_bytes(self.payload())

    @classmethod
    def parse(cls, payload: bytes, where: str | None = None) -> Statement:
        """Reads a payload. Raises StatementError naming ``where``."""
        try:
            wire = json.loads(payload)
            if wire["_type"] != IN_TOTO:
                raise ValueError(_("_type is {found}").format(found=wire["_type"]))
            subjects = tuple(Subject.parse(each) for each in wire["subject"])
            return cls(wire["predicateType"], subjects, dict(wire["predicate"]))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, EvidenceError) as error:
            raise StatementError(
                _("not an in-toto statement: {reason}").format(reason=error or type(error).__name__),
                where=where,
                remedy=_("restore this artifact from a copy; statements are never written by hand"),
            ) from error

    def envelope(self, signatures: Iterable[Signature]) -> bytes:
        """The DSSE envelope for other tools, as RFC 8785 JSON."""
        return canonical(
            {
                "payload": base64.b64encode(self.payload()).decode("ascii"),
                "payloadType": PAYLOAD_TYPE,
                "signatures": [signature.wire() for signature in signatures],
            }
        )


def pae(payload_type: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: what a signature covers."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
