"""The smallest natural places of a map: the basins of its density, each holding the items around one peak.

Every grid cell points to the densest of its eight neighbors, if that is denser than itself, and following the pointers
leads to a peak. The cells that lead to one peak are its basin (a watershed by steepest ascent). Cells beyond any density
belong to the basin of the nearest cell that has some, so that basins cover the plane and islands have neighbors too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates
from vista.cartography.density import density_grid
from vista.cartography.extent import Extent, grid_cells

_WIDEST_BANDWIDTH = 1 / 32  # of the extent's side
_FINER = 0.65
_CELLS_PER_BANDWIDTH = 2  # fewer would make peaks of the grid's own corners
_FEWEST_ACROSS = 128
_MOST_ACROSS = 2048
_ACROSS_PER_ROOT_ITEM = 12


@dataclass(frozen=True, slots=True, eq=False)
class Basins:
    """Basins of the density and which of them touch.

    Attributes:
        of_item: (n_items,) int64 basin of each item, in 0 … n_basins − 1.
        peaks: (n_basins,) density at each peak.
        places: (n_basins, 2) where the peaks lie, in layout units.
        borders: (n_borders, 2) int64 pairs of touching basins, the smaller number first.
        passes: (n_borders,) the highest density at which one can cross each border.
        of_cell: (n_across, n_across) int32 basin of each cell of a grid over the extent, rows downwards.
    """

    of_item: NDArray[np.int64]
    peaks: NDArray[np.float64]
    places: NDArray[np.float64]
    borders: NDArray[np.int64]
    passes: NDArray[np.float64]
    of_cell: NDArray[np.int32]

    def at(self, coordinates: Coordinates, extent: Extent) -> NDArray[np.int32]:
        """Return the basin in which each place lies, (n_places,)."""
        columns, rows = grid_cells(extent, coordinates, len(self.of_cell))
        basins: NDArray[np.int32] = self.of_cell[rows, columns]
        return basins


def find_basins(coordinates: Coordinates, extent: Extent, n_wanted: int) -> Basins:
    """Return the basins at the widest bandwidth that gives at least `n_wanted`, or at the finest one."""
    bandwidth, finest = _WIDEST_BANDWIDTH, 1 / _most_across(len(coordinates))
    while True:
        n_across = _power_of_two(_CELLS_PER_BANDWIDTH / bandwidth)
        density = density_grid(coordinates, extent, n_across, bandwidth * n_across)
        leads_to = _follow(_uphill(density))
        columns, rows = grid_cells(extent, coordinates, n_across)
        peak_of_item = leads_to[rows.astype(np.int64) * n_across + columns]
        if len(np.unique(peak_of_item)) >= n_wanted or bandwidth * _FINER < _CELLS_PER_BANDWIDTH * finest:
            return _basins(density, leads_to, peak_of_item, extent)
        bandwidth *= _FINER


def _most_across(n_items: int) -> int:
    """Return how fine the grid may become: with few items, nothing is left to part beyond that."""
    return min(_MOST_ACROSS, max(_FEWEST_ACROSS, _power_of_two(_ACROSS_PER_ROOT_ITEM * math.sqrt(n_items))))


def _power_of_two(least: float) -> int:
    return 1 << math.ceil(math.log2(least))


def _uphill(density: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return for every cell the flat index of its densest neighbor, or its own where no neighbor is denser."""
    n_across = len(density)
    padded = np.pad(density, 1, constant_values=-1.0)
    best = density.copy()
    target = np.arange(n_across * n_across).reshape(n_across, n_across)
    own = target.copy()
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            neighbor = padded[1 + down : 1 + down + n_across, 1 + right : 1 + right + n_across]
            higher = neighbor > best
            np.copyto(best, neighbor, where=higher)
            np.copyto(target, own + (down * n_across + right), where=higher)
    return target.ravel()


def _follow(pointers: NDArray[np.int64]) -> NDArray[np.int64]:
    while True:
        further = pointers[pointers]
        if np.array_equal(further, pointers):
            return pointers
        pointers = further


def _basins(density: NDArray[np.float64], leads_to: NDArray[np.int64], peak_of_item: NDArray[np.int64], extent: Extent) -> Basins:
    from scipy.ndimage import distance_transform_edt

    n_across = len(density)
    on_land = density > 0
    down, right = distance_transform_edt(~on_land, return_distances=False, return_indices=True)
    peak_of_cell = leads_to[down.astype(np.int64) * n_across + right]
    is_peak = np.zeros(n_across * n_across, dtype=bool)
    is_peak[peak_of_cell] = True
    peak_cells, number = np.flatnonzero(is_peak), np.cumsum(is_peak) - 1
    of_cell = number[peak_of_cell]
    borders, passes = _borders(of_cell, density)
    rows, columns = np.divmod(peak_cells, n_across)
    places = np.array([extent.x0, extent.y0]) + (np.stack([columns, rows], axis=1) + 0.5) * extent.size / n_across
    of_item = np.searchsorted(peak_cells, peak_of_item)
    return Basins(of_item, density.ravel()[peak_cells], places, borders, passes, of_cell.astype(np.int32))


def _borders(basins: NDArray[np.int64], density: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    n_basins = int(basins.max()) + 1
    codes, heights = [], []
    for one, other in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        crosses = basins[one] != basins[other]
        left, right = basins[one][crosses], basins[other][crosses]
        codes.append(np.minimum(left, right) * n_basins + np.maximum(left, right))
        heights.append(np.minimum(density[one][crosses], density[other][crosses]))
    border_codes, border = np.unique(np.concatenate(codes), return_inverse=True)
    passes = np.zeros(len(border_codes))
    np.maximum.at(passes, border, np.concatenate(heights))
    return np.stack(np.divmod(border_codes, n_basins), axis=1), passes
