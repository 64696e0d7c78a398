"""The square of the plane that a map shows, with the arithmetic of its tiles and cells.

```
level 0                level 1
┌───────────────┐      ┌───────┬───────┐      One tile is 512 px and holds 8 × 8 cells of 64 px.
│               │      │ (0,0) │ (1,0) │      Level L has 2^L × 2^L tiles: columns run to the
│  tile (0, 0)  │      ├───────┼───────┤      right, rows run down, as the map is drawn.
│               │      │ (0,1) │ (1,1) │
└───────────────┘      └───────┴───────┘
```

At zoom z, a real number, the square is 512·2^z CSS pixels wide; level L of the collage is drawn at zoom L.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates

TILE_PX = 512
CELL_PX = 64
CELLS_PER_TILE = TILE_PX // CELL_PX
MAX_LEVELS = 12
CELL_RECORD = np.dtype(  # a cell in a tile, as docs/format.md has it
    [("column", "u1"), ("row", "u1"), ("flags", "<u2"), ("item", "<u4"), ("count", "<u4"), ("spread", "<f4"), ("picture", "<u4")]
)
NO_PICTURE = 2**32 - 1  # of a cell whose picture is on no sheet

ENOUGH_ALONE = 0.95
_MARGIN_SHARE = 0.04  # of the items' span, on each side
_SIGNIFICANT_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Extent:
    """The square [x0, x0 + size] × [y0, y0 + size] of the layout, in layout units; y grows downwards."""

    x0: float
    y0: float
    size: float

    def scale(self, zoom: float) -> float:
        """Return how many CSS pixels one layout unit is wide at `zoom`."""
        return float(TILE_PX * 2.0**zoom / self.size)


def extent_of(coordinates: Coordinates) -> Extent:
    """Return the square that shows all items, centered on them, with a margin of 4 % of their span on each side.

    The numbers are short decimals, so that they read back the same from any JSON. Items that all lie in one place
    get a square of size 1 around it.

    Args:
        coordinates: (n_items, 2), finite, at least one item.
    """
    low = coordinates.min(axis=0).astype(np.float64)
    high = coordinates.max(axis=0).astype(np.float64)
    center, span = (low + high) / 2, float((high - low).max())
    tiniest = 1e-6 * float(np.abs(center).max())
    size = _rounded(span * (1 + 2 * _MARGIN_SHARE)) if span > tiniest else 1.0
    digits = _SIGNIFICANT_DIGITS - 1 - int(np.floor(np.log10(size)))
    x0, y0 = (round(float(middle) - size / 2, digits) for middle in center)
    return Extent(x0, y0, size)


def cells_at(extent: Extent, coordinates: Coordinates, level: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the column and the row of every item's cell at `level`, each in 0 … 8·2^level − 1.

    An item outside the extent belongs to the nearest cell on its border.
    """
    return grid_cells(extent, coordinates, CELLS_PER_TILE << level)


def grid_cells(extent: Extent, coordinates: Coordinates, n_across: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the column and the row of every item on a grid of `n_across` × `n_across` cells over the extent."""
    return _along(coordinates[:, 0], extent.x0, extent.size, n_across), _along(coordinates[:, 1], extent.y0, extent.size, n_across)


def tile_of(columns: NDArray[np.int32], rows: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the tile (tx, ty) that holds each cell, at the cells' own level."""
    return columns // CELLS_PER_TILE, rows // CELLS_PER_TILE


def collage_depth(extent: Extent, coordinates: Coordinates) -> tuple[int, float]:
    """Return how many levels a collage needs, and the share of items that are alone in their cell at the deepest.

    The deepest level is the first at which at least 95 % of the items are alone; there are never more than 12 levels.
    """
    alone_at = cache(lambda level: _alone_share(extent, coordinates, level))
    level = bisect_left(range(MAX_LEVELS - 1), True, key=lambda level: alone_at(level) >= ENOUGH_ALONE)  # it grows from level to level
    return level + 1, alone_at(level)


def _alone_share(extent: Extent, coordinates: Coordinates, level: int) -> float:
    columns, rows = cells_at(extent, coordinates, level)
    codes = np.sort(rows.astype(np.int64) * (CELLS_PER_TILE << level) + columns)
    differs = np.concatenate(([True], codes[1:] != codes[:-1], [True]))
    return float(np.count_nonzero(differs[1:] & differs[:-1]) / len(codes))


def _along(values: NDArray[np.float32], start: float, size: float, n_across: int) -> NDArray[np.int32]:
    cells = np.floor((values.astype(np.float64) - start) / size * n_across)
    return np.clip(cells, 0, n_across - 1).astype(np.int32)


def _rounded(size: float) -> float:
    return float(f"{size:.{_SIGNIFICANT_DIGITS}g}")
