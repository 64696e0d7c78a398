"""The scan: the sketches of items are held against those in the cells where their neighbors may be.

Items that look into the same cell are held against it together, in one matrix product. Each looks into its own cell first,
whose items are near enough that few of all others are ever written down.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vista.neighbors.cells import Cells
from vista.neighbors.rows import Ordered

PRODUCT_ROWS = 2048
SPARE_ROOM = 32  # what `keep_hits` may write at once


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """What a scan found near some items: places in cell order, in no order.

    Attributes:
        places: (n_queries, room) int32.
        remoteness: (n_queries, room) float32, of the sketches.
        counts: (n_queries,) int32, how many of them count.
    """

    places: NDArray[np.int32]
    remoteness: NDArray[np.float32]
    counts: NDArray[np.int32]


def scan(sketch: NDArray[np.float32], rows: Ordered, cells: Cells, queries: NDArray[np.integer], n_kept: int) -> Hits:
    """Find the places whose sketches are nearest to those of some queries, in the cells that these look into.

    Args:
        sketch: (n_items, dim) in cell order.
        rows: What the sketches are of; only its shifts and term are used.
        cells: The cells.
        queries: (n_queries,) places to ask for.
        n_kept: How many places to find for each; a query finds itself, too.
    """
    from vista.kernels.scan import keep_hits, trim_lists

    n, room = len(queries), 2 * n_kept + SPARE_ROOM
    hits = Hits(np.zeros((n, room), np.int32), np.empty((n, room), np.float32), np.zeros(n, np.int32))
    worst = np.full(n, np.inf, np.float32)
    probes = cells.probes[queries]
    visiting = np.empty((min(n, PRODUCT_ROWS), sketch.shape[1]), np.float32)
    products = np.empty(
        len(visiting) * int(np.diff(cells.starts).max(initial=0)), np.float32
    )  # for all tiles: fresh memory costs more than the product
    for columns in (probes[:, :1], probes[:, 1:]):
        for cell, visitors in _visits(columns, cells.n_cells):
            first, last = cells.starts[cell], cells.starts[cell + 1]
            for start in range(0, len(visitors), PRODUCT_ROWS):
                own = visitors[start : start + PRODUCT_ROWS]
                np.take(sketch, queries[own], axis=0, out=visiting[: len(own)], mode="clip")  # by default NumPy would copy twice
                closeness = products[: len(own) * (last - first)].reshape(len(own), last - first)
                np.matmul(visiting[: len(own)], sketch[first:last].T, out=closeness)
                if rows.term is not None:
                    closeness -= rows.term.between(rows.term.values[queries[own], None], rows.term.values[first:last])
                keep_hits(closeness, rows.shifts[first:last], first, own, n_kept, hits.places, hits.remoteness, hits.counts, worst)
    trim_lists(n_kept, hits.places, hits.remoteness, hits.counts)
    return hits


def _visits(probes: NDArray[np.int32], n_cells: int) -> list[tuple[int, NDArray[np.int32]]]:
    """Return the cells that anybody looks into, each with the rows of `probes` that name it."""
    if probes.size == 0:
        return []
    named = probes.ravel().astype(np.uint16)
    rows = (np.argsort(named, kind="stable") // probes.shape[1]).astype(np.int32)
    ends = np.cumsum(np.bincount(named, minlength=n_cells))
    visited = np.unique(named)
    return [(int(cell), rows[ends[cell - 1] if cell else 0 : ends[cell]]) for cell in visited.astype(np.int64)]
