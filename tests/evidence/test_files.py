from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mofang.evidence import files
from mofang.evidence.errors import StorageError

InChild = Callable[..., int]


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.endswith(".tmp"))


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    files.write_atomic(path, b"first")
    files.write_atomic(path, b"second")
    assert path.read_bytes() == b"second"
    assert os.listdir(tmp_path) == ["file"]


def test_after_an_error_the_old_file_stands(tmp_path: Path) -> None:
    path = tmp_path / "file"
    files.write_atomic(path, b"first")

    def abandon() -> None:
        with files.AtomicFile(path) as file:
            file.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        abandon()
    assert path.read_bytes() == b"first"
    assert left_over(tmp_path) == []


def test_another_library_may_write_the_file(tmp_path: Path) -> None:
    with files.AtomicFile(tmp_path / "file") as file:
        file.path.write_bytes(b"from elsewhere")
    assert (tmp_path / "file").read_bytes() == b"from elsewhere"


def test_a_private_file_is_private_from_the_start(tmp_path: Path) -> None:
    with files.AtomicFile(tmp_path / "file", mode=0o600) as file:
        assert file.path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


def test_lines_are_appended(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    for line in (b"one", b"", "三".encode()):
        files.append_line(path, line, fsync=False)
    assert list(files.read_lines(path)) == [b"one", b"", "三".encode()]


def test_a_line_holds_no_newline(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="newline"):
        files.append_line(tmp_path / "lines", b"one\ntwo")


@pytest.mark.parametrize("torn", [b"t", b"torn " * 40_000])
def test_a_torn_line_is_no_line_and_is_dropped_by_the_next(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"one\ntwo\n" + torn)
    assert list(files.read_lines(path)) == [b"one", b"two"]
    files.append_line(path, b"three")
    assert path.read_bytes() == b"one\ntwo\nthree\n"


def test_a_file_of_one_torn_line_becomes_empty(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"torn")
    assert files.drop_torn_line(path) == 0
    assert path.read_bytes() == b""
    assert files.drop_torn_line(tmp_path / "none") == 0


def test_a_missing_file_has_no_lines(tmp_path: Path) -> None:
    assert list(files.read_lines(tmp_path / "none")) == []


def test_threads_share_a_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal"

    def write(thread: int) -> None:
        for number in range(50):
            files.append_line(path, f"{thread}:{number}:{'x' * 300}".encode(), fsync=False)

    threads = [threading.Thread(target=write, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = sorted(f"{t}:{n}:{'x' * 300}".encode() for t in range(4) for n in range(50))
    assert sorted(files.read_lines(path)) == expected


def test_a_full_disk_is_named_and_leaves_the_old_file(small_disk: Path) -> None:
    path = small_disk / "file"
    files.write_atomic(path, b"old")
    with pytest.raises(StorageError, match="the disk is full") as caught:
        files.write_atomic(path, b"x" * 1_000_000)
    assert caught.value.where == str(path)
    assert caught.value.remedy is not None
    assert "free some space" in caught.value.remedy
    assert path.read_bytes() == b"old"
    assert left_over(small_disk) == []


def test_a_line_that_does_not_fit_leaves_none(small_disk: Path) -> None:
    path = small_disk / "lines"
    files.append_line(path, b"one")
    with pytest.raises(StorageError, match="the disk is full"):
        files.append_line(path, b"x" * 1_000_000)
    assert path.read_bytes() == b"one\n"


def test_a_read_only_disk_is_named(small_disk: Path, read_only: Callable[[], None]) -> None:
    read_only()
    with pytest.raises(StorageError, match="the file system is read-only"):
        files.write_atomic(small_disk / "file", b"x")
    with pytest.raises(StorageError, match="the file system is read-only"):
        files.append_line(small_disk / "lines", b"x")


def test_a_file_in_place_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder").write_bytes(b"")
    for refused in (
        lambda: files.write_atomic(tmp_path / "folder" / "file", b"x"),
        lambda: files.append_line(tmp_path / "folder" / "lines", b"x"),
        lambda: files.make_folder(tmp_path / "folder" / "inner"),
        lambda: files.remove_file(tmp_path / "folder" / "file"),
    ):
        with pytest.raises(StorageError, match="a file stands where a folder should be") as caught:
            refused()
        assert str(tmp_path / "folder") in str(caught.value.where)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no such file or folder"):
        files.write_atomic(tmp_path / "none" / "file", b"x")


def test_a_place_without_permission_is_named(tmp_path: Path, without_rights: InChild) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def work() -> None:
        for refused in (
            lambda: files.write_atomic(path, b"new"),
            lambda: files.append_line(path, b"new"),
            lambda: files.read_whole(path),
            lambda: list(files.read_lines(path)),
            lambda: files.make_folder(tmp_path / "folder"),
            lambda: files.remove_file(path),
        ):
            with pytest.raises(StorageError, match="no permission") as caught:
                refused()
            assert str(tmp_path) in str(caught.value.where)
            assert caught.value.remedy == "check the owner and mode of this file and of its folders"

    tmp_path.chmod(0o000)
    assert without_rights(work) == 0
    tmp_path.chmod(0o700)
    assert path.read_bytes() == b"old"


def test_removing_says_whether_it_was_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert files.remove_file(tmp_path / "file")
    assert not files.remove_file(tmp_path / "file")


def test_only_the_leftovers_of_dead_processes_are_swept(tmp_path: Path, in_child: InChild) -> None:
    def die() -> None:
        (tmp_path / f".mofang-{os.getpid()}-aa.tmp").write_bytes(b"x")
        (tmp_path / f".mofang-{os.getpid()}-bb.tmp").mkdir()

    assert in_child(die) == 0
    own = tmp_path / f".mofang-{os.getpid()}-cc.tmp"
    for kept in (own, tmp_path / "file.tmp"):
        kept.write_bytes(b"x")
    files.sweep(tmp_path)
    assert sorted(os.listdir(tmp_path)) == sorted([own.name, "file.tmp"])
    files.sweep(tmp_path / "none")


def test_points_are_counted_and_the_process_dies_at_the_one_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_child: InChild
) -> None:
    def work() -> None:
        files.write_atomic(tmp_path / "file", b"x")
        files.append_line(tmp_path / "lines", b"a line")

    monkeypatch.setenv("MOFANG_FAULT_COUNT", str(tmp_path / "points"))
    assert in_child(work) == 0
    points = ["create file", "rename file", "renamed file", "append lines", "appended lines"]
    assert (tmp_path / "points").read_text().splitlines() == points
    for name in ("file", "lines", "points"):
        (tmp_path / name).unlink()
    assert in_child(work, killed_at=4) == files.KILLED
    assert (tmp_path / "points").read_text().splitlines() == points[:4]
    assert (tmp_path / "lines").read_bytes() == b"a li"


def test_a_process_killed_before_the_rename_leaves_the_old_file(tmp_path: Path, in_child: InChild) -> None:
    path = tmp_path / "file"
    files.write_atomic(path, b"old")
    assert in_child(lambda: files.write_atomic(path, b"new"), killed_at=2) == files.KILLED
    assert path.read_bytes() == b"old"
    files.sweep(tmp_path)
    assert os.listdir(tmp_path) == ["file"]
