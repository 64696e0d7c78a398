"""The order in which items are drawn and stored: a shuffle of which every prefix is a fair sample of the map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates
from vista.cartography.extent import Extent, grid_cells

_STRATA_ACROSS = 32


def drawing_order(coordinates: Coordinates, extent: Extent, seed: int = 0) -> NDArray[np.int64]:
    """Return a permutation of the items whose every prefix samples all parts of the map in proportion.

    The map is cut into 32 × 32 coarse cells. The items of a cell with m items, in random order, get the keys
    (0 + u)/m, (1 + u)/m, …, each with its own random u in [0, 1), and all items are sorted by key. The items with keys
    below f are then, in every cell, f·m of them to within one: the sample is stratified over the map and random in
    each cell.

    Returns:
        (n_items,) int64; the item to draw first, second, and so on. The same for the same seed.
    """
    rng = np.random.default_rng(seed)
    columns, rows = grid_cells(extent, coordinates, _STRATA_ACROSS)
    cells = rows.astype(np.int64) * _STRATA_ACROSS + columns
    by_cell = np.lexsort((rng.random(len(cells)), cells))
    sizes = np.bincount(cells, minlength=_STRATA_ACROSS**2)
    starts = np.cumsum(sizes) - sizes
    sorted_cells = cells[by_cell]
    rank_in_cell = np.arange(len(cells)) - starts[sorted_cells]
    keys = (rank_in_cell + rng.random(len(cells))) / sizes[sorted_cells]
    return by_cell[np.argsort(keys, kind="stable")].astype(np.int64)
