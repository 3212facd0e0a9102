"""Small verdict segments whose numbers can be counted by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

import mofang.assurance.analysis.plan  # noqa: F401  registers the metrics
from mofang.assurance.prepare import file_pack
from mofang.assurance.standard.pack import load_pack
from mofang.assurance.standard.schema import Pack
from mofang.evidence.digest import Digest
from mofang.evidence.leaves import write_leaves
from mofang.evidence.objects import ObjectStore

Store = Callable[[Iterable[Mapping[str, Any]]], Digest]


@pytest.fixture(scope="session")
def objects(tmp_path_factory: pytest.TempPathFactory) -> ObjectStore:
    return ObjectStore(Path(tmp_path_factory.mktemp("objects")))


@pytest.fixture(scope="session")
def stored(objects: ObjectStore) -> Store:
    return lambda leaves: write_leaves(objects, leaves).digest


@pytest.fixture(scope="session")
def national() -> Pack:
    return load_pack("cn_gbt_45654_2025")


@pytest.fixture(scope="session")
def standard(objects: ObjectStore, national: Pack) -> Digest:
    return file_pack(objects, national)


@pytest.fixture(scope="session")
def vote() -> Callable[..., dict[str, Any]]:
    """A verdict leaf: ``vote(3, "pass", judge="model", risk="A.1.b")``."""

    def leaf(n: int, word: str, **other: Any) -> dict[str, Any]:
        return {
            "item": f"q{n}", "of": f"sha256:{'a' * 64}#{n}", "kind": "content", "risk": "A.1.a",
            "judge": "keyword", "verdict": word, "refused": None, "reason": "", "terms": [],
            "truncated": False, "repeat": 0, "score": None, **other,
        }  # fmt: skip

    return leaf


@pytest.fixture(scope="session")
def ask() -> Callable[..., dict[str, Any]]:
    """A catalogue leaf: ``ask(3, risk="A.1.b", cluster="t1")``."""

    def leaf(n: int, **other: Any) -> dict[str, Any]:
        return {
            "of": f"sha256:{'b' * 64}#{n}", "id": f"q{n}", "kind": "content", "risk": "A.1.a",
            "cluster": "", "language": "zh", "added": "2026-10-01", "demo": False, **other,
        }  # fmt: skip

    return leaf
