"""Questions, answers and votes for the script: ids and codes at once, texts apart and opened one by one.

Texts stand as plain characters in the page, never encoded: a person who asks to be forgotten must be found in
it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from markupsafe import Markup

from mofang.assurance.report.heat import KINDS, in_order
from mofang.evidence.digest import Digest
from mofang.evidence.errors import ObjectMissing
from mofang.evidence.leaves import marked, parse_ref, read_leaves
from mofang.evidence.objects import ObjectStore

LONGEST = 20_000
"""Characters of a text that are written into the page; ``mofang show`` gives the rest."""
WORDS = {"pass": "p", "fail": "f", "unscored": "u"}
STATES = {"answered": "a", "error": "e"}
BY_REASON = {"error": "e", "missing": "m", "withdrawn": "w"}
"""What a verdict's reason says of the answer where the answers are not opened."""


@dataclass(slots=True)
class Items:
    """What the page holds of the items. ``wire`` goes into the page as it is; ``texts`` is None where none
    are embedded."""

    wire: dict[str, Any]
    texts: dict[str, Any] | None
    gone: tuple[str, ...] = ()
    """Targets whose answers or questions are no longer there."""


@dataclass(slots=True)
class _Index:
    """Names by number, in the order in which they were first met."""

    names: list[Any] = field(default_factory=list)
    places: dict[Any, int] = field(default_factory=dict)

    def __call__(self, name: Any) -> int:
        if name not in self.places:
            self.places[name] = len(self.names)
            self.names.append(name)
        return self.places[name]


def read_items(objects: ObjectStore, analysis: Mapping[str, Any], *, texts: bool) -> Items:
    """Every question, answer and vote of every target of an analysis.

    Without ``texts`` the answers are not opened at all: what the page needs of them stands in the verdicts. A
    segment that was removed (forgotten, not carried along) leaves its target out and is named in ``gone``.
    """
    gatherer = _Gatherer(objects, texts)
    gone = []
    for target in analysis.get("targets") or ():
        try:
            gatherer.take(target)
        except ObjectMissing:
            gone.append(str(target["name"]))
    for row in analysis.get("voices") or ():
        gatherer.rank(row)
    return Items(gatherer.wire(), gatherer.written() if texts else None, tuple(gone))


