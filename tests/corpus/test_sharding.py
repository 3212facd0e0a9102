"""Shards keep their borders when a file changes, comes or goes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mofang.corpus.measuring import Span
from mofang.corpus.sharding import TARGET, Piece, group

SIZES = st.dictionaries(
    st.integers(0, 400).map(lambda n: f"doc-{n:04}.txt"), st.integers(1, TARGET // 3), max_size=120
)


def pieces(sizes: dict[str, int]) -> list[Piece]:
    return [Piece(path, "plain", size, "sha256:00") for path, size in sorted(sizes.items())]


@given(SIZES)
def test_every_piece_stands_in_one_shard_in_order(sizes: dict[str, int]) -> None:
    shards = list(group(pieces(sizes)))
    assert [piece for shard in shards for piece in shard] == pieces(sizes)
    assert all(sum(piece.size for piece in shard) <= 2 * TARGET for shard in shards)


@settings(max_examples=60)
@given(SIZES, st.integers(0, 400), st.integers(1, TARGET // 3))
def test_one_new_file_touches_the_shards_around_it_alone(
    sizes: dict[str, int], number: int, size: int
) -> None:
    path = f"doc-{number:04}.txt"
    without = {name: each for name, each in sizes.items() if name != path}
    before = list(group(pieces(without)))
    after = list(group(pieces({**without, path: size})))
    assert len(set(after) - set(before)) <= 4
    assert sum(len(shard) for shard in set(after) - set(before)) - 1 == sum(
        len(s) for s in set(before) - set(after)
    )


def test_shards_of_many_small_files_are_about_the_target() -> None:
    shards = list(group(pieces({f"d/{n:05}.txt": 20_000 for n in range(8_000)})))
    sizes = [sum(piece.size for piece in shard) for shard in shards]
    assert 4 <= len(shards) <= 25
    assert max(sizes) <= 2 * TARGET


def test_a_big_file_and_the_spans_of_one_stand_alone() -> None:
    big = Piece("b.txt", "plain", TARGET, "sha256:00")
    cut = Piece("c.jsonl", "lines", 3 * TARGET, "sha256:00", Span(0, TARGET))
    small = [Piece("a.txt", "plain", 1, "sha256:00"), Piece("d.txt", "plain", 1, "sha256:00")]
    assert list(group([small[0], big, cut, small[1]])) == [(small[0],), (big,), (cut,), (small[1],)]
