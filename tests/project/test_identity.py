from __future__ import annotations

from pathlib import Path

import pytest

from mofang.errors import MofangError
from mofang.models.config import EndpointConfig
from mofang.models.identity import declared
from mofang.project.file import load
from mofang.project.identity import check_location, service_facts
from mofang.project.running import run_project
from scripted import ScriptedEndpoint


def change(folder: Path, old: str, new: str) -> None:
    file = folder / "mofang.yaml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_fingerprint_is_taken_once_in_an_assessment(service: Path, endpoint: ScriptedEndpoint) -> None:
    change(service, "location: local", "location: local, identity: fingerprinted")
    report = run_project(load(service))
    assert report.findings
    assert report.findings["service"]["identity"]["level"] == "fingerprinted"
    asked = len(endpoint.chats)
    assert asked > 7  # the canaries beside the questions
    assert run_project(load(service)).executed == 0
    assert len(endpoint.chats) == asked


def test_another_system_prompt_is_another_service(service: Path, endpoint: ScriptedEndpoint) -> None:
    run_project(load(service))
    change(service, "location: local", "location: local, system_prompt: 请简短回答。")
    run_project(load(service))
    assert len(endpoint.chats) == 14


def test_a_key_that_is_not_set_is_named(
    service: Path, endpoint: ScriptedEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    change(service, "location: local", "location: local, key_env: NO_SUCH_KEY")
    (error,) = run_project(load(service)).errors
    assert "NO_SUCH_KEY" in error.diagnostics()
    assert endpoint.chats == []


def test_abroad_only_with_the_projects_word() -> None:
    config = EndpointConfig(endpoint="https://api.example.com/v1", model="m", location="foreign")
    check_location(config, "m", allowed=True)
    with pytest.raises(MofangError, match="is foreign") as caught:
        check_location(config, "m", allowed=False)
    assert caught.value.where == "models.m.location"


def test_the_system_prompt_is_never_printed() -> None:
    config = EndpointConfig(endpoint="embedded", system_prompt="秘密")
    assert "秘密" not in str(service_facts(config, declared(config)))
