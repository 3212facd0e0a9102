"""A registry of named things: job kinds, metrics, readers, judges. Unknown names get the nearest known ones."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Generic, TypeVar

from mofang.errors import MofangError
from mofang.i18n import _

T = TypeVar("T")


class Registry(Generic[T]):
    """Maps names to things of one noun. ``add`` refuses a second, different thing of the same name."""

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self._things: dict[str, T] = {}

    def add(self, name: str, thing: T) -> T:
        known = self._things.setdefault(name, thing)
        if known != thing:
            raise ValueError(f"{self.noun} {name!r} is registered twice")
        return thing

    def get(self, name: str) -> T:
        """The thing called ``name``. Raises MofangError that offers the nearest names."""
        try:
            return self._things[name]
        except KeyError:
            raise MofangError(
                _("unknown {noun}: {name}").format(noun=self.noun, name=name),
                remedy=_("known: {names}").format(
                    names=", ".join(nearest(name, self._things) or sorted(self._things))
                ),
            ) from None

    def names(self) -> list[str]:
        return sorted(self._things)

    def __contains__(self, name: object) -> bool:
        return name in self._things

    def __iter__(self) -> Iterator[T]:
        return iter(self._things[name] for name in self.names())


def nearest(word: str, known: object) -> list[str]:
    """At most three names of ``known`` that resemble ``word``, best first."""
    return difflib.get_close_matches(word, [str(name) for name in known], n=3, cutoff=0.5)  # type: ignore[attr-defined]
