"""The file of a classifier: a zip of the model card (canonical JSON) and three arrays, nothing else.

The same card and arrays give the same bytes: members are stored, not packed, in a fixed order with a fixed
date. Reading trusts nothing: the size is capped before anything is parsed, the members must be exactly these,
arrays must be finite and in order, and the whole file must be what :func:`pack` would write. Nothing in it is
ever executed.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mofang.assurance.judges.classifier.errors import ClassifierError
from mofang.errors import MofangError
from mofang.evidence.digest import canonical
from mofang.i18n import _

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

CLASSIFIER = "application/vnd.mofang.classifier"
FORMAT = 1
MOST_BYTES = 128 << 20
MOST_CARD_BYTES = 1 << 20

_CARD = "card.json"
_ARRAYS = {"features": "<u4", "scales": "<f4", "weights": "<f4", "peaks": "|i1", "gains": "<f4"}
_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a file holds. ``features`` (uint32, rising), ``scales`` and ``weights`` (float32, finite) have one
    entry a feature; ``peaks`` (int8) is a row of the width of ``gains`` (float32) for no feature, all 0, then
    one for each."""

    card: Mapping[str, Any]
    features: Array
    scales: Array
    weights: Array
    peaks: Array
    gains: Array


def pack(parts: Parts) -> bytes:
    """The bytes of the file. Raises ClassifierError for arrays that do not fit or are not finite."""
    _check(parts)
    members = {_CARD: canonical(parts.card)}
    members |= {
        name: getattr(parts, name).astype(form, copy=False).tobytes() for name, form in _ARRAYS.items()
    }
    return _zip(members)


def _zip(members: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return file.getvalue()


def unpack(data: bytes, where: str | None = None) -> Parts:
    """What a file holds, checked. Raises ClassifierError that says what is odd about it."""
    if len(data) > MOST_BYTES:
        raise _odd(_("it is larger than {n} MB").format(n=MOST_BYTES >> 20), where)
    if not data.startswith(b"PK\x03\x04"):
        raise _odd(_("it does not begin as one"), where)
    members = _members(data, where)
    card = _parsed(members[_CARD], where)
    arrays = {name: _array(members[name], form, where) for name, form in _ARRAYS.items()}
    if not len(arrays["gains"]) or len(arrays["peaks"]) % len(arrays["gains"]):
        raise _odd(_("an array is cut short"), where)
    arrays["peaks"] = arrays["peaks"].reshape(-1, len(arrays["gains"]))
    parts = Parts(card, **arrays)
    try:
        _check(parts)
    except ClassifierError as error:
        raise _odd(error.message, where) from None
    # Whatever else a zip could hide (comments, gaps, a second directory) makes other bytes.
    if _zip(members) != data:
        raise _odd(_("it holds more than it shows"), where)
    return parts


def _members(data: bytes, where: str | None) -> dict[str, bytes]:
    wanted = [_CARD, *_ARRAYS]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if [entry.filename for entry in entries] != wanted:
                raise _odd(_("its parts are not {names}").format(names=", ".join(wanted)), where)
            if any(entry.compress_type or entry.file_size > len(data) for entry in entries):
                raise _odd(_("its parts are packed"), where)
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise _odd(_("it is damaged or cut short"), where) from error


def _parsed(raw: bytes, where: str | None) -> Mapping[str, Any]:
    if len(raw) > MOST_CARD_BYTES:
        raise _odd(_("its card is too large"), where)
    try:
        card = json.loads(raw)
        plain = isinstance(card, dict) and canonical(card) == raw
    except (ValueError, RecursionError, MofangError) as error:
        raise _odd(_("its card cannot be read"), where) from error
    if not plain:
        raise _odd(_("its card is not in canonical form"), where)
    if card.get("format") != FORMAT:
        raise ClassifierError(
            _("this classifier has format {found}; this version reads {known}").format(
                found=str(card.get("format"))[:20], known=FORMAT
            ),
            where=where,
            remedy=_("train it again with this version, or use the version that made it"),
        )
    return dict(card)


def _array(raw: bytes, form: str, where: str | None) -> Array:
    import numpy as np

    if len(raw) % np.dtype(form).itemsize:
        raise _odd(_("an array is cut short"), where)
    return np.frombuffer(raw, dtype=form)


def _check(parts: Parts) -> None:
    import numpy as np

    sizes = {len(parts.features), len(parts.scales), len(parts.weights), len(parts.peaks) - 1}
    if len(sizes) != 1 or sizes == {0} or parts.peaks[0].any():
        raise ClassifierError(_("its arrays are empty or do not fit one another"))
    if not all(np.isfinite(one).all() for one in (parts.scales, parts.weights, parts.gains)):
        raise ClassifierError(_("it holds numbers that are not finite"))
    if (parts.scales <= 0).any():
        raise ClassifierError(_("a feature counts for nothing"))
    if (np.diff(parts.features.astype(np.int64)) <= 0).any():
        raise ClassifierError(_("its features are not in order"))


def _odd(what: str, where: str | None) -> ClassifierError:
    return ClassifierError(
        _("this is not a classifier file: {what}").format(what=what),
        where=where,
        remedy=_("use a file that `mofang judge train` wrote, and copy it again if it was sent to you"),
    )
