"""Filling the tiles of an additive quadtree: every item goes to the first tile on its way down that has room."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.kernels.compiled import compiled


@compiled()
def fill_tiles(
    columns: NDArray[np.integer[Any]],
    rows: NDArray[np.integer[Any]],
    n_levels: int,
    capacity: int,
    tile_of: NDArray[np.int32],
    children: NDArray[np.int32],
    counts: NDArray[np.int64],
    levels: NDArray[np.int64],
    tile_columns: NDArray[np.int64],
    tile_rows: NDArray[np.int64],
) -> int:
    """Give each item, in the order given, to the first tile between the root and the deepest level that is not full.

    A tile of the deepest level is never full. Tiles are numbered as they come up, the root first.

    Args:
        columns: (n_items,) column of each item among the 2^n_levels of the deepest level.
        rows: (n_items,) its row there.
        n_levels: How many levels there are below the root.
        capacity: Items of a tile above the deepest level.
        tile_of: (n_items,) filled: the tile of each item.
        children: (n_tiles, 4) of −1, filled: the tiles below each tile, by rows; 1 + 4·⌊n_items / capacity⌋ tiles are always enough.
        counts: (n_tiles,) zeros, filled: items of each tile.
        levels: (n_tiles,) zeros, filled: the level of each tile.
        tile_columns: (n_tiles,) zeros, filled: its column on that level.
        tile_rows: (n_tiles,) zeros, filled: its row on that level.

    Returns:
        The number of tiles.
    """
    n_tiles = 1
    for item in range(columns.shape[0]):
        column, row = np.int64(columns[item]), np.int64(rows[item])
        tile, level = 0, 0
        while counts[tile] == capacity and level < n_levels:
            level += 1
            own_column, own_row = column >> (n_levels - level), row >> (n_levels - level)
            quarter = 2 * (own_row & 1) + (own_column & 1)
            below = children[tile, quarter]
            if below < 0:
                below = n_tiles
                children[tile, quarter] = below
                levels[below] = level
                tile_columns[below] = own_column
                tile_rows[below] = own_row
                n_tiles += 1
            tile = below
        counts[tile] += 1
        tile_of[item] = tile
    return n_tiles
