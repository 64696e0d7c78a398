"""New items on a map that stands: each goes where the map around it holds the most of its neighbors.

A new item could be led by the forces that made the layout, but these were in balance without it: it comes to rest beside
the gaps that a layout of all items would have opened. So what is wanted is asked directly. Places at and around the new
item's neighbors are tried, and the one is kept whose surroundings share the most with the item's own list of neighbors,
at several sizes at once; among equals, the one with its nearest neighbors closest.

    · known items   ○ tried        at each of the first neighbors, then on two rings around the best of them;
                    ● kept         the rings are as wide as the map is sparse there
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates, Layout, NeighborGraph
from vista.errors import InputError
from vista.execution import Progress, silent
from vista.layout.weights import rank_weights

if TYPE_CHECKING:
    from scipy.spatial import KDTree

SIZES = 5, 10, 20, 30  # neighborhoods that are compared
N_TRIED = 15  # first neighbors whose places are tried
RING_SHARES = 0.4, 1.0  # of the distance to the fifth item on the map
RING_PLACES = 6
CHUNK_ITEMS = 5_000
_TIE_BREAK = 1e-3  # less than any difference in what is shared

Places = NDArray[np.float64]  # (n_new, 2)


def place(neighbors: NeighborGraph, layout: Layout, *, progress: Progress = silent) -> Coordinates:
    """Find places on an existing layout for new items; what is there stays where it is.

    Each item is placed by itself, so the result depends neither on the other new items nor on their order.

    Args:
        neighbors: The nearest known items of every new item: (n_new, k) rows of `layout`, near to far. 30 are best.
        layout: Where the known items lie, by any method.
        progress: Told the number of items placed.

    Returns:
        (n_new, 2) float32 coordinates of the new items, in the units of `layout`.

    Raises:
        InputError: If the neighbors are not items of the layout, or there are none.
    """
    from scipy.spatial import KDTree

    _check(neighbors, layout)
    known = layout.coordinates.astype(np.float64)
    near = np.ascontiguousarray(neighbors.indices[:, : max(SIZES)], dtype=np.int32)
    placed = np.empty((len(near), 2), np.float32)
    if len(near) == 0:
        return placed
    tree = KDTree(known)
    with progress.stage("placing items", len(near)) as advance:
        for start in range(0, len(near), CHUNK_ITEMS):
            chunk = near[start : start + CHUNK_ITEMS]
            placed[start : start + len(chunk)] = _Search(tree, known, chunk).best_places()
            advance(len(chunk))
    return placed


class _Search:
    """The best places so far of some new items."""

    def __init__(self, tree: KDTree, known: Places, near: NDArray[np.int32]) -> None:
        self._tree, self._known, self._near = tree, known, near
        self._weights = rank_weights(1, near.shape[1])[0]
        self._places = known[near[:, 0]]
        self._scores = np.full(len(near), -np.inf)
        self._spacings = np.zeros(len(near))

    def best_places(self) -> Places:
        for neighbor in self._near.T[:N_TRIED]:
            self._consider(self._known[neighbor])
        for ring in list(self._rings()):
            self._consider(ring)
        return self._places

    def _rings(self) -> Iterator[Places]:
        for share in RING_SHARES:
            for angle in np.arange(RING_PLACES) * (2 * np.pi / RING_PLACES):
                yield self._places + share * self._spacings[:, None] * np.array([np.cos(angle), np.sin(angle)])

    def _consider(self, places: Places) -> None:
        from vista.kernels.shared import score_shared
        from vista.kernels.threads import n_threads, over_rows

        k = min(max(SIZES), len(self._known))
        distances, drawn = self._tree.query(places, np.arange(1, k + 1), workers=n_threads())
        scores, items = np.empty(len(places)), drawn.astype(np.int32)
        sizes = np.array(SIZES)
        over_rows(len(places), lambda start, stop: score_shared(self._near, items, sizes, scores, start, stop))
        scores -= _TIE_BREAK * self._remoteness(places)
        better = scores > self._scores
        self._places[better], self._scores[better] = places[better], scores[better]
        self._spacings[better] = distances[better, min(5, k) - 1]

    def _remoteness(self, places: Places) -> NDArray[np.float64]:
        """Return how far an item would be from its neighbors, 0 to 1, in units of the map's own width."""
        ways = self._known[self._near] - places[:, None]
        far = np.linalg.norm(ways, axis=2) @ self._weights
        return np.asarray(far / (np.ptp(self._known, axis=0).max() + np.finfo(np.float32).tiny) / np.sqrt(2))


def _check(neighbors: NeighborGraph, layout: Layout) -> None:
    n_known = len(layout.coordinates)
    if not np.isfinite(layout.coordinates).all():
        raise InputError("the layout to place into must be finite; it holds NaN or infinite coordinates.")
    if neighbors.n_items == 0:
        return
    if neighbors.n_neighbors == 0:
        raise InputError("new items without neighbors cannot be placed: find at least one known neighbor for each.")
    if neighbors.indices.min() < 0 or neighbors.indices.max() >= n_known:
        raise InputError(f"the neighbors are not items of this layout, which has {n_known}: search among the items that it shows.")
