"""What a graph and a start must be before items can be laid out; anything else is refused in one line."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates, NeighborGraph
from vista.errors import InputError

REBUILD = "find the neighbors anew with find_neighbors"


def check_graph(graph: NeighborGraph) -> None:
    """Refuse neighbor lists that are not whole numbers of other items, or distances that are no distances.

    Raises:
        InputError: If shapes or types do not fit, a neighbor is missing, is the item itself or stands twice in a list,
            or a distance is negative or not finite.
    """
    from vista.kernels.edges import first_repeat

    indices, distances = graph.indices, graph.distances
    if indices.ndim != 2 or indices.shape != distances.shape:
        raise InputError(f"neighbor indices and distances must be two (n_items, k) arrays, not {indices.shape} and {distances.shape}.")
    if indices.dtype.kind not in "iu" or distances.dtype.kind != "f":
        raise InputError(f"neighbor indices must be integers and distances floats, not {indices.dtype} and {distances.dtype}.")
    n = len(indices)
    if n > 1 and indices.shape[1] == 0:
        raise InputError(f"the neighbor lists of {n} items are empty: {REBUILD}.")
    _refuse(indices, (indices < 0) | (indices >= n), f"is no item 0 … {n - 1}")
    _refuse(indices, indices == np.arange(n)[:, None], "is the item itself")
    _refuse(distances, ~(np.isfinite(distances) & (distances >= 0)), "is no finite distance of 0 or more")
    row = first_repeat(np.ascontiguousarray(indices, dtype=np.uint32), np.full(n, -1, np.int64))
    if row >= 0:
        raise InputError(f"the neighbors of item {row} cannot be used: one of them stands twice in the list: {REBUILD}.")


def check_start(start: Coordinates, n_items: int) -> None:
    """Refuse a start that does not fit the graph or is not finite."""
    if start.shape != (n_items, 2):
        raise InputError(f"a start of shape ({n_items}, 2) fits this graph, not {start.shape}.")
    if not np.isfinite(start).all():
        raise InputError("the start of a layout must be finite; it holds NaN or infinite coordinates.")


def _refuse(values: NDArray[Any], wrong: NDArray[np.bool_], what: str) -> None:
    if not wrong.any():
        return
    row, column = np.unravel_index(int(wrong.argmax()), wrong.shape)
    raise InputError(f"a neighbor of item {row} cannot be used: {values[row, column]} {what}: {REBUILD}.")
