"""Approximate neighbors: a scan of near cells, exact re-ranking, one look at neighbors of neighbors, and a measured recall.

    rows ─► sketches ─► cells ─► order ─► scan ─► lists by the rows themselves ─► refined ─► precise distances
                                           │
                          a sample scans first: what promises too little is not carried out

Everything after the order happens in the order of cells, where what is asked for together lies together in memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import NeighborGraph
from vista.execution.progress import Advance, Progress
from vista.metrics import MetricSpace
from vista.metrics.latent import ActivationTerm
from vista.neighbors.cells import Cells, make_cells
from vista.neighbors.exact import Found, Queries, neighbors_of
from vista.neighbors.refinement import Lists, lists_of_hits, no_lists, refined
from vista.neighbors.rows import Ordered, Ready, make_ready
from vista.neighbors.scan import scan
from vista.neighbors.sketch import sketch_rows

RECALL_QUERIES = 300
RECALL_NEIGHBORS = 15
WANTED_RECALL = 0.95
PROMISING_RECALL = 0.845  # of a scan's hits; refinement then brings what is wanted
EXACT_AFTER_ALL_ITEMS = 100_000
FEWEST_HITS = 48
HITS_A_NEIGHBOR = 1.3
NEAR_DISTANCE = 0.5  # a cosine distance that is usual between near items
CHUNKS = 8  # their number is a multiple of this,
MOST_CHUNK_ROWS = 8192  # and no chunk is larger


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to search.

    Attributes:
        share: Part of the rows' squared norm that their sketches keep; 1 for the rows themselves.
        n_probes: How many cells each item looks into.
        n_refinements: Rounds of looking at neighbors of neighbors.
    """

    share: float
    n_probes: int
    n_refinements: int


EFFORTS = (Effort(0.75, 19, 1), Effort(0.85, 48, 2))
GREAT_EFFORTS = (Effort(1.0, 128, 2), Effort(1.0, 256, 3))  # where there are too many items for an exact search


@dataclass(frozen=True, slots=True, eq=False)
class _Field:
    """Where the search takes place: rows and sketches in the order of cells."""

    cells: Cells
    rows: Ordered
    sketch: NDArray[np.float32]


def approximate_neighbors(space: MetricSpace, k: int, *, seed: int, progress: Progress) -> NeighborGraph | None:
    """Search for the k nearest other rows of every row; while the recall at 15 is below 0.95, search again with more effort.

    Up to 100 000 rows an exact search costs less than a great effort, and None says that it should be made.

    Args:
        space: The rows and their metric.
        k: Neighbors a row; far fewer than the rows.
        seed: Seed of the search and of the sample that measures recall.
        progress: Told the stages.
    """
    from vista.kernels.threads import one_blas_thread

    check = _draw_check(space, k, seed)
    many = space.n_items > EXACT_AFTER_ALL_ITEMS
    efforts = EFFORTS + GREAT_EFFORTS if many else EFFORTS
    best, best_recall = None, -1.0
    with one_blas_thread():
        ready = make_ready(space)
        for effort in efforts:
            asked = 0.0 if many and effort == efforts[-1] else PROMISING_RECALL
            found = _attempt(ready, effort, k, check, asked, seed=seed, progress=progress)
            recall = check.recall(found) if found else -1.0
            if recall > best_recall:
                best, best_recall = found, recall
            if recall >= WANTED_RECALL:
                break
    if best is None or (best_recall < WANTED_RECALL and not many):
        return None
    return NeighborGraph(*best, space.metric, exact=False, recall=best_recall, recall_queries=len(check.queries))


@dataclass(frozen=True, slots=True, eq=False)
class _Check:
    """Some rows, and how far the last of their true nearest is: the measure of a search.

    Attributes:
        queries: (n_queries,) rows.
        n_near: How many of their neighbors are asked for.
        reach: (n_queries, 1) distance of the last true one.
    """

    queries: Queries
    n_near: int
    reach: NDArray[np.float32]

    def recall(self, found: Found) -> float:
        """Return the share of the neighbors found that are as near as the true ones, so that ties count for what they are."""
        return float(np.mean(found[1][self.queries, : self.n_near] <= self.reach))


def _draw_check(space: MetricSpace, k: int, seed: int) -> _Check:
    n_near = min(k, RECALL_NEIGHBORS)
    queries = np.sort(np.random.default_rng(seed).choice(space.n_items, min(RECALL_QUERIES, space.n_items), replace=False))
    return _Check(queries, n_near, neighbors_of(space, queries, n_near)[1][:, -1:])


