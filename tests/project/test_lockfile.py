from __future__ import annotations

import json
from pathlib import Path

import pytest

from mofang.compute.run import Run, Settled
from mofang.errors import MofangError
from mofang.evidence.digest import sha256_bytes
from mofang.project.lockfile import lock_text, read_lock, write_lock

DIGEST = sha256_bytes(b"x")
RUN = Run(
    {
        "b": Settled("b", "done", DIGEST, outputs={"z": DIGEST, "a": DIGEST}),
        "a": Settled("a", "reused", DIGEST, outputs={"one": DIGEST}),
        "c": Settled("c", "failed", DIGEST),
        "d": Settled("d", "skipped"),
    }
)


def test_what_was_made_in_the_order_of_names() -> None:
    head, *lines = [json.loads(line) for line in lock_text(RUN, {"standard": "s"}).splitlines()]
    assert head == {"lock": 1, "standard": "s"}
    assert [line["job"] for line in lines] == ["a", "b"]
    assert list(lines[1]["outputs"]) == ["a", "z"]


def test_an_unchanged_lock_is_not_written_again(tmp_path: Path) -> None:
    path = write_lock(tmp_path, RUN, {})
    before = path.stat().st_mtime_ns, path.stat().st_ino
    assert write_lock(tmp_path, RUN, {}) == path
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before
    assert set(read_lock(tmp_path)) == {"a", "b"}


def test_none_and_a_damaged_one(tmp_path: Path) -> None:
    assert read_lock(tmp_path) == {}
    for text in ("not json", "{}\n{}", "{}\n[]"):
        (tmp_path / "mofang.lock").write_text(text, encoding="utf-8")
        with pytest.raises(MofangError, match="not a lock file"):
            read_lock(tmp_path)