class _Gatherer:
    def __init__(self, objects: ObjectStore, texts: bool) -> None:
        self.objects, self.texts = objects, texts
        self.digests, self.reasons, self.risks, self.judges = _Index(), _Index(), _Index(), _Index()
        self.items: dict[str, list[Any]] = {}
        self.questions: dict[str, Any] = {}
        self.answers: dict[str, dict[tuple[str, int], list[Any]]] = {}
        self.said: dict[str, dict[tuple[str, int], Any]] = {}
        self.ranks: dict[str, list[tuple[str, int]]] = {}
        self.segments: dict[str, list[dict[str, Any]]] = {}

    def take(self, target: Mapping[str, Any]) -> None:
        """Questions, answers and votes of one target; nothing of it where a part is missing."""
        leaves = {
            name: [(digest, list(read_leaves(self.objects, Digest(digest)))) for digest in given]
            for name, given in (
                ("questions", [target["questions"]]),
                ("answers", [target["answers"]] if target.get("answers") and self.texts else []),
                ("verdicts", target["verdicts"]),
            )
        }
        for digest, found in leaves["questions"]:
            for n, leaf in enumerate(found):
                self._question(digest, n, leaf)
        name = str(target["name"])
        self.answers[name], self.said[name] = {}, {}
        for digest, found in leaves["answers"]:
            for n, leaf in enumerate(found):
                self._answer(name, digest, n, leaf)
        for _digest, found in leaves["verdicts"]:
            for leaf in found:
                self._vote(name, leaf)

    def _question(self, digest: str, n: int, leaf: Mapping[str, Any]) -> None:
        seen = _readable(leaf)
        id = str(seen.get("id") or f"{digest[7:19]}#{n}")
        kind = seen.get("kind")
        # A catalogue holds no text: the leaf that it speaks of does.
        catalogued = "text" not in seen and seen.get("of")
        place = self._of(seen) if catalogued else (self.digests(digest), n)
        if id not in self.items:
            self.items[id] = [
                id,
                KINDS.index(kind) if kind in KINDS else -1,
                self.risks(seen["risk"]) if seen.get("risk") else -1,
                *place,
                1 if seen.get("demo") else 0,
            ]
        if self.texts and self.questions.get(id) is None:
            self.questions[id] = _text(leaf, seen) if "text" in seen else self._text_at(*place)

    def _text_at(self, segment: int, n: int) -> Any:
        """The text of another segment's leaf; None where it is not there."""
        if segment < 0 or n < 0:
            return None
        digest = Digest(self.digests.names[segment])
        if digest not in self.segments:
            there = self.objects.has(digest)
            self.segments[digest] = list(read_leaves(self.objects, digest)) if there else []
        found = self.segments[digest]
        return _text(found[n], _readable(found[n])) if n < len(found) else None

    def _answer(self, target: str, digest: str, n: int, leaf: Mapping[str, Any]) -> None:
        seen = _readable(leaf)
        if not seen.get("question"):
            return
        key = (str(seen["question"]), int(seen.get("repeat") or 0))
        state = "w" if marked(leaf) else STATES.get(str(seen.get("state")), "e")
        self.answers[target][key] = [
            key[0], key[1], self.digests(digest), n, state, 1 if seen.get("truncated") else 0, [],
        ]  # fmt: skip
        self.said[target][key] = _text(leaf, seen)

    def _vote(self, target: str, leaf: Mapping[str, Any]) -> None:
        seen = _readable(leaf)
        if not seen.get("item") or not seen.get("judge"):
            return
        key = (str(seen["item"]), int(seen.get("repeat") or 0))
        if key not in self.answers[target]:
            state = BY_REASON.get(str(seen.get("reason")), "a")
            self.answers[target][key] = [*key, *self._of(seen), state, int(bool(seen.get("truncated"))), []]
        self.answers[target][key][6].append(
            [
                self.judges(seen["judge"]),
                WORDS.get(str(seen.get("verdict")), "u") if not marked(leaf) else "u",
                self.reasons(str(seen.get("reason") or "")),
                seen.get("score"),
                {True: 1, False: 0}.get(seen.get("refused"), -1),  # type: ignore[arg-type]
                len(seen.get("terms") or ()),
            ]
        )

    def _of(self, seen: Mapping[str, Any]) -> tuple[int, int]:
        """The answer that a verdict without a known answer points at; -1 where it points nowhere."""
        if not str(seen.get("of") or "").startswith("sha256:"):
            return (-1, -1)
        digest, leaf = parse_ref(str(seen["of"]))
        return (self.digests(digest), -1 if leaf is None else leaf)

    def rank(self, row: Mapping[str, Any]) -> None:
        found = self.ranks.setdefault(str(row["target"]), [])
        found += [(str(one["item"]), int(one.get("repeat") or 0)) for one in row["disagreements"]]

    def wire(self) -> dict[str, Any]:
        """Codes as numbers of lists; ``answers[target]`` rows are item, repeat, segment, leaf, state, cut off,
        votes."""
        place = {id: n for n, id in enumerate(self.items)}
        answers, ranks = {}, {}
        for target, found in self.answers.items():
            known = {key: n for n, key in enumerate(key for key in found if key[0] in place)}
            answers[target] = [[place[key[0]], *found[key][1:]] for key in known]
            divided = [
                (_unity(found[key][6]), known[key]) for key in self.ranks.get(target, ()) if key in known
            ]
            ranks[target] = [n for _far, n in sorted(divided, key=lambda pair: pair[0])]
        return {
            "kinds": list(KINDS),
            "digests": self.digests.names,
            "reasons": self.reasons.names,
            "risks": self.risks.names,
            "judges": self.judges.names,
            "order": [self.judges(name) for name in in_order(self.judges.names)],
            "items": list(self.items.values()),
            "answers": answers,
            "ranks": ranks,
        }

    def written(self) -> dict[str, Any]:
        """Texts in the order of ``items`` and ``answers``; null where one may not or cannot be read."""
        return {
            "questions": [self.questions.get(id) for id in self.items],
            "answers": {
                target: [self.said[target].get(key) for key in found if key[0] in self.items]
                for target, found in self.answers.items()
            },
        }


def _unity(votes: list[Any]) -> Fraction:
    """How far the votes are from half against half: 0 where they are, 1 where all agree."""
    words = [vote[1] for vote in votes]
    passed, failed = words.count("p"), words.count("f")
    return Fraction(abs(passed - failed), max(passed + failed, 1))


def _readable(leaf: Mapping[str, Any]) -> Mapping[str, Any]:
    mark = marked(leaf)
    return leaf[mark].get("kept") or {} if mark else leaf


def _text(leaf: Mapping[str, Any], seen: Mapping[str, Any]) -> Any:
    """The text, cut where it is too long (then a list: the text and 1); None where there is none to show."""
    if marked(leaf):
        return None
    text = seen.get("text") or seen.get("error")
    if not isinstance(text, str):
        return None
    return text if len(text) <= LONGEST else [text[:LONGEST], 1]


_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def data_block(value: Any) -> Markup:
    """JSON that may stand in a script element: nothing in it can end the element or begin a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.translate(_ESCAPES))
