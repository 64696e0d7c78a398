"""The choice between the exact and the approximate search for neighbors."""

from __future__ import annotations

import numpy as np

from vista.artifacts import NeighborGraph, Representation
from vista.errors import InputError
from vista.execution import Progress, silent
from vista.execution.seeds import check_seed
from vista.metrics import LatentMetric, MetricSpace, metric_space
from vista.neighbors.approximate import approximate_neighbors
from vista.neighbors.exact import all_neighbors

EXACT_LIMIT_ITEMS = 8_000  # where the approximate search is twice as fast
EXACT_LIMIT_SPARSE_ITEMS = 30_000
FEWEST_ITEMS_A_NEIGHBOR = 8  # below, the approximate search has nothing to skip


def find_neighbors(
    representation: Representation,
    *,
    n_neighbors: int = 15,
    metric: str | LatentMetric = "cosine",
    exact: bool | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> NeighborGraph:
    """Find the nearest other items of every item.

    An item is never its own neighbor, but its exact duplicates are its neighbors. Equal distances go by row. The same
    input and seed give the same graph.

    Args:
        representation: The items' vectors.
        n_neighbors: Neighbors an item; with fewer other items than that, all of them.
        metric: "cosine", "euclidean", or a latent metric with the activations of a latent.
        exact: Whether to compare every pair. By default up to 8 000 items, 30 000 where the vectors are sparse; above,
            and when False, an approximate search whose recall is measured and recorded. Data too small for an
            approximate search are always exact, and so are up to 100 000 items among which it finds less than 95 %.
        seed: Seed of the approximate search and of its recall's sample.
        progress: Told the number of items done.

    Raises:
        InputError: If the metric is unknown or does not fit the items, `n_neighbors` is less than 1, or the seed is
            out of range.
    """
    if n_neighbors < 1:
        raise InputError(f"n_neighbors must be at least 1, not {n_neighbors}.")
    check_seed(seed)
    space = metric_space(representation.vectors, metric)
    n, k = space.n_items, max(0, min(n_neighbors, space.n_items - 1))
    if exact is None:
        exact = n <= _exact_limit_items(space)
    if not exact and n >= FEWEST_ITEMS_A_NEIGHBOR * (k + 1):
        found = approximate_neighbors(space, k, seed=seed, progress=progress)
        if found is not None:
            return found
    with progress.stage("finding neighbors", n) as advance:
        indices, distances = all_neighbors(space, k, advance=advance)
    return NeighborGraph(indices, distances, space.metric, exact=True)


def _exact_limit_items(space: MetricSpace) -> int:
    return EXACT_LIMIT_ITEMS if isinstance(space.vectors, np.ndarray) else EXACT_LIMIT_SPARSE_ITEMS
