from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.compute.graph import Node, action_key, expand
from mofang.compute.kinds import JobKind
from mofang.errors import MofangError
from mofang.evidence.digest import sha256_bytes

NUMBERS = Node("numbers", "sums.number", items=({"n": 1}, {"n": 2}))
DOUBLES = Node("doubles", "sums.double", inputs={"value": "numbers:value"}, each=("value",))
TOTAL = Node("total", "sums.total", inputs={"values": "doubles:value"})


def test_items_and_elements_become_jobs() -> None:
    jobs = expand([NUMBERS, DOUBLES, TOTAL])
    assert list(jobs) == ["numbers[0]", "numbers[1]", "doubles[0]", "doubles[1]", "total"]
    assert jobs["doubles[1]"].needs == {"numbers[1]"}
    assert jobs["total"].needs == {"doubles[0]", "doubles[1]"}
    assert jobs["numbers[1]"].params["item"] == {"n": 2}


def test_an_expanded_node_of_no_items_has_no_jobs() -> None:
    jobs = expand([Node("numbers", "sums.number", items=()), TOTAL_OF_NUMBERS])
    assert list(jobs) == ["total"]


TOTAL_OF_NUMBERS = Node("total", "sums.total", inputs={"values": "numbers:value"})


@pytest.mark.parametrize("ref", ["nobody:value", "numbers:weight", "numbers"])
def test_an_input_that_nobody_makes_is_refused(ref: str) -> None:
    with pytest.raises(ValueError, match="which no earlier node makes"):
        expand([NUMBERS, Node("total", "sums.total", inputs={"values": ref})])


def test_a_name_stands_once() -> None:
    with pytest.raises(ValueError, match="two nodes are called numbers"):
        expand([NUMBERS, NUMBERS])


def test_elements_of_different_lengths_are_refused() -> None:
    three = Node("three", "sums.number", items=({"n": 1}, {"n": 2}, {"n": 3}))
    both = Node("both", "sums.total", inputs={"a": "numbers:value", "b": "three:value"}, each=("a", "b"))
    with pytest.raises(ValueError, match="different lengths"):
        expand([NUMBERS, three, both])


def test_an_unknown_kind_offers_the_nearest() -> None:
    with pytest.raises(MofangError) as error:
        expand([Node("n", "sums.nomber")])
    assert "sums.number" in (error.value.remedy or "")


KIND = JobKind("sums.number", 1, "pure", "sums:number", ("value",))
PARQUET = JobKind("sums.number", 1, "pure", "sums:number", ("value",), parquet=True)


def test_the_key_is_pinned() -> None:
    key = action_key(KIND, {"n": 1}, {"a": sha256_bytes(b"a")}, "26.0.1")
    assert key == sha256_bytes(
        b'{"inputs":{"a":"sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"},'
        b'"kind":"sums.number","params":{"n":1},"version":1}'
    )


def test_only_parquet_writers_depend_on_the_writer() -> None:
    assert action_key(KIND, {}, {}, "1") == action_key(KIND, {}, {}, "2")
    assert action_key(PARQUET, {}, {}, "1") != action_key(PARQUET, {}, {}, "2")


def test_a_float_is_no_parameter() -> None:
    with pytest.raises(MofangError):
        action_key(KIND, {"threshold": 0.9}, {}, None)


@given(st.dictionaries(st.text(max_size=5), st.integers(-9, 9) | st.text(max_size=5), max_size=5))
def test_the_key_does_not_depend_on_the_order_of_parameters(params: dict[str, int | str]) -> None:
    shuffled = dict(reversed(params.items()))
    assert action_key(KIND, params, {}, None) == action_key(KIND, shuffled, {}, None)


def test_what_a_task_alone_may_see_stands_in_no_repr() -> None:
    node = Node("numbers", "sums.number", items=({"n": 1},), locations={"key": "very secret"})
    (job,) = expand([node]).values()
    assert "very secret" not in repr(node)
    assert "very secret" not in repr(job)
