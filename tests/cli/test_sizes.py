from __future__ import annotations

import pytest

from mofang.cli.sizes import columns, human_size


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (2_500_000, "2.5 MB"), (10**12, "1000.0 GB")],
)
def test_bytes_as_people_read_them(count: int, text: str) -> None:
    assert human_size(count) == text


def test_a_chinese_character_takes_two_columns() -> None:
    assert columns("digest") == 6
    assert columns("摘要：") == 6
