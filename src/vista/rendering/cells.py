"""Who stands for a cell: at every level of the collage, the medoid of the items that lie in each occupied cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates
from vista.cartography.extent import CELLS_PER_TILE, Extent, cells_at
from vista.metrics import MetricSpace, group_medoids

RULE = "medoid"
RULE_TEXT = (
    "Each cell shows the item with the smallest mean squared distance to the cell's other items in the representation; "
    "ties go to the lower item."
)


@dataclass(frozen=True, slots=True, eq=False)
class LevelCells:
    """The occupied cells of one level, by row and then column.

    Attributes:
        level: Level of the collage; it has 8·2^level cells across.
        columns, rows: (n_cells,) int32, where each cell is.
        items: (n_cells,) int64, the cell's representative.
        counts: (n_cells,) int64, how many items lie in the cell.
        spreads: (n_cells,) float32, mean distance from the representative to the cell's other items; 0 when alone.
    """

    level: int
    columns: NDArray[np.int32]
    rows: NDArray[np.int32]
    items: NDArray[np.int64]
    counts: NDArray[np.int64]
    spreads: NDArray[np.float32]

    @property
    def n_cells(self) -> int:
        return len(self.items)


def choose_representatives(space: MetricSpace, coordinates: Coordinates, extent: Extent, n_levels: int) -> tuple[LevelCells, ...]:
    """Choose the representative of every occupied cell at levels 0 … n_levels − 1.

    The time is that of `n_levels` passes over the vectors; the memory above them is a block of rows.

    Args:
        space: The representation under its metric.
        coordinates: (n_items, 2) layout of the same items.
        extent: The square that the map shows.
        n_levels: Number of levels, at least 1.
    """
    return tuple(_represent(space, *cells_at(extent, coordinates, level), level) for level in range(n_levels))


def _represent(space: MetricSpace, columns: NDArray[np.int32], rows: NDArray[np.int32], level: int) -> LevelCells:
    across = CELLS_PER_TILE << level
    medoids = group_medoids(space, rows.astype(np.int64) * across + columns)
    own_rows, own_columns = np.divmod(medoids.codes, across)
    return LevelCells(level, own_columns.astype(np.int32), own_rows.astype(np.int32), medoids.items, medoids.counts, medoids.spreads)
