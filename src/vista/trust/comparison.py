"""Counting what the rankings of the representation and of the map have in common.

Queries are taken in blocks whose ranks fit into memory. The shuffled maps of the null need no distances of their own:
a permutation π of the items that maps a block of queries onto itself turns the ranks r(i, j) into r(π(i), π(j)).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vista.metrics import MetricSpace
from vista.trust.rankings import Ranks, rank_bytes, rank_items, rank_items_twice

if TYPE_CHECKING:
    from vista.trust.figures import Sizes

RANKS_LIMIT_BYTES = 400 << 20

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Counts over all queries.

    Attributes:
        histogram: (n + 1,) how many (query, item) pairs have this larger rank, for 1 … n − 1.
        cosine: (n + 1,) the same where the representation is taken under the cosine of a latent metric; zeros under other metrics.
        shuffled: (n_permutations, n + 1) the same for the shuffled maps.
        overlaps: (n_queries, n_k) neighbors that both sides share.
        intrusions: (n_k,) Σ (rank in the representation − k) over false neighbors.
        extrusions: (n_k,) Σ (rank on the map − k) over missing neighbors.
    """

    histogram: Counts
    cosine: Counts
    shuffled: Counts
    overlaps: Counts
    intrusions: Counts
    extrusions: Counts


def compare_rankings(
    space: MetricSpace,
    plane: MetricSpace,
    queries: NDArray[np.int64],
    sizes: Sizes,
    *,
    n_permutations: int,
    rng: np.random.Generator,
    advance: Callable[[int], None],
) -> Comparison:
    """Rank all items around every query on both sides, and count.

    Args:
        space: The representation.
        plane: The map, euclidean.
        queries: (n_queries,) the items asked, in random order unless all fit into one block; then all in theirs are fastest.
        sizes: (n_k,) neighborhood sizes.
        n_permutations: Number of shuffled maps.
        rng: Where the permutations come from.
        advance: Told the number of queries done.
    """
    n = space.n_items
    counts = Comparison(
        histogram=np.zeros(n + 1, np.int64),
        cosine=np.zeros(n + 1, np.int64),
        shuffled=np.zeros((n_permutations, n + 1), np.int64),
        overlaps=np.zeros((len(queries), len(sizes)), np.int64),
        intrusions=np.zeros(len(sizes), np.int64),
        extrusions=np.zeros(len(sizes), np.int64),
    )
    for rows in _blocks(len(queries), n):
        _compare_block(space, plane, queries[rows], sizes, counts, rows, rng)
        advance(rows.stop - rows.start)
    return counts


def _compare_block(
    space: MetricSpace,
    plane: MetricSpace,
    block: NDArray[np.int64],
    sizes: Sizes,
    counts: Comparison,
    rows: slice,
    rng: np.random.Generator,
) -> None:
    drawn = rank_items(plane, block)
    if space.term is None:
        near = rank_items(space, block)
    else:
        near, by_cosine = rank_items_twice(space, block)
        _count_shuffled(by_cosine, drawn, np.arange(len(block)), np.arange(space.n_items, dtype=np.uint32), counts.cosine)
    _count(near, drawn, sizes, counts, rows)
    for histogram in counts.shuffled:
        _count_shuffled(near, drawn, *_permutation(block, space.n_items, rng), histogram)


def _blocks(n_queries: int, n: int) -> Iterator[slice]:
    n_rows = max(1, RANKS_LIMIT_BYTES // (2 * rank_bytes(n) * max(1, n)))
    for start in range(0, n_queries, n_rows):
        yield slice(start, min(start + n_rows, n_queries))


def _count(near: Ranks, drawn: Ranks, sizes: Sizes, counts: Comparison, rows: slice) -> None:
    from vista.kernels.ranks import compare_ranks
    from vista.kernels.threads import over_rows

    shape = (len(near), len(sizes))
    overlaps, intrusions, extrusions = counts.overlaps[rows], np.empty(shape, np.int64), np.empty(shape, np.int64)

    def count(start: int, stop: int, histogram: Counts) -> None:
        room = np.empty((3, len(histogram)), np.int64)
        compare_ranks(near, drawn, sizes, histogram, overlaps, intrusions, extrusions, room, start, stop)

    over_rows(len(near), _summing(count, counts.histogram))
    counts.intrusions[:] += intrusions.sum(axis=0)
    counts.extrusions[:] += extrusions.sum(axis=0)


def _count_shuffled(near: Ranks, drawn: Ranks, rows: NDArray[np.int64], columns: NDArray[np.uint32], histogram: Counts) -> None:
    from vista.kernels.ranks import count_shuffled
    from vista.kernels.threads import over_rows

    over_rows(
        len(near),
        _summing(lambda start, stop, part: count_shuffled(near, drawn, rows, columns, part, start, stop), histogram),
    )


def _summing(count: Callable[[int, int, Counts], None], total: Counts) -> Callable[[int, int], None]:
    """Let each thread count into an array of its own, added to `total` at its end; whole numbers add up in any order."""
    lock = Lock()

    def work(start: int, stop: int) -> None:
        part = np.zeros_like(total)
        count(start, stop, part)
        with lock:
            np.add(total, part, out=total)

    return work


def _permutation(block: NDArray[np.int64], n: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Return a random π that maps the block onto itself: the row of the block that holds π(i), and π of all items."""
    rows = rng.permutation(len(block))
    columns = np.empty(n, np.uint32)
    columns[block] = block[rows]
    others = np.setdiff1d(np.arange(n), block)
    columns[others] = rng.permutation(others)
    return rows, columns
