"""Repulsion between all items, either from all pairs or from one potential on a grid.

Let q = 1 / (1 + r²). Every item is pushed by Σ_j q² (y_i − y_j), and Z = Σ_{i≠j} q normalizes. Both follow from the one
potential φ(y) = Σ_j 1 / (1 + |y − y_j|²): the push is −∇φ(y_i) / 2, and Z = Σ_i φ(y_i) − n. So the field needs one
forward and one inverse Fourier transform, where interpolation-based t-SNE (Linderman et al. 2019) needs several fields.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from vista.artifacts import Coordinates
from vista.kernels.crew import Crew
from vista.layout.mesh import Mesh, cell_for

PAIRS_LIMIT_ITEMS = 2_500
CELLS = ((8_000, 0.35), (50_000, 0.6))  # up to so many items, the width of a grid cell in units of the kernel
COARSEST_CELL = 0.7


class Repulsion(Protocol):
    """What the engine asks for, in two rounds, since every push is divided by the Z of all items."""

    def prepare(self, places: Coordinates) -> float:
        """Look at where all items are, and return Z."""
        ...

    def fill(self, push: Coordinates, places: Coordinates, start: int, stop: int) -> None:
        """Fill the rows `start` … `stop` − 1 of `push`, an array for all items, with Σ_j q² (y_i − y_j)."""
        ...


def repulsion_for(n_items: int, crew: Crew) -> Repulsion:
    """Return the way that is cheaper for so many items."""
    if n_items <= PAIRS_LIMIT_ITEMS:
        return PairRepulsion(n_items, crew)
    return FieldRepulsion(next((cell for limit, cell in CELLS if n_items <= limit), COARSEST_CELL), crew)


class PairRepulsion:
    """Repulsion summed over all pairs; its cost grows with the square of the number of items."""

    def __init__(self, n_items: int, crew: Crew) -> None:
        self._crew = crew
        self._push, self._nearness = np.zeros((n_items, 2), np.float32), np.zeros(n_items, np.float32)

    def prepare(self, places: Coordinates) -> float:
        from vista.kernels.forces import repel_pairs

        x, y = np.ascontiguousarray(places.T)
        self._crew.over_rows(len(x), lambda a, b: repel_pairs(x, y, self._push, self._nearness, a, b))
        return float(self._nearness.sum(dtype=np.float64))

    def fill(self, push: Coordinates, places: Coordinates, start: int, stop: int) -> None:
        push[start:stop] = self._push[start:stop]


class FieldRepulsion:
    """Repulsion read from a potential on a grid, at a cost that grows with the area of the layout.

    Args:
        cell: Width of a grid cell; the kernel's width is 1.
        crew: Threads to work with.
    """

    def __init__(self, cell: float, crew: Crew) -> None:
        self._crew, self._cell = crew, cell
        self._edges = np.empty(4, np.float32)  # of the layout: least x and y, largest x and y
        self._mesh: Mesh | None = None

    def prepare(self, places: Coordinates) -> float:
        from vista.kernels.field import bounds

        bounds(places, self._edges)
        left, top, right, bottom = self._edges
        width, height = float(right - left), float(bottom - top)
        cell = cell_for(max(width, height), self._cell)
        if self._mesh is None or not self._mesh.suits(width, height, cell):
            self._mesh = Mesh(width, height, cell, self._crew)
        return self._mesh.set_charges(places, left, top) - len(places)

    def fill(self, push: Coordinates, places: Coordinates, start: int, stop: int) -> None:
        from vista.kernels.field import read_slopes

        assert self._mesh is not None
        read_slopes(places, *self._mesh.place, np.float32(-0.5), self._mesh.potential, push, start, stop)
