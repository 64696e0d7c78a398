"""Gradient descent with momentum on the objective of the attraction–repulsion spectrum (Böhm, Berens & Kobak 2022).

With q_ij = 1 / (1 + |y_i − y_j|²), symmetric weights p_ij that sum to about 1 at every item, and Z = Σ_{i≠j} q_ij, the
engine walks down

    E_α(y) = −½ Σ_ij p_ij log q_ij + n / (2 α) · log Z,

whose gradient at item i is  Σ_j p_ij q_ij (y_i − y_j) − n / (α Z) · Σ_j q_ij² (y_i − y_j), up to a factor 2. α = 1 is t-SNE, where α is
the exaggeration; at α near 4 the layouts look like UMAP's. Each item's step is divided by the sum of its weights, so
that items with very many edges do not overshoot; with learning rate 1 the step of an ordinary item is that of Belkina
et al. (2019), n / exaggeration.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates
from vista.kernels.crew import Crew
from vista.layout.edges import Edges, renumbered
from vista.layout.repulsion import repulsion_for

LEAST_DEGREE = 0.25  # of an item, when its step is divided by it
MORTON_BITS = 10


@dataclass(slots=True)
class Push:
    """Repulsion as it was at some step.

    Attributes:
        values: (n_items, 2) Σ_j q² (y_i − y_j), in the order of the engine.
        scale: n / Z.
        step: At which it was computed; None where it does not hold, since the items have been placed otherwise.
    """

    values: Coordinates
    scale: float = 0.0
    step: int | None = None


class Engine:
    """Items on the plane with their velocities; `step` moves them.

    Items are kept in an order of their own, so that items that are close on the plane are close in memory.

    Args:
        start: (n_items, 2) where the items are, float32.
        edges: The weighted graph that attracts.
        crew: Threads to work with.
    """

    def __init__(self, start: Coordinates, edges: Edges, crew: Crew) -> None:
        self._crew = crew
        self._order = np.arange(len(start), dtype=np.uint32)  # item at each place
        self._places = np.array(start, dtype=np.float32, order="C")
        self._velocity, self._next = np.zeros((2, len(start), 2), np.float32)
        self._step, self._pushes = 0, [Push(np.zeros_like(self._places)) for _ in range(2)]
        self._repulsion = repulsion_for(len(start), crew)
        self.attract_along(edges)

    def attract_along(self, edges: Edges) -> None:
        """Take other edges, numbered as items; places and velocities stay."""
        self._given = edges
        self.renumber()

    def step(self, alpha: float, momentum: float, *, repel_anew: bool = True, half: int | None = None) -> None:
        """Move all items once.

        Args:
            alpha: Attraction against repulsion, above 0; 1 is t-SNE.
            momentum: Share of the velocity that is kept, 0 to 1.
            repel_anew: Whether repulsion is computed; else the two that were computed last are continued in a straight line, or the
                one that still holds is taken as it is; where none does, it is computed all the same.
            half: 0 or 1 pulls along the first or the second half of each item's edges alone, twice as hard; None along all.
        """
        from vista.kernels.forces import ALL_EDGES, move

        places, edges = self._places, self._edges
        if anew := repel_anew or self._pushes[0].step is None:
            self._pushes.reverse()
            total = self._repulsion.prepare(places)
            self._pushes[0].scale, self._pushes[0].step = (len(places) / total if total > 0 else 0.0), self._step
        latest, older = self._pushes
        ahead = lead(self._step, latest.step, older.step)
        scale, older_scale = np.float32((1 + ahead) * latest.scale / alpha), np.float32(-ahead * older.scale / alpha)
        part = ALL_EDGES if half is None else half

        def advance(start: int, stop: int) -> None:
            if anew:
                self._repulsion.fill(latest.values, places, start, stop)
            push: tuple[Any, Any, Any, Any] = latest.values, scale, older.values, older_scale
            graph: tuple[Any, Any, Any] = edges.row_starts, edges.others, edges.weights
            move(places, self._velocity, *push, *graph, self._rates, np.float32(momentum), part, self._next, start, stop)

        self._crew.over_rows(len(places), advance)
        self._places, self._next = self._next, places
        self._step += 1

    def pull(self, places: Coordinates, strength: float, reach: float) -> None:
        """Draw every item towards a place of its own, and the less the farther it is, so that none is torn from its neighbors.

        Args:
            places: (n_items, 2) the places, in the order of the items.
            strength: Share of the way that is added to the velocity, 0 to 1.
            reach: Distance at which the pull is at its strongest.
        """
        ways = places[self._order] - self._places
        shares = np.float32(strength) / (1 + np.square(ways).sum(axis=1, keepdims=True) / np.float32(reach * reach))
        self._velocity += shares * ways

    def dilate(self, factor: float) -> None:
        """Stretch the layout about its middle; velocities stay."""
        self._places *= np.float32(factor)
        for push in self._pushes:
            push.step = None

    def renumber(self) -> None:
        """Put the items into the order of a Morton curve through the plane, for speed alone."""
        order = np.argsort(morton_codes(self._places), kind="stable").astype(np.uint32)
        self._order, self._places, self._velocity = self._order[order], self._places[order], self._velocity[order]
        for push in self._pushes:
            push.values = push.values[order]
        self._edges = renumbered(self._given, self._order, self._crew)
        self._rates: NDArray[np.float32] = np.reciprocal(np.maximum(self._edges.degrees(), np.float32(LEAST_DEGREE)))

    def coordinates(self) -> Coordinates:
        """Return where each item is now, (n_items, 2), in the order of the items."""
        places = np.empty_like(self._places)
        places[self._order] = self._places
        return places


def lead(step: int, latest: int | None, older: int | None) -> float:
    """Return how far a step lies beyond the latest of two others, as a share of the way between them; 0 where one is missing."""
    return 0.0 if latest is None or older is None else (step - latest) / (latest - older)


def morton_codes(places: Coordinates) -> NDArray[np.uint32]:
    """Return for each item the number of its cell on a Morton curve through 2¹⁰ × 2¹⁰ cells (Morton 1966)."""
    codes = np.zeros(len(places), np.uint32)
    for shift, axis in enumerate(places.T):
        width = float(np.ptp(axis)) or 1.0
        cells = ((axis - axis.min()) * np.float32((2**MORTON_BITS - 1) / width)).astype(np.uint32)
        for bit in range(MORTON_BITS):
            codes |= ((cells >> bit) & 1) << (2 * bit + shift)
    return codes
