"""New items on a map that stands: each is led to its neighbors among the items that are there, and nothing else moves.

The known items push and pull as they do in a layout; only the new ones answer. Each starts at that one of its neighbors
that lies closest to the others, so that an item between two distant groups begins inside one of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates, Layout, NeighborGraph
from vista.errors import InputError
from vista.execution import Progress, silent
from vista.kernels.crew import Crew
from vista.layout.edges import Edges
from vista.layout.engine import Engine
from vista.layout.weights import rank_weights

N_NEIGHBORS = 20
N_STEPS = 120
MOMENTUM = 0.8
JITTER = 0.05  # in units of the kernel, so that new items with one start part
SPACING = 0.62  # median distance from an item to its nearest on the map, in layouts along the spectrum
SPACING_SAMPLE = 2_000


def place(neighbors: NeighborGraph, layout: Layout, *, seed: int = 0, progress: Progress = silent) -> Coordinates:
    """Find a place on an existing layout for new items.

    A layout of another method is measured first, and the new items are led as if it were as dense as one along the
    spectrum. The same input and seed give the same bytes.

    Args:
        neighbors: The nearest known items of every new item: (n_new, k) rows of `layout`, near to far.
        layout: Where the known items lie; it stays as it is.
        seed: Seed of the noise that parts new items with the same neighbors.
        progress: Told the number of steps done.

    Returns:
        (n_new, 2) float32 coordinates of the new items, in the units of `layout`.

    Raises:
        InputError: If the neighbors are not items of the layout, or there are none.
    """
    n_new, n_known = neighbors.n_items, len(layout.coordinates)
    k = min(N_NEIGHBORS, neighbors.n_neighbors)
    _check(neighbors, layout)
    if n_new == 0:
        return np.zeros((0, 2), np.float32)
    unit = _unit(layout)
    known = (layout.coordinates / unit).astype(np.float32)
    nearest, weights = neighbors.indices[:, :k], rank_weights(n_new, k)
    start = _starts(known, nearest, weights) + np.random.default_rng(seed).normal(scale=JITTER, size=(n_new, 2))
    free = np.arange(n_known + n_new) >= n_known
    with Crew() as crew, progress.stage("placing items", N_STEPS) as advance:
        engine = Engine(np.concatenate([known, start]).astype(np.float32), _edges(nearest, weights, n_known), crew, free)
        for _ in range(N_STEPS):
            engine.step(float(layout.parameters.get("last_alpha", 1.0)), MOMENTUM)
            advance(1)
        return engine.coordinates()[n_known:] * np.float32(unit)


def _starts(known: Coordinates, nearest: NDArray[np.int32], weights: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the place of that neighbor of each new item from which the others are the least far, by their weights."""
    best, least = nearest[:, 0].copy(), np.full(len(nearest), np.inf)
    for candidate in nearest.T:
        cost = np.zeros(len(nearest))
        for others, weight in zip(nearest.T, weights.T, strict=True):
            cost += weight * np.linalg.norm(known[candidate] - known[others], axis=1)
        closer = cost < least
        best[closer], least[closer] = candidate[closer], cost[closer]
    return known[best].astype(np.float64)


def _edges(nearest: NDArray[np.int32], weights: NDArray[np.float32], n_known: int) -> Edges:
    """Return edges from the new items alone, numbered after the known ones."""
    n_new, k = nearest.shape
    row_starts = np.concatenate([np.zeros(n_known, np.uint64), np.arange(n_new + 1, dtype=np.uint64) * np.uint64(k)])
    return Edges(row_starts, nearest.ravel().astype(np.uint32), np.ascontiguousarray(weights, dtype=np.float32).ravel())


def _unit(layout: Layout) -> float:
    """Return the length in the layout that is 1 in a layout along the spectrum."""
    if layout.method == "spectrum":
        return 1.0
    from scipy.spatial import KDTree

    coordinates = layout.coordinates
    asked = coordinates[:: max(1, len(coordinates) // SPACING_SAMPLE)]
    distances = KDTree(coordinates).query(asked, 2)[0][:, 1]
    apart = distances[(distances > 0) & np.isfinite(distances)]
    return float(np.median(apart)) / SPACING if len(apart) else 1.0


def _check(neighbors: NeighborGraph, layout: Layout) -> None:
    n_known = len(layout.coordinates)
    if neighbors.n_items and not neighbors.n_neighbors:
        raise InputError("new items without neighbors cannot be placed: find at least one known neighbor for each.")
    if neighbors.n_items and not 0 <= neighbors.indices.min() <= neighbors.indices.max() < n_known:
        raise InputError(f"the neighbors are not items of this layout, which has {n_known}: search among the items that it shows.")
    if not np.isfinite(layout.coordinates).all():
        raise InputError("the layout to place into must be finite; it holds NaN or infinite coordinates.")
