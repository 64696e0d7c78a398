"""Exact neighbors: every pair is compared, tile by tile, in bounded memory.

Inner products in float32 propose a few more candidates than asked for, and these are ordered by their precise
distances. Where the error bound of float32 cannot rule out that a neighbor was missed, as among near-duplicates, the
query is asked again in float64. When all items ask, each tile of products serves the items of its rows and those of its
columns, so that half of the tiles suffice:

        items ►            row tile I meets column tiles J ≥ I;
        ┌──┬──┬──┐         (I, J) fills the lists of I from J
      ▼ │▓▓│▓▓│▓▓│         and the lists of J from I
        └──┼──┼──┤
           │▓▓│▓▓│
           └──┼──┤
              │▓▓│
              └──┘
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Vectors
from vista.metrics import MetricSpace

FLOAT32_ROUNDING = 2.0**-24
TILE_ITEMS = 2048
SPARSE_TILE_ITEMS = 5120  # sparse rows are got ready once a tile
TARGET_ITEMS = 8192  # that some queries are held against at a time
BLOCK_LIMIT_BYTES = 128 << 20
SPARE_CANDIDATES = 12

Found = tuple[NDArray[np.int32], NDArray[np.float32]]  # indices and distances, both (n_queries, k)
Queries = NDArray[np.integer[Any]]  # (n_queries,) rows


def all_neighbors(space: MetricSpace, k: int, *, advance: Callable[[int], None]) -> Found:
    """Return the k nearest other rows of every row with their distances, near to far, equal distances by row.

    Args:
        space: The rows and their metric.
        k: Neighbors a row, at most the number of rows − 1.
        advance: Told the number of rows done.
    """
    n = space.n_items
    proposals = _no_proposals(n, _n_candidates(space, k))
    shifts = _shifts(space)
    across = TILE_ITEMS if isinstance(space.vectors, np.ndarray) else SPARSE_TILE_ITEMS
    tiles = _tiles(n, across) if k else []
    for done, (row, column) in enumerate(tiles):
        _compare_tile(space, shifts, proposals, slice(row, row + across), slice(column, column + across))
        advance(n * (done + 1) // len(tiles) - n * done // len(tiles))
    return _settle(space, np.arange(n), proposals, k)


def neighbors_of(space: MetricSpace, queries: Queries, k: int) -> Found:
    """Return the k nearest other rows of each query with their distances, near to far, equal distances by row.

    Args:
        space: The rows and their metric.
        queries: Rows to ask for.
        k: Neighbors a query, at most the number of rows − 1.
    """
    proposals = _no_proposals(len(queries), _n_candidates(space, k))
    shifts = _shifts(space)
    for start in range(0, len(queries), TILE_ITEMS):
        block = slice(start, start + TILE_ITEMS)
        for first in range(0, space.n_items, TARGET_ITEMS):
            targets = slice(first, first + TARGET_ITEMS)
            _keep_of_rows(space.closeness(queries[block], targets), shifts[targets], queries[block], first, proposals.part(block))
    return _settle(space, queries, proposals, k)


def _tiles(n: int, across: int) -> list[tuple[int, int]]:
    """Return the first row and column of the tiles on and above the diagonal, the diagonal first.

    Rows of a source are often sorted. Lists that start with an item's surroundings then hardly change any more.
    """
    return [(row, row + offset) for offset in range(0, n, across) for row in range(0, n - offset, across)]


@dataclass(frozen=True, slots=True, eq=False)
class _Proposals:
    """The candidates of some queries, both (n_queries, n_candidates), ascending; small remoteness is near."""

    items: NDArray[np.int32]
    remoteness: NDArray[np.float32]

    def part(self, rows: slice) -> _Proposals:
        return _Proposals(self.items[rows], self.remoteness[rows])


def _no_proposals(n_queries: int, n_candidates: int) -> _Proposals:
    return _Proposals(np.full((n_queries, n_candidates), -1, np.int32), np.full((n_queries, n_candidates), np.inf, np.float32))


def _n_candidates(space: MetricSpace, k: int) -> int:
    return min(k + SPARE_CANDIDATES + k // 8, space.n_items - 1) if k else 0


def _blocks(space: MetricSpace, queries: Queries) -> list[tuple[slice, Queries]]:
    """Cut queries into blocks with bounded products; return each block's place among the queries with it."""
    blocks, done = [], 0
    for block in space.query_blocks(queries, limit_bytes=BLOCK_LIMIT_BYTES):
        blocks.append((slice(done, done + len(block)), block))
        done += len(block)
    return blocks


