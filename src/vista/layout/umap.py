"""UMAP: a layout in which the neighbors of an item stay its neighbors (McInnes, Healy & Melville 2018)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates, Layout, NeighborGraph
from vista.errors import InputError
from vista.execution import Progress
from vista.layout.affinities import fuzzy_affinities
from vista.layout.steps import OnStep

START_SIZE = 10.0
START_NOISE = 1e-4
NEGATIVE_RATE = 5
MANY_ITEMS = 10_000
EPOCHS_FEW_ITEMS = 500
EPOCHS_MANY_ITEMS = 200
EPOCHS_A_STEP = 10


def lay_out_by_umap(
    graph: NeighborGraph,
    start: Coordinates,
    *,
    n_neighbors: int,
    min_dist: float,
    spread: float,
    n_epochs: int | None,
    seed: int,
    progress: Progress,
    on_step: OnStep | None,
) -> Layout:
    """Place every item near its neighbors in the graph; `lay_out` describes and checks the arguments."""
    epochs = _default_epochs(graph.n_items) if n_epochs is None else n_epochs
    _check(min_dist=min_dist, spread=spread, n_epochs=epochs)
    rng = np.random.default_rng(seed)
    coordinates = _scaled_start(start, rng)
    edges = _edges(graph, n_neighbors, epochs)
    a, b = affinity_shape(min_dist, spread)
    _optimize(coordinates, edges, a, b, epochs, rng, progress, on_step)
    parameters: dict[str, Any] = {
        "n_neighbors": min(n_neighbors, graph.n_neighbors),
        "min_dist": float(min_dist),
        "spread": float(spread),
        "n_epochs": int(epochs),
        "negative_sample_rate": NEGATIVE_RATE,
    }
    return Layout(coordinates, "umap", parameters)


def affinity_shape(min_dist: float, spread: float) -> tuple[float, float]:
    """Fit a and b of 1 / (1 + a·d^(2b)) to 1 up to `min_dist` and exp(−(d − min_dist) / spread) beyond."""
    from scipy.optimize import curve_fit

    distance = np.linspace(0, 3 * spread, 300)
    wanted = np.where(distance < min_dist, 1.0, np.exp(-(distance - min_dist) / spread))
    (a, b), _ = curve_fit(lambda d, a, b: 1.0 / (1.0 + a * d ** (2 * b)), distance, wanted)
    return float(a), float(b)


@dataclass(frozen=True, slots=True, eq=False)
class _Edges:
    heads: NDArray[np.int32]
    tails: NDArray[np.int32]
    periods: NDArray[np.float64]  # epochs from one draw to the next


def _edges(graph: NeighborGraph, n_neighbors: int, n_epochs: int) -> _Edges:
    """Return both directions of every edge that is strong enough to be drawn at least once."""
    affinities = fuzzy_affinities(graph, n_neighbors).tocoo()
    strongest = float(affinities.data.max(initial=0.0))
    drawn = affinities.data >= strongest / max(1, n_epochs)
    weights = affinities.data[drawn].astype(np.float64)
    return _Edges(affinities.row[drawn].astype(np.int32), affinities.col[drawn].astype(np.int32), strongest / weights)


def _scaled_start(start: Coordinates, rng: np.random.Generator) -> Coordinates:
    centered = start.astype(np.float64) - start.mean(axis=0, dtype=np.float64)
    width = np.ptp(centered, axis=0).max()
    scaled = centered * (START_SIZE / width) if width > 0 else centered
    return np.asarray(scaled + rng.normal(scale=START_NOISE, size=scaled.shape), dtype=np.float32)


def _optimize(
    coordinates: Coordinates,
    edges: _Edges,
    a: float,
    b: float,
    n_epochs: int,
    rng: np.random.Generator,
    progress: Progress,
    on_step: OnStep | None,
) -> None:
    from vista.kernels.umap import optimize_epochs

    state = rng.integers(1, 2**63, size=1, dtype=np.uint64)
    next_attraction = edges.periods.copy()
    next_repulsion = edges.periods / NEGATIVE_RATE
    schedule = edges.heads, edges.tails, edges.periods, next_attraction, next_repulsion
    with progress.stage("laying out", n_epochs) as advance:
        for first in range(0, n_epochs, EPOCHS_A_STEP):
            last = min(first + EPOCHS_A_STEP, n_epochs)
            optimize_epochs(coordinates, *schedule, a, b, NEGATIVE_RATE, first, last, n_epochs, state)
            advance(last - first)
            if on_step:
                on_step(last, n_epochs, coordinates.copy())


def _default_epochs(n_items: int) -> int:
    return EPOCHS_FEW_ITEMS if n_items <= MANY_ITEMS else EPOCHS_MANY_ITEMS


def _check(*, min_dist: float, spread: float, n_epochs: int) -> None:
    if not spread > 0:
        raise InputError(f"spread must be larger than 0, not {spread}.")
    if not 0 <= min_dist <= spread:
        raise InputError(f"min_dist must lie between 0 and spread ({spread}), not be {min_dist}.")
    if n_epochs < 1:
        raise InputError(f"n_epochs must be at least 1, not {n_epochs}.")
