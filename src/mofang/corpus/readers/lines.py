"""JSON Lines: one record a line. A bad line is named with its number and the rest goes on."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any

from mofang.corpus.encoding import Decoded, decode
from mofang.corpus.protocols import Part, Problem
from mofang.corpus.record import RawRecord
from mofang.i18n import _


def read(part: Part, problems: list[Problem]) -> Iterator[RawRecord]:
    """The records of a file or of one span of its lines; ``ordinal`` is the line's number from 0."""
    data = part.bytes()
    offset, _end, number = part.span or (0, 0, 0)
    start = len(codecs.BOM_UTF8) if offset == 0 and data.startswith(codecs.BOM_UTF8) else 0
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        raw = data[start:end].rstrip(b"\r")
        if raw.strip():
            found = _record(raw, part, number, problems)
            if found is not None:
                decoded, key, text = found
                at = offset + start
                yield RawRecord(number, key, at, at + len(raw), raw, text, decoded.encoding, decoded.flags)
        start, number = end + 1, number + 1


def _record(
    raw: bytes, part: Part, number: int, problems: list[Problem]
) -> tuple[Decoded, str | None, str] | None:
    decoded = decode(raw)
    try:
        fields = json.loads(decoded.text)
        text, key = _field(fields, part.text), None if part.key is None else _key(fields, part.key)
    except json.JSONDecodeError as error:
        message = _("not JSON: {why} at column {column}").format(why=error.msg, column=error.colno)
    except (RecursionError, ValueError):
        message = _("not JSON: nested too deeply, or a number of too many digits")
    except _Unfit as error:
        message = str(error)
    else:
        return decoded, key, text
    problems.append(Problem("bad_line", number + 1, message))
    return None


class _Unfit(Exception):
    """The line is JSON, but not a record."""


def _field(fields: Any, name: str) -> str:
    if not isinstance(fields, dict):
        raise _Unfit(_("not an object"))
    text = fields.get(name)
    if not isinstance(text, str):
        raise _Unfit(_("no text in the field {name}").format(name=name))
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise _Unfit(_("half of a surrogate pair in the field {name}").format(name=name)) from None
    return text


def _key(fields: dict[str, Any], name: str) -> str:
    key = fields.get(name)
    if not isinstance(key, (str, int)) or isinstance(key, bool) or key == "":
        raise _Unfit(_("no key in the field {name}").format(name=name))
    return _field({name: str(key)}, name)
