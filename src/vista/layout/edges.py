"""A symmetric weighted graph as the layout engine walks it: for every item, its edges one after the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vista.kernels.crew import Crew


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Edges in rows; each is stored at both of its ends, with the same weight.

    Attributes:
        row_starts: (n_items + 1,) uint64, where each item's edges begin.
        others: (n_edges,) uint32, the other end.
        weights: (n_edges,) float32.
    """

    row_starts: NDArray[np.uint64]
    others: NDArray[np.uint32]
    weights: NDArray[np.float32]

    @property
    def n_items(self) -> int:
        return len(self.row_starts) - 1

    def degrees(self) -> NDArray[np.float32]:
        """Return the sum of the weights at each item, (n_items,)."""
        padded = np.append(self.weights, np.float32(0))
        sums = np.add.reduceat(padded, self.row_starts[:-1].astype(np.int64))
        return np.where(np.diff(self.row_starts) > 0, sums, np.float32(0)).astype(np.float32)


def symmetrize(indices: NDArray[np.int32], weights: NDArray[np.float32], crew: Crew) -> Edges:
    """Join the two directions of each edge: p_ij = (w_ij + w_ji) / 2, where an absent direction counts 0.

    Args:
        indices: (n_items, k) neighbors, none of them the item itself, none twice in a row.
        weights: (n_items, k) weights of these directed edges.
        crew: Threads to work with.
    """
    from vista.kernels.edges import count_one_sided, join_directions, reverse_edges

    n, k = indices.shape
    columns = np.ascontiguousarray(indices).astype(np.uint32)
    starts = _ends(np.bincount(columns.ravel(), minlength=n))
    sources, places = np.empty((2, n * k), np.uint32)
    filling = starts.copy()
    reverse_edges(columns, filling, sources, places)
    one_sided = np.empty(n, np.int64)
    crew.over_rows(n, lambda a, b: count_one_sided(columns, starts, sources, one_sided, a, b))
    row_starts = _ends(one_sided + k)
    others, joined = np.empty(int(row_starts[-1]), np.uint32), np.empty(int(row_starts[-1]), np.float32)
    crew.over_rows(n, lambda a, b: join_directions(columns, weights, starts, sources, places, row_starts, others, joined, a, b))
    return Edges(row_starts, others, joined)


def dealt(edges: Edges, crew: Crew) -> Edges:
    """Return the same graph with each row's edges dealt into two halves that weigh nearly the same."""
    from vista.kernels.edges import deal

    others, weights = np.empty_like(edges.others), np.empty_like(edges.weights)
    crew.over_rows(edges.n_items, lambda a, b: deal(edges.row_starts, edges.others, edges.weights, others, weights, a, b))
    return Edges(edges.row_starts, others, weights)


def renumbered(edges: Edges, order: NDArray[np.uint32], crew: Crew) -> Edges:
    """Return the same graph with its items in another order.

    Args:
        edges: The graph.
        order: (n_items,) the old number of each new row.
        crew: Threads to work with.
    """
    from vista.kernels.edges import renumber

    numbers = np.empty_like(order)
    numbers[order] = np.arange(len(order), dtype=np.uint32)
    row_starts = _ends(np.diff(edges.row_starts)[order])
    others, weights = np.empty_like(edges.others), np.empty_like(edges.weights)
    old = edges.row_starts, edges.others, edges.weights
    crew.over_rows(len(order), lambda a, b: renumber(*old, order, numbers, row_starts, others, weights, a, b))
    return Edges(row_starts, others, weights)


def connected_pieces(edges: Edges) -> NDArray[np.int32]:
    """Return the number of the connected piece that each item belongs to, (n_items,), counted from 0 by first items."""
    from vista.kernels.edges import connect

    pieces = np.full(edges.n_items, -1, np.int32)
    connect(edges.row_starts, edges.others, np.empty(edges.n_items, np.uint32), pieces)
    return pieces


def _ends(counts: NDArray[np.integer]) -> NDArray[np.uint64]:
    starts = np.zeros(len(counts) + 1, np.uint64)
    np.cumsum(counts, out=starts[1:])
    return starts
