"""The policy: what decides, and that every reason is kept."""

from __future__ import annotations

from typing import Any

import pytest

from mofang.corpus.config import Policy
from mofang.corpus.policy import Attributes, Reason, decide

POLICY = Policy(min_chars=5, redact=("mobile",), drop_risks=("A.1.f",), max_listed_terms=2)


@pytest.mark.parametrize(
    ("found", "decision", "reasons"),
    [
        ({"chars": 5}, "keep", []),
        ({"chars": 4}, "drop", [("too_short", "min_chars", "4 < 5")]),
        ({"flags": ["undecodable"]}, "drop", [("undecodable", "undecodable", "")]),
        ({"flags": ["boilerplate"]}, "drop", [("boilerplate", "drop_boilerplate", "")]),
        ({"duplicate_of": b"\x01" * 16}, "drop", [("duplicate", "drop_duplicates", "01" * 16)]),
        ({"terms": [("t1", "A.1.a")]}, "keep", [("listed_term", "drop_risks:noted", "A.1.a x1")]),
        ({"terms": [("t1", "A.1.f")]}, "drop", [("listed_term", "drop_risks", "A.1.f x1")]),
        ({"terms": [("t1", "A.1.a")] * 9}, "keep", [("listed_term", "drop_risks:noted", "A.1.a x9")]),
        (
            {"terms": [(f"t{n}", "A.1.a") for n in range(3)]},
            "drop",
            [("listed_term", "max_listed_terms", "3 > 2"), ("listed_term", "drop_risks:noted", "A.1.a x3")],
        ),
        ({"pii": ["mobile", "mobile"]}, "redact", [("personal_information", "redact", "mobile x2")]),
        ({"pii": ["email"]}, "keep", [("personal_information", "redact:noted", "email x1")]),
        (
            {
                "chars": 1,
                "flags": ["undecodable"],
                "duplicate_of": b"\x02" * 16,
                "terms": [("t", "A.1.f")],
                "pii": ["mobile"],
            },
            "drop",
            [
                ("too_short", "min_chars", "1 < 5"),
                ("undecodable", "undecodable", ""),
                ("duplicate", "drop_duplicates", "02" * 16),
                ("listed_term", "drop_risks", "A.1.f x1"),
                ("personal_information", "redact", "mobile x1"),
            ],
        ),
    ],
)
def test_decisions_and_all_reasons(
    found: dict[str, Any], decision: str, reasons: list[tuple[str, str, str]]
) -> None:
    assert decide(Attributes(**{"chars": 99, **found}), POLICY) == (
        decision,
        [Reason(*reason) for reason in reasons],
    )


def test_duplicates_and_boilerplate_may_stay() -> None:
    lenient = Policy(drop_duplicates=False, drop_boilerplate=False)
    decision, reasons = decide(Attributes(99, ["boilerplate"], duplicate_of=b"\x01" * 16), lenient)
    assert decision == "keep"
    assert [reason.rule for reason in reasons] == ["drop_boilerplate:noted", "drop_duplicates:noted"]
