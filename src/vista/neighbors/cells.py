"""Cells of near items: k-means on the sketch, and the cells that each item's neighbors are looked for in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK_ROWS = 2048
LLOYD_STEPS = 5
SAMPLE_A_CELL = 30
MOST_SAMPLE_ROWS = 65_536
FEWEST_CELLS = 8
MOST_CELLS = 16_384
CELLS_A_ROOT = 1.5  # cells are this many times the square root of the items,
ITEMS_A_CELL = 240  # or as many as make cells of this size, whichever is more
CROWD = 8  # a cell of this many times the size meant is cut


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Items in the order of their cells.

    Attributes:
        order: (n_items,) the item at each place; items of one cell are next to each other.
        starts: (n_cells + 1,) the first place of each cell.
        probes: (n_items, n_probes) int32 by place: the cells to look into, the own cell first.
    """

    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    probes: NDArray[np.int32]

    @property
    def n_cells(self) -> int:
        return len(self.starts) - 1


def make_cells(points: NDArray[np.float32], n_probes: int, *, rng: np.random.Generator) -> Cells:
    """Divide points into cells, and choose for each point the cells whose centers are nearest.

    Args:
        points: (n_items, dim).
        n_probes: How many cells to look into; all of them where there are no more.
        rng: Draws the points that the centers are learned from.
    """
    n_cells = int(np.clip(max(CELLS_A_ROOT * np.sqrt(len(points)), len(points) / ITEMS_A_CELL), FEWEST_CELLS, MOST_CELLS))
    n_cells = min(n_cells, len(points))
    centers = _learn_centers(points, n_cells, rng)
    probes = _nearest_centers(points, centers, min(n_probes, len(centers)))
    n_cells = _cut_crowds(probes, len(centers), CROWD * -(-len(points) // n_cells))
    order = np.argsort(probes[:, 0].astype(np.uint16), kind="stable")
    counts = np.bincount(probes[:, 0], minlength=n_cells)
    return Cells(order, np.concatenate(([0], np.cumsum(counts))), probes[order])


def _learn_centers(points: NDArray[np.float32], n_cells: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the centers that Lloyd's algorithm reaches in a few steps from random points; a center that nobody is near goes."""
    n_sample = min(len(points), SAMPLE_A_CELL * n_cells, max(MOST_SAMPLE_ROWS, n_cells))
    sample = points[np.sort(rng.choice(len(points), n_sample, replace=False))]
    centers = sample[rng.choice(len(sample), n_cells, replace=False)]
    for _ in range(LLOYD_STEPS):
        cell = _nearest_centers(sample, centers, 1)[:, 0]
        members = np.argsort(cell, kind="stable")
        counts = np.bincount(cell, minlength=len(centers))
        counts = counts[counts > 0]
        firsts = np.cumsum(counts) - counts
        centers = np.asarray(np.add.reduceat(sample[members], firsts, axis=0) / counts[:, None], dtype=np.float32)
    return centers


def _nearest_centers(points: NDArray[np.float32], centers: NDArray[np.float32], n_nearest: int) -> NDArray[np.int32]:
    from vista.kernels.nearest import keep_nearest_of_rows
    from vista.kernels.threads import over_chunks

    shifts = np.einsum("ij,ij->i", centers, centers) / 2
    nobody = np.full(BLOCK_ROWS, -1, np.int64)
    nearest = np.zeros((len(points), n_nearest), np.int32)

    def choose(start: int, stop: int) -> None:
        remoteness = np.full((stop - start, n_nearest), np.inf, np.float32)
        keep_nearest_of_rows(points[start:stop] @ centers.T, shifts, nobody, 0, nearest[start:stop], remoteness, 0, stop - start)

    over_chunks(len(points), BLOCK_ROWS, choose)
    return nearest


def _cut_crowds(probes: NDArray[np.int32], n_cells: int, limit: int) -> int:
    """Cut cells that are too large, as thousands of equal points make them; return the number of cells then.

    Items of such a cell look into their own piece, others into one of the pieces, whichever their number leads to.

    Args:
        probes: (n_items, n_probes) the own cell first; changed in place.
        n_cells: Number of cells so far.
        limit: Most items that a cell may have.
    """
    counts = np.bincount(probes[:, 0], minlength=n_cells)
    for cell in np.flatnonzero(counts > limit):
        n_pieces = -(-counts[cell] // limit)
        pieces = np.concatenate(([cell], np.arange(n_cells, n_cells + n_pieces - 1)))
        members = np.flatnonzero(probes[:, 0] == cell)
        rows, columns = np.nonzero(probes == cell)
        probes[rows, columns] = pieces[rows % n_pieces]
        probes[members, 0] = pieces[np.arange(len(members)) * n_pieces // len(members)]
        n_cells += n_pieces - 1
    return n_cells
