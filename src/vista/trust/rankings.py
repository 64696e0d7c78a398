"""The ranks of all items around some queries, in the representation or on the map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.metrics import MetricSpace
from vista.metrics.space import Rows

BLOCK_LIMIT_BYTES = 128 << 20  # of sort keys
WHOLE_LIMIT_BYTES = 256 << 20  # of the keys of all items around all, where each pair of them is multiplied once
KEY_BITS = 64
SPARE_BITS = 1  # above the steps, so that no item comes near the key of the query itself

Ranks = NDArray[Any]  # (n_queries, n_items) uint16 or uint32: 1 for the nearest, n_items for the query itself


def rank_bytes(n: int) -> int:
    """Return the bytes that one rank takes among `n` items."""
    return 2 if n <= np.iinfo(np.uint16).max else 4


def rank_items(space: MetricSpace, queries: NDArray[np.int64]) -> Ranks:
    """Rank all items around each query by precise distance, equal distances by row.

    Takes a sort of n numbers a query, shared among the cores.
    """
    ranks = _empty_ranks(space, queries)
    for rows, part in _parts(space, queries):
        _fill_ranks(space.steps(rows), space.most_steps, queries[part], ranks[part])
    return ranks


def rank_items_twice(space: MetricSpace, queries: NDArray[np.int64]) -> tuple[Ranks, Ranks]:
    """Rank all items around each query under the latent metric, and under its cosine alone; products are taken once for both."""
    ranks, by_cosine, cosine = _empty_ranks(space, queries), _empty_ranks(space, queries), space.without_term()
    for rows, part in _parts(space, queries):
        steps = cosine.steps(rows)
        _fill_ranks(space.steps_with_term(steps, rows), space.most_steps, queries[part], ranks[part])
        _fill_ranks(steps, cosine.most_steps, queries[part], by_cosine[part])
    return ranks, by_cosine


def _empty_ranks(space: MetricSpace, queries: NDArray[np.int64]) -> Ranks:
    return np.empty((len(queries), space.n_items), np.uint16 if rank_bytes(space.n_items) == 2 else np.uint32)


def _parts(space: MetricSpace, queries: NDArray[np.int64]) -> Iterator[tuple[Rows, slice]]:
    """Cut the queries into blocks whose sort keys fit into memory, with the place of each."""
    n = space.n_items
    if not isinstance(space.vectors, np.ndarray) and 8 * n * n <= WHOLE_LIMIT_BYTES and np.array_equal(queries, np.arange(n)):
        yield slice(None), slice(None)
        return
    done = 0
    for block in space.query_blocks(queries, limit_bytes=BLOCK_LIMIT_BYTES):
        yield block, slice(done, done + len(block))
        done += len(block)


def _fill_ranks(steps: NDArray[np.float64], most_steps: float, queries: NDArray[np.int64], ranks: Ranks) -> None:
    from vista.kernels.ranks import fill_keys, fill_ranks, level_keys
    from vista.kernels.threads import over_rows

    index_bits = (steps.shape[1] - 1).bit_length()
    coarsening = min(1.0, 2.0 ** (KEY_BITS - index_bits - SPARE_BITS) / most_steps)
    keys = steps.view(np.uint64)  # each key takes the place of its number of steps
    leveled = np.empty(len(queries), np.bool_)

    def rank_rows(start: int, stop: int) -> None:
        fill_keys(steps, queries, coarsening, index_bits, keys, start, stop)
        keys[start:stop].sort(axis=1)
        level_keys(keys, index_bits, leveled, start, stop)
        for row in start + np.flatnonzero(leveled[start:stop]):
            keys[row].sort()
        fill_ranks(keys, queries, index_bits, ranks, start, stop)

    over_rows(len(queries), rank_rows)
