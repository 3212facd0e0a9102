"""Several judges on one answer: who said what, how far each agrees with people, and what people make of its rate.

A judge is a test for failing answers, people's word (judge ``manual``) is the truth. Answers are told apart by question
and repeat. Where a judge spoke twice on one answer the more cautious word stands.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from mofang.assurance.analysis import columns
from mofang.assurance.analysis.columns import ABSENT, FAIL, PASS, UNSCORED, WORDS, Inputs, Verdicts
from mofang.assurance.analysis.counting import Fields, Params, decimal
from mofang.assurance.statistics import agreement, correction
from mofang.assurance.statistics.agreement import Confusion, Usable
from mofang.assurance.statistics.proportion import CONFIDENCE, decimal_text, down, up
from mofang.evidence.digest import Digest
from mofang.evidence.objects import ObjectStore

if TYPE_CHECKING:
    from numpy.typing import NDArray

PEOPLE = "manual"

LABELS_NEEDED = 30
"""With fewer labels the normal interval of a corrected rate means nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """m answers of one kind and what ``judges`` say of each. ``words`` (m, judges) is FAIL, UNSCORED, PASS or ABSENT;
    ``row`` (m,) is a verdict on that answer, from which item, repeat, risk and what was judged are read."""

    verdicts: Verdicts
    judges: tuple[str, ...]
    words: NDArray[Any]
    row: NDArray[Any]

    def of(self, judge: str) -> NDArray[Any]:
        """(m,) the words of one judge; ABSENT throughout where it is not among them."""
        import numpy as np

        if judge not in self.judges:
            return np.full(len(self.row), ABSENT, np.int8)
        found: NDArray[Any] = self.words[:, self.judges.index(judge)]
        return found


def votes(objects: ObjectStore, inputs: Inputs, kind: str, judges: Sequence[str]) -> Votes:
    """What these judges say of the answers of one kind, in the order of the segments; withdrawn verdicts left out."""
    given = inputs.get("verdicts", [])
    digests = tuple(given) if isinstance(given, list) else (given,)
    return _votes(objects, digests, kind, tuple(judges), columns.states(objects, digests))


