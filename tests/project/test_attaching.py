from __future__ import annotations

from pathlib import Path

import pytest

from mofang.errors import MofangError
from mofang.project.attaching import attach_document
from mofang.project.file import load
from mofang.project.running import run_project


def conclusion(folder: Path, clause: str) -> str:
    findings = run_project(load(folder)).findings
    assert findings
    return next(str(one["conclusion"]) for one in findings["clauses"] if one["id"] == clause)


def test_a_document_changes_its_clause_until_it_expires(service: Path) -> None:
    assert conclusion(service, "SVC-6") == "waits_document"
    rule = service / "rule.md"
    rule.write_text("投诉规则", encoding="utf-8")
    made = attach_document(load(service), "SVC-6", rule, owner="客服部", expires="2026-11-01")
    assert (made.date, made.claimed_by) == ("2026-11-01", "客服部")
    assert conclusion(service, "SVC-6") == "meets"
    file = service / "mofang.yaml"
    file.write_text(file.read_text("utf-8").replace("2026-11-01", "2026-11-02"), encoding="utf-8")
    assert conclusion(service, "SVC-6") == "waits_document"


def test_it_may_come_before_the_first_run(service: Path) -> None:
    rule = service / "rule.md"
    rule.write_text("投诉规则", encoding="utf-8")
    attach_document(load(service), "SVC-6", rule, owner="客服部")
    assert conclusion(service, "SVC-6") == "meets"


def test_a_project_without_a_standard(corpus: Path) -> None:
    with pytest.raises(MofangError, match="names no standard"):
        attach_document(load(corpus), "SVC-6", corpus / "data/travel.txt", owner="x")
    assert not (corpus / ".mofang").exists()
