"""Ranks of all items around a query, and what two rankings have in common.

A rank runs from 1 (nearest) to n − 1; the query itself is put last, at n, where nothing counts it. Ranks and item numbers
that index an array are unsigned: a signed index could count from the end, and the check for it costs a factor of five.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vista.kernels.compiled import compiled

Ranks = NDArray[np.uint16] | NDArray[np.uint32]  # (n_queries, n_items)

SELF_KEY = np.uint64(0xFFFFFFFFFFFFFFFF)
ONE = np.uint64(1)


@compiled()
def fill_keys(
    steps: NDArray[np.float64],
    queries: NDArray[np.int64],
    coarsening: float,
    index_bits: int,
    keys: NDArray[np.uint64],
    start: int,
    stop: int,
) -> None:
    """Fill `keys` so that their order is the order of (whole steps, column), the query's own column last.

    Args:
        steps: (n_queries, n_items) distances in steps, none negative.
        queries: (n_queries,) the query's own column.
        coarsening: What to multiply steps by before they are rounded, so that one bit stays free above them.
        index_bits: Low bits of a key, which hold the column; the steps are above them.
        keys: (n_queries, n_items) the result; may lie in the memory of `steps`.
        start: First row.
        stop: Row after the last.
    """
    shift = np.uint64(index_bits)
    for i in range(start, stop):
        for j in range(steps.shape[1]):
            whole = np.uint64(np.int64(np.rint(steps[i, j] * coarsening)))
            keys[i, j] = (whole << shift) | np.uint64(j)
        keys[i, queries[i]] = SELF_KEY


@compiled()
def level_keys(keys: NDArray[np.uint64], index_bits: int, leveled: NDArray[np.bool_], start: int, stop: int) -> None:
    """Give runs of keys that are at most one step apart the step of their first key.

    Noise can put equal distances into two neighboring steps, on either side of a rounding boundary. A row that this
    changed has to be sorted again.

    Args:
        keys: (n_queries, n_items) the keys of `fill_keys`, each row sorted; changed in place.
        index_bits: Low bits of a key, which hold the column.
        leveled: (n_queries,) the result: whether the row was changed.
        start: First row.
        stop: Row after the last.
    """
    shift = np.uint64(index_bits)
    for i in range(start, stop):
        row = keys[i]
        leveled[i] = False
        first = last = row[0] >> shift
        for place in range(1, keys.shape[1] - 1):
            step = row[place] >> shift
            if step - last > ONE:
                first = step
            elif step != first:
                row[place] -= (step - first) << shift
                leveled[i] = True
            last = step


@compiled()
def fill_ranks(sorted_keys: NDArray[np.uint64], queries: NDArray[np.int64], index_bits: int, ranks: Ranks, start: int, stop: int) -> None:
    """Turn sorted keys into ranks: `ranks[i, j]` is the place of item j around query i, from 1.

    Args:
        sorted_keys: (n_queries, n_items) the keys of `level_keys`, each row sorted.
        queries: (n_queries,) the query's own column, which gets rank n_items.
        index_bits: Low bits of a key, which hold the column.
        ranks: (n_queries, n_items) the result.
        start: First row.
        stop: Row after the last.
    """
    n = sorted_keys.shape[1]
    mask = (ONE << np.uint64(index_bits)) - ONE
    for i in range(start, stop):
        row = ranks[i]
        for place in range(n - 1):
            row[sorted_keys[i, place] & mask] = place + 1
        row[queries[i]] = n


@compiled()
def compare_ranks(
    near: Ranks,
    drawn: Ranks,
    sizes: NDArray[np.int64],
    histogram: NDArray[np.int64],
    overlaps: NDArray[np.int64],
    intrusions: NDArray[np.int64],
    extrusions: NDArray[np.int64],
    room: NDArray[np.int64],
    start: int,
    stop: int,
) -> None:
    """Compare the two rankings of rows `start` … `stop` − 1, at all neighborhood sizes at once.

    An item is in both k-neighborhoods when the larger of its two ranks is at most k; counting that larger rank gives
    the overlap for every k.

    Args:
        near: (n_queries, n) ranks in the representation.
        drawn: (n_queries, n) ranks on the map.
        sizes: (n_k,) the neighborhood sizes k for the three results below, k < n.
        histogram: (n + 1,) to which the number of items of each larger rank is added.
        overlaps: (n_queries, n_k) the number of shared neighbors.
        intrusions: (n_queries, n_k) Σ (rank in the representation − k) over map neighbors that are not neighbors.
        extrusions: (n_queries, n_k) Σ (rank on the map − k) over neighbors that are not map neighbors.
        room: (3, n + 1) to work on.
        start: First row.
        stop: Row after the last.
    """
    n = near.shape[1]
    larger, near_by_drawn, drawn_by_near = room[0], room[1], room[2]
    for i in range(start, stop):
        larger[:] = 0
        near_row, drawn_row = near[i], drawn[i]
        for j in range(n):
            x = near_row[j]
            y = drawn_row[j]
            larger[max(x, y)] += 1
            near_by_drawn[y] = x
            drawn_by_near[x] = y
        for rank in range(1, n):
            histogram[rank] += larger[rank]
        for column in range(sizes.shape[0]):
            k = sizes[column]
            shared = 0
            intrusion = 0
            extrusion = 0
            for rank in range(1, k + 1):
                shared += larger[rank]
                intrusion += max(near_by_drawn[rank] - k, 0)
                extrusion += max(drawn_by_near[rank] - k, 0)
            overlaps[i, column] = shared
            intrusions[i, column] = intrusion
            extrusions[i, column] = extrusion


@compiled()
def count_shuffled(
    near: Ranks,
    drawn: Ranks,
    rows: NDArray[np.int64],
    columns: NDArray[np.uint32],
    histogram: NDArray[np.int64],
    start: int,
    stop: int,
) -> None:
    """Add the larger ranks of a shuffled map to `histogram`.

    With the permutation π of the items, the shuffled map has the ranks `drawn[π(i), π(j)]`.

    Args:
        near: (n_queries, n) ranks in the representation.
        drawn: (n_queries, n) ranks on the map.
        rows: (n_queries,) row of `drawn` that holds π(i).
        columns: (n,) π.
        histogram: (n + 1,) to which the counts are added.
        start: First row.
        stop: Row after the last.
    """
    for i in range(start, stop):
        near_row, drawn_row = near[i], drawn[rows[i]]
        for j in range(near_row.shape[0]):
            histogram[max(near_row[j], drawn_row[columns[j]])] += 1
