"""What a check of the evidence found: problems, each with its place and a way out, and what was looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that does not hold: what, where (a file, an entry of the chain, an artifact, a figure), and
    what to do."""

    what: str
    where: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Report:
    """``counts``: objects, statements, refs, artifacts (named by provenance), segments, leaves, figures; what
    could not be checked and need not be: withdrawn, collected, not_in_bundle, withheld. Of the figures:
    figures_recomputed, figures_in_part (the value comes out, but some inputs are withheld or were withdrawn
    in part) and figures_not_recomputed (inputs are accounted for, but not here). After a deep check:
    reexecuted, not_reexecuted."""

    problems: tuple[Problem, ...]
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return not self.problems
