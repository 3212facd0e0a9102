"""``mofang.yaml``: what is wanted."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from mofang.assurance.config import AssuranceConfig
from mofang.corpus.config import CorpusConfig, Source
from mofang.errors import MofangError
from mofang.i18n import Text, _
from mofang.models.config import EndpointConfig
from mofang.project.document import read_document

FILE = "mofang.yaml"


@dataclass(frozen=True, slots=True)
class Provider:
    """Who offers the service. ``uscc`` is the unified social credit code (GB 32100)."""

    name: str = field(metadata={"says": "name of the company, as on the business licence"})
    uscc: str = field(default="", metadata={"says": "unified social credit code"})
    product: str = field(default="", metadata={"says": "name of the product"})
    service: str = field(default="", metadata={"says": "what the service does, for whom"})
    address: str = field(default="", metadata={"says": "address"})
    contact: str = field(default="", metadata={"says": "contact"})


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that one run may ask of endpoints: calls, completion tokens, minutes, money."""

    calls: int = field(default=1000, metadata={"says": "most requests of one run"})
    tokens: int = field(default=500_000, metadata={"says": "most completion tokens of one run"})
    minutes: int = field(default=60, metadata={"says": "longest time of asking in one run"})
    cost: str | None = field(
        default=None, metadata={"says": "most money of one run, in the currency of the models' prices"}
    )

    def __post_init__(self) -> None:
        if self.cost is not None and not re.fullmatch(r"\d{1,12}(\.\d{1,9})?", self.cost):
            raise MofangError(
                _("budget.cost is {found!r}").format(found=self.cost),
                remedy=_('write an amount of money in quotes, such as "50"'),
            )
        for name in ("calls", "tokens", "minutes"):
            if getattr(self, name) < 0:
                raise MofangError(
                    _("budget.{name} is below zero").format(name=name), remedy=_("give 0 or more")
                )


@dataclass(frozen=True, slots=True)
class DossierConfig:
    """Where the documents land and where the narrative is kept, relative to the project."""

    folder: str = field(default="dossier", metadata={"says": "where the documents land"})
    narrative: str = field(
        default="narrative", metadata={"says": "the provider's own texts, one file per block"}
    )


@dataclass(frozen=True, slots=True)
class Project:
    """The whole file. Sections belong to their rooms; a project may leave out what it does not need.

    ``allow_foreign`` lets question banks and answers go to an endpoint that says it is foreign; the report prints it.
    """

    mofang: int = field(metadata={"says": "format of the file: 1"})
    name: str = field(metadata={"says": "short name: a-z, 0-9, - and _"})
    as_of: str = field(metadata={"says": "the only date the documents print, YYYY-MM-DD"})
    provider: Provider = field(metadata={"says": "who offers the service"})
    title: Text = field(default_factory=dict, metadata={"says": "name in zh and en"})
    corpus: CorpusConfig | None = field(default=None, metadata={"says": "the corpus"})
    models: Mapping[str, EndpointConfig] = field(default_factory=dict, metadata={"says": "endpoints by name"})
    assurance: AssuranceConfig | None = field(default=None, metadata={"says": "the assessment"})
    allow_foreign: bool = field(
        default=False,
        metadata={"says": "let question banks and answers go to an endpoint abroad; the report prints it"},
    )
    budget: Budget = field(default_factory=Budget, metadata={"says": "the most one run may ask of endpoints"})
    dossier: DossierConfig = field(
        default_factory=DossierConfig, metadata={"says": "where documents and narrative stand"}
    )

    def __post_init__(self) -> None:
        if self.mofang != 1:
            raise MofangError(
                _("this file is of format {n}; this version reads format 1").format(n=self.mofang),
                remedy=_("write mofang: 1"),
            )
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", self.name):
            raise MofangError(
                _("the name {name} may hold a-z, 0-9, - and _ only").format(name=self.name),
                remedy=_("put the full name in title"),
            )
        try:
            if date.fromisoformat(self.as_of).isoformat() != self.as_of:
                raise ValueError(self.as_of)
        except ValueError:
            raise MofangError(
                _("as_of is not a date: {text}").format(text=self.as_of), remedy=_("write it as 2026-11-01")
            ) from None
        for where, name in self._endpoints_named().items():
            if name not in self.models:
                raise MofangError(
                    _("{where} names {name}, which models does not describe").format(where=where, name=name),
                    where=where,
                    remedy=_("known models: {names}").format(names=", ".join(self.models) or "-"),
                )

    def _endpoints_named(self) -> dict[str, str]:
        """Where the assessment names an endpoint -> the name."""
        config = self.assurance
        if config is None:
            return {}
        named = {
            "assurance.model": config.model,
            "assurance.alone": config.alone,
            "assurance.judges.model": config.judges.model,
        }
        return {where: name for where, name in named.items() if name}


@dataclass(frozen=True, slots=True)
class SourceList:
    """``sources.yaml``: every source of the corpus, declared."""

    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A project file read from a folder, with its declared sources."""

    folder: Path
    project: Project
    sources: tuple[Source, ...]

    @property
    def workspace(self) -> Path:
        return self.folder / ".mofang"

    @property
    def dossier(self) -> Path:
        return self.folder / self.project.dossier.folder


def load(where: Path, variables: Mapping[str, str] | None = None) -> Loaded:
    """Read the project in folder (or file) ``where``. Raises MofangError naming file, line and remedy."""
    file = where if where.is_file() else where / FILE
    values = {**os.environ, **(variables or {})}
    folder = file.parent.resolve()
    project = _located(read_document(Project, file, values), folder)
    sources: tuple[Source, ...] = ()
    if project.corpus is not None:
        listed = project.corpus.sources
        sources = (
            read_document(SourceList, folder / listed, values).sources if isinstance(listed, str) else listed
        )
        _check_sources(sources, folder / listed if isinstance(listed, str) else file, folder)
    return Loaded(folder, project, sources)


def _located(project: Project, folder: Path) -> Project:
    """The project with the certificate files of its endpoints found from its folder."""
    models = {
        name: config if config.ca is None else replace(config, ca=str(folder / config.ca))
        for name, config in project.models.items()
    }
    return replace(project, models=models)


def _check_sources(sources: tuple[Source, ...], file: Path, folder: Path) -> None:
    if not sources:
        raise MofangError(
            _("no source is declared"), where=str(file), remedy=_("declare at least one under sources:")
        )
    seen: set[str] = set()
    for source in sources:
        if folder.is_relative_to((folder / source.path).resolve()):
            raise MofangError(
                _("source {id} holds the project itself: its documents would be read as texts").format(
                    id=source.id
                ),
                where=str(file),
                remedy=_("put the texts into a folder of their own and name that one"),
            )
        if source.id in seen:
            raise MofangError(
                _("two sources are called {id}").format(id=source.id), where=str(file), remedy=_("rename one")
            )
        seen.add(source.id)
