"""The nearest items on the map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates

SPARE_CANDIDATES = 24  # more than items on a lattice tie at one distance
CHUNK_ITEMS = 50_000


def map_neighbors(coordinates: Coordinates, k: int) -> NDArray[np.int32]:
    """Return the k nearest other items of every item on the map, near to far, equal distances by row.

    Of items at the same place only the first k + 1 can be anybody's neighbors, so a heap of them costs nothing.

    Args:
        coordinates: (n_items, 2).
        k: Neighbors an item, at most n_items − 1.

    Returns:
        (n_items, k) int32.
    """
    from scipy.spatial import KDTree

    from vista.kernels.threads import n_threads

    kept = _first_at_each_place(coordinates, k + 1)
    tree = KDTree(coordinates[kept])
    n_candidates = min(k + 1 + SPARE_CANDIDATES, len(kept))
    neighbors = np.empty((len(coordinates), k), np.int32)
    for start in range(0, len(coordinates), CHUNK_ITEMS):
        rows = np.arange(start, min(start + CHUNK_ITEMS, len(coordinates)))
        distances, places = tree.query(coordinates[rows], n_candidates, workers=n_threads())
        neighbors[rows] = _nearest_others(rows, kept[places], distances, k)
    return neighbors


def _first_at_each_place(coordinates: Coordinates, n_kept: int) -> NDArray[np.int32]:
    """Return the items that have fewer than `n_kept` items of lower number at their own place."""
    order = np.lexsort((coordinates[:, 1], coordinates[:, 0]))  # stable: equal places stay in row order
    placed = coordinates[order]
    opens = np.r_[True, (placed[1:] != placed[:-1]).any(axis=1)]
    numbers = np.arange(len(order))
    within = numbers - np.maximum.accumulate(np.where(opens, numbers, 0))
    return np.sort(order[within < n_kept]).astype(np.int32)


def _nearest_others(rows: NDArray[np.int64], items: NDArray[np.int32], distances: NDArray[np.float64], k: int) -> NDArray[np.int32]:
    from vista.kernels.nearest import nearest_first

    rounded = distances.astype(np.float32)
    rounded[items == rows[:, None]] = np.inf
    return nearest_first(items, rounded)[0][:, :k]
