"""Approximate neighbors by nearest-neighbor descent (Dong, Charikar & Li 2011), with their recall measured."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import NeighborGraph
from vista.execution import Progress
from vista.metrics import MetricSpace
from vista.neighbors.exact import Found, Queries, neighbors_of

RECALL_QUERIES = 500
WANTED_RECALL = 0.95


def approximate_neighbors(space: MetricSpace, k: int, *, seed: int, progress: Progress) -> NeighborGraph:
    """Search for the k nearest other rows of every row; below a recall of 0.95, search once more with more effort.

    Args:
        space: The rows and their metric.
        k: Neighbors a row; far fewer than the rows.
        seed: Seed of the search and of the sample that measures recall.
        progress: Told the stages.
    """
    n = space.n_items
    queries = np.sort(np.random.default_rng(seed).choice(n, min(RECALL_QUERIES, n), replace=False))
    truth = neighbors_of(space, queries, k)
    with progress.stage("finding neighbors", n) as advance:
        found = _descend(space, k, seed=seed, width=k)
        recall = _recall(queries, truth, found)
        advance(n)
    if recall < WANTED_RECALL:
        with progress.stage("finding neighbors again, with more effort", n) as advance:
            again = _descend(space, k, seed=seed, width=2 * k + 20)
            recall_again = _recall(queries, truth, again)
            advance(n)
        found, recall = (again, recall_again) if recall_again > recall else (found, recall)
    return NeighborGraph(*found, space.metric, exact=False, recall=recall, recall_queries=len(queries))


def _descend(space: MetricSpace, k: int, *, seed: int, width: int) -> Found:
    """Return k neighbors of every row, chosen from the `width` + 1 that the descent holds for each."""
    from pynndescent import NNDescent

    index = NNDescent(
        space.rows, metric=space.metric, n_neighbors=min(width + 1, space.n_items), random_state=seed, low_memory=True, compressed=False
    )
    return _without_self(space, np.asarray(index.neighbor_graph[0], dtype=np.int32), k)


def _without_self(space: MetricSpace, candidates: NDArray[np.int32], k: int) -> Found:
    """Order the candidates by precise distance, each row's own number left out; incomplete rows are searched exactly."""
    from vista.kernels.nearest import nearest_first

    rows = np.arange(space.n_items)
    unusable = (candidates == rows[:, None]) | (candidates < 0)
    distances = space.pair_distances(rows, np.where(unusable, 0, candidates))
    distances[unusable] = np.inf
    indices, distances = nearest_first(candidates, distances)
    indices, distances = np.ascontiguousarray(indices[:, :k]), np.ascontiguousarray(distances[:, :k])
    incomplete = rows[~np.isfinite(distances[:, -1])]
    if len(incomplete):
        indices[incomplete], distances[incomplete] = neighbors_of(space, incomplete, k)
    return indices, distances


def _recall(queries: Queries, truth: Found, found: Found) -> float:
    """Return the share of the neighbors found that are as near as the true ones, so that ties count for what they are."""
    return float(np.mean(found[1][queries] <= truth[1][:, -1:]))
