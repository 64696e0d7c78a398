"""Exact neighbors: every query against every row, block by block.

A block of inner products in float32 proposes a few more candidates than asked for, and these are ordered by their
precise distances. Where the error bound of float32 cannot rule out that a neighbor was missed, as among near-duplicates,
the query is asked again in float64.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Vectors
from vista.metrics import MetricSpace

FLOAT32_ROUNDING = 2.0**-24
BLOCK_LIMIT_BYTES = 64 << 20
SPARE_CANDIDATES = 12

Found = tuple[NDArray[np.int32], NDArray[np.float32]]  # indices and distances, both (n_queries, k)


def exact_neighbors(
    space: MetricSpace, queries: NDArray[np.integer[Any]], k: int, *, advance: Callable[[int], None] = lambda n: None
) -> Found:
    """Return the k nearest other rows of each query with their distances, near to far, equal distances by row.

    Args:
        space: The rows and their metric.
        queries: (n_queries,) rows to ask for.
        k: Neighbors a query, at most the number of rows − 1.
        advance: Told the number of queries done.
    """
    indices = np.empty((len(queries), k), np.int32)
    distances = np.empty((len(queries), k), np.float32)
    if k == 0:
        return indices, distances
    done = 0
    for block in space.query_blocks(queries, limit_bytes=BLOCK_LIMIT_BYTES):
        rows = slice(done, done + len(block))
        indices[rows], distances[rows] = _neighbors_of_block(space, block, k)
        done += len(block)
        advance(len(block))
    return indices, distances


def _neighbors_of_block(space: MetricSpace, queries: NDArray[np.integer[Any]], k: int) -> Found:
    n_candidates = min(k + SPARE_CANDIDATES + k // 8, space.n_items - 1)
    shifts = _shifts(space)
    remoteness = space.products(queries)
    np.subtract(shifts[None, :], remoteness, out=remoteness)
    candidates, worst = _smallest(remoteness, queries, n_candidates)
    indices, distances = _ordered(space, queries, candidates, k)
    if n_candidates == space.n_items - 1:
        return indices, distances
    doubtful = ~_certain(space, queries, distances[:, -1], worst)
    if doubtful.any():
        indices[doubtful], distances[doubtful] = _precise_neighbors(space, queries[doubtful], k)
    return indices, distances


def _shifts(space: MetricSpace) -> NDArray[np.float32]:
    """Return what to subtract inner products from, (n_items,), so that small is near under both metrics."""
    return (np.zeros(space.n_items) if space.metric == "cosine" else space.squared_norms / 2).astype(np.float32)


def _smallest(values: NDArray[np.float32], skipped: NDArray[np.integer[Any]], n_kept: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the columns of the smallest values of each row, and the largest value among them."""
    from vista.kernels.nearest import select_smallest
    from vista.kernels.threads import over_rows

    indices = np.empty((len(values), n_kept), np.int32)
    kept = np.empty((len(values), n_kept), np.float32)
    own = np.asarray(skipped, dtype=np.int64)
    over_rows(len(values), lambda start, stop: select_smallest(values, own, indices, kept, start, stop))
    return indices, kept[:, -1]


def _ordered(space: MetricSpace, queries: NDArray[np.integer[Any]], candidates: NDArray[np.int32], k: int) -> Found:
    from vista.kernels.nearest import nearest_first

    indices, distances = nearest_first(candidates, space.pair_distances(queries, candidates))
    return indices[:, :k], distances[:, :k]


def _certain(
    space: MetricSpace, queries: NDArray[np.integer[Any]], last_distance: NDArray[np.float32], worst: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Return for each query whether every row that was not proposed is truly farther than the last neighbor."""
    last = last_distance.astype(np.float64)
    norms = space.squared_norms[queries]
    remoteness = last - 1.0 if space.metric == "cosine" else (last**2 - norms) / 2
    largest = float(space.squared_norms.max())
    error = (_most_terms(space.rows) + 8) * FLOAT32_ROUNDING * (np.sqrt(norms * largest) + largest)
    return np.asarray(remoteness + error < worst)


def _most_terms(rows: Vectors) -> int:
    """Return the largest number of products in any inner product."""
    return int(rows.shape[1]) if isinstance(rows, np.ndarray) else int(np.diff(rows.indptr).max(initial=0))


def _precise_neighbors(space: MetricSpace, queries: NDArray[np.integer[Any]], k: int) -> Found:
    indices = np.empty((len(queries), k), np.int32)
    distances = np.empty((len(queries), k), np.float32)
    done = 0
    for block in space.query_blocks(queries, limit_bytes=BLOCK_LIMIT_BYTES):
        rows = slice(done, done + len(block))
        nearest, _ = _smallest(space.distances(block, precise=True), block, k)
        indices[rows], distances[rows] = _ordered(space, block, nearest, k)
        done += len(block)
    return indices, distances
