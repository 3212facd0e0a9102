"""Attaching documents: what is refused, what replaces what, what stays in the history."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from mofang.assurance import attach as attaching
from mofang.assurance.attach import ATTACHMENT, attach, attachment_list, current_attachments, history
from mofang.assurance.errors import AttachmentError
from mofang.assurance.standard.schema import Pack
from mofang.errors import MofangError
from mofang.evidence.leaves import read_leaves
from mofang.evidence.workspace import Workspace


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    file = tmp_path / "许可 合同.pdf"
    file.write_bytes(b"%PDF-1.7 first")
    return file


def put(ws: Workspace, pack: Pack, file: Path, clause: str = "SRC-5", **more: Any) -> attaching.Attachment:
    with ws.lock("attach"):
        return attach(ws, pack, clause, file, **({"owner": "李工", "date": "2026-10-01"} | more))


def test_the_file_and_the_fact_are_recorded(ws: Workspace, pack: Pack, paper: Path) -> None:
    made = put(ws, pack, paper, expires="2027-10-01", claimed_by="合规专员")
    assert ws.objects.get(made.digest) == b"%PDF-1.7 first"
    assert made.statement is not None
    statement = ws.statement(made.statement)
    assert statement.predicate_type == ATTACHMENT
    assert dict(statement.predicate) == {
        "standard": pack.id,
        "clause": "SRC-5",
        "file": "许可 合同.pdf",
        "media_type": "application/pdf",
        "owner": "李工",
        "date": "2026-10-01",
        "expires": "2027-10-01",
        "claimed_by": "合规专员",
    }
    assert current_attachments(ws, pack.id) == [made]
    assert [ref.digest for ref in ws.refs.list("attachments")] == [made.digest]


def test_a_newer_file_of_the_same_name_replaces_the_older(ws: Workspace, pack: Pack, paper: Path) -> None:
    first = put(ws, pack, paper)
    paper.write_bytes(b"%PDF-1.7 second")
    second = put(ws, pack, paper, date="2026-10-02")
    other = put(ws, pack, paper, clause="SRC-1")
    assert current_attachments(ws, pack.id) == [other, second]
    assert history(ws, pack.id) == [first, second, other]
    assert ws.objects.has(first.digest)


def test_attachments_of_another_standard_are_not_ours(ws: Workspace, pack: Pack, paper: Path) -> None:
    put(ws, pack, paper)
    assert current_attachments(ws, "cn_tc260_003_2024") == []


def test_a_withdrawn_file_is_no_longer_current(ws: Workspace, pack: Pack, paper: Path) -> None:
    made = put(ws, pack, paper)
    ws.objects.remove(made.digest)
    assert current_attachments(ws, pack.id) == []
    assert history(ws, pack.id) == [made]


def test_the_list_is_an_artifact(ws: Workspace, pack: Pack, paper: Path) -> None:
    made = put(ws, pack, paper)
    segment = attachment_list(ws.objects, current_attachments(ws, pack.id))
    assert list(read_leaves(ws.objects, segment.digest)) == [
        {**made.wire(), "digest": made.digest, "statement": made.statement}
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"owner": "  "}, "an attachment has an owner"),
        ({"date": "2026-13-01"}, "'2026-13-01' is not a date"),
        ({"date": "20261001"}, "'20261001' is not a date"),
        ({"date": "yesterday"}, "'yesterday' is not a date"),
        ({"expires": "2026-09-30"}, "the document expired on 2026-09-30"),
        ({"expires": "2026-10-31", "as_of": "2026-11-01"}, "the document expired on 2026-10-31"),
    ],
)
def test_what_cannot_hold_is_refused(
    ws: Workspace, pack: Pack, paper: Path, change: dict[str, str], message: str
) -> None:
    with pytest.raises(AttachmentError) as caught:
        put(ws, pack, paper, **change)
    assert caught.value.message == message
    assert caught.value.remedy
    assert history(ws, pack.id) == []


def test_missing_empty_and_oversize_files_are_refused(ws: Workspace, pack: Pack, tmp_path: Path) -> None:
    empty, large = tmp_path / "empty.pdf", tmp_path / "large.pdf"
    empty.touch()
    large.touch()
    os.truncate(large, attaching.MOST_BYTES + 1)
    for file, message in (
        (tmp_path / "absent.pdf", "there is no such file"),
        (tmp_path, "there is no such file"),
        (empty, "the file is empty"),
        (large, "the file has 52428801 bytes, more than 52428800"),
    ):
        with pytest.raises(AttachmentError) as caught:
            put(ws, pack, file)
        assert (caught.value.message, caught.value.where) == (message, str(file))


def test_an_unknown_clause_names_the_nearest(ws: Workspace, pack: Pack, paper: Path) -> None:
    with pytest.raises(MofangError) as caught:
        put(ws, pack, paper, clause="SRC-55")
    assert "SRC-5" in str(caught.value.remedy)