def _attempt(ready: Ready, effort: Effort, k: int, check: _Check, asked: float, *, seed: int, progress: Progress) -> Found | None:
    """Search with one effort, or return None when the scan for a few rows finds a smaller share of neighbors than `asked`."""
    field = _prepare(ready, effort, seed)
    if asked and _scanned_recall(ready.space, field, k, check) < asked:
        return None
    with progress.stage("finding neighbors", ready.space.n_items * (1 + effort.n_refinements)) as advance:
        return _search(ready.space, field, effort, k, advance)


def _prepare(ready: Ready, effort: Effort, seed: int) -> _Field:
    rng = np.random.default_rng(seed)
    sketch = sketch_rows(ready, effort.share, rng=rng)
    points = np.asarray(ready.rows(slice(None))) if sketch is None else sketch
    cells = make_cells(_with_activations(points, ready.space.term), effort.n_probes, rng=rng)
    rows = ready.ordered(cells.order, coarsely=sketch is not None)
    return _Field(cells, rows, np.asarray(rows.rows) if sketch is None else sketch[cells.order])


def _with_activations(points: NDArray[np.float32], term: ActivationTerm | None) -> NDArray[np.float32]:
    """Give points a coordinate along which items of other activation are far, so that cells are near in both terms.

    Half the squared distance along it equals the term where the term is as large as what lies between near items.
    """
    if term is None or term.largest == 0:
        return points
    differences = np.linspace(0, 1, 1025)[1:]
    costs = term.of_differences(differences.copy())
    turn = min(int(np.searchsorted(costs, NEAR_DISTANCE)), len(costs) - 1)
    stretch = np.sqrt(2 * costs[turn]) / differences[turn]
    return np.column_stack((points, (stretch * term.values).astype(np.float32)))


def _search(space: MetricSpace, field: _Field, effort: Effort, k: int, advance: Advance) -> Found:
    """Carry the search out, and measure the distances of what it finds; rows with too few neighbors are searched exactly."""
    from vista.kernels.threads import over_chunks

    n, n_hits = space.n_items, _n_hits(space, k)
    lists = no_lists(n, k)
    chunk_rows = -(-n // (CHUNKS * -(-n // (CHUNKS * MOST_CHUNK_ROWS))))

    def search(start: int, stop: int) -> None:
        hits = scan(field.sketch, field.rows, field.cells, np.arange(start, stop), n_hits)
        lists_of_hits(field.rows, start, hits, lists.part(start, stop))

    over_chunks(n, chunk_rows, search, advance)
    for _ in range(effort.n_refinements):
        lists = refined(field.rows, None if field.sketch is field.rows.rows else field.sketch, lists, chunk_rows, advance)
    return _measured(space, field.cells.order, lists)


def _n_hits(space: MetricSpace, k: int) -> int:
    return min(max(FEWEST_HITS, round(HITS_A_NEIGHBOR * k)) + 1, space.n_items)


def _measured(space: MetricSpace, order: NDArray[np.int64], lists: Lists) -> Found:
    """Return the lists by item, in the order of precise distances."""
    n, k = lists.places.shape
    indices, distances = np.empty((n, k), np.int32), np.empty((n, k), np.float32)
    items = order.astype(np.int32)
    for start in range(0, n, MOST_CHUNK_ROWS):
        places = lists.places[start : start + MOST_CHUNK_ROWS]
        own = order[start : start + MOST_CHUNK_ROWS]
        indices[own], distances[own] = _by_distance(space, own, items[places])
    lacking = np.sort(order[lists.places[:, -1] < 0])
    if len(lacking):
        indices[lacking], distances[lacking] = neighbors_of(space, lacking, k)
    return indices, distances


def _by_distance(space: MetricSpace, queries: Queries, candidates: NDArray[np.int32]) -> Found:
    from vista.kernels.nearest import nearest_first

    return nearest_first(candidates, space.pair_distances(queries, candidates))


def _scanned_recall(space: MetricSpace, field: _Field, k: int, check: _Check) -> float:
    """Return the share of true neighbors among what a scan finds for the rows of the check."""
    order, n_hits = field.cells.order, _n_hits(space, k)
    place_of = np.empty(space.n_items, np.int64)
    place_of[order] = np.arange(space.n_items)
    hits = scan(field.sketch, field.rows, field.cells, place_of[check.queries], n_hits)
    items = order.astype(np.int32)[hits.places[:, :n_hits]]
    distances = space.pair_distances(check.queries, items)
    distances[(items == check.queries[:, None]) | (np.arange(n_hits) >= hits.counts[:, None])] = np.inf
    return float(np.mean(np.sort(distances, axis=1)[:, : check.n_near] <= check.reach))
