from __future__ import annotations

import html
import io
import json
import zipfile

import pytest

from mofang.evidence.leaves import write_leaves
from mofang.evidence.objects import ObjectStore
from mofang.evidence.quotes import fragments, quoting

TEXT = '他说："请不要公开这一段很长的话，好吗？" <b>'


def test_fragments_are_what_no_format_rewrites(objects: ObjectStore) -> None:
    leaves = [
        {"id": "q1", "text": TEXT},
        {"id": "q2", "text": "短"},
        {"of": "sha256:" + "0" * 64},
        {"a": [{"b": TEXT}]},
    ]
    assert fragments(objects, write_leaves(objects, leaves).digest) == {"请不要公开这一段很长的话，好吗？"}
    plain = write_leaves(objects, [{"text": "a long sentence in English " * 9}, {"n": 3, "x": None}])
    assert fragments(objects, plain.digest) == {"a long sentence in English a long senten"}


def office(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f"<w:t>{html.escape(text)}</w:t>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "quotes"),
    [
        (html.escape(TEXT).encode(), True),
        (json.dumps({"said": TEXT}, ensure_ascii=False).encode(), True),
        (office(TEXT), True),
        (office("something else"), False),
        (b"PK\x03\x04 no zip", False),
        ("请不要公开".encode(), False),
        (b"", False),
    ],
)
def test_documents_that_quote(objects: ObjectStore, data: bytes, quotes: bool) -> None:
    wanted = fragments(objects, write_leaves(objects, [{"text": TEXT}]).digest)
    document = objects.put(data)
    assert quoting(objects, [document], wanted) == ({document} if quotes else set())
    assert quoting(objects, [document], set()) == set()
