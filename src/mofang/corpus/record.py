"""Records: what a reader yields, and the identity a record keeps through every table."""

from __future__ import annotations

import hashlib
import json
from typing import NamedTuple

from mofang.corpus.normalise import Edit


class RawRecord(NamedTuple):
    """One record as its file holds it.

    ``ordinal`` counts records of the file from 0 (lines of a .jsonl file, bad ones included). ``key`` is the
    user's own name for it. ``raw`` are the bytes it came from, ``text`` what they say before any repair."""

    ordinal: int
    key: str | None
    byte_start: int | None
    byte_end: int | None
    raw: bytes
    text: str
    encoding: str
    flags: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()


class RecordNames:
    """The ids of one file's records: the first 16 bytes of SHA-256 over the canonical JSON (RFC 8785) of
    [source id, path, the user's key or else the ordinal, raw digest]."""

    def __init__(self, source_id: str, path: str) -> None:
        self._start = f"[{_json(source_id)},{_json(path)},".encode()

    def id(self, ordinal: int, key: str | None, raw_digest: str) -> bytes:
        name = str(ordinal) if key is None else _json(key)
        return hashlib.sha256(b'%b%b,"%b"]' % (self._start, name.encode(), raw_digest.encode())).digest()[:16]


def raw_digest(raw: bytes) -> str:
    """The first 16 bytes of SHA-256 over a record's own bytes, in hex."""
    return hashlib.sha256(raw).hexdigest()[:32]


def _json(text: str) -> str:
    """A string as RFC 8785 writes it (Python's own JSON agrees on strings; test_record.py holds that)."""
    return json.dumps(text, ensure_ascii=False)
