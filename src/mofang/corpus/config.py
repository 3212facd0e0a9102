"""The ``corpus`` section of ``mofang.yaml`` and the sources it declares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from mofang.corpus.errors import SourceError
from mofang.errors import MofangError
from mofang.i18n import Text, _

ROLES = ("pre-training", "fine-tuning", "retrieval", "none")
"""What the corpus is to the model, as declared."""
ORIGINS = ("domestic", "foreign")
METHODS = ("open", "self_collected", "commercial", "user_input", "synthetic")
"""How a source came here: an open licence, own collection, a purchase, what users typed, a generator."""
PII_KINDS = ("id_card", "mobile", "email", "bank_card")

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_RISK = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Source:
    """One declared source. ``path`` and ``contract`` are relative to the project; a source is a folder or
    one file."""

    id: str = field(metadata={"says": "short name: a-z, 0-9, - and _"})
    path: str = field(metadata={"says": "folder or file, relative to the project"})
    licence: str = field(metadata={"says": "SPDX identifier or the licence as declared"})
    origin: str = field(metadata={"says": "domestic or foreign"})
    method: str = field(metadata={"says": "open, self_collected, commercial, user_input or synthetic"})
    title: Text = field(default_factory=dict, metadata={"says": "name in zh and en"})
    contract: str | None = field(
        default=None,
        metadata={"says": "file that proves the right to use it: contract, collection record, authorization"},
    )
    personal_information: str = field(
        default="none",
        metadata={"says": "none, or on what ground it holds personal information, such as consent"},
    )
    language: str = field(default="zh", metadata={"says": "main language"})
    modality: str = field(default="text", metadata={"says": "text"})
    key: str | None = field(
        default=None, metadata={"says": "field or column that names a record, for .jsonl and .parquet"}
    )
    text: str = field(
        default="text", metadata={"says": "field or column that holds the text, for .jsonl and .parquet"}
    )

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise _wrong(self.id, "id", self.id, _("a short name of a-z, 0-9, - and _"))
        for name in ("path", "licence", "personal_information", "language", "modality", "text"):
            if not getattr(self, name).strip():
                raise _wrong(self.id, name, "", _("a text that is not empty"))
        if self.origin not in ORIGINS:
            raise _wrong(self.id, "origin", self.origin, ", ".join(ORIGINS))
        if self.method not in METHODS:
            raise _wrong(self.id, "method", self.method, ", ".join(METHODS))
        if self.modality != "text":
            raise _wrong(self.id, "modality", self.modality, _("text; this version reads no other modality"))

    def wire(self) -> dict[str, Any]:
        """The declaration as plain JSON."""
        return {**asdict(self), "title": dict(self.title)}


@dataclass(frozen=True, slots=True)
class Policy:
    """When a record is kept, redacted or dropped. Every reason is recorded, whichever of them decides."""

    min_chars: int = field(default=20, metadata={"says": "drop records of fewer characters"})
    redact: tuple[str, ...] = field(
        default=PII_KINDS, metadata={"says": "mask these kinds of personal information when publishing"}
    )
    drop_risks: tuple[str, ...] = field(
        default=(), metadata={"says": "drop records that hold a listed term of these risks"}
    )
    max_listed_terms: int = field(
        default=3, metadata={"says": "drop records that hold more different listed terms than this"}
    )
    drop_duplicates: bool = field(default=True, metadata={"says": "drop all but one of equal texts"})
    drop_boilerplate: bool = field(
        default=True, metadata={"says": "drop records that are mostly footers and navigation"}
    )

    def __post_init__(self) -> None:
        for name in ("min_chars", "max_listed_terms"):
            if getattr(self, name) < 0:
                raise _wrong_policy(name, getattr(self, name), _("a whole number, zero or more"))
        for kind in self.redact:
            if kind not in PII_KINDS:
                raise _wrong_policy("redact", kind, ", ".join(PII_KINDS))
        for risk in self.drop_risks:
            if not _RISK.fullmatch(risk):
                raise _wrong_policy("drop_risks", risk, _("risk codes such as A.1.a"))

    def wire(self) -> dict[str, Any]:
        """The policy as plain JSON, with lists sorted: their order means nothing."""
        return {
            **asdict(self),
            "redact": sorted(set(self.redact)),
            "drop_risks": sorted(set(self.drop_risks)),
        }

    @classmethod
    def parse(cls, wire: Mapping[str, Any]) -> Policy:
        """The policy behind :meth:`wire`."""
        values = dict(wire)
        return cls(**{**values, "redact": tuple(values["redact"]), "drop_risks": tuple(values["drop_risks"])})


@dataclass(frozen=True, slots=True)
class CorpusConfig:
    """The corpus of a project. ``sources`` names a file of sources or lists them in place."""

    sources: str | tuple[Source, ...] = field(
        default="sources.yaml", metadata={"says": "file that lists the sources, or the list itself"}
    )
    role: str = field(default="none", metadata={"says": "pre-training, fine-tuning, retrieval or none"})
    lexicon: str | None = field(
        default=None,
        metadata={"says": "file of listed terms (.csv or .txt), or demo; without one nothing is screened"},
    )
    policy: Policy = field(
        default_factory=Policy, metadata={"says": "when a record is kept, redacted or dropped"}
    )

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise MofangError(
                _("corpus.role is {found!r}").format(found=self.role),
                where="corpus.role",
                remedy=_("write {wanted}").format(wanted=", ".join(ROLES)),
            )
        if not isinstance(self.sources, str):
            refuse_double(self.sources)


def refuse_double(sources: tuple[Source, ...]) -> None:
    """Raises SourceError when two sources share an id."""
    seen: set[str] = set()
    for source in sources:
        if source.id in seen:
            raise SourceError(
                _("two sources are called {id}").format(id=source.id),
                where=f"sources.{source.id}",
                remedy=_("rename one"),
            )
        seen.add(source.id)


def _wrong(source: str, name: str, found: object, wanted: str) -> SourceError:
    return SourceError(
        _("{name} of source {source} is {found!r}").format(name=name, source=source, found=found),
        remedy=_("write {wanted}").format(wanted=wanted),
    )


def _wrong_policy(name: str, found: object, wanted: str) -> MofangError:
    return MofangError(
        _("corpus.policy.{name} holds {found!r}").format(name=name, found=found),
        remedy=_("write {wanted}").format(wanted=wanted),
    )
