"""``mofang.yaml``: what is wanted."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
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

    name: str
    uscc: str = ""
    product: str = ""
    service: str = ""
    address: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that one run may ask of endpoints: calls, completion tokens, minutes."""

    calls: int = 1000
    tokens: int = 500_000
    minutes: int = 60

    def __post_init__(self) -> None:
        for name in ("calls", "tokens", "minutes"):
            if getattr(self, name) < 0:
                raise MofangError(
                    _("budget.{name} is below zero").format(name=name), remedy=_("give 0 or more")
                )


@dataclass(frozen=True, slots=True)
class DossierConfig:
    """Where the documents land and where the narrative is kept, relative to the project."""

    folder: str = "dossier"
    narrative: str = "narrative"


@dataclass(frozen=True, slots=True)
class Project:
    """The whole file. Sections belong to their rooms; a project may leave out what it does not need.

    ``allow_foreign`` lets question banks and answers go to an endpoint that says it is foreign; the report prints it.
    """

    mofang: int
    name: str
    as_of: str
    provider: Provider
    title: Text = field(default_factory=dict)
    corpus: CorpusConfig | None = None
    models: Mapping[str, EndpointConfig] = field(default_factory=dict)
    assurance: AssuranceConfig | None = None
    allow_foreign: bool = False
    budget: Budget = Budget()
    dossier: DossierConfig = DossierConfig()

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
            date.fromisoformat(self.as_of)
        except ValueError:
            raise MofangError(
                _("as_of is not a date: {text}").format(text=self.as_of), remedy=_("write it as 2026-11-01")
            ) from None
        if self.assurance and self.assurance.model and self.assurance.model not in self.models:
            raise MofangError(
                _("assurance.model names {name}, which models does not describe").format(
                    name=self.assurance.model
                ),
                remedy=_("known models: {names}").format(names=", ".join(self.models) or "-"),
            )


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
    project = read_document(Project, file, values)
    folder = file.parent.resolve()
    sources: tuple[Source, ...] = ()
    if project.corpus is not None:
        listed = project.corpus.sources
        sources = (
            read_document(SourceList, folder / listed, values).sources if isinstance(listed, str) else listed
        )
        _check_sources(sources, folder / listed if isinstance(listed, str) else file)
    return Loaded(folder, project, sources)


def _check_sources(sources: tuple[Source, ...], file: Path) -> None:
    if not sources:
        raise MofangError(
            _("no source is declared"), where=str(file), remedy=_("declare at least one under sources:")
        )
    seen: set[str] = set()
    for source in sources:
        if source.id in seen:
            raise MofangError(
                _("two sources are called {id}").format(id=source.id), where=str(file), remedy=_("rename one")
            )
        seen.add(source.id)
