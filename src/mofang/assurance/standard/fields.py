"""Reads single fields of a pack's rows and collects every mistake with its file and line."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from mofang.assurance.errors import PackError
from mofang.assurance.standard.files import Row
from mofang.i18n import Text, _
from mofang.registry import nearest

DECIMAL = re.compile(r"-?\d+(\.\d+)?")


class Fields:
    """Every reader returns a usable value even for a bad field, so that one pass finds all mistakes."""

    def __init__(self) -> None:
        self.mistakes: list[tuple[str, str]] = []

    def mistake(self, where: str, what: str) -> None:
        self.mistakes.append((where, what))

    def known(self, row: Row, names: Collection[str]) -> None:
        """Names a field that the row may not have: usually a typing error."""
        for name in row.values:
            if name not in names:
                guess = ", ".join(nearest(name, names) or sorted(names))
                self.mistake(
                    row.at(name), _("unknown field {name}; known: {names}").format(name=name, names=guess)
                )

    def word(self, row: Row, name: str) -> str:
        value = row.values.get(name)
        if isinstance(value, str) and value:
            return value
        self.mistake(row.at(name), _("{name} is missing or not text").format(name=name))
        return ""

    def maybe_word(self, row: Row, name: str) -> str | None:
        return None if row.values.get(name) is None else self.word(row, name)

    def one_of(self, row: Row, name: str, allowed: Sequence[str]) -> str:
        value = row.values.get(name)
        if value in allowed:
            return str(value)
        what = _("{name} is {value!r}; it must be one of {allowed}")
        self.mistake(row.at(name), what.format(name=name, value=value, allowed=", ".join(allowed)))
        return allowed[0]

    def maybe_one_of(self, row: Row, name: str, allowed: Sequence[str]) -> str | None:
        return None if row.values.get(name) is None else self.one_of(row, name, allowed)

    def text(self, row: Row, name: str) -> Text:
        """A text in both languages."""
        value = row.values.get(name)
        if isinstance(value, dict) and set(value) == {"zh", "en"} and all(map(_filled, value.values())):
            return dict(value)
        self.mistake(row.at(name), _("{name} needs zh and en texts").format(name=name))
        return {"zh": "", "en": ""}

    def maybe_text(self, row: Row, name: str) -> Text | None:
        return None if row.values.get(name) is None else self.text(row, name)

    def decimal(self, row: Row, name: str) -> str:
        """A decimal string such as ``"0.90"``; numbers without quotes are a mistake."""
        value = row.values.get(name)
        if isinstance(value, str) and DECIMAL.fullmatch(value):
            return value
        what = _('{name} is {value!r}; write a decimal number in quotes, such as "0.90"')
        self.mistake(row.at(name), what.format(name=name, value=value))
        return "0"

    def maybe_decimal(self, row: Row, name: str) -> str | None:
        return None if row.values.get(name) is None else self.decimal(row, name)

    def date(self, row: Row, name: str) -> str:
        value = row.values.get(name)
        if isinstance(value, str) and _is_date(value):
            return value
        what = _("{name} is {value!r}; write a date such as 2026-11-01")
        self.mistake(row.at(name), what.format(name=name, value=value))
        return ""

    def maybe_date(self, row: Row, name: str) -> str | None:
        return None if row.values.get(name) is None else self.date(row, name)

    def flag(self, row: Row, name: str) -> bool:
        value = row.values.get(name, False)
        if not isinstance(value, bool):
            what = _("{name} is {value!r}; write true or false").format(name=name, value=value)
            self.mistake(row.at(name), what)
        return value is True

    def maybe_count(self, row: Row, name: str) -> int | None:
        value = row.values.get(name)
        if value is None or (type(value) is int and value > 0):
            return value
        self.mistake(
            row.at(name),
            _("{name} is {value!r}; write a whole number above 0").format(name=name, value=value),
        )
        return None

    def words(self, row: Row, name: str, known: Collection[str] | None = None) -> tuple[str, ...]:
        """A list of names, each among ``known``."""
        value = row.values.get(name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.mistake(row.at(name), _("{name} must be a list of names").format(name=name))
            return ()
        for item in value:
            if known is not None and item not in known:
                self.missing(row.at(name), name, item, known)
        return tuple(value)

    def missing(self, where: str, name: str, item: str, known: Collection[str]) -> None:
        """A reference to something that is not there, with what it may have meant."""
        what = _("{name} names {item}, which does not exist; nearest: {names}")
        near = ", ".join(nearest(item, known)) or "—"
        self.mistake(where, what.format(name=name, item=item, names=near))

    def sources(self, row: Row, known: Collection[str]) -> tuple[str, ...]:
        """At least one source, all of them listed in sources.yaml."""
        if not row.values.get("sources"):
            self.mistake(row.at("sources"), _("no source is named"))
            return ()
        return self.words(row, "sources", known)

    def mapping(self, row: Row, name: str) -> dict[str, Any]:
        value = row.values.get(name)
        if value is None:
            return {}
        if isinstance(value, dict):
            return dict(value)
        self.mistake(row.at(name), _("{name} must be a mapping").format(name=name))
        return {}

    def finish(self, noun: str) -> None:
        """Raises PackError listing all mistakes, or returns."""
        if self.mistakes:
            raise mistakes_error(noun, self.mistakes)


def mistakes_error(noun: str, mistakes: Sequence[tuple[str, str]]) -> PackError:
    """All mistakes in one error, each as ``file:line: what``."""
    lines = [f"{where}: {what}" for where, what in mistakes]
    return PackError(
        _("{noun} has {n} mistakes:").format(noun=noun, n=len(lines)) + "\n  " + "\n  ".join(lines),
        where=mistakes[0][0],
        remedy=_("mend the lines named; `mofang pack check FOLDER` reads them again"),
    )


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _filled(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
