from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from mofang.assurance.banks.replies import Reply, read_replies, reply_id, store_replies
from mofang.assurance.errors import BankError
from mofang.evidence.leaves import read_leaves
from mofang.evidence.objects import ObjectStore

TEXT = "关于这个问题，请以主管部门发布的信息为准，本服务不作评论。"


def test_replies_from_each_kind_of_file(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text(json.dumps({"text": TEXT, "risk": "A.1.a"}) + "\n", encoding="utf-8")
    (tmp_path / "r.csv").write_bytes(f"text,risk\n{TEXT},A.1.a\n".encode("gb18030"))
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["text", "risk"])
    book.active.append([TEXT, "A.1.a"])
    book.save(tmp_path / "r.xlsx")
    want = (Reply(reply_id(TEXT), TEXT, "A.1.a"),)
    assert [read_replies(tmp_path / f"r.{kind}").replies for kind in ("jsonl", "csv", "xlsx")] == [want] * 3
    assert read_replies(tmp_path / "r.csv").notes == (
        "the file is in gb18030, not UTF-8; it was read as that",
    )


def test_bad_rows_are_named_and_the_rest_kept(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    rows = [{"text": TEXT, "id": "a", "added": "2026-11-01"}, {"text": " "}, {"id": "x"}, {"text": "……"}, 3,
            {"text": "一", "added": "1.1.2026"}, {"text": "二", "id": "a"}, {"text": 7}]  # fmt: skip
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n{", encoding="utf-8")
    found = read_replies(path)
    assert [reply.id for reply in found.replies] == ["a"]
    assert [(bad.line, bad.reason.split(":")[0]) for bad in found.bad] == [
        (2, "no text"),
        (3, "no text"),
        (4, "the reply has no letters"),
        (5, "not a JSON object"),
        (6, "added is not a date such as 2026-11-01"),
        (7, "another reply has this id already"),
        (8, "no text"),
        (9, "not JSON"),
    ]
    assert TEXT not in repr(found.bad)


def test_a_file_without_replies_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("text\n\n", encoding="utf-8")
    with pytest.raises(BankError, match="holds no reply"):
        read_replies(path)
    path.write_text("reply\nx\n", encoding="utf-8")
    with pytest.raises(BankError, match="no column text"):
        read_replies(path)


def test_replies_are_stored_as_leaves(tmp_path: Path) -> None:
    objects = ObjectStore(tmp_path / "objects")
    segment = store_replies(objects, [Reply("a", TEXT)])
    assert list(read_leaves(objects, segment.digest)) == [{"id": "a", "text": TEXT, "risk": "", "added": ""}]


def test_equal_letters_are_one_reply() -> None:
    assert reply_id("请看 手册。") == reply_id("请看手册") != reply_id("请看手册一")
