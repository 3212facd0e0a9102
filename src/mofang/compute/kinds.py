"""Kinds of jobs, and what passes between a job and its task."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from mofang.evidence.digest import Digest
from mofang.evidence.objects import ObjectStore
from mofang.registry import Registry

Mode = Literal["pure", "observed", "cache"]


@dataclass(frozen=True, slots=True)
class JobKind:
    """What a job does: a task named ``"package.module:function"`` (loaded only when it runs) and how far it repeats.

    ``pure``: same key, same bytes, anywhere. ``observed``: asked of the world once, never again once finished.
    ``cache``: can be rebuilt, is never evidence. ``parquet`` adds pyarrow's version to the key, since the writer's
    bytes change with it. ``version`` must rise whenever the bytes of the same key would change.
    """

    name: str
    version: int
    mode: Mode
    run: str
    outputs: tuple[str, ...]
    parquet: bool = False


KINDS: Registry[JobKind] = Registry("job kind")


def register_kind(kind: JobKind) -> JobKind:
    """Make a kind known under its name."""
    return KINDS.add(kind.name, kind)


@dataclass(frozen=True, slots=True)
class Output:
    """One artifact a task made: its digest, media type and, for leaf segments, number of leaves and Merkle root."""

    digest: Digest
    media_type: str
    count: int | None = None
    root: Digest | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a task hands back: artifacts by output name, counts, and notes ``{"code", "where", "message"}``."""

    outputs: Mapping[str, Output]
    counts: Mapping[str, int] = field(default_factory=dict)
    notes: Sequence[Mapping[str, str]] = ()


Progress = Callable[[int, int, str], None]
"""``progress(done, total, what)``; total 0 means unknown."""


def never() -> bool:
    """Whether to stop: no."""
    return False


def silent(done: int, total: int, what: str) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a task gets. ``inputs``: one digest, or a list where the plan gathers several.

    ``locations`` hold what may differ between machines (folders, addresses) and never enters the action key;
    ``work`` is a scratch folder that survives a crash of the same job. A long observation asks ``stop`` now and then
    and ends when it says so.
    """

    params: Mapping[str, Any]
    inputs: Mapping[str, Digest | list[Digest]]
    locations: Mapping[str, Any] = field(repr=False)
    objects: ObjectStore
    work: Path
    progress: Progress = silent
    stop: Callable[[], bool] = never

    @property
    def texts(self) -> ObjectStore:
        """Where a task files texts that the project wants sealed at rest: ``locations["sealed"]`` says so."""
        return self.objects.sealing(bool(self.locations.get("sealed")))

    def one(self, name: str) -> Digest:
        """The single digest given as input ``name``."""
        value = self.inputs[name]
        if isinstance(value, list):
            raise TypeError(f"input {name} is a list")
        return value

    def many(self, name: str) -> list[Digest]:
        """The digests given as input ``name``, one or several."""
        value = self.inputs[name]
        return list(value) if isinstance(value, list) else [value]
