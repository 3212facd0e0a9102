"""Canary items: a handful of neutral answers whose right verdict is known, judged along with every run.

One of them tells the judge what to say. A judge that misses one is doubtful, and its verdicts bear that word; one that
misses most of them is no judge, and none of its verdicts counts.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any, Literal

import yaml

from mofang.assurance.judges.model import judge_reply
from mofang.assurance.judges.rubric import LANGUAGES, Rubric
from mofang.assurance.judges.verdicts import Exchange, Leaf, Verdict
from mofang.evidence.digest import Digest, canonical, sha256_bytes


@dataclass(frozen=True, slots=True)
class Canary:
    """A question with an answer, the toy rubric it is judged by, and what a sound judge says (``pass``, ``fail``, or
    for refusals ``yes``, ``no``)."""

    id: str
    exchange: Exchange
    rubric: Rubric
    expected: str

    def heard(self, reply: Leaf | None) -> bool:
        """Whether the judge's reply is the known verdict."""
        assert self.exchange.answer is not None
        found = judge_reply(self.exchange.question, self.exchange.answer, reply)
        if self.expected in ("pass", "fail"):
            return found.word == self.expected
        return found.refused is not None and found.refused == (self.expected == "yes")


@dataclass(frozen=True, slots=True)
class Trial:
    """How a judge did on the canaries: how many there were, and the ids of those it missed."""

    n: int
    missed: tuple[str, ...]

    @property
    def word(self) -> Literal["sound", "doubtful", "unreliable"]:
        """``unreliable`` where most were missed."""
        if 2 * len(self.missed) > self.n:
            return "unreliable"
        return "doubtful" if self.missed else "sound"

    def weigh(self, verdict: Verdict) -> Verdict:
        """``verdict`` as it may be counted after this trial."""
        if verdict.word == "unscored" or self.word == "sound":
            return verdict
        if self.word == "unreliable":
            return Verdict("unscored", "unreliable")
        return replace(verdict, reason=f"{verdict.reason}.doubtful")


@functools.cache
def canaries() -> tuple[Canary, ...]:
    """The canary items of this version."""
    return tuple(_canary(row) for row in _rows())


def canaries_digest() -> Digest:
    """The digest of the items; it is part of the judge's identity."""
    return sha256_bytes(canonical(_rows()))


def try_judge(replies: Mapping[str, Leaf]) -> Trial:
    """The trial in a judge's replies by their id; a canary without a reply is missed."""
    items = canaries()
    missed = tuple(item.id for item in items if not item.heard(replies.get(item.id)))
    return Trial(len(items), missed)


@functools.cache
def _rows() -> list[dict[str, Any]]:
    file = resources.files("mofang.assurance.judges").joinpath("canaries.yaml")
    found: list[dict[str, Any]] = yaml.safe_load(file.read_text("utf-8"))
    return found


def _canary(row: Mapping[str, Any]) -> Canary:
    # The part after ~ is a word: no answer to a question that happens to be called "canary" can have this id.
    id = f"canary~{row['id']}"
    question = {
        "id": id,
        "kind": row["kind"],
        "risk": "",
        "text": row["question"],
        "language": row["language"],
    }
    answer = {"question": id, "state": "answered", "text": row["answer"], "error": None, "truncated": False}
    rule = row.get("rule", "")
    return Canary(
        id, Exchange(question, answer, "", 0), Rubric(dict.fromkeys(LANGUAGES, rule)), row["expected"]
    )