@functools.lru_cache(maxsize=16)
def _votes(
    objects: ObjectStore, digests: tuple[Digest, ...], kind: str, judges: tuple[str, ...], _state: object
) -> Votes:
    import numpy as np

    found = columns.verdicts(objects, {"verdicts": list(digests)})
    rows = np.flatnonzero((found.kind.codes == found.kind.code(kind)) & found.judge.among(judges))
    repeats = int(found.repeat[rows].max()) + 1 if len(rows) else 1
    answers = found.item.codes[rows].astype(np.int64) * repeats + found.repeat[rows]
    _keys, first, answer = np.unique(answers, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    words = np.full((len(first), len(judges)), ABSENT, np.int8)
    for column, judge in enumerate(judges):
        mine = found.judge.codes[rows] == found.judge.code(judge)
        np.minimum.at(words[:, column], place[answer[mine]], found.word[rows][mine])
    return Votes(found, judges, words, rows[first[order]])


def judges_of(objects: ObjectStore, inputs: Inputs, kind: str) -> list[str]:
    """The judges that say anything of this kind, the usual ones first, people last."""
    import numpy as np

    found = columns.verdicts(objects, inputs)
    codes = np.unique(found.judge.codes[found.readable & (found.kind.codes == found.kind.code(kind))])
    known = ("keyword", "refusal", "classifier", "model")
    names = [found.judge.words[code] for code in codes.tolist()]
    return sorted(
        names, key=lambda name: (name == PEOPLE, known.index(name) if name in known else len(known), name)
    )


def patterns(found: Votes) -> list[dict[str, str | None]]:
    """Every combination of votes that occurs, the most frequent first."""
    counts = Counter(map(tuple, found.words.tolist()))
    ranked = sorted(counts, key=lambda pattern: (-counts[pattern], pattern))
    return [
        {judge: WORDS[code] for judge, code in zip(found.judges, pattern, strict=True)} for pattern in ranked
    ]


def vote_pattern(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """Answers on which each judge said exactly this: ``n``. Params: ``kind``, ``votes`` (judge to pass, fail, unscored,
    or null where it said nothing). Every repeat counts."""
    wanted: Mapping[str, str | None] = params["votes"]
    found = votes(objects, inputs, params["kind"], sorted(wanted))
    pattern = [WORDS.index(wanted[judge]) for judge in found.judges]
    return {"n": int((found.words == pattern).all(axis=1).sum())}


def split(found: Votes) -> Iterator[int]:
    """The answers of which some judge says pass and another fail, the most evenly split first."""
    import numpy as np

    passed, failed = (found.words == PASS).sum(axis=1), (found.words == FAIL).sum(axis=1)
    rows = np.flatnonzero((passed > 0) & (failed > 0))
    lean = np.abs(passed[rows] - failed[rows]) / (passed[rows] + failed[rows])
    voices = -(passed[rows] + failed[rows])
    yield from rows[np.lexsort((rows, voices, lean))].tolist()


def judge_confusion(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """A judge against people, on the answers both scored; positive is ``fail``. Params: ``judge``, ``kind``, ``against``
    (``manual``). Fields: ``n``, ``both_fail``, ``only_judge_fails``, ``only_people_fail``, ``both_pass``; sensitivity and
    specificity with Wilson's intervals, ``informedness`` with its lower bound, ``agreement``, ``kappa``, ``ac1``, ``pabak``,
    ``alpha``; the pass rates of both; ``unscored_judge`` and ``unscored_people`` (of the answers the other one scored),
    ``stray`` (replies outside the vocabulary); ``usable`` (yes, no, unknown) and ``why``, a code."""
    against = params.get("against", PEOPLE)
    found = votes(objects, inputs, params["kind"], (params["judge"], against))
    judge, people = found.of(params["judge"]), found.of(against)
    table = _confusion(judge, people)
    said = _stray(found.verdicts, params)
    fields: Fields = {
        "n": table.n,
        "both_fail": table.both,
        "only_judge_fails": table.judge,
        "only_people_fail": table.people,
        "both_pass": table.neither,
        "unscored_judge": int(((judge == UNSCORED) & (people < ABSENT) & (people != UNSCORED)).sum()),
        "unscored_people": int(((people == UNSCORED) & (judge < ABSENT) & (judge != UNSCORED)).sum()),
        "stray": said[0],
    }
    verdict = _usable(table, *said)
    return fields | _quality(table) | {"usable": verdict.word, "why": verdict.why or "fine"}


def _confusion(judge: NDArray[Any], people: NDArray[Any]) -> Confusion:
    def both(one: int, other: int) -> int:
        return int(((judge == one) & (people == other)).sum())

    return Confusion(both(FAIL, FAIL), both(FAIL, PASS), both(PASS, FAIL), both(PASS, PASS))


def _stray(found: Verdicts, params: Params) -> tuple[int, int]:
    """Replies outside the vocabulary, of how many."""
    mine = found.readable & (found.kind.codes == found.kind.code(params["kind"]))
    mine &= found.judge.codes == found.judge.code(params["judge"])
    return int((mine & found.stray).sum()), int(mine.sum())


def _usable(table: Confusion, stray: int, spoken: int) -> Usable:
    # Replies that were refused as unreadable are unscored already; more than a few, and the judge is the trouble.
    if stray > agreement.MOST_STRAY * spoken:
        return Usable("no", "unreadable")
    return agreement.usable(table)


def _quality(table: Confusion) -> Fields:
    if not table.n:
        return {}
    fields: Fields = {
        "judge_rate": decimal_text(Fraction(table.people + table.neither, table.n)),
        "people_rate": decimal_text(Fraction(table.judge + table.neither, table.n)),
    }
    numbers = ("sensitivity", "specificity", "informedness", "agreement", "kappa", "ac1", "pabak", "alpha")
    for name in numbers:
        value = getattr(table, name)
        if value is not None:
            fields[name] = decimal(value)
    for name, of in (("sensitivity", table.positives), ("specificity", table.negatives)):
        if of:
            low, high = getattr(table, f"{name}_interval")()
            fields |= {f"{name}_low": down(low), f"{name}_high": up(high)}
    least = table.informedness_lower()
    return fields if least is None else {**fields, "informedness_lower": down(least)}


def corrected_rate(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """The pass rate of a judge corrected by people's labels; for the internal edition, never in place of a manual
    sample. Params: ``judge``, ``kind``, ``against`` (``manual``), ``method`` (``ppi`` or ``rogan_gladen``).

    Fields: ``n``, ``labelled``, ``unscored`` (answers that people could not score: taken as fails or as passes,
    whichever is worse for a bound), ``rate``, ``low`` and ``high`` (two-sided 95 %), ``lower`` and ``upper``
    (one-sided), ``judge_rate``; with ppi ``lambda``, ``people_rate`` with ``people_low`` and ``people_high`` (the
    labels alone) and ``saved``; with rogan_gladen ``sensitivity`` and ``specificity``. Nothing with fewer than 30
    labels, with fewer than five of either kind, or where the labels cannot correct the judge.
    It holds only where the labelled answers were drawn at random."""
    against = params.get("against", PEOPLE)
    found = votes(objects, inputs, params["kind"], (params["judge"], against))
    judge, people = found.of(params["judge"]), found.of(against)
    heard = judge != ABSENT
    table = _confusion(judge, people)
    if table.n < LABELS_NEEDED or min(table.positives, table.negatives) < agreement.FEW:
        return {}
    passed, labels = (judge == PASS)[heard], people[heard]
    method = {"ppi": _ppi, "rogan_gladen": _rogan_gladen}[params["method"]]
    fields = method(passed, labels)
    if not fields:
        return {}
    return fields | {
        "n": int(heard.sum()),
        "labelled": int(((labels == PASS) | (labels == FAIL)).sum()),
        "unscored": int((labels == UNSCORED).sum()),
        "judge_rate": decimal_text(Fraction(int(passed.sum()), int(heard.sum()))),
    }


def _ppi(passed: NDArray[Any], labels: NDArray[Any]) -> Fields:
    def at(read: NDArray[Any], value: NDArray[Any]) -> correction.Corrected:
        return correction.ppi(value[read].astype(float), passed[read], passed[~read])

    scored, read = (labels == PASS) | (labels == FAIL), labels != ABSENT
    found = at(scored, labels == PASS)
    alone = correction.plain((labels[scored] == PASS).astype(float), len(labels))
    worst, best = at(read, labels == PASS), at(read, labels != FAIL)
    low, high = found.interval()
    people_low, people_high = alone.interval()
    return {
        "rate": decimal(found.at(0.0)),
        "low": down(low),
        "high": up(high),
        "lower": down(worst.lower()),
        "upper": up(best.upper()),
        "lambda": decimal(found.tuning or 0.0),
        "people_rate": decimal(alone.rate),
        "people_low": down(people_low),
        "people_high": up(people_high),
        "saved": decimal(correction.labels_saved(found, alone)),
    }


def _rogan_gladen(passed: NDArray[Any], labels: NDArray[Any]) -> Fields:
    import numpy as np

    rest = passed[labels == ABSENT]
    if not len(rest):
        return {}

    def at(read: NDArray[Any], truth: NDArray[Any], confidence: Fraction) -> correction.Adjusted | None:
        good, bad = read & truth, read & ~truth
        return correction.rogan_gladen(
            int(rest.sum()),
            len(rest),
            (int((passed & good).sum()), int(good.sum())),
            (int((~passed & bad).sum()), int(bad.sum())),
            confidence,
        )

    scored, read, one_sided = (labels == PASS) | (labels == FAIL), labels != ABSENT, 2 * CONFIDENCE - 1
    found = at(scored, labels == PASS, correction.TWO_SIDED)
    # Which way a doubtful label pulls depends on what the judge said of it, so all three readings are asked.
    readings = ((scored, labels == PASS), (read, labels == PASS), (read, labels != FAIL))
    bounds = [at(which, truth, one_sided) for which, truth in readings]
    if found is None or None in bounds:
        return {}
    table = _confusion(np.where(passed, PASS, FAIL), labels)
    return {
        "rate": decimal(found.rate),
        "low": down(found.low),
        "high": up(found.high),
        "lower": down(min(bound.low for bound in bounds if bound)),
        "upper": up(max(bound.high for bound in bounds if bound)),
        "sensitivity": decimal(table.sensitivity or 0.0),
        "specificity": decimal(table.specificity or 0.0),
    }
