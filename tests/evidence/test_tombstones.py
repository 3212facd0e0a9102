from __future__ import annotations

import pytest
from journey import Journey

from mofang.evidence.digest import Digest
from mofang.evidence.errors import StatementError
from mofang.evidence.statements import Statement
from mofang.evidence.tombstones import TOMBSTONE, Tombstone, tombstoned, tombstones
from mofang.evidence.withdrawal import withdraw
from mofang.evidence.workspace import Workspace

ID = Digest("sha256:" + "1" * 64)


def test_workspace_without_tombstones(ws: Workspace) -> None:
    assert tombstones(ws) == []
    assert dict(tombstoned(ws)) == {}


def test_tombstones_come_in_order_and_the_newest_counts(journey: Journey) -> None:
    ws, answers = journey.ws, journey.made["answers"]
    first = withdraw(ws, leaves={answers: [1]}, reason="first", request={"kind": "record", "record": "q1"})
    second = withdraw(
        ws,
        artifacts=[journey.made["text"]],
        reason="second",
        request={"kind": "source", "source": "handbook"},
    )
    assert tombstones(ws) == [first, second]
    assert first.n < second.n
    assert dict(tombstoned(ws)) == {answers: first, journey.made["text"]: second}
    assert (first.gone, second.gone) == ((answers,), (journey.made["text"],))


def test_wire_form_is_read_back(journey: Journey) -> None:
    stone = withdraw(
        journey.ws,
        leaves={journey.made["answers"]: [1]},
        reason="x",
        request={"kind": "record", "record": "q1"},
    )
    assert Tombstone.parse(stone.n, stone.statement, journey.ws.statement(stone.statement)) == stone
    assert stone.date == stone.recorded[:10]
    assert len(stone.date) == 10


@pytest.mark.parametrize(
    "predicate",
    [
        {},
        {
            "recorded": "",
            "reason": "",
            "request": {},
            "removed": ["x"],
            "replaced": {},
            "leaves": {},
            "downstream": [],
        },
        {
            "recorded": "",
            "reason": "",
            "request": [],
            "removed": [],
            "replaced": {},
            "leaves": {},
            "downstream": [],
        },
        {
            "recorded": "",
            "reason": "",
            "request": {},
            "removed": [],
            "replaced": {},
            "leaves": {ID: ["x"]},
            "downstream": [],
        },
        {
            "recorded": "",
            "reason": "",
            "request": {},
            "removed": 3,
            "replaced": {},
            "leaves": {},
            "downstream": [],
        },
    ],
)
def test_what_is_no_tombstone_is_refused(predicate: dict[str, object]) -> None:
    with pytest.raises(StatementError):
        Tombstone.parse(1, ID, Statement(TOMBSTONE, (), predicate))
