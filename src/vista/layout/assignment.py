"""A cell of a regular grid for every item, near where the layout has it.

Each axis of the layout is first made even: a coordinate is replaced by its rank, so that crowded and empty stretches take room by
their number of items. Items then get cells so that the sum of squared distances to their even places is small, a linear
assignment, which keeps neighbors together: it is the discrete form of optimal transport, whose maps do not tear or cross.
The search is that of ShuffleSnap: exact assignments within windows of cells, from far-flung windows to dense ones. It ends
within about 1 % of the optimum and never needs the n × n distances.

What it costs in area under R_NX, and what halving the items along alternating axes would: scikit-learn's digits keep 0.378 of a
t-SNE's 0.538 (halving: 0.357), 20 000 WordNet texts 0.228 of 0.306 (halving: 0.220). The loss is the price of filling the gaps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates
from vista.errors import InputError
from vista.execution.seeds import check_seed


@dataclass(frozen=True, slots=True, eq=False)
class GridAssignment:
    """The cell of every item on a grid of `n_columns` × `n_rows`; no cell is given twice.

    Attributes:
        columns: (n_items,) int32 in 0 … n_columns − 1, from left to right.
        rows: (n_items,) int32 in 0 … n_rows − 1, from the top down. All rows are full but the last, which may end early.
    """

    columns: NDArray[np.int32]
    rows: NDArray[np.int32]
    n_columns: int
    n_rows: int


def assign_grid(coordinates: Coordinates, *, aspect: float = 1.0, seed: int = 0) -> GridAssignment:
    """Give every item a cell of its own on a regular grid, so that neighbors stay neighbors.

    Takes about 4 s for 100 000 items and 65 s for a million on two cores. The same coordinates and seed give the same
    cells, whatever the number of threads.

    Args:
        coordinates: (n_items, 2) where the items lie, finite; any number of items from 1 on.
        aspect: Columns over rows; the grid comes as near to it as the number of items lets it.
        seed: Seed of the assignment that the search starts from.

    Raises:
        InputError: If the coordinates have another shape or are not finite, or the aspect or the seed is out of its range.
    """
    _check(coordinates, aspect, seed)
    n_columns, n_rows = _shape(len(coordinates), aspect)
    even = _ranks(coordinates) * [n_columns - 1, n_rows - 1]
    cells = _assign(even, n_columns, n_rows, seed)
    return GridAssignment(cells[:, 0].astype(np.int32), cells[:, 1].astype(np.int32), n_columns, n_rows)


def _assign(places: NDArray[np.float64], n_columns: int, n_rows: int, seed: int) -> NDArray[np.integer]:
    from shufflesnap import Grid, assign

    usable = np.arange(n_columns * n_rows).reshape(n_rows, n_columns) < len(places)
    cells: NDArray[np.integer] = assign(places, Grid.from_mask(usable), normalize="none", seed=seed).xy
    return cells


def _shape(n_items: int, aspect: float) -> tuple[int, int]:
    """Return columns and rows: the fewest rows that hold all items beside √(n · aspect) columns."""
    n_columns = max(1, math.ceil(min(math.sqrt(n_items) * math.sqrt(aspect), n_items)))
    return n_columns, math.ceil(n_items / n_columns)


def _ranks(coordinates: Coordinates) -> NDArray[np.float64]:
    """Return each coordinate's rank on its axis, in [0, 1]; equal coordinates share the mean of their ranks."""
    return np.stack([_axis_ranks(coordinates[:, axis]) for axis in range(2)], axis=1)


def _axis_ranks(values: NDArray[np.float32]) -> NDArray[np.float64]:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts + 1) / 2
    return np.asarray(middle[inverse] / max(1, len(values) - 1), dtype=np.float64)


def _check(coordinates: Coordinates, aspect: float, seed: int) -> None:
    if coordinates.ndim != 2 or coordinates.shape[1] != 2 or not len(coordinates):
        raise InputError(f"a grid takes coordinates of shape (n_items, 2) with at least one item, not {coordinates.shape}.")
    if not np.isfinite(coordinates).all():
        row = int(np.flatnonzero(~np.isfinite(coordinates).all(axis=1))[0])
        raise InputError(f"the coordinates of a grid must be finite; those of row {row} are {coordinates[row].tolist()}.")
    if not (aspect > 0 and math.isfinite(aspect)):
        raise InputError(f"aspect must be a number above 0 (columns over rows), not {aspect}.")
    check_seed(seed)