def _shifts(space: MetricSpace) -> NDArray[np.float32]:
    """Return what to subtract inner products from, (n_items,), so that small is near under both metrics."""
    return (space.squared_norms / 2 if space.metric == "euclidean" else np.zeros(space.n_items)).astype(np.float32)


def _compare_tile(space: MetricSpace, shifts: NDArray[np.float32], proposals: _Proposals, rows: slice, columns: slice) -> None:
    closeness = space.closeness(rows, columns)
    own = np.arange(rows.start, rows.start + len(closeness))
    _keep_of_rows(closeness, shifts[columns], own, columns.start, proposals.part(rows))
    if columns != rows:
        _keep_of_columns(closeness, shifts[rows], rows.start, proposals.part(columns))


def _keep_of_rows(closeness: NDArray[np.float32], shifts: NDArray[np.float32], own: Queries, first_column: int, into: _Proposals) -> None:
    from vista.kernels.nearest import keep_nearest_of_rows
    from vista.kernels.threads import over_rows

    tile = closeness, shifts, np.asarray(own, dtype=np.int64), first_column, into.items, into.remoteness
    over_rows(len(into.items), lambda start, stop: keep_nearest_of_rows(*tile, start, stop))


def _keep_of_columns(closeness: NDArray[np.float32], shifts: NDArray[np.float32], first_row: int, into: _Proposals) -> None:
    from vista.kernels.nearest import keep_nearest_of_columns
    from vista.kernels.threads import over_rows

    tile = closeness, shifts, first_row, into.items, into.remoteness, np.empty(len(into.items), np.float32)
    over_rows(len(into.items), lambda start, stop: keep_nearest_of_columns(*tile, start, stop))


def _settle(space: MetricSpace, queries: Queries, proposals: _Proposals, k: int) -> Found:
    """Order the candidates by precise distance, and ask again for the queries that may lack a neighbor."""
    indices = np.empty((len(queries), k), np.int32)
    distances = np.empty((len(queries), k), np.float32)
    if k == 0:
        return indices, distances
    for rows, block in _blocks(space, queries):
        indices[rows], distances[rows] = _nearest_candidates(space, block, proposals.items[rows], k)
    if proposals.items.shape[1] < space.n_items - 1:
        doubtful = np.flatnonzero(~_certain(space, queries, distances[:, -1], proposals.remoteness[:, -1]))
        for rows, block in _blocks(space, queries[doubtful]):
            indices[doubtful[rows]], distances[doubtful[rows]] = _precise_neighbors(space, block, k)
    return indices, distances


def _nearest_candidates(space: MetricSpace, queries: Queries, candidates: NDArray[np.int32], k: int) -> Found:
    from vista.kernels.nearest import nearest_first

    indices, distances = nearest_first(candidates, space.pair_distances(queries, candidates))
    return indices[:, :k], distances[:, :k]


def _certain(space: MetricSpace, queries: Queries, last_distance: NDArray[np.float32], worst: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return for each query whether every row that was not proposed is truly farther than the last neighbor."""
    last = last_distance.astype(np.float64)
    norms = space.squared_norms[queries]
    remoteness = (last**2 - norms) / 2 if space.metric == "euclidean" else last - 1.0
    largest = float(space.squared_norms.max())
    error = (_most_terms(space.vectors) + 8) * FLOAT32_ROUNDING * (np.sqrt(norms * largest) + largest)
    if space.term is not None:
        error += 8 * FLOAT32_ROUNDING * (1 + space.term.largest)
    return np.asarray(remoteness + error < worst)


def _most_terms(vectors: Vectors) -> int:
    """Return the largest number of products in any inner product."""
    return int(vectors.shape[1]) if isinstance(vectors, np.ndarray) else int(np.diff(vectors.indptr).max(initial=0))


def _precise_neighbors(space: MetricSpace, queries: Queries, k: int) -> Found:
    nearest = _no_proposals(len(queries), k)
    closeness = np.negative(space.distances(queries, precise=True))
    _keep_of_rows(closeness, np.zeros(space.n_items, np.float32), queries, 0, nearest)
    return _nearest_candidates(space, queries, nearest.items, k)
