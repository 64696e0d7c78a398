"""Regions of the map: basins of the density, merged bottom-up and cut at a few levels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates, Layout, Regions
from vista.cartography.density import density_grid
from vista.cartography.extent import Extent, extent_of, grid_cells
from vista.regions.basins import Basins, find_basins
from vista.regions.merging import Merging

_FEWEST_ITEMS = 12  # below this a map has no parts worth telling apart
_MOST_CONTINENTS = 10
_MOST_PLACES = 8_000
_STEP = 5.0
_BASINS_PER_PLACE = 2.5
_FEWEST_IN_PLACE = 3
_LEAST_SHARE_OF_AVERAGE = 0.2
_ANCHOR_GRID = 256
_ANCHOR_BANDWIDTH = 0.25  # of a region's width


def find_regions(layout: Layout, *, sample: NDArray[np.int64] | None = None) -> Regions:
    """Divide the map into nested regions: about ten continents, and up to five times as many at each finer level.

    The finest level has about n^0.7 regions (180 for 1 650 items, 1 000 for 20 000; at most 8 000). The parts start as
    basins of the density and are merged bottom-up, so that regions are compact, end at valleys, and nest. A region that
    is much smaller than its level's average joins a neighbor. Fewer than 12 items, or items that all lie in one place,
    are one region.

    Args:
        layout: Where the items lie.
        sample: Rows of a fair sample. Its items alone say where regions are, how many and which are large; the other items belong
            to the regions in which they lie.

    Returns:
        The regions, numbered by size at each level, the largest first. Bit-exact for the same coordinates.
    """
    extent = extent_of(layout.coordinates)
    shown = layout.coordinates if sample is None else layout.coordinates[sample]
    nest = _nest(shown, extent)
    membership = np.stack(nest.of_item, axis=1)
    parents, anchors = _parents(membership), tuple(_anchors(level, shown, extent) for level in membership.T)
    return Regions(membership if sample is None else nest.at(layout.coordinates, extent), parents, anchors)


@dataclass(frozen=True, slots=True, eq=False)
class _Nest:
    """The places of the map at each level, coarse to fine, by size.

    Attributes:
        of_item: One (n_items,) array a level: the place of each item.
        basins: The parts that places are made of; None where the map is one place.
        of_basin: One (n_basins,) array a level: the place of each basin.
    """

    of_item: list[NDArray[np.int32]]
    basins: Basins | None = None
    of_basin: tuple[NDArray[np.int32], ...] = ()

    def at(self, coordinates: Coordinates, extent: Extent) -> NDArray[np.int32]:
        """Return the places in which items lie, (n_items, n_levels)."""
        membership = np.zeros((len(coordinates), len(self.of_item)), np.int32, order="F")  # whoever reads it reads a level
        if self.basins is not None:
            lies_in = self.basins.at(coordinates, extent)
            for level, of_basin in enumerate(self.of_basin):
                membership[:, level] = of_basin[lies_in]
        return membership


def _nest(coordinates: Coordinates, extent: Extent) -> _Nest:
    """Return the places at each level; a level that adds nothing is left out."""
    n_items, targets = len(coordinates), _targets(len(coordinates))
    if targets[-1] == 1 or (coordinates == coordinates[0]).all():
        return _Nest([np.zeros(n_items, dtype=np.int32)])
    basins = find_basins(coordinates, extent, math.ceil(targets[-1] * _BASINS_PER_PLACE))
    merging = Merging(basins, coordinates)
    levels: list[NDArray[np.int64]] = []  # the place of each basin
    for target in reversed(targets):
        merging.merge_below(max(_FEWEST_IN_PLACE, round(_LEAST_SHARE_OF_AVERAGE * n_items / target)))
        merging.merge_down_to(target)
        level = merging.places()
        if not levels or level[basins.of_item].max() < levels[0][basins.of_item].max():
            levels.insert(0, level)
    numbered = tuple(_by_size(level, basins.of_item) for level in levels)
    return _Nest([level[basins.of_item] for level in numbered], basins, numbered)


def _targets(n_items: int) -> list[int]:
    """Return how many regions each level should have, coarse to fine, in even steps of a factor of five or less."""
    if n_items < _FEWEST_ITEMS:
        return [1]
    coarsest = min(_MOST_CONTINENTS, round(n_items**0.32))
    finest = max(coarsest, min(_MOST_PLACES, round(n_items**0.7)))
    n_steps = math.ceil(math.log(finest / coarsest) / math.log(_STEP))
    return [round(coarsest * (finest / coarsest) ** (step / max(1, n_steps))) for step in range(n_steps + 1)]


def _by_size(level: NDArray[np.int64], basin_of_item: NDArray[np.int64]) -> NDArray[np.int32]:
    """Renumber the places of basins so that the one with most items is 0; places of one size keep their order."""
    counts = np.bincount(level[basin_of_item], minlength=int(level.max()) + 1)
    number = np.empty(len(counts), dtype=np.int32)
    number[np.argsort(-counts, kind="stable")] = np.arange(len(counts), dtype=np.int32)
    return number[level]


def _parents(membership: NDArray[np.int32]) -> tuple[NDArray[np.int32], ...]:
    parents = [np.full(int(membership[:, 0].max()) + 1, -1, dtype=np.int32)]
    for above, below in zip(membership.T[:-1], membership.T[1:], strict=True):
        of_region = np.empty(int(below.max()) + 1, dtype=np.int32)
        of_region[below] = above
        parents.append(of_region)
    return tuple(parents)


def _anchors(level: NDArray[np.int32], coordinates: Coordinates, extent: Extent) -> NDArray[np.float32]:
    """Return where each region is densest, near its middle: the place of one of its items.

    An item's score is the density around it times a Gaussian of its distance to the region's center, as wide as the
    region's own spread; without it, the densest place would often lie on the border to a denser neighbor.
    """
    counts = np.bincount(level)
    centers = np.stack([np.bincount(level, weights=coordinates[:, axis]) / counts for axis in (0, 1)], axis=1)
    squared_distances = ((coordinates - centers[level]) ** 2).sum(axis=1)
    spreads = np.bincount(level, weights=squared_distances) / counts
    density = _density_at(coordinates, extent, float(np.sqrt(np.median(spreads))))
    score = np.log(density) - squared_distances / (2 * np.maximum(spreads[level], np.finfo(np.float64).tiny))
    best_last = np.lexsort((-np.arange(len(level)), score, level))
    return coordinates[best_last[np.cumsum(counts) - 1]]


def _density_at(coordinates: Coordinates, extent: Extent, width: float) -> NDArray[np.float64]:
    bandwidth_cells = max(1.0, _ANCHOR_BANDWIDTH * width / extent.size * _ANCHOR_GRID)
    density = density_grid(coordinates, extent, _ANCHOR_GRID, bandwidth_cells)
    columns, rows = grid_cells(extent, coordinates, _ANCHOR_GRID)
    return density[rows, columns]
