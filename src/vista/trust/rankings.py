"""The ranks of all items around some queries, in the representation or on the map."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.metrics import MetricSpace

BLOCK_LIMIT_BYTES = 128 << 20  # of sort keys

Ranks = NDArray[Any]  # (n_queries, n_items) uint16 or uint32: 1 for the nearest, n_items for the query itself


def rank_bytes(n: int) -> int:
    """Return the bytes that one rank takes among `n` items."""
    return 2 if n <= np.iinfo(np.uint16).max else 4


def rank_items(space: MetricSpace, queries: NDArray[np.int64]) -> Ranks:
    """Rank all items around each query by precise distance, equal distances by row.

    Takes a sort of n numbers a query, shared among the cores.
    """
    ranks = np.empty((len(queries), space.n_items), np.uint16 if rank_bytes(space.n_items) == 2 else np.uint32)
    done = 0
    for block in space.query_blocks(queries, limit_bytes=BLOCK_LIMIT_BYTES):
        _fill_ranks(space.distances(block, precise=True), np.asarray(block, dtype=np.int64), ranks[done : done + len(block)])
        done += len(block)
    return ranks


def _fill_ranks(distances: NDArray[np.float32], queries: NDArray[np.int64], ranks: Ranks) -> None:
    from vista.kernels.ranks import fill_keys, fill_ranks
    from vista.kernels.threads import over_rows

    keys = np.empty(distances.shape, np.uint64)

    def rank_rows(start: int, stop: int) -> None:
        fill_keys(distances, queries, keys, start, stop)
        keys[start:stop].sort(axis=1)
        fill_ranks(keys, queries, ranks, start, stop)

    over_rows(len(queries), rank_rows)
