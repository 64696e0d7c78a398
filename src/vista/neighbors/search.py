"""The choice between the exact and the approximate search for neighbors."""

from __future__ import annotations

from vista.artifacts import NeighborGraph, Representation
from vista.errors import InputError
from vista.execution import Progress, silent
from vista.metrics import metric_space
from vista.neighbors.approximate import approximate_neighbors
from vista.neighbors.exact import all_neighbors

EXACT_LIMIT_ITEMS = 30_000
FEWEST_ITEMS_A_NEIGHBOR = 8  # below, the approximate search has nothing to skip


def find_neighbors(
    representation: Representation,
    *,
    n_neighbors: int = 15,
    metric: str = "cosine",
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
        metric: "cosine" or "euclidean".
        exact: Whether to compare every pair. By default up to 30 000 items; above, and when False, an approximate
            search whose recall is measured and recorded. Data too small for an approximate search are always exact.
        seed: Seed of the approximate search and of its recall's sample.
        progress: Told the number of items done.

    Raises:
        InputError: If the metric is unknown, or `n_neighbors` is less than 1.
    """
    if n_neighbors < 1:
        raise InputError(f"n_neighbors must be at least 1, not {n_neighbors}.")
    space = metric_space(representation.vectors, metric)
    n, k = space.n_items, max(0, min(n_neighbors, space.n_items - 1))
    if exact is None:
        exact = n <= EXACT_LIMIT_ITEMS
    if not exact and n >= FEWEST_ITEMS_A_NEIGHBOR * (k + 1):
        return approximate_neighbors(space, k, seed=seed, progress=progress)
    with progress.stage("finding neighbors", n) as advance:
        indices, distances = all_neighbors(space, k, advance=advance)
    return NeighborGraph(indices, distances, space.metric, exact=True)
