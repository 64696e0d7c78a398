"""How far the surroundings of each single item on the map can be believed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Layout, NeighborGraph, Trust
from vista.errors import InputError
from vista.trust.plane import map_neighbors

WIDE = 4  # a neighbor counts as kept when it is among this many times k


def measure_trust(graph: NeighborGraph, layout: Layout, *, k: int = 10) -> Trust:
    """Measure for each item which share of its neighbors is false, and which is missing.

    False: the k nearest on the map that are not among the 4 k nearest in the representation. Missing: the k nearest in
    the representation that are not among the 4 k nearest on the map. With fewer items, k is at most their number − 1.

    Args:
        graph: The nearest neighbors in the representation, at least min(4 k, n − 1) an item.
        layout: Where the items lie.
        k: Neighborhood size.

    Raises:
        InputError: If the graph holds too few neighbors or other items than the layout, or `k` is less than 1.
    """
    n = graph.n_items
    near, wide = min(k, n - 1), min(WIDE * k, n - 1)
    _check(graph, layout, k, wide)
    if n < 2:
        return Trust(near, np.zeros(n, np.float32), np.zeros(n, np.float32))
    drawn = map_neighbors(layout.coordinates, wide)
    true = graph.indices[:, :wide]
    return Trust(near, _share_outside(drawn[:, :near], true), _share_outside(true[:, :near], drawn))


def _share_outside(near: NDArray[np.int32], wide: NDArray[np.int32]) -> NDArray[np.float32]:
    from vista.kernels.nearest import share_outside
    from vista.kernels.threads import over_rows

    shares = np.empty(len(near), np.float32)
    near, wide = np.ascontiguousarray(near), np.ascontiguousarray(wide)
    over_rows(len(near), lambda start, stop: share_outside(near, wide, shares, start, stop))
    return shares


def _check(graph: NeighborGraph, layout: Layout, k: int, wide: int) -> None:
    if k < 1:
        raise InputError(f"k must be at least 1, not {k}.")
    if len(layout.coordinates) != graph.n_items:
        raise InputError(
            f"the layout places {len(layout.coordinates)} items, but the graph has {graph.n_items}; both must have the same rows."
        )
    if graph.n_neighbors < wide:
        raise InputError(f"trust at k = {k} needs {wide} neighbors an item, but the graph has {graph.n_neighbors}; find more neighbors.")
