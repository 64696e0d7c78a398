"""How densely the items lie on the map, on a grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates
from vista.cartography.extent import Extent, grid_cells

_ITEMS_AT_ONCE = 1 << 20


def density_grid(coordinates: Coordinates, extent: Extent, n_across: int, bandwidth_cells: float) -> NDArray[np.float64]:
    """Return the items' density over the extent: counts in grid cells, smoothed by a Gaussian.

    Args:
        coordinates: (n_items, 2).
        extent: The square that the grid covers.
        n_across: Number of grid cells along each side.
        bandwidth_cells: Standard deviation of the Gaussian in grid cells; its tail is cut at four of them.

    Returns:
        (n_across, n_across), rows downwards: items a grid cell.
    """
    counts = np.zeros(n_across * n_across, np.int64)
    for start in range(0, len(coordinates), _ITEMS_AT_ONCE):
        columns, rows = grid_cells(extent, coordinates[start : start + _ITEMS_AT_ONCE], n_across)
        counts += np.bincount(rows.astype(np.int64) * n_across + columns, minlength=n_across * n_across)
    return smoothed(counts.reshape(n_across, n_across).astype(np.float64), bandwidth_cells)


def smoothed(grid: NDArray[np.float64], bandwidth_cells: float, *, reach: float = 4.0) -> NDArray[np.float64]:
    """Return a grid blurred by a Gaussian that is cut at `reach` standard deviations; beyond the grid there is nothing."""
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(grid, bandwidth_cells, mode="constant", truncate=reach), dtype=np.float64)
