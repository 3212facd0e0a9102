"""A service frozen for a filing: one digest over its parts, and every later difference by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mofang.errors import MofangError
from mofang.evidence.digest import canonical, sha256_bytes
from mofang.evidence.workspace import Workspace
from mofang.project.file import Loaded, load
from mofang.project.freezing import FREEZE, differences, freeze, frozen, service_now
from scripted import ScriptedEndpoint

Change = Callable[..., Loaded]
MODEL = "model: scripted, location: local, max_tokens: 8"


@pytest.fixture
def change(service: Path) -> Change:
    def rewrite(old: str, new: str) -> Loaded:
        file = service / "mofang.yaml"
        text = file.read_text("utf-8")
        assert text.count(old) == 1, old
        file.write_text(text.replace(old, new), encoding="utf-8")
        return load(service)

    return rewrite


@pytest.mark.parametrize(
    ("before", "now", "named"),
    [
        ({}, {}, []),
        ({"model": "a", "guard": ""}, {"model": "b", "guard": ""}, ["model"]),
        ({"model": "a"}, {"model": "a", "guard": "v2"}, ["guard"]),
        ({"parameters": {"temperature": "0", "seed": 1}}, {"parameters": {"temperature": "1", "seed": 1}},
         ["parameters.temperature"]),
        ({"parameters": {"extra": {"top_p": "1"}}}, {"parameters": {"extra": {}}}, ["parameters.extra.top_p"]),
        ({"b": 1, "a": 1}, {"b": 2, "a": 2}, ["a", "b"]),
    ],
)  # fmt: skip
def test_differences_have_names(before: dict[str, object], now: dict[str, object], named: list[str]) -> None:
    assert differences(before, now) == named


def test_one_digest_over_all_parts(service: Path) -> None:
    made = freeze(load(service), "filing-1", by=" 张三 ")
    assert made.digest == sha256_bytes(canonical(dict(made.parts)))
    assert set(made.parts) == {
        "model",
        "version",
        "endpoint",
        "weights",
        "system_prompt",
        "parameters",
        "guard",
        "lexicon",
        "knowledge",
    }
    ws = Workspace.open(service / ".mofang")
    assert frozen(ws) == [made]
    assert (made.by, made.as_of) == ("张三", "2026-11-01")
    assert ws.refs.get("services", "filing-1") == made.digest


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        (MODEL, "model: another, location: local, max_tokens: 8", "model"),
        (MODEL, MODEL + ", version: '2026-10'", "version"),
        (MODEL, MODEL + ", system_prompt: 请简短回答。", "system_prompt"),
        (MODEL, MODEL + ", temperature: '0.7'", "parameters.temperature"),
        (MODEL, MODEL + ", extra: {top_p: '0.9'}", "parameters.extra.top_p"),
        ("  model: service\n", "  model: service\n  service: {guard: '3.1'}\n", "guard"),
        ("  model: service\n", "  model: service\n  service: {lexicon: '3.1'}\n", "lexicon"),
        ("  model: service\n", "  model: service\n  service: {knowledge: '3.1'}\n", "knowledge"),
    ],
)
def test_whatever_changes_is_named(service: Path, change: Change, old: str, new: str, part: str) -> None:
    freeze(load(service), "filing-1", by="张三")
    assert service_now(load(service))["frozen"]["differs"] == []
    now = service_now(change(old, new))
    assert now["frozen"]["differs"] == [part]
    assert now["frozen"]["digest"] != now["digest"]
    assert "请简短回答" not in str(now)


def test_the_newest_freeze_counts_and_the_same_one_is_made_once(service: Path, change: Change) -> None:
    first = freeze(load(service), "filing-1", by="张三")
    assert freeze(load(service), "filing-1", by="李四") == first
    changed = change(MODEL, MODEL + ", temperature: '0.7'")
    with pytest.raises(MofangError, match="differs in: parameters"):
        freeze(changed, "filing-1", by="张三")
    second = freeze(changed, "filing-2", by="李四")
    assert service_now(changed)["frozen"]["name"] == "filing-2"
    assert [one.name for one in frozen(Workspace.open(service / ".mofang"))] == ["filing-1", "filing-2"]
    assert second.against(first.parts)["differs"] == ["parameters.temperature"]


@pytest.mark.parametrize(
    ("name", "by"), [("", "张三"), (" ", "张三"), ("a/b", "张三"), (".a", "张三"), ("a", " ")]
)
def test_what_cannot_be_frozen_leaves_no_trace(service: Path, name: str, by: str) -> None:
    with pytest.raises(MofangError) as caught:
        freeze(load(service), name, by=by)
    assert caught.value.remedy
    if (service / ".mofang").exists():
        assert Workspace.open(service / ".mofang").ledger.statements(FREEZE) == []


def test_without_a_run_and_without_an_assessment(service: Path, corpus: Path) -> None:
    now = service_now(load(service))
    assert now["frozen"] is None
    assert not (service / ".mofang").exists()
    for call in (lambda: service_now(load(corpus)), lambda: freeze(load(corpus), "a", by="张三")):
        with pytest.raises(MofangError, match="no standard"):
            call()


def test_looking_asks_nobody(service: Path, change: Change, endpoint: ScriptedEndpoint) -> None:
    """A fingerprint is taken when a service is frozen, and only looked up afterwards."""
    loaded = change("location: local", "location: local, identity: fingerprinted")
    service_now(loaded)
    assert endpoint.chats == []
    freeze(loaded, "filing-1", by="张三")
    asked = len(endpoint.chats)
    assert asked > 0
    assert service_now(loaded)["frozen"]["differs"] == []
    assert len(endpoint.chats) == asked
