"""Texts to probabilities: what a trained classifier does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mofang.assurance.judges.classifier import container, features, peaks
from mofang.assurance.judges.classifier.calibration import Calibration, parse_calibration
from mofang.assurance.judges.classifier.container import Parts
from mofang.assurance.judges.classifier.errors import ClassifierError
from mofang.assurance.judges.classifier.features import Places
from mofang.assurance.judges.classifier.peaks import Tokens
from mofang.evidence.digest import Digest, sha256_bytes
from mofang.evidence.files import reported
from mofang.i18n import _

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

DIGITS = 6
_PROBABILITY = re.compile(r"0\.\d{6}|1\.000000")


@dataclass(frozen=True, slots=True)
class TextClassifier:
    """A trained classifier. ``identity`` is the digest of its file, ``card`` its model card, ``threshold`` the
    probability, a decimal string of six digits, from which on a text fails."""

    identity: Digest
    card: Mapping[str, Any] = field(repr=False)
    threshold: str
    parts: Parts = field(repr=False)
    bias: float = field(repr=False)
    share: float = field(repr=False)
    calibration: Calibration = field(repr=False)

    def scores(self, texts: Sequence[str]) -> Array:
        """P(fail) of each text, float64 rounded to six digits: noise of the last bits, which differs between
        machines, is gone before anything is compared. A text of which nothing is known gets the
        probability that the classifier gives to nothing; see :meth:`known`."""
        import numpy as np

        return np.asarray(self.micro(texts) / 10**DIGITS, dtype=np.float64)

    def micro(self, texts: Sequence[str]) -> Array:
        """P(fail) of each text in millionths, int64."""
        import numpy as np

        return self._read(texts)[0].astype(np.int64)

    def fails(self, micro: int) -> bool:
        """Whether a probability in millionths reaches the threshold."""
        return micro >= int(Decimal(self.threshold).scaleb(DIGITS))

    def read(self, texts: Sequence[str]) -> tuple[Array, Array]:
        """P(fail) in millionths (int64), and how many features of each text the classifier knows."""
        import numpy as np

        micro, known = self._read(texts)
        return micro.astype(np.int64), known

    def _read(self, texts: Sequence[str]) -> tuple[Array, Array]:
        import numpy as np

        sums, known = np.zeros(len(texts)), np.zeros(len(texts), dtype=np.int64)
        for part in features.batches(texts):
            sums[part], known[part] = margins(self.parts, features.read(texts[part]), self.share)
        chances = self.calibration.chances(sums + self.bias)
        return np.rint(np.round(chances, 12) * 10**DIGITS), known


def margins(parts: Parts, places: Places, share: float) -> tuple[Array, Array]:
    """What both views say of each text, the second weighing ``share``; and how many different features of it
    are known."""
    import numpy as np

    counted = features.count(places)
    at = numbers(parts.features, counted.features)
    known = at > 0
    at, rows, counts = at[known] - 1, counted.rows[known], counted.counts[known]
    values = (1 + np.log(counts)) * parts.scales[at].astype(np.float64)
    sums = np.bincount(rows, values * parts.weights[at], places.n)
    norms = np.sqrt(np.bincount(rows, values * values, places.n))
    second = peaks.scores(parts.peaks, parts.gains, tokens(parts.features, places))
    return sums / np.where(norms > 0, norms, 1) + share * second, np.bincount(rows, minlength=places.n)


def numbers(vocabulary: Array, found: Array) -> Array:
    """The place of each feature in the vocabulary, from 1; 0 for one that does not stand in it."""
    import numpy as np

    places = np.minimum(np.searchsorted(vocabulary, found), len(vocabulary) - 1)
    return np.where(vocabulary[places] == found, places + 1, 0)


def tokens(vocabulary: Array, places: Places) -> Tokens:
    """The places of texts by vocabulary."""
    import numpy as np

    begins = np.append(places.begins(), len(places.rows))
    return Tokens(begins, numbers(vocabulary, places.singles), numbers(vocabulary, places.pairs))


def load_classifier(source: bytes | Path) -> TextClassifier:
    """The classifier in a file, or in its bytes. Raises ClassifierError for anything odd, StorageError."""
    where = None if isinstance(source, bytes) else str(source)
    data = source if isinstance(source, bytes) else _contents(source)
    parts = container.unpack(data, where)
    try:
        return _classifier(parts, sha256_bytes(data))
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise ClassifierError(
            _("the card of this classifier lacks what scoring needs"),
            where=where,
            remedy=_("train it again with this version"),
        ) from error


def _contents(path: Path) -> bytes:
    with reported(path), open(path, "rb") as file:
        return file.read(container.MOST_BYTES + 1)


def _classifier(parts: Parts, identity: Digest) -> TextClassifier:
    decides = parts.card["decides"]
    if decides["features"] != features.VERSION:
        raise ValueError(decides["features"])
    threshold = decides["threshold"]
    if not isinstance(threshold, str) or not _PROBABILITY.fullmatch(threshold):
        raise ValueError(threshold)
    bias, share = (float(Decimal(decides[name])) for name in ("bias", "share"))
    if not (abs(bias) < 1e6 and 0 <= share < 1e3):
        raise ValueError(bias, share)
    calibration = parse_calibration(decides["calibration"])
    return TextClassifier(identity, parts.card, threshold, parts, bias, share, calibration)
