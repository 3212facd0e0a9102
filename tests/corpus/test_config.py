"""Declarations are checked when they are built."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mofang.corpus.config import CorpusConfig, Policy, Source
from mofang.errors import MofangError


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "Upper"},
        {"id": ""},
        {"id": "a/b"},
        {"path": " "},
        {"licence": ""},
        {"origin": "elsewhere"},
        {"method": "found"},
        {"modality": "image"},
        {"personal_information": ""},
    ],
)
def test_a_wrong_source_says_what_to_write(declare: Callable[..., Source], wrong: dict[str, str]) -> None:
    with pytest.raises(MofangError) as error:
        declare(**wrong)
    assert next(iter(wrong)) in error.value.message
    assert error.value.remedy


@pytest.mark.parametrize(
    "wrong", [{"min_chars": -1}, {"max_listed_terms": -1}, {"redact": ("name",)}, {"drop_risks": ("",)}]
)
def test_a_wrong_policy_says_what_to_write(wrong: dict[str, Any]) -> None:
    with pytest.raises(MofangError) as error:
        Policy(**wrong)
    assert error.value.remedy


def test_a_wrong_role_and_a_double_source_are_refused(declare: Callable[..., Source]) -> None:
    with pytest.raises(MofangError, match="role"):
        CorpusConfig(role="training")
    with pytest.raises(MofangError, match="two sources"):
        CorpusConfig((declare(), declare()))


def test_a_policy_survives_its_wire_form() -> None:
    policy = Policy(7, ("email", "mobile"), ("A.1.f", "A.1.a"), 1, False)
    assert Policy.parse(policy.wire()).wire() == policy.wire()
    assert Policy.parse(policy.wire()).redact == ("email", "mobile")
