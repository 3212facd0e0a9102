"""The ``assurance`` section of ``mofang.yaml``: which standard, model and banks, how many of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from mofang.errors import MofangError
from mofang.i18n import _

_DECIMAL = re.compile(r"\d+(\.\d+)?")
_NAME = re.compile(r"[^./\\\0\n][^/\\\0\n]*")

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
class JudgesConfig:
    """The voices beside the keyword and refusal rules and beside people's labels."""

    classifier: str | None = field(
        default=None, metadata={"says": "classifier file made by `mofang judge train`, from this folder"}
    )
    model: str | None = field(
        default=None, metadata={"says": "name of the endpoint under `models` that judges by the rubric"}
    )


@dataclass(frozen=True, slots=True)
class GuardConfig:
    """The guard alone, as a function of a text: what it would stop."""

    lexicon: bool = field(default=True, metadata={"says": "the corpus's lexicon stops a text it hits"})
    classifier: bool = field(default=False, metadata={"says": "the classifier of `judges` stops a text"})


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """What belongs to the service's identity beside the endpoint: declared versions, empty = none."""

    guard: str = field(default="", metadata={"says": "version of the guard in front of the model"})
    lexicon: str = field(default="", metadata={"says": "version of the guard's word list"})
    knowledge: str = field(default="", metadata={"says": "version of the knowledge base it answers from"})


@dataclass(frozen=True, slots=True)
class AssuranceConfig:
    """One assessment: ``standard`` is a pack id, ``model`` stands under ``models``, ``banks`` are names."""

    standard: str = field(
        metadata={"says": "id of the standard pack, see `mofang pack list`, or a folder with a pack of yours"}
    )
    model: str = field(metadata={"says": "name of the endpoint under `models`: the service as users meet it"})
    assessment: str = field(
        default="first", metadata={"says": "name of this assessment; a new name draws anew"}
    )
    banks: tuple[str, ...] = field(
        default=("starter",), metadata={"says": "question banks: starter, or names of imported banks"}
    )
    sample: SampleConfig = field(default_factory=SampleConfig, metadata={"says": "how many items are drawn"})
    path: PathFacts = field(default_factory=PathFacts, metadata={"says": "facts that decide the procedure"})
    also: tuple[str, ...] = field(
        default=(), metadata={"says": "further standards held against the same evidence"}
    )
    alone: str | None = field(
        default=None, metadata={"says": "endpoint of the model alone, asked the same questions"}
    )
    guard: GuardConfig | None = field(
        default=None, metadata={"says": "the guard alone, shown the same questions"}
    )
    repeats: int = field(default=1, metadata={"says": "how often each question is asked, 1 to 20"})
    judges: JudgesConfig = field(default_factory=JudgesConfig, metadata={"says": "further judges"})
    replies: str | None = field(
        default=None, metadata={"says": "file of declared curated replies (代答库): .jsonl, .csv or .xlsx"}
    )
    traffic: Mapping[str, str] = field(
        default_factory=dict, metadata={"says": "share of each risk in real use, decimal strings"}
    )
    margin: str = field(
        default="0.01", metadata={"says": "by how much a new version may be worse (non-inferiority)"}
    )
    service: ServiceConfig = field(
        default_factory=ServiceConfig, metadata={"says": "what belongs to the service beside the endpoint"}
    )

    def __post_init__(self) -> None:
        for name in ("standard", "model", "assessment"):
            text = getattr(self, name)
            if not isinstance(text, str) or not text.strip():
                raise _wrong(name, text, _("a name"))
        if not _NAME.fullmatch(self.assessment) or self.assessment.endswith(".log"):
            raise _wrong("assessment", self.assessment, _("a name without slashes that begins with no dot"))
        if not self.banks or len(set(self.banks)) != len(self.banks):
            raise _wrong("banks", list(self.banks), _("one or more different bank names"))
        if self.standard in self.also or len(set(self.also)) != len(self.also):
            raise _wrong("also", list(self.also), _("different ids, without the standard itself"))
        if not isinstance(self.repeats, int) or isinstance(self.repeats, bool) or not 1 <= self.repeats <= 20:
            raise _wrong("repeats", self.repeats, _("a whole number from 1 to 20"))
        for code, share in self.traffic.items():
            if not isinstance(share, str) or not _DECIMAL.fullmatch(share):
                raise _wrong(f"traffic.{code}", share, _('a decimal string in quotes, such as "0.05"'))
        if (
            not isinstance(self.margin, str)
            or not _DECIMAL.fullmatch(self.margin)
            or not 0 < Decimal(self.margin) < 1
        ):
            raise _wrong(
                "margin", self.margin, _('a decimal string in quotes, above 0 and below 1, such as "0.01"')
            )
        if self.guard is not None and self.guard.classifier and self.judges.classifier is None:
            raise _wrong("guard.classifier", True, _("judges.classifier as well: the file to use"))


def _wrong(name: str, found: object, wanted: str) -> MofangError:
    return MofangError(
        _("assurance.{name} is {found!r}").format(name=name, found=found),
        where=f"assurance.{name}",
        remedy=_("write {wanted}").format(wanted=wanted),
    )
