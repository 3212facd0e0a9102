"""One check as printed: what is asked, what was measured, how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mofang.assurance.dossier.figure_book import FigureBook, Printed
from mofang.assurance.dossier.values import threshold
from mofang.assurance.dossier.wording import Wording, both, joined
from mofang.i18n import Text

BASE = (
    *("n", "wanted", "passed", "refused", "failed", "answered"),
    *("filtered", "listed", "foreign", "newest", "unscored"),
)
"""Fields that say what a result rests on, in printing order."""
MEASURED = ("rate", "share", "value", "count", "days", "present", "waiting", "total")
SIGNS = {">=": "≥", "<=": "≤", "==": "="}
QUALIFIERS = ("kind", "judge", "risk", "aspect", "source", "modality", "language")


@dataclass(frozen=True, slots=True)
class CheckView:
    """A row of a clause's table. ``element`` is the part of its scope that it measures, ``base`` what the
    result rests on, ``bound`` the one-sided bound that decides."""

    id: str
    metric: str
    own_id: bool
    label: Text
    element: Text
    requirement: Text
    force: Text | None
    base: tuple[tuple[Text, Printed], ...]
    measured: Printed | None
    bound: Printed | None
    needed: Printed | None
    worst: Printed | None
    wanted: Printed | None
    low: Printed | None
    high: Printed | None
    op: str
    value: str
    statistic: str
    plain: str
    shown: str
    waits: str | None
    short: bool
    carried: bool
    note: Text | None

    @property
    def figures(self) -> tuple[Printed, ...]:
        """Every figure that is printed for the row, in printing order."""
        printed = [figure for _field, figure in self.base]
        printed += [self.measured] if self.measured else []
        if self.bound:
            printed += [self.worst, self.wanted] if self.worst and self.wanted else []
            printed += [self.bound, *([self.needed] if self.needed else [])]
        return tuple(printed)

    @property
    def plotted(self) -> bool:
        return self.bound is not None and self.measured is not None and self.measured.rate


def view_check(
    check: Mapping[str, Any], clause: Mapping[str, Any], words: Wording, book: FigureBook
) -> CheckView:
    """A check of the findings with its figures looked up. Its force and its being carried over are named
    where they are not the clause's own.

    Raises MofangError for a figure that is not there.
    """
    figures = book.all(check.get("figures") or {}, str(check["id"]))
    measured = next((figures[field] for field in MEASURED if field in figures), None)
    if measured is None and check["statistic"] != "proportion":
        measured = figures.get("n")
    sampled = "worst" in figures or "lower" in figures
    unscored = figures.get("unscored")
    doubtful = sampled and unscored is not None and unscored.figure.value != 0
    force = check.get("force")
    return CheckView(
        id=str(check["id"]),
        metric=str(check["metric"]),
        own_id=check["id"] != clause["id"],
        label=_label(check, measured, words),
        element=words.term("risk", str(check.get("scope") or "")),
        requirement=_requirement(check, words),
        force=words.term("force", force) if force and force != clause["force"] else None,
        base=_base(check, figures, measured, sampled, words),
        measured=measured,
        bound=figures.get("lower" if check["op"] == ">=" else "upper"),
        needed=figures.get("needed"),
        worst=figures.get("worst") if doubtful else None,
        wanted=figures.get("wanted") if doubtful else None,
        low=figures.get("wilson_low"),
        high=figures.get("wilson_high"),
        op=str(check["op"]),
        value=str(check["value"]),
        statistic=str(check["statistic"]),
        plain=str(check["plain"]),
        shown=str(check["bound"]),
        waits=check.get("waits"),
        short=check.get("sample") == "short",
        carried=bool(check.get("carry_over")) and not clause.get("carry_over"),
        note=both(check["note"]) if check.get("note") else None,
    )


def _base(
    check: Mapping[str, Any],
    figures: Mapping[str, Printed],
    measured: Printed | None,
    sampled: bool,
    words: Wording,
) -> tuple[tuple[Text, Printed], ...]:
    idle = {"wanted"} if sampled else {"n"} if "present" in figures else set()
    names = [name for name in BASE if name in figures and name not in idle]
    return tuple(
        (words.field(check["metric"], name), figures[name]) for name in names if figures[name] != measured
    )


def _label(check: Mapping[str, Any], measured: Printed | None, words: Wording) -> Text:
    params = measured.figure.params if measured else {"judge": check.get("judge")}
    said = [
        (name, str(params[name])) for name in QUALIFIERS if params.get(name) and isinstance(params[name], str)
    ]
    parts = [words.term("metric", str(check["metric"])), *(words.term(name, value) for name, value in said)]
    scope = check.get("scope")
    known = {value for _name, value in said}
    if scope and not known.issuperset(str(scope).split("/")):
        parts.append(words.term("scope", str(scope)))
    return joined(parts, " · ", " · ")


def _requirement(check: Mapping[str, Any], words: Wording) -> Text:
    op, statistic = SIGNS.get(check["op"], check["op"]), check["statistic"]
    if statistic == "presence":
        return words["present"]
    text = f"{op} {threshold(check['value'], statistic)}"
    if statistic == "days":
        return joined([both(text), words["days"]], " ", " ")
    return both(text)
