"""A lexicon 词库: listed terms, each with the risk it stands for, read from a file the user brings.

The file is CSV or text (comma or tab), columns ``term,risk[,severity][,note][,added]``, with or without a
header line, in UTF-8 or GB18030; ``added`` is a date such as 2026-11-01. Lines that begin with # are
comments; a comment that holds 流程演示 marks a demonstration lexicon."""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

from mofang.corpus.encoding import decode
from mofang.corpus.errors import LexiconError
from mofang.evidence.digest import Digest, canonical, sha256_bytes
from mofang.i18n import _

DEMO_MARK = "流程演示"
_RISK = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_COLUMNS = ("term", "risk", "severity", "note", "added")


@dataclass(frozen=True, slots=True)
class Term:
    """A listed term. ``id`` stands for it in every output, so that results do not spread the list."""

    id: str
    term: str
    risk: str
    severity: str = ""
    added: str = ""

    def wire(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in ("id", "term", "risk", "severity", "added")}


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line of the file that holds no term, and why."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Terms in the order of their ids, the lines that were bad, and whether it is for demonstration only."""

    terms: tuple[Term, ...]
    bad: tuple[BadRow, ...] = ()
    demo: bool = False

    @property
    def digest(self) -> Digest:
        """Digest of the terms with their risks, whatever their order, encoding or notes in the file."""
        return sha256_bytes(canonical([term.wire() for term in self.terms]))

    def by_risk(self) -> dict[str, int]:
        """Number of terms of each risk."""
        return dict(sorted(Counter(term.risk for term in self.terms).items()))


def demo_file() -> Path:
    """The built-in lexicon of invented words, for trying the process; never for a submission."""
    return Path(str(resources.files("mofang.corpus") / "data" / "demo_lexicon.csv"))


def lexicon_file(name: str, folder: Path) -> Path:
    """The file that ``corpus.lexicon`` names: ``demo``, or a path relative to the project's ``folder``."""
    return demo_file() if name == "demo" else folder / name


def read_lexicon(path: Path) -> Lexicon:
    """The lexicon in a file. Raises LexiconError if it cannot be read or holds no term."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise LexiconError(
            _("the lexicon cannot be read: {why}").format(why=error.strerror),
            where=str(path),
            remedy=_("correct corpus.lexicon in mofang.yaml"),
        ) from None
    return parse_lexicon(raw, str(path))


def parse_lexicon(raw: bytes, where: str) -> Lexicon:
    """The lexicon in the bytes of a file called ``where``. Raises LexiconError if it holds no term."""
    found = decode(raw)
    if found.flags:
        raise LexiconError(_("this is not a text file"), where=where, remedy=_("save it as CSV in UTF-8"))
    lines = re.split("\r\n|\r|\n", found.text)
    demo = any(line.startswith("#") and DEMO_MARK in line for line in lines)
    terms: dict[str, Term] = {}
    bad: list[BadRow] = []
    columns: tuple[str, ...] = _COLUMNS
    for number, cells in _rows(lines):
        if not terms and not bad and "term" in [cell.lower() for cell in cells]:
            columns = tuple(cell.lower() for cell in cells)
            continue
        row = dict(zip(columns, cells, strict=False))
        why = _fault(row, terms)
        if why:
            bad.append(BadRow(number, why))
        else:
            rest = (row.get("severity", ""), row.get("added", ""))
            term = Term(term_id(row["term"]), row["term"], row["risk"], *rest)
            terms.setdefault(term.id, term)
    if not terms:
        raise LexiconError(
            _("the lexicon holds no term"),
            where=f"{where}:{bad[0].line}" if bad else where,
            remedy=bad[0].why if bad else _("write one term a line: term,risk"),
        )
    return Lexicon(tuple(terms[name] for name in sorted(terms)), tuple(bad), demo)


def from_wire(rows: Iterable[Mapping[str, Any]]) -> Lexicon:
    """The lexicon behind the rows of its artifact."""
    return Lexicon(tuple(Term(row["id"], row["term"], row["risk"], row.get("severity", "")) for row in rows))


def term_id(term: str) -> str:
    """The id of a term: equal for spellings that differ in width, case, blanks or invisible characters."""
    return f"t{hashlib.sha256(_folded(term).encode()).hexdigest()[:12]}"


def _folded(term: str) -> str:
    from mofang.corpus.folding import fold

    return fold(term)[0]


def _rows(lines: list[str]) -> Iterable[tuple[int, list[str]]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        delimiter = "\t" if "\t" in line else ","
        try:
            cells = next(csv.reader([line], delimiter=delimiter))
        except csv.Error:  # a cell beyond any sensible length
            cells = [""]
        yield number, [cell.strip() for cell in cells]


def _fault(row: Mapping[str, str], known: Mapping[str, Term]) -> str:
    term, risk = row.get("term", ""), row.get("risk", "")
    if not _folded(term):
        return _("the term is empty")
    if not _RISK.fullmatch(risk):
        return _("{risk!r} is not a risk code such as A.1.a").format(risk=risk)
    if row.get("added") and not _is_date(row["added"]):
        return _("{date!r} is not a date such as 2026-11-01").format(date=row["added"])
    earlier = known.get(term_id(term))
    if earlier is not None:
        return _("the term stands in the list already, under {risk}").format(risk=earlier.risk)
    return ""


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
