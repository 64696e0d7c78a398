"""Layouts of the same items in several representations, made together so that they can be compared by eye.

Each layout walks along its own graph, and at every step its items are drawn towards where its neighbors in the series have
them: the layers of a model in their order, or two models. The pull on an item weakens beyond a tenth of the map's radius,
so an item that the representations place very differently stays where its own neighbors are, and shows. Parts of a graph
that no edge joins are held together by nothing else; they stay where the walk leaves them, as moving them would part the layouts.

    graph 1 ─► layout 1 ◄┐
                         ├ pull, item by item
    graph 2 ─► layout 2 ◄┘◄┐
    graph 3 ─► layout 3 ◄──┘
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from vista.artifacts import Coordinates, Layout, NeighborGraph
from vista.errors import InputError
from vista.execution import Progress, silent
from vista.execution.seeds import check_seed
from vista.kernels.crew import Crew
from vista.layout.engine import Engine
from vista.layout.laying_out import default_neighbors
from vista.layout.spectrum import attractions, scaled_start, schedule_for, take_step, upright, weighting
from vista.layout.validity import check_graph, check_start

REACH_SHARE = 0.1  # of the layouts' radius: from here on, the farther an item is from its counterpart, the less it is drawn to it
STRONGEST = 0.02  # share of the way in one step, at closeness 1


def align(
    graphs: Sequence[NeighborGraph],
    *,
    starts: Sequence[Coordinates],
    closeness: float = 0.5,
    detail: float = 1.0,
    n_neighbors: int | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> tuple[Layout, ...]:
    """Lay the same items out by each of several graphs, near to each other in the series.

    The result is bit-exact, whatever the number of threads.

    Args:
        graphs: The nearest neighbors of the same items in each representation, in the order of the series.
        starts: (n_items, 2) where the items start in each layout, finite; each is turned onto the one before.
        closeness: 0 lets each layout go its own way, 1 draws them together the most.
        detail: The dial of `lay_out`.
        n_neighbors: Neighbors an item; by default as in `lay_out`.
        seed: Seed of the start's noise.
        progress: Told the number of steps done.

    Returns:
        One layout a graph, all in one frame: turned and centered together.

    Raises:
        InputError: If the graphs differ in their items, there are none, or a number is out of its range.
    """
    _check(graphs, starts, closeness, detail, n_neighbors, seed)
    n = graphs[0].n_items
    k = min(default_neighbors("spectrum", n) if n_neighbors is None else n_neighbors, *(graph.n_neighbors for graph in graphs))
    schedule = schedule_for(n, k, detail)
    begins = _turned_alike([scaled_start(start, np.random.default_rng(seed)) for start in starts])
    with Crew() as crew, progress.stage("laying out together", schedule.n_steps) as advance:
        walks = [attractions(graph, k, detail, crew) for graph in graphs if n > 2]
        engines = [Engine(begin, first, crew) for begin, (first, _) in zip(begins, walks, strict=n > 2)]
        for step in range(schedule.n_steps):
            _draw_together(engines, closeness)
            for engine, (_, second) in zip(engines, walks, strict=True):
                take_step(engine, second, schedule, step)
            advance(1)
        together = upright(np.concatenate([engine.coordinates() for engine in engines] or begins))
    parameters = {
        "detail": float(detail),
        "closeness": float(closeness),
        "n_aligned": len(graphs),
        "n_neighbors": k,
        "weights": weighting(n),
    }
    return tuple(Layout(part, "spectrum", parameters | asdict(schedule)) for part in np.split(together, len(graphs)))


def _draw_together(engines: Sequence[Engine], closeness: float) -> None:
    if closeness == 0 or len(engines) < 2:
        return
    places = [engine.coordinates() for engine in engines]
    radius = float(np.sqrt(np.mean([np.square(place - place.mean(axis=0)).sum(axis=1).mean() for place in places])))
    for i, engine in enumerate(engines):
        beside = [places[j] for j in (i - 1, i + 1) if 0 <= j < len(places)]
        engine.pull(np.mean(beside, axis=0, dtype=np.float32), STRONGEST * closeness, REACH_SHARE * radius)


def _turned_alike(starts: Sequence[Coordinates]) -> list[Coordinates]:
    """Turn and mirror each start so that its items come as near as they can to those of the one before (Schönemann 1966)."""
    turned = [starts[0]]
    for start in starts[1:]:
        left, _, right = np.linalg.svd(start.T.astype(np.float64) @ turned[-1])
        turned.append(np.asarray(start @ (left @ right), dtype=np.float32))
    return turned


def _check(
    graphs: Sequence[NeighborGraph], starts: Sequence[Coordinates], closeness: float, detail: float, n_neighbors: int | None, seed: int
) -> None:
    if not graphs:
        raise InputError("there is nothing to align: give at least one graph.")
    if len(graphs) != len(starts):
        raise InputError(f"every graph needs a start: there are {len(graphs)} graphs and {len(starts)} starts.")
    check_seed(seed)
    for graph, start in zip(graphs, starts, strict=True):
        check_graph(graph)
        if graph.n_items != graphs[0].n_items:
            raise InputError(f"aligned layouts show the same items, but the graphs have {graphs[0].n_items} and {graph.n_items}.")
        check_start(start, graph.n_items)
    for name, value in (("closeness", closeness), ("detail", detail)):
        if not 0 <= value <= 1:
            raise InputError(f"{name} must lie between 0 and 1, not be {value}.")
    if n_neighbors is not None and n_neighbors < 1:
        raise InputError(f"n_neighbors must be at least 1, not {n_neighbors}.")
