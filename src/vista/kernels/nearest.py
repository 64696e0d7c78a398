"""Neighbor lists: the smallest values of each row, their order, and what one list holds that another does not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vista.kernels.compiled import compiled


@compiled()
def select_smallest(
    values: NDArray[np.float32],
    skipped: NDArray[np.int64],
    indices: NDArray[np.int32],
    kept: NDArray[np.float32],
    start: int,
    stop: int,
) -> None:
    """Find the k smallest values of rows `start` … `stop` − 1, ascending; equal values by column.

    Args:
        values: (n_rows, n) values, finite.
        skipped: (n_rows,) the column that a row leaves out.
        indices: (n_rows, k) the columns found, k < n.
        kept: (n_rows, k) their values.
        start: First row.
        stop: Row after the last.
    """
    k = indices.shape[1]
    for i in range(start, stop):
        n_kept = 0
        worst = np.float32(np.inf)
        for j in range(values.shape[1]):
            value = values[i, j]
            if (value < worst or n_kept < k) and j != skipped[i]:
                place = min(n_kept, k - 1)
                while place > 0 and kept[i, place - 1] > value:
                    kept[i, place] = kept[i, place - 1]
                    indices[i, place] = indices[i, place - 1]
                    place -= 1
                kept[i, place] = value
                indices[i, place] = j
                n_kept = min(n_kept + 1, k)
                if n_kept == k:
                    worst = kept[i, k - 1]


@compiled()
def share_outside(near: NDArray[np.int32], wide: NDArray[np.int32], shares: NDArray[np.float32], start: int, stop: int) -> None:
    """Fill `shares` with the share of each row's `near` entries that its `wide` entries do not hold.

    Args:
        near: (n_rows, k) item numbers.
        wide: (n_rows, k_wide) item numbers.
        shares: (n_rows,) the result, in [0, 1].
        start: First row.
        stop: Row after the last.
    """
    for i in range(start, stop):
        n_outside = 0
        for a in range(near.shape[1]):
            found = False
            for b in range(wide.shape[1]):
                if near[i, a] == wide[i, b]:
                    found = True
                    break
            if not found:
                n_outside += 1
        shares[i] = n_outside / near.shape[1]


def nearest_first(indices: NDArray[np.int32], distances: NDArray[np.float32]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return both (n_rows, k) arrays with each row sorted by distance, equal distances by index."""
    order = np.lexsort((indices, distances))
    return np.take_along_axis(indices, order, axis=1), np.take_along_axis(distances, order, axis=1)
