"""Merging touching places of the map, the most alike first, into fewer and larger ones.

The cost of merging is Ward's: how much the squared distances to the centers grow, nₐ·n_b/(nₐ + n_b)·|cₐ − c_b|². It is
divided by how open the border is, the density at the pass over the lower of the two peaks, so that regions end at
valleys of the density and islands stay by themselves as long as they can.
"""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates
from vista.regions.basins import Basins

_CLOSED = 0.05  # an empty valley makes merging 21 times as dear as a level plain


class Merging:
    """Places that are merged step by step; each merger makes a new place and retires two.

    Args:
        basins: The places to start from.
        coordinates: (n_items, 2), in the order of `basins.of_item`.
    """

    def __init__(self, basins: Basins, coordinates: Coordinates) -> None:
        n = len(basins.peaks)
        counts = np.bincount(basins.of_item, minlength=n)
        sums = np.stack([np.bincount(basins.of_item, weights=coordinates[:, axis], minlength=n) for axis in (0, 1)], axis=1)
        centers = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], basins.places)
        self._n_basins = n
        self._counts: list[int] = counts.tolist()
        self._x: list[float] = centers[:, 0].tolist()
        self._y: list[float] = centers[:, 1].tolist()
        self._peaks: list[float] = basins.peaks.tolist()
        self._passes: list[dict[int, float]] = [{} for _ in range(n)]
        self._successor: list[int] = list(range(n))
        self._alive = set(range(n))
        for (one, other), height in zip(basins.borders.tolist(), basins.passes.tolist(), strict=True):
            self._passes[one][other] = self._passes[other][one] = height
        self._queue = [(self._cost(one, other), one, other) for one, other in basins.borders.tolist()]
        heapq.heapify(self._queue)

    def merge_below(self, min_items: int) -> None:
        """Merge every place with fewer than `min_items` items into the neighbor that costs least, the smallest first."""
        small = [(self._counts[place], place) for place in sorted(self._alive) if self._counts[place] < min_items]
        heapq.heapify(small)
        while small:
            _, place = heapq.heappop(small)
            if place not in self._alive or not self._passes[place]:
                continue
            neighbor = min(self._passes[place], key=lambda other: (self._cost(place, other), other))
            merged = self._merge(place, neighbor)
            if self._counts[merged] < min_items:
                heapq.heappush(small, (self._counts[merged], merged))

    def merge_down_to(self, n_places: int) -> None:
        """Merge at least cost until at most `n_places` are left."""
        while len(self._alive) > n_places and self._queue:
            _, one, other = heapq.heappop(self._queue)
            if one in self._alive and other in self._alive:
                self._merge(one, other)

    def places(self) -> NDArray[np.int64]:
        """Return the place that holds each basin now, numbered from 0 without gaps, (n_basins,)."""
        successor = np.array(self._successor)
        final = successor[np.arange(self._n_basins)]
        while not np.array_equal(successor[final], final):
            final = successor[final]
        return np.unique(final, return_inverse=True)[1].astype(np.int64)

    def _cost(self, one: int, other: int) -> float:
        n_one, n_other = self._counts[one], self._counts[other]
        squared_distance = (self._x[one] - self._x[other]) ** 2 + (self._y[one] - self._y[other]) ** 2
        ward = n_one * n_other / max(1, n_one + n_other) * squared_distance
        return ward / (_CLOSED + self._passes[one][other] / min(self._peaks[one], self._peaks[other]))

    def _merge(self, one: int, other: int) -> int:
        merged, count = len(self._counts), self._counts[one] + self._counts[other]
        share = self._counts[one] / count if count else 0.5
        self._counts.append(count)
        self._x.append(share * self._x[one] + (1 - share) * self._x[other])
        self._y.append(share * self._y[one] + (1 - share) * self._y[other])
        self._peaks.append(max(self._peaks[one], self._peaks[other]))
        self._successor[one] = self._successor[other] = merged
        self._successor.append(merged)
        self._alive -= {one, other}
        self._alive.add(merged)
        self._passes.append(self._joined_passes(one, other))
        self._passes[one], self._passes[other] = {}, {}
        for place, height in self._passes[merged].items():
            self._passes[place].pop(one, None)
            self._passes[place].pop(other, None)
            self._passes[place][merged] = height
            heapq.heappush(self._queue, (self._cost(merged, place), merged, place))
        return merged

    def _joined_passes(self, one: int, other: int) -> dict[int, float]:
        joined = dict(self._passes[one])
        for place, height in self._passes[other].items():
            joined[place] = max(height, joined.get(place, 0.0))
        return {place: height for place, height in joined.items() if place not in (one, other)}
