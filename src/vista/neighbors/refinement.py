"""Neighbor lists in cell order: made from what a scan found, and mended by asking the neighbors of neighbors.

Looking at the neighbors of neighbors, in both directions, is a round of nearest-neighbor descent (Dong, Charikar & Li
2011). From lists as good as a scan's, one round brings most of what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vista.execution.progress import Advance
from vista.neighbors.rows import Ordered
from vista.neighbors.scan import Hits

N_NEAR = 14  # neighbors that are asked for their neighbors
N_REVERSE = 12  # items that an item is a neighbor of, which are asked too
N_COMPARED = 40  # candidates that are nearest by their sketches, whose rows are compared; as many as a list holds, at least
BLOCK_QUERIES = 256


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """The nearest places found so far, (n_items, k) both, ascending; everything is in cell order."""

    places: NDArray[np.int32]
    remoteness: NDArray[np.float32]

    def part(self, start: int, stop: int) -> Lists:
        return Lists(self.places[start:stop], self.remoteness[start:stop])


def no_lists(n: int, k: int) -> Lists:
    """Return lists that hold nothing yet: places of −1, infinitely remote."""
    return Lists(np.full((n, k), -1, np.int32), np.full((n, k), np.inf, np.float32))


def lists_of_hits(rows: Ordered, start: int, hits: Hits, into: Lists) -> None:
    """Fill the lists of the places from `start` on with the nearest of their hits, by the rows themselves."""
    from vista.kernels.scan import keep_nearest

    for first in range(0, len(hits.counts), BLOCK_QUERIES):
        block = slice(first, first + BLOCK_QUERIES)
        places, counts = hits.places[block], hits.counts[block]
        remoteness = rows.pair_remoteness(start + first, places, counts)
        keep_nearest(start + first, places, counts, remoteness, into.places[block], into.remoteness[block])


def refined(rows: Ordered, sketch: NDArray[np.float32] | None, lists: Lists, chunk_rows: int, advance: Advance) -> Lists:
    """Return the lists that follow when each place also considers the neighbors of its neighbors, in both directions.

    Args:
        rows: All rows, in cell order.
        sketch: (n_items, dim) what tells cheaply which candidates are worth a look at their rows; None looks at all of them.
        lists: The lists so far.
        chunk_rows: Places that one thread works on at a time.
        advance: Told the number of places done.
    """
    from vista.kernels.scan import gather_candidates, keep_nearest, reverse_neighbors, trim_lists
    from vista.kernels.threads import over_chunks

    n, n_near = len(lists.places), min(N_NEAR, lists.places.shape[1])
    n_compared = max(N_COMPARED, lists.places.shape[1])
    reverse = np.empty((n, N_REVERSE), np.int32)
    reverse_neighbors(lists.places, n_near, np.zeros(n, np.int32), reverse)
    after = Lists(lists.places.copy(), lists.remoteness.copy())
    room = (n_near + N_REVERSE) ** 2 + N_REVERSE

    def refine(start: int, stop: int) -> None:
        stamps, found = np.full(n, -1, np.int32), np.zeros((BLOCK_QUERIES, room), np.int32)
        for first in range(start, stop, BLOCK_QUERIES):
            last = min(first + BLOCK_QUERIES, stop)
            candidates, counts = found[: last - first], np.empty(last - first, np.int32)
            gather_candidates(lists.places, n_near, reverse, first, stamps, candidates, counts)
            if sketch is not None:
                glance = rows.sketch_remoteness(sketch, first, candidates, counts)
                trim_lists(n_compared, candidates, glance, counts)
                candidates = np.ascontiguousarray(candidates[:, :n_compared])
            remoteness = rows.pair_remoteness(first, candidates, counts)
            keep_nearest(first, candidates, counts, remoteness, after.places[first:last], after.remoteness[first:last])

    over_chunks(n, chunk_rows, refine, advance)
    return after
