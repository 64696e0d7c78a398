"""Points in tiles: an additive quadtree over the square of the map, so that a reader fetches only what it draws.

```
level 0            level 1                 Items come in a random order, and each goes to the first tile on its way
┌───────────┐      ┌─────┬─────┐           down that has room. So every item is in exactly one tile, and the items
│ 16 384 of │      │ …   │ …   │           of a tile are a fair sample of what lies in it and below. To draw a part
│ all items │  +   ├─────┼─────┤  + …      of the map in more detail, a reader adds the tiles of the next level.
└───────────┘      │ …   │ …   │
                   └─────┴─────┘
```
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates
from vista.cartography.extent import Extent

TILED_ABOVE_ITEMS = 200_000  # untiled, so many points are about 2 MB: as much as a page may load before it shows anything
TILE_ITEMS = 16_384  # 64 KB of places: one request that is worth its while, and enough to fill a screen with points
DEEPEST_LEVEL = 16  # columns and rows of tiles are uint16
PLACES_ACROSS = 1 << 16  # steps of a place within its tile

_BITS = 32  # of a place within the whole square


@dataclass(frozen=True, slots=True, eq=False)
class Tiling:
    """The items of a map in tiles.

    Attributes:
        order: (n_items,) int64: item `order[row]` is drawn in that row; tile after tile.
        places: (n_items, 2) uint16, in drawing order: where an item lies within its tile, in 65 536 steps.
        levels: (n_tiles,) level of each tile, ascending; on a level, tiles follow the Morton curve.
        columns: (n_tiles,) its column on that level.
        rows: (n_tiles,) its row there.
        counts: (n_tiles,) its items; they come after those of the tiles before.
        totals: (n_tiles,) items of the tile and of all tiles below it.
    """

    order: NDArray[np.int64]
    places: NDArray[np.uint16]
    levels: NDArray[np.int64]
    columns: NDArray[np.int64]
    rows: NDArray[np.int64]
    counts: NDArray[np.int64]
    totals: NDArray[np.int64]

    @property
    def starts(self) -> NDArray[np.int64]:
        """The first row of each tile, (n_tiles,)."""
        return np.cumsum(self.counts) - self.counts


def tile_points(coordinates: Coordinates, extent: Extent, *, seed: int = 0, tile_items: int = TILE_ITEMS) -> Tiling:
    """Put the items of a map in tiles.

    Args:
        coordinates: (n_items, 2); an item outside the extent is drawn on its border.
        extent: The square that the map shows.
        seed: Seed of the order in which items are drawn.
        tile_items: Items of a tile; one of level 16 takes all that are left.

    Returns:
        The tiling; the same for the same seed.
    """
    shuffled = np.random.default_rng(seed).permutation(np.arange(len(coordinates), dtype=np.uint32))
    across, down = (_fixed(coordinates[:, axis], start, extent.size)[shuffled] for axis, start in enumerate((extent.x0, extent.y0)))
    tile_of, tiles = _filled(across, down, tile_items)
    by_curve = np.lexsort((_morton(tiles.columns, tiles.rows), tiles.levels))
    number = np.empty(len(by_curve), np.uint16 if len(by_curve) <= 1 << 16 else np.int32)
    number[by_curve] = np.arange(len(by_curve))
    drawn = np.argsort(number[tile_of], kind="stable")  # on a tile, items stay in their random order
    levels, counts = tiles.levels[by_curve], tiles.counts[by_curve]
    shift = (DEEPEST_LEVEL - np.repeat(levels, counts)).astype(np.uint32)
    places = np.empty((len(drawn), 2), np.uint16)
    for axis, fixed in enumerate((across, down)):
        places[:, axis] = fixed[drawn] >> shift  # what is cut off above are the bits of the tile
    return Tiling(
        order=shuffled[drawn].astype(np.int64),
        places=places,
        levels=levels,
        columns=tiles.columns[by_curve],
        rows=tiles.rows[by_curve],
        counts=counts,
        totals=_totals(tiles)[by_curve],
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Tiles:
    """Tiles in the order in which they came up: parents before children."""

    children: NDArray[np.int32]
    counts: NDArray[np.int64]
    levels: NDArray[np.int64]
    columns: NDArray[np.int64]
    rows: NDArray[np.int64]


def _filled(across: NDArray[np.uint32], down: NDArray[np.uint32], tile_items: int) -> tuple[NDArray[np.int32], _Tiles]:
    from vista.kernels.quadtree import fill_tiles

    most = 1 + 4 * (len(across) // tile_items)
    tile_of = np.empty(len(across), np.int32)
    children = np.full((most, 4), -1, np.int32)
    counts, levels, columns, rows = np.zeros((4, most), np.int64)
    deepest = _BITS - DEEPEST_LEVEL
    n = fill_tiles(across >> deepest, down >> deepest, DEEPEST_LEVEL, tile_items, tile_of, children, counts, levels, columns, rows)
    return tile_of, _Tiles(children[:n], counts[:n], levels[:n], columns[:n], rows[:n])


def _fixed(values: NDArray[np.float32], start: float, size: float) -> NDArray[np.uint32]:
    """Return places along one side of the square as whole numbers of 32 bits, whose upper bits are the tile on each level."""
    steps = values.astype(np.float64)
    steps -= start
    steps /= size  # divided first, as for cells: a power of two then rounds nothing, and no item falls between a tile and its cells
    steps *= 2.0**_BITS
    return np.clip(steps, 0, 2**_BITS - 1, out=steps).astype(np.uint32)


def _morton(columns: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    code = np.zeros(len(columns), np.int64)
    for bit in range(DEEPEST_LEVEL):
        code |= ((columns >> bit) & 1) << (2 * bit)
        code |= ((rows >> bit) & 1) << (2 * bit + 1)
    return code


def _totals(tiles: _Tiles) -> NDArray[np.int64]:
    totals = tiles.counts.copy()
    for level in range(int(tiles.levels.max()) - 1, -1, -1):
        on_level = tiles.levels == level
        below = tiles.children[on_level]
        totals[on_level] += np.where(below >= 0, totals[below], 0).sum(axis=1)
    return totals
