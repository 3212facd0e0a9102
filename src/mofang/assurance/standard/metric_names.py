"""The metrics that checks may ask for, and what can be said with each; what they compute is registered with the
figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

RISKS = frozenset({"each_risk"})
CODES = frozenset({"each_risk", "each_aspect"})
SOURCES = frozenset({"each_source", "each_modality", "each_language_modality"})
CODED = frozenset({"risk", "groups"})


@dataclass(frozen=True, slots=True)
class Shape:
    """What a check with this metric may say: its ``statistic``, the ``params`` it may narrow by (None: any,
    they only describe), those it ``needs``, the ``scopes`` it can go over; ``drawn`` where it rests on a
    sample that a judge has judged."""

    statistic: str
    params: frozenset[str] | None = frozenset()
    needs: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    drawn: bool = False


SHAPES: Mapping[str, Shape] = {
    "clauses_without_result": Shape("count"),
    "days_since_update": Shape("days", CODED | {"of"}),
    "document_attached": Shape("presence", None),
    "documents_present": Shape("presence", frozenset({"of"}), scopes=SOURCES),
    "dual_role_count": Shape("count", scopes=frozenset({"each_task"})),
    "filtered_share": Shape("proportion", scopes=SOURCES),
    "foreign_share": Shape("proportion", frozenset({"method"}), scopes=SOURCES),
    "illegal_share": Shape("proportion", frozenset({"stage"}), scopes=SOURCES),
    "keyword_count": Shape("count", CODED, scopes=RISKS),
    "pass_rate": Shape("proportion", CODED | {"kind"}, frozenset({"kind"}), CODES, drawn=True),
    "question_count": Shape("count", CODED | {"kind"}, frozenset({"kind"}), CODES),
    "refusal_rate": Shape("proportion", CODED | {"kind"}, frozenset({"kind"}), CODES, drawn=True),
    "reviewed_share": Shape("proportion", frozenset({"of"}), scopes=frozenset({"each_task"})),
    "risks_with_rule": Shape("count", frozenset({"of"})),
    "signatures": Shape("count"),
    "source_count": Shape("count", scopes=SOURCES),
}

METRIC_NAMES = frozenset(SHAPES)

ANSWERS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "illegal_share": {"stage": ("before", "after")},
    "documents_present": {"of": ("origin", "personal_information")},
    "days_since_update": {"of": ("keywords", "content", "should_refuse", "should_not_refuse")},
    "pass_rate": {"kind": ("content", "should_refuse", "should_not_refuse", "corpus")},
    "refusal_rate": {"kind": ("content", "should_refuse", "should_not_refuse")},
    "question_count": {"kind": ("content", "should_refuse", "should_not_refuse")},
}
"""The words a param may have, where they are few."""
