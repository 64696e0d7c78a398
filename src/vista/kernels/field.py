"""A field on a regular grid: items spread their charge over the grid, and read the slope of a potential from it.

Both ways use the cubic B-spline, which touches 4 × 4 nodes (Essmann et al. 1995), so that the slope read is the exact
derivative of the energy of the spread charges.

        node − 1    node     node + 1   node + 2
    ───────●─────────●───x─────●──────────●───────      weights of item x: (1 − t)³/6 … t³/6,
                      <─t─>                              where t is its distance from `node` in cells
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vista.kernels.compiled import compiled

ONE = np.float32(1.0)
TWO = np.float32(2.0)
THREE = np.float32(3.0)
FOUR = np.float32(4.0)
HALF = np.float32(0.5)
SIXTH = np.float32(1.0 / 6.0)


@compiled(fastmath=True)
def _weights(t: np.float32) -> tuple[np.float32, np.float32, np.float32, np.float32]:
    rest = ONE - t
    before = rest * rest * rest * SIXTH
    beyond = t * t * t * SIXTH
    near = (FOUR + t * t * (THREE * t - TWO * THREE)) * SIXTH
    return before, near, ONE - before - near - beyond, beyond


@compiled(fastmath=True)
def _slopes(t: np.float32) -> tuple[np.float32, np.float32, np.float32, np.float32]:
    rest = ONE - t
    before = -HALF * rest * rest
    beyond = HALF * t * t
    near = HALF * t * (THREE * t - FOUR)
    return before, near, -before - near - beyond, beyond


@compiled(fastmath=True)
def bounds(places: NDArray[np.float32], edges: NDArray[np.float32]) -> None:
    """Fill `edges` (4,) with the least x and y, and the largest x and y, of places (n_items, 2), at least one."""
    left, top = places[0, 0], places[0, 1]
    right, bottom = left, top
    for i in range(places.shape[0]):
        left = min(left, places[i, 0])
        top = min(top, places[i, 1])
        right = max(right, places[i, 0])
        bottom = max(bottom, places[i, 1])
    edges[0], edges[1], edges[2], edges[3] = left, top, right, bottom


@compiled(fastmath=True)
def spread(
    places: NDArray[np.float32],
    left: np.float32,
    top: np.float32,
    cells_a_unit: np.float32,
    charges: NDArray[np.float32],
    start: int,
    stop: int,
) -> None:
    """Add one unit of charge for each of the items `start` … `stop` − 1.

    Args:
        places: (n_items, 2) coordinates.
        left: The x of the second column of nodes, at most every x.
        top: The y of the second row of nodes, at most every y.
        cells_a_unit: Cells a unit of length.
        charges: (n_rows, n_columns) of the grid, changed in place.
        start: First item.
        stop: Item after the last.
    """
    for i in range(start, stop):
        u = (places[i, 0] - left) * cells_a_unit
        v = (places[i, 1] - top) * cells_a_unit
        column = np.uint32(u)
        row = np.uint32(v)
        a0, a1, a2, a3 = _weights(u - np.float32(column))
        b = _weights(v - np.float32(row))
        for r in range(4):
            line = charges[row + np.uint32(r)]
            line[column] += b[r] * a0
            line[column + np.uint32(1)] += b[r] * a1
            line[column + np.uint32(2)] += b[r] * a2
            line[column + np.uint32(3)] += b[r] * a3


@compiled(fastmath=True)
def read_slopes(
    places: NDArray[np.float32],
    left: np.float32,
    top: np.float32,
    cells_a_unit: np.float32,
    factor: np.float32,
    potential: NDArray[np.float32],
    slopes: NDArray[np.float32],
    start: int,
    stop: int,
) -> None:
    """Fill the slopes of the potential at the items `start` … `stop` − 1, per unit of length.

    Args:
        places: (n_items, 2) coordinates.
        left: The x of the second column of nodes, at most every x.
        top: The y of the second row of nodes, at most every y.
        cells_a_unit: Cells a unit of length.
        factor: What to multiply the slopes by.
        potential: (n_rows, n_columns) on the nodes.
        slopes: (n_items, 2) the result.
        start: First item.
        stop: Item after the last.
    """
    for i in range(start, stop):
        u = (places[i, 0] - left) * cells_a_unit
        v = (places[i, 1] - top) * cells_a_unit
        column = np.uint32(u)
        row = np.uint32(v)
        a0, a1, a2, a3 = _weights(u - np.float32(column))
        d0, d1, d2, d3 = _slopes(u - np.float32(column))
        b = _weights(v - np.float32(row))
        e = _slopes(v - np.float32(row))
        across = np.float32(0.0)
        down = np.float32(0.0)
        for r in range(4):
            line = potential[row + np.uint32(r)]
            p0 = line[column]
            p1 = line[column + np.uint32(1)]
            p2 = line[column + np.uint32(2)]
            p3 = line[column + np.uint32(3)]
            across += b[r] * (d0 * p0 + d1 * p1 + d2 * p2 + d3 * p3)
            down += e[r] * (a0 * p0 + a1 * p1 + a2 * p2 + a3 * p3)
        slopes[i, 0] = across * cells_a_unit * factor
        slopes[i, 1] = down * cells_a_unit * factor
