"""Which encoding a document is in, judged on the whole of it, and its text.

Order: byte order mark; strict UTF-8; then GB18030 against Big5, both read strictly, the one whose characters
are common winning (a Big5 page read as GBK is valid too, but full of rare characters). Bytes that no
candidate reads are replaced by U+FFFD and the document is flagged ``undecodable``: it is kept, and the
policy drops it with a reason."""

from __future__ import annotations

import codecs
import functools
import re
from typing import NamedTuple

UNDECODABLE = "undecodable"

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The most frequent characters of written Chinese, simplified and traditional, and its punctuation.
_COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定"
    "行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然"
    "前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系"
    "這個為時來們產種說對會發動過經進電後裡實現兩體機當點從業應開還與關線內數質氣變條沒結問見長門馬車東書萬學國會於無號"
    "，。、：；！？（）《》“”‘’「」『』…—　０１２３４５６７８９"
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
# One control byte in so many means the file is no text: a stray NUL is repaired, a picture is no document.
_BINARY_SHARE = 100


class Decoded(NamedTuple):
    """The text of a document, the encoding it was read with, and ``flags`` (``undecodable`` or nothing)."""

    text: str
    encoding: str
    flags: tuple[str, ...] = ()


def decode(raw: bytes) -> Decoded:
    """The text of ``raw``. Never raises: what cannot be decoded is replaced and flagged."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return _marked(raw[len(mark) :], encoding)
    try:
        return _unless_binary(raw, Decoded(raw.decode("utf-8"), "utf-8"))
    except UnicodeDecodeError:
        return _unless_binary(raw, _legacy(raw))


def _marked(raw: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(raw.decode(encoding), encoding)
    except UnicodeDecodeError:
        return Decoded(raw.decode(encoding, "replace"), encoding, (UNDECODABLE,))


def _unless_binary(raw: bytes, found: Decoded) -> Decoded:
    if not found.flags and b"\x00" not in raw and found.encoding == "utf-8":
        return found
    controls = sum(1 for _match in _CONTROL.finditer(raw))
    if controls * _BINARY_SHARE > len(raw):
        return found._replace(flags=(UNDECODABLE,))
    return found


def _legacy(raw: bytes) -> Decoded:
    """Not UTF-8. Strictly valid candidates first; failing all, the one that loses the least."""
    strict = [found for name in ("gb18030", "big5hkscs") if (found := _strict(raw, name))]
    if len(strict) == 2:
        return max(strict, key=lambda found: (_commonness(found.text), found.encoding == _guess(raw)))
    if strict:
        return strict[0] if _commonness(strict[0].text) >= 0.05 else strict[0]._replace(flags=(UNDECODABLE,))
    lossy = [
        Decoded(raw.decode(name, "replace"), name, (UNDECODABLE,))
        for name in ("utf-8", "gb18030", "big5hkscs")
    ]
    return max(
        lossy, key=lambda found: _commonness(found.text) - found.text.count("\ufffd") / (len(found.text) or 1)
    )


def _strict(raw: bytes, encoding: str) -> Decoded | None:
    try:
        return Decoded(raw.decode(encoding), encoding)
    except UnicodeDecodeError:
        return None


def _commonness(text: str) -> float:
    """Share of common characters among those outside ASCII (0 to 1; 0 when there are none)."""
    foreign = _beyond_ascii().sub("", text)
    return len(_common().findall(foreign)) / len(foreign) if foreign else 0.0


def _guess(raw: bytes) -> str:
    """What the detector makes of the whole document, in our names."""
    import cchardet

    name = str(cchardet.detect(raw).get("encoding") or "").lower()
    return "big5hkscs" if name.startswith("big5") else "gb18030" if name.startswith(("gb", "hz")) else name


@functools.cache
def _beyond_ascii() -> re.Pattern[str]:
    return re.compile(r"[\x00-\x7f]+")


@functools.cache
def _common() -> re.Pattern[str]:
    return re.compile(f"[{re.escape(''.join(sorted(_COMMON)))}]")
