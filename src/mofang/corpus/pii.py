"""Personal information in Chinese text: identity cards, mobile numbers, e-mail addresses, bank cards.

A finding is a span and a keyed digest (HMAC-SHA-256, 16 bytes), never the value: a plain hash of an identity
number can be guessed. Look-arounds are ASCII digits, never ``\\\\b``: Chinese characters are word characters
to ``re``."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

MASKS = {"id_card": "身份证号", "mobile": "手机号", "email": "邮箱", "bank_card": "银行卡号"}
"""What a masked value says in its place, in square brackets."""


class Finding(NamedTuple):
    """Personal information of a kind in text[start:end]; ``digest`` is keyed, in hex."""

    kind: str
    start: int
    end: int
    digest: str


_GATE = re.compile("[0-9](?:[ -]?[0-9]){10}")
_ALONE = r"(?<![0-9])(?<![0-9]\.)"
_ID_CARD = re.compile(
    _ALONE + r"[1-8][0-9]{5}([ -]?)(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    r"\1[0-9]{3}[0-9Xx](?![0-9])"
)
_MOBILE = re.compile(
    _ALONE + r"(?:(?:\+|00)?86[ -]?)?1(?:3[0-9]|4[014-9]|5[0-35-9]|6[2567]|7[0-8]|8[0-9]|9[0-35-9])"
    r"([ -]?)[0-9]{4}\1[0-9]{4}(?![0-9])(?!\.[0-9])(?!\s?(?:[万亿余多]|元|美元|港元|人民币|股|吨|人次|千瓦))"
)
_BANK_CARD = re.compile(
    _ALONE + r"(?:[0-9]{16,19}|[0-9]{4}(?:([ -])[0-9]{4})(?:\1[0-9]{4}){2}(?:\1?[0-9]{1,3})?)(?![0-9])"
)
_AT = re.compile("[@＠]")
_LOCAL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._%+-]{0,63})\Z")
_DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9@])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# First two digits of the region code (GB/T 2260).
_PROVINCE = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
# Issuer ranges by length: UnionPay 62, Visa 4, Mastercard 51-55 and 2221-2720, JCB 3528-3589, ICBC 9558.
_ISSUERS = {
    16: re.compile("62|4|5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720|35(?:2[89]|[3-8])"),
    17: re.compile("62"),
    18: re.compile("62"),
    19: re.compile("62|9558"),
}


def find(text: str, key: bytes) -> list[Finding]:
    """Every finding in ``text``, in order of place, never overlapping. ``key`` keys the digests."""
    spans: list[tuple[int, int, str, str]] = []
    if "@" in text or "＠" in text:
        spans += _emails(text)  # first, since an address may begin with a mobile number
    if _GATE.search(text):
        for kind, pattern, holds in _NUMBERS:
            spans += list(_numbers(kind, pattern, holds, text, spans))
    return [Finding(kind, start, end, keyed(kind, value, key)) for start, end, kind, value in sorted(spans)]


def keyed(kind: str, value: str, key: bytes) -> str:
    """The digest under which ``value`` (digits alone, or a lower-case address) is known: 32 hex digits."""
    return hmac.digest(key, f"{kind}:{value}".encode(), "sha256")[:16].hex()


def mask(text: str, findings: list[tuple[str, int, int]]) -> str:
    """``text`` with each (kind, start, end) replaced by its name in brackets, such as ``[手机号]``."""
    parts: list[str] = []
    at = 0
    for kind, start, end in sorted(findings, key=lambda finding: finding[1]):
        parts += (text[at:start], f"[{MASKS[kind]}]")
        at = end
    return "".join((*parts, text[at:]))


def is_id_card(digits: str) -> bool:
    """Whether 18 characters are a citizen's number: region, date of birth, check digit (GB 11643-1999)."""
    if not _PROVINCE.match(digits):
        return False
    try:
        date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits[:17], strict=True))
    return "10X98765432"[total % 11] == digits[17].upper()


def is_bank_card(digits: str) -> bool:
    """Whether 16 to 19 digits are of a known issuer and pass Luhn's check (ISO/IEC 7812-1)."""
    issuers = _ISSUERS.get(len(digits))
    if issuers is None or not issuers.match(digits):
        return False
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[-1::-2]) + sum(doubled)) % 10 == 0


_NUMBERS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("id_card", _ID_CARD, is_id_card),
    ("bank_card", _BANK_CARD, is_bank_card),
    ("mobile", _MOBILE, lambda digits: True),
)


def _numbers(
    kind: str,
    pattern: re.Pattern[str],
    holds: Callable[[str], bool],
    text: str,
    taken: list[tuple[int, int, str, str]],
) -> Iterator[tuple[int, int, str, str]]:
    for match in pattern.finditer(text):
        value = re.sub("[ +-]", "", match[0]).upper()
        if kind == "mobile":
            value = value[-11:]
        overlaps = any(start < match.end() and match.start() < end for start, end, _kind, _value in taken)
        if not overlaps and holds(value):
            yield match.start(), match.end(), kind, value


def _emails(text: str) -> Iterator[tuple[int, int, str, str]]:
    """Addresses around each @, looking a bounded distance to either side."""
    done = 0
    for at in _AT.finditer(text):
        local = _LOCAL.search(text, max(done, at.start() - 65), at.start())
        domain = _DOMAIN.match(text, at.end())
        if local and domain:
            done = domain.end()
            yield local.start(), done, "email", f"{local[0]}@{domain[0]}".lower()
