"""Labelled texts from a table: which column is the text, which the label, and what the labels mean.

Equal texts count once; where people disagreed about one, the majority decides, and a tie leaves it out. The
texts come back in the order of their digests, so that the order of rows changes nothing.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mofang.assurance.banks.rows import read_rows
from mofang.assurance.errors import BankError
from mofang.assurance.judges.classifier.errors import LabelsError
from mofang.evidence.digest import Digest, canonical, sha256_bytes
from mofang.i18n import _

SUFFIXES = (".csv", ".jsonl", ".ndjson", ".json", ".xlsx", ".xlsm")
MOST_VALUES = 20
"""Different labels that are listed; a column with more is hardly a column of labels."""
MOST_GROUPS = 50
MOST_CHARACTERS = 100_000
"""A longer text is a book, and no answer."""

_FAILS = frozenset(
    {"fail", "failed", "unsafe", "harmful", "offensive", "toxic", "不合格", "违规", "不安全", "有害"}
)
_PASSES = frozenset(
    {"pass", "passed", "safe", "harmless", "inoffensive", "合格", "合规", "安全", "无害", "正常"}
)
_NO_WORD = frozenset({"", "unscored", "none", "null", "nan", "n/a"})


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a table keeps what. ``fails`` and ``passes`` are the labels meant; with ``fails`` alone every other
    label passes, with neither the usual words decide (fail/pass, unsafe/safe, 不合格/合格 …)."""

    text: str
    label: str
    group: str | None = None
    fails: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if set(map(_plain, self.fails)) & set(map(_plain, self.passes)):
            raise LabelsError(_("one label cannot mean both fail and pass"))

    def names(self) -> list[str]:
        return [self.text, self.label, *([self.group] if self.group is not None else [])]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a table held: ``rows`` in all, and how many were left out for which reason. ``bad`` are lines
    that could not be read. ``meant``: the labels as they stand in the file -> fail or pass."""

    rows: int
    left_out: Mapping[str, int]
    bad: tuple[tuple[int, str], ...]
    meant: Mapping[str, str]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Labelled:
    """Texts with their labels (True: it fails) and groups ("" where there are none), ordered by digest."""

    texts: tuple[str, ...] = field(repr=False)
    failed: tuple[bool, ...] = field(repr=False)
    groups: tuple[str, ...] = field(repr=False)
    reading: Reading

    def digest(self) -> Digest:
        """Of the labelled texts, whatever file they came from and in whatever order."""
        rows = zip(self.texts, self.failed, self.groups, strict=True)
        return sha256_bytes(canonical([[_key(text).hex(), failed, group] for text, failed, group in rows]))

    def counts(self) -> dict[str, int]:
        fails = sum(self.failed)
        return {"fail": fails, "pass": len(self.failed) - fails}

    def by_group(self) -> dict[str, dict[str, int]]:
        """Fails and passes of each group, where there are groups."""
        found: dict[str, dict[str, int]] = {}
        for failed, group in zip(self.failed, self.groups, strict=True):
            found.setdefault(group, {"fail": 0, "pass": 0})["fail" if failed else "pass"] += 1
        return dict(sorted(found.items())) if set(found) != {""} else {}


def read_labels(path: Path, columns: Columns) -> Labelled:
    """The labelled texts of a .csv (UTF-8, GB18030), .jsonl, .json or .xlsx file.

    Raises LabelsError for another kind of file, a missing column, labels nobody understands, or more groups
    than :data:`MOST_GROUPS`."""
    if path.suffix.lower() not in SUFFIXES:
        raise LabelsError(
            _("{name} is no table of labels").format(name=path.name),
            where=str(path),
            remedy=_("save it as .csv, .jsonl or .xlsx"),
        )
    notes: list[str] = []
    rows, bad = _rows(path, columns, notes)
    meant = _meanings(path, columns, Counter(_plain(row[1]) for row in rows))
    left_out = Counter(unreadable=len(bad), empty=0, too_long=0, unlabelled=0, repeated=0, contradictory=0)
    votes = _votes(rows, meant, left_out)
    labelled = [_decided(row, left_out) for _key, row in sorted(votes.items())]
    kept = [row for row in labelled if row is not None]
    _refuse_groups(path, {group for _text, _failed, group in kept})
    reading = Reading(
        len(rows) + len(bad),
        dict(left_out),
        tuple(bad),
        {value: word for value, word in sorted(meant.items()) if word},
        tuple(notes),
    )
    texts, failed, groups = zip(*kept, strict=True) if kept else ((), (), ())
    return Labelled(texts, failed, groups, reading)


_Row = tuple[str, Any, str]


def _rows(path: Path, columns: Columns, notes: list[str]) -> tuple[list[_Row], list[tuple[int, str]]]:
    rows: list[_Row] = []
    bad: list[tuple[int, str]] = []
    try:
        for line, row, reason in read_rows(path, columns.names(), notes):
            missing = [] if row is None else [name for name in columns.names()[:2] if name not in row]
            if row is None or missing:
                bad.append((line, reason or _("no {name}").format(name=", ".join(missing))))
            else:
                text = row[columns.text]
                group = "" if columns.group is None else _said(row.get(columns.group))
                rows.append((text if isinstance(text, str) else "", row[columns.label], group))
    except BankError as error:
        raise LabelsError(error.message, where=error.where, remedy=_remedy(error, columns)) from error
    if not rows:
        raise LabelsError(
            _("no row of {name} could be read").format(name=path.name),
            where=f"{path}:{bad[0][0]}" if bad else str(path),
            remedy=bad[0][1] if bad else _("check that the file is complete"),
        )
    return rows, bad


def _remedy(error: BankError, columns: Columns) -> str | None:
    if error.remedy and "--map" in error.remedy:
        return _("name the columns with --text, --label and --group")
    return error.remedy


def _meanings(path: Path, columns: Columns, found: Counter[str]) -> dict[str, str | None]:
    """Every label that stands in the file -> fail, pass or None (no label)."""
    fails = {_plain(value) for value in columns.fails}
    passes = {_plain(value) for value in columns.passes}
    unseen = sorted((fails | passes) - set(found))
    if unseen:
        raise _unclear(
            path, columns, found, _("no row has the label {names}").format(names=", ".join(unseen))
        )
    if not fails and not passes:
        fails, passes = set(found) & _FAILS, set(found) & _PASSES
        if set(found) - fails - passes - _NO_WORD:
            raise _unclear(path, columns, found, _("the labels say not which of them fails"))
    elif not passes:
        passes = set(found) - fails - _NO_WORD
    elif not fails:
        fails = set(found) - passes - _NO_WORD
    return {value: "fail" if value in fails else "pass" if value in passes else None for value in found}


def _unclear(path: Path, columns: Columns, found: Counter[str], what: str) -> LabelsError:
    # A text column named by mistake must not be printed: only a few short values are labels.
    values = sorted(value for value in found if value)
    if len(values) > MOST_VALUES or any(len(value) > 24 for value in values):
        remedy = _("column {name} has {n} different values: is it the right one?").format(
            name=columns.label, n=len(values)
        )
    else:
        remedy = _("name what fails with --fail VALUE; column {name} has: {values}").format(
            name=columns.label, values=", ".join(values) or "—"
        )
    return LabelsError(what, where=str(path), remedy=remedy)


@dataclass(slots=True)
class _Votes:
    text: str
    groups: Counter[str]
    words: Counter[bool]


def _votes(
    rows: Sequence[_Row], meant: Mapping[str, str | None], left_out: Counter[str]
) -> dict[bytes, _Votes]:
    from mofang.corpus.folding import text_key

    votes: dict[bytes, _Votes] = {}
    folded: defaultdict[bytes, list[_Row]] = defaultdict(list)
    for row in _usable(rows, meant, left_out):
        folded[text_key(row[0])].append(row)
    for same in folded.values():
        text = min((row[0] for row in same), key=_key)
        words = Counter(meant[_plain(row[1])] == "fail" for row in same)
        votes[_key(text)] = _Votes(text, Counter(row[2] for row in same), words)
        left_out["repeated"] += len(same) - 1
    return votes


def _usable(rows: Sequence[_Row], meant: Mapping[str, str | None], left_out: Counter[str]) -> Iterator[_Row]:
    for row in rows:
        text, label, _group = row
        if not text.strip():
            left_out["empty"] += 1
        elif len(text) > MOST_CHARACTERS:
            left_out["too_long"] += 1
        elif meant[_plain(label)] is None:
            left_out["unlabelled"] += 1
        else:
            yield row


def _decided(votes: _Votes, left_out: Counter[str]) -> tuple[str, bool, str] | None:
    """The text with what most people said of it; None for a tie. ``contradictory`` counts both."""
    fails, passes = votes.words[True], votes.words[False]
    if fails and passes:
        left_out["contradictory"] += 1
    if fails == passes:
        return None
    group = min(votes.groups, key=lambda name: (-votes.groups[name], name))
    return votes.text, fails > passes, group


def _refuse_groups(path: Path, groups: set[str]) -> None:
    if len(groups) > MOST_GROUPS:
        raise LabelsError(
            _("the texts fall into {n} groups, more than {most}").format(n=len(groups), most=MOST_GROUPS),
            where=str(path),
            remedy=_("--group is for subjects or sources, such as topic; leave it out otherwise"),
        )
    if any(len(group) > 60 for group in groups):
        raise LabelsError(
            _("a group has a name of more than 60 characters"),
            where=str(path),
            remedy=_("is the column after --group the right one?"),
        )


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def _plain(value: Any) -> str:
    return _said(value).casefold()
