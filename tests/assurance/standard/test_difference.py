from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mofang.assurance.standard.difference import Difference, compare_packs
from mofang.assurance.standard.pack import load_pack
from mofang.assurance.standard.schema import Check, Clause, Pack

OLD, NEW, MLC = map(load_pack, ("cn_tc260_003_2024", "cn_gbt_45654_2025", "mlc_ailuminate"))


def with_check(id: str, **fields: Any) -> Pack:
    return replace(NEW, checks=tuple(replace(c, **fields) if c.id == id else c for c in NEW.checks))


def only(old: Pack, new: Pack) -> Difference:
    (found,) = compare_packs(old, new).differences
    return found


def test_equal_packs_do_not_differ() -> None:
    assert compare_packs(NEW, NEW).differences == ()


@pytest.mark.parametrize(
    ("id", "fields", "again"),
    [
        ("EV-G2", {"value": "0.92"}, "decide"),
        ("EV-G2", {"force": "should"}, "decide"),
        ("EV-G2", {"until": "2027-01-01"}, "decide"),
        ("EV-G2", {"sample_min": 2000}, "draw"),
        ("EV-G2", {"sample_min": 500}, "decide"),
        ("EV-G2", {"sample_min": None}, "decide"),
        ("EV-C2", {"sample_share": "0.2"}, "draw"),
        ("EV-G2", {"judge": "model"}, "measure"),
        ("EV-G2", {"estimator": "stratified_equal"}, "measure"),
        ("EV-G2", {"level": "0.99"}, "measure"),
        ("TB-2a", {"params": {"kind": "content", "groups": ["A.1"]}}, "measure"),
        ("EV-G2", {"note": {"zh": "甲", "en": "a"}}, None),
        ("EV-G2", {"confidence": "H"}, None),
    ],
)
def test_what_a_change_asks_of_an_assessment(id: str, fields: dict[str, Any], again: str | None) -> None:
    found = only(NEW, with_check(id, **fields))
    assert (found.noun, found.id, found.state, found.again) == ("check", id, "changed", again)
    assert [change.field for change in found.changes] == list(fields)


def test_thresholds_come_first() -> None:
    found = only(NEW, with_check("EV-G2", value="0.92", note=None, force="should"))
    assert [change.field for change in found.changes] == ["value", "force", "note"]
    changed = with_check("EV-R1", value="0.98")
    changed = replace(changed, checks=tuple(replace(c, confidence="H") for c in changed.checks))
    assert compare_packs(NEW, changed).differences[0].id == "EV-R1"


def test_added_and_removed_rules() -> None:
    found = compare_packs(OLD, NEW)
    added = {(one.noun, one.id): one.again for one in found.differences if one.state == "added"}
    assert added == {
        ("check", "MOD-6-doc"): "measure", ("check", "SVC-8-doc"): "measure",
        ("clause", "MOD-6"): None, ("clause", "SVC-8"): None,
    }  # fmt: skip
    back = compare_packs(NEW, OLD)
    assert {one.id for one in back.differences if one.state == "removed"} == {one for _noun, one in added}
    assert (found.again("draw"), found.again("decide")) == ((), ("MOD-1-doc",))
    fewer = replace(NEW, checks=tuple(c for c in NEW.checks if c.id != "EV-G2"))
    assert only(fewer, NEW).again == "draw"


def test_other_risk_codes_ask_for_other_rates() -> None:
    without = replace(NEW, risks=NEW.risks[1:])
    found = compare_packs(without, NEW)
    assert [(one.noun, one.id) for one in found.differences if one.state == "added"] == [("risk", "A.1.a")]
    assert {"TB-2a", "EV-G2", "KW-2a"} <= set(found.again("measure"))
    assert "SRC-2" not in found.again("measure")


def test_packs_that_have_nothing_in_common_can_be_compared() -> None:
    found = compare_packs(NEW, MLC)
    states = {one.state for one in found.differences if one.noun in ("check", "clause", "risk")}
    assert states == {"added", "removed"}
    assert {"old", "new", "differences", "again"} == set(found.wire())


def test_every_field_is_compared_in_some_order() -> None:
    from mofang.assurance.standard import difference

    assert set(difference.CHECK_ORDER) == set(Check.__dataclass_fields__) - {"id"}
    assert set(difference.CLAUSE_ORDER) == set(Clause.__dataclass_fields__) - {"id"}
