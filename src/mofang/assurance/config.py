"""The ``assurance`` section of ``mofang.yaml``: which standard, model and banks, how many of each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from mofang.errors import MofangError
from mofang.i18n import _

_DECIMAL = re.compile(r"\d+(\.\d+)?")

MODELS = ("own", "fine_tuned", "called", "called_unfiled")
"""Where the model comes from: made here, trained further here, a filed or an unfiled model that is called."""


@dataclass(frozen=True, slots=True)
class SampleConfig:
    """How many items are drawn: questions of each kind, corpus records for people and for rules."""

    content: int = field(default=100, metadata={"says": "content questions drawn from the banks"})
    should_refuse: int = field(default=50, metadata={"says": "should-refuse questions drawn"})
    should_not_refuse: int = field(default=50, metadata={"says": "should-not-refuse questions drawn"})
    corpus_manual: int = field(default=4000, metadata={"says": "corpus records drawn for people to read"})
    corpus_technical_share: str = field(
        default="0.10", metadata={"says": "share of the corpus checked by rules, a decimal string in (0, 1]"}
    )

    def __post_init__(self) -> None:
        for name in ("content", "should_refuse", "should_not_refuse", "corpus_manual"):
            count = getattr(self, name)
            if not isinstance(count, int) or isinstance(count, bool) or count < 0:
                raise _wrong(f"sample.{name}", count, _("a whole number, zero or more"))
        share = self.corpus_technical_share
        # A float has already lost digits when it arrives here, so it is refused rather than rounded.
        if not isinstance(share, str) or not _DECIMAL.fullmatch(share) or not 0 < Decimal(share) <= 1:
            raise _wrong(
                "sample.corpus_technical_share",
                self.corpus_technical_share,
                _('a decimal string in quotes, above 0 and at most 1, such as "0.10"'),
            )


@dataclass(frozen=True, slots=True)
class PathFacts:
    """What the provider knows about the service; ``None`` means nobody has answered yet."""

    public: bool | None = field(default=None, metadata={"says": "offered to the public in mainland China"})
    opinion: bool | None = field(default=None, metadata={"says": "can shape opinion or mobilise people"})
    model: str | None = field(default=None, metadata={"says": "own, fine_tuned, called or called_unfiled"})
    recommends: bool | None = field(
        default=None, metadata={"says": "uses an algorithm that recommends, generates, ranks or dispatches"}
    )
    humanlike: bool | None = field(default=None, metadata={"says": "acts as a person one feels attached to"})
    edge: bool | None = field(default=None, metadata={"says": "the model runs on the user's own device"})

    def __post_init__(self) -> None:
        for name in ("public", "opinion", "recommends", "humanlike", "edge"):
            answer = getattr(self, name)
            if answer is not None and not isinstance(answer, bool):
                raise _wrong(f"path.{name}", answer, _("true, false, or left out while nobody knows"))
        if self.model is not None and self.model not in MODELS:
            raise _wrong("path.model", self.model, ", ".join(MODELS))


@dataclass(frozen=True, slots=True)
class AssuranceConfig:
    """One assessment: ``standard`` is a pack id, ``model`` stands under ``models``, ``banks`` are names."""

    standard: str = field(metadata={"says": "id of the standard pack, see `mofang pack list`"})
    model: str = field(metadata={"says": "name of the endpoint under `models`"})
    assessment: str = field(
        default="first", metadata={"says": "name of this assessment; a new name draws anew"}
    )
    banks: tuple[str, ...] = field(
        default=("starter",), metadata={"says": "question banks: starter, or names of imported banks"}
    )
    sample: SampleConfig = field(default_factory=SampleConfig, metadata={"says": "how many items are drawn"})
    path: PathFacts = field(default_factory=PathFacts, metadata={"says": "facts that decide the procedure"})

    def __post_init__(self) -> None:
        for name in ("standard", "model", "assessment"):
            text = getattr(self, name)
            if not isinstance(text, str) or not text.strip():
                raise _wrong(name, text, _("a name"))
        if not self.banks or len(set(self.banks)) != len(self.banks):
            raise _wrong("banks", list(self.banks), _("one or more different bank names"))


def _wrong(name: str, found: object, wanted: str) -> MofangError:
    return MofangError(
        _("assurance.{name} is {found!r}").format(name=name, found=found),
        where=f"assurance.{name}",
        remedy=_("write {wanted}").format(wanted=wanted),
    )
