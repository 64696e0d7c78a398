"""The door of this room: a graph of neighbors in, a place for every item out."""

from __future__ import annotations

from vista.artifacts import Coordinates, Layout, NeighborGraph
from vista.errors import InputError, nearest_name_hint
from vista.execution import Progress, silent
from vista.execution.seeds import check_seed
from vista.layout.spectrum import FEW_ITEMS, lay_out_along_spectrum
from vista.layout.steps import OnStep
from vista.layout.umap import lay_out_by_umap
from vista.layout.validity import check_graph, check_start

DEFAULT_NEIGHBORS = {"spectrum": 35, "umap": 15}
FEW_NEIGHBORS = 30  # of "spectrum", up to `FEW_ITEMS` items


def lay_out(
    graph: NeighborGraph,
    *,
    start: Coordinates,
    method: str = "spectrum",
    detail: float | None = None,
    n_neighbors: int | None = None,
    min_dist: float | None = None,
    spread: float | None = None,
    n_epochs: int | None = None,
    seed: int = 0,
    progress: Progress = silent,
    on_step: OnStep | None = None,
) -> Layout:
    """Place every item so that it lies near its neighbors in the graph.

    The result is bit-exact: the same graph, start and seed give the same bytes on the same kind of machine, whatever
    the number of threads.

    Args:
        graph: The nearest neighbors of every item; only its first `n_neighbors` columns are used.
        start: (n_items, 2) where the items start, finite, in any unit.
        method: "spectrum" (`spectrum.py`) or "umap" (`umap.py`).
        detail: Of "spectrum": 0 shows continents, as UMAP does, and 1, the default, t-SNE's detail.
        n_neighbors: Neighbors an item; small keeps fine detail, large keeps continents together. By default 35, or 30
            up to 5 000 items, and 15 for "umap".
        min_dist: Of "umap": how close items may lie, in layout units, 0 to `spread`; 0.1 by default.
        spread: Of "umap": width of a neighborhood, in layout units; 1 by default.
        n_epochs: Of "umap": rounds of optimization; by default 500 up to 10 000 items, else 200.
        seed: Seed of the start's noise, and of UMAP's negative samples.
        progress: Told the number of steps done.
        on_step: Called now and then, at most about 50 times, with the steps done, the steps in all, and a copy of the
            coordinates at that time, in the order of the items.

    Returns:
        The layout, its coordinates (n_items, 2) in the order of the items, centered for "spectrum".

    Raises:
        InputError: If the method is unknown, an option belongs to the other method or is out of its range, the graph
            has missing or wrong neighbors or distances, or `start` does not fit it.
    """
    if method not in DEFAULT_NEIGHBORS:
        raise InputError(f"no layout '{method}'.{nearest_name_hint(method, DEFAULT_NEIGHBORS)}")
    k = default_neighbors(method, graph.n_items) if n_neighbors is None else n_neighbors
    if k < 1:
        raise InputError(f"n_neighbors must be at least 1, not {k}.")
    check_seed(seed)
    check_graph(graph)
    if n_neighbors is not None and graph.n_neighbors < min(k, graph.n_items - 1):
        raise InputError(
            f"n_neighbors is {k}, but the graph holds only {graph.n_neighbors} neighbors of each item: find more, or use fewer."
        )
    check_start(start, graph.n_items)
    if method == "umap":
        _refuse_foreign(method, detail=detail)
        shape = {"min_dist": 0.1 if min_dist is None else min_dist, "spread": 1.0 if spread is None else spread}
        return lay_out_by_umap(graph, start, n_neighbors=k, **shape, n_epochs=n_epochs, seed=seed, progress=progress, on_step=on_step)
    _refuse_foreign(method, min_dist=min_dist, spread=spread, n_epochs=n_epochs)
    dial = 1.0 if detail is None else detail
    if not 0 <= dial <= 1:
        raise InputError(f"detail must lie between 0 (continents) and 1 (t-SNE's detail), not be {detail}.")
    return lay_out_along_spectrum(graph, start, detail=dial, n_neighbors=k, seed=seed, progress=progress, on_step=on_step)


def default_neighbors(method: str, n_items: int) -> int:
    """Return how many neighbors of each item a layout of so many items uses."""
    return FEW_NEIGHBORS if method == "spectrum" and n_items <= FEW_ITEMS else DEFAULT_NEIGHBORS[method]


def _refuse_foreign(method: str, **options: float | None) -> None:
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise InputError(f"{given[0]} is no option of the layout '{method}': leave it out.")
