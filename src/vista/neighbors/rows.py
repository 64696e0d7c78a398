"""Rows made ready for approximate work in float32: moved where that makes them smaller, and put in the order of cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Vectors
from vista.metrics import MetricSpace
from vista.metrics.latent import ActivationTerm
from vista.metrics.space import is_plain, read_only

BLOCK_ROWS = 4096
STEPS_A_UNIT = 2.0**15 - 1  # of rows whose length is at most 1, in 16 bits


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """A metric space for float32 work, in which remoteness, shift − inner product (+ term), ranks items as distance does.

    Attributes:
        space: The rows and their metric.
        center: (dim,) what is taken off every row, which changes no euclidean distance; None under cosine.
        shifts: (n_items,) half the squared norm of what remains; 0 under cosine.
    """

    space: MetricSpace
    center: NDArray[np.float64] | None
    shifts: NDArray[np.float32]

    def rows(self, which: Any) -> Vectors:
        """Return some rows as float32: unit rows for cosine, centered ones for euclidean."""
        if self.center is None:
            return self.space.rows(which)
        return (self.space.vectors[which] - self.center).astype(np.float32)

    def times(self, which: Any, matrix: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the product of some rows and a matrix (dim, n), (n_rows, n)."""
        if self.center is None and isinstance(self.space.vectors, np.ndarray):
            return self.space.times(which, matrix)
        product: NDArray[np.float32] = self.rows(which) @ matrix
        return product

    def ordered(self, order: NDArray[np.int64], *, coarsely: bool = False) -> Ordered:
        """Return all rows in another order, which is the one large copy of an approximate search.

        Args:
            order: (n_items,) the row at each place.
            coarsely: Whether unit rows may be kept in 16 bits, which halves the memory that the search waits for.
        """
        from vista.kernels.scan import gather_scaled, gather_steps
        from vista.kernels.threads import over_chunks

        if not isinstance(self.space.vectors, np.ndarray):
            return Ordered(self.rows(order), self.shifts[order], self._term(order))
        in_steps = coarsely and self.space.metric != "euclidean"
        rows: NDArray[Any] = np.empty(self.space.vectors.shape, np.int16 if in_steps else np.float32)
        as_they_are = self.center is None and is_plain(self.space.vectors)

        def fill(start: int, stop: int) -> None:
            if not as_they_are:
                block: Any = self.rows(order[start:stop])
                rows[start:stop] = np.rint(STEPS_A_UNIT * block) if in_steps else block
            elif in_steps:
                gather_steps(read_only(self.space.vectors), self.space.scales, order, STEPS_A_UNIT, rows, start, stop)
            else:
                gather_scaled(read_only(self.space.vectors), self.space.scales, order, rows, start, stop)

        over_chunks(len(order), BLOCK_ROWS, fill)
        return Ordered(rows, self.shifts[order], self._term(order))

    def _term(self, order: NDArray[np.int64]) -> ActivationTerm | None:
        return None if self.space.term is None else self.space.term.reordered(order)


@dataclass(frozen=True, slots=True, eq=False)
class Ordered:
    """All rows in the order of cells, with their shifts and what the latent metric adds.

    Attributes:
        rows: (n_items, dim) float32 or CSR, or unit rows as int16, `STEPS_A_UNIT` for 1.
        shifts: (n_items,) what to subtract inner products from; 0 for unit rows.
        term: What the latent metric adds, in this order.
    """

    rows: Vectors | NDArray[np.int16]
    shifts: NDArray[np.float32]
    term: ActivationTerm | None

    def pair_remoteness(self, first_query: int, candidates: NDArray[np.int32], counts: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return how remote the first `counts` candidates of each query are, (n_queries, room), small for near.

        Args:
            first_query: Place of the first query; the others follow.
            candidates: (n_queries, room) places, also beyond those that count.
            counts: (n_queries,) how many of them count.
        """
        from vista.kernels.scan import pair_remoteness, pair_remoteness_csr, pair_remoteness_of_steps

        remoteness, rows = self._room(candidates), self.rows
        if isinstance(rows, np.ndarray) and rows.dtype == np.int16:
            pair_remoteness_of_steps(np.asarray(rows, np.int16), STEPS_A_UNIT, first_query, candidates, counts, remoteness)
        elif isinstance(rows, np.ndarray):
            pair_remoteness(np.asarray(rows, np.float32), self.shifts, first_query, candidates, counts, remoteness)
        else:
            parts = rows.data, rows.indices.astype(np.int32, copy=False), rows.indptr.astype(np.int64, copy=False)
            query = np.zeros(rows.shape[1], np.float32)
            pair_remoteness_csr(*parts, self.shifts, first_query, candidates, counts, query, remoteness)
        return self._with_term(first_query, candidates, remoteness)

    def sketch_remoteness(
        self, sketch: NDArray[np.float32], first_query: int, candidates: NDArray[np.int32], counts: NDArray[np.int32]
    ) -> NDArray[np.float32]:
        """Return nearly what `pair_remoteness` returns, from sketches (n_items, dim) in place of rows."""
        from vista.kernels.scan import pair_remoteness

        remoteness = self._room(candidates)
        pair_remoteness(sketch, self.shifts, first_query, candidates, counts, remoteness)
        return self._with_term(first_query, candidates, remoteness)

    def _room(self, candidates: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return room for numbers of candidates; zeros where a term is added to all of it, since adding to garbage would warn."""
        return (np.empty if self.term is None else np.zeros)(candidates.shape, np.float32)

    def _with_term(self, first_query: int, candidates: NDArray[np.int32], remoteness: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.term is not None:
            own = self.term.values[first_query : first_query + len(remoteness), None]
            remoteness += self.term.between(own, self.term.values[candidates])
        return remoteness


def make_ready(space: MetricSpace) -> Ready:
    """Take the mean off rows under the euclidean metric, for float32 loses what is near when all is far from the origin."""
    from vista.kernels.threads import over_chunks

    vectors, n = space.vectors, space.n_items
    if space.metric != "euclidean":
        return Ready(space, None, np.zeros(n, np.float32))
    if not isinstance(vectors, np.ndarray):
        return Ready(space, None, (space.squared_norms / 2).astype(np.float32))
    center = sum(over_chunks(n, BLOCK_ROWS, lambda start, stop: vectors[start:stop].sum(axis=0, dtype=np.float64))) / n
    ready = Ready(space, np.asarray(center), np.empty(n, np.float32))

    def measure(start: int, stop: int) -> None:
        rows = ready.rows(slice(start, stop))
        ready.shifts[start:stop] = np.einsum("ij,ij->i", rows, rows, dtype=np.float64) / 2

    over_chunks(n, BLOCK_ROWS, measure)
    return ready
