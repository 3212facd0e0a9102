"""The figures of one assessment, by id, as they are printed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mofang.assurance.dossier.values import is_rate, shown
from mofang.errors import MofangError
from mofang.evidence.digest import Digest
from mofang.evidence.figures import Figure
from mofang.i18n import _

PREFIX = 20


def prefix_of(id: str) -> str:
    """The first 20 hex digits of a figure's id: what bookmarks and anchors carry."""
    return id.removeprefix("sha256:")[:PREFIX]


@dataclass(frozen=True, slots=True)
class Printed:
    """A figure and its printed text."""

    figure: Figure
    text: str

    @property
    def id(self) -> str:
        return self.figure.id

    @property
    def prefix(self) -> str:
        return prefix_of(self.figure.id)

    @property
    def anchor(self) -> str:
        return f"fig-{self.prefix}"

    @property
    def exact(self) -> str:
        return str(self.figure.value)

    @property
    def rate(self) -> bool:
        return is_rate(self.figure.value)


class FigureBook:
    """Looks figures up by id. Iterates in the order given, each once."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self._printed = {figure.id: Printed(figure, shown(figure.value, figure.field)) for figure in figures}

    def __iter__(self) -> Iterator[Printed]:
        return iter(self._printed.values())

    def __len__(self) -> int:
        return len(self._printed)

    def find(self, id: str) -> Printed | None:
        """The figure with this id, if the assessment holds it."""
        return self._printed.get(Digest(id)) if id.startswith("sha256:") else None

    def get(self, id: str, where: str) -> Printed:
        """The figure with this id. Raises MofangError naming ``where`` it was wanted."""
        found = self.find(id)
        if found is None:
            raise MofangError(
                _("figure {id} is not among the figures of these findings").format(id=id),
                where=where,
                remedy=_("conclude the assessment again; findings and figures belong together"),
            )
        return found

    def all(self, figures: Mapping[str, str], where: str) -> dict[str, Printed]:
        """Figures by field name."""
        return {field: self.get(id, where) for field, id in figures.items()}

    def bank_count(self, bank: str, kind: str) -> Printed | None:
        """The figure that counts a bank's questions of one kind, if there is one."""
        for printed in self._printed.values():
            figure = printed.figure
            if figure.metric == "question_count" and not isinstance(figure.value, str):
                narrowed = [name for name in ("risk", "group", "groups", "aspect") if figure.params.get(name)]
                inputs = [
                    digest
                    for value in figure.inputs.values()
                    for digest in ([value] if isinstance(value, str) else value)
                ]
                if (
                    figure.params.get("kind") == kind
                    and not narrowed
                    and inputs == [bank]
                    and figure.field in ("n", "count")
                ):
                    return printed
        return None
