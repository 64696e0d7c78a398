"""A representation under a metric, made ready for asking distances of many rows at once.

All metrics need only inner products, so that dense and sparse vectors share every caller; the latent metric adds a term of
one number an item. CSR rows are never densified: only blocks of distances are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import MetricName, Vectors
from vista.errors import InputError, nearest_name_hint
from vista.metrics.latent import ActivationTerm, LatentMetric, activation_term, without_column
from vista.metrics.sparse import sparse_products

DenseMetric: TypeAlias = Literal["cosine", "euclidean"]  # what a name alone can choose
METRICS = get_args(DenseMetric)
BLOCK_LIMIT_BYTES = 64 << 20
PAIR_BLOCK_ROWS = 256  # queries whose candidates are converted at a time
TARGET_LIMIT_BYTES = 32 << 20  # target rows, and products with them, that are held as float64 at a time
FEW_DIMENSIONS = 8  # up to here differences are taken directly
LARGEST_LATE_SCALE = 1e12  # of a vector that is scaled after it was multiplied; products of shorter ones leave the range of float32
LARGEST_VALUE = 1e15  # of a vector; sums of squares of larger ones leave the range of float32
COSINE_GRID = 2.0**40  # steps a unit of cosine distance
SQUARED_BITS = 44  # of steps of squared distance, up to the largest squared norm
STEP_BITS = 46  # of steps between the items that are farthest apart; a squared distance is at most four squared norms

Rows: TypeAlias = "NDArray[np.integer[Any]] | slice"


@dataclass(frozen=True, slots=True, eq=False)
class MetricSpace:
    """Rows between which distances can be asked.

    Attributes:
        metric: "cosine", "euclidean", or "latent" for cosine with a term.
        vectors: (n, dim) the vectors as given, dense (float32 or float16, in memory or mapped from a file) or CSR.
        scales: (n,) float64 what makes a vector a unit row: 1 / norm for cosine, 0 for a zero row; 1 for euclidean.
        squared_norms: (n,) float64 squared norms of the rows that `rows` gives.
        n_zero: Number of zero rows. Under cosine a zero row is at distance 1 from every other row.
        term: What the latent metric adds to the cosine distance; None under the other metrics.
    """

    metric: MetricName
    vectors: Vectors
    scales: NDArray[np.float64]
    squared_norms: NDArray[np.float64]
    n_zero: int
    term: ActivationTerm | None = None

    @property
    def n_items(self) -> int:
        return int(self.vectors.shape[0])

    def rows(self, which: Rows) -> Vectors:
        """Return some rows as float32: the vectors for euclidean, otherwise unit rows, where a zero row stays zero."""
        chosen = self.vectors[which]
        if self.metric != "euclidean":
            return _scale_rows(chosen, self.scales[which])
        return read_only(chosen) if isinstance(chosen, np.ndarray) else chosen

    def distances(self, queries: Rows, targets: Rows = slice(None), *, precise: bool = False) -> NDArray[np.float32]:
        """Return the distances between query rows and target rows, (n_queries, n_targets).

        Args:
            queries: Rows to ask for, an index array or a slice.
            targets: Rows to measure to; all by default.
            precise: Compute in float64 and round away the noise of summation, so that equal distances come out equal
                and ranks can be trusted; about half as fast.
        """
        if precise:
            return self._from_steps(self.steps(queries, targets))
        products = self.products(queries, targets)
        if self.metric != "euclidean":
            np.subtract(1.0, products, out=products)
            self._add_term(products, queries, targets, 1.0)
        else:
            products *= -2.0
            products += self.squared_norms[queries][:, None].astype(np.float32)
            products += self.squared_norms[targets][None, :].astype(np.float32)
            np.sqrt(np.maximum(products, 0.0, out=products), out=products)
        return np.maximum(products, 0.0, out=products)

    @property
    def most_steps(self) -> float:
        """A bound on `steps`, a power of two."""
        return 2.0**STEP_BITS if self.metric == "euclidean" else 2 * COSINE_GRID

    def steps(self, queries: Rows, targets: Rows = slice(None)) -> NDArray[np.float64]:
        """Return how far target rows are from query rows in steps, (n_queries, n_targets) float64, not rounded.

        Steps grow with the distance. Rows that are equally far have numbers of steps that differ by much less than 1,
        by the noise of float64 sums alone. A step is 2⁻⁴⁰ of cosine distance, and under the latent
        metric of half the largest distance (of the next power of two) where that is more than 1; under the euclidean metric it is 2⁻⁴⁴ of
        the largest squared norm in squared distance, and in a few dimensions, where differences are taken, 2⁻⁴⁶ of
        the diagonal of the data in distance (of the next power of two).

        Args:
            queries: Rows to ask for, an index array or a slice.
            targets: Rows to measure to; all by default.
        """
        from vista.kernels.distances import difference_steps
        from vista.kernels.threads import over_rows

        left, grid = self.vectors[queries], self._grid()
        right = left if _are_same(queries, targets) else self.vectors[targets]
        steps = np.empty((left.shape[0], right.shape[0]))
        if self._takes_differences():
            left, right = read_only(left), read_only(right)
            over_rows(len(steps), lambda start, stop: difference_steps(left, right, grid, steps, start, stop))
            return steps
        for first, products in _float64_products(left, right):
            self._fill_steps(products, queries, targets, first, grid, steps)
        self._add_term(steps, queries, targets, grid)
        return steps

    def without_term(self) -> MetricSpace:
        """Return the same rows under plain cosine, where this is the latent metric."""
        return self if self.term is None else replace(self, metric="cosine", term=None)

    def steps_with_term(self, steps: NDArray[np.float64], queries: Rows) -> NDArray[np.float64]:
        """Return what `steps` of some rows to all gives under the latent metric, from what it gives under plain cosine."""
        longer = steps * (self._grid() / COSINE_GRID)  # a power of two, so that nothing is rounded
        self._add_term(longer, queries, slice(None), self._grid())
        return longer

    def products(self, queries: Rows, targets: Rows = slice(None)) -> NDArray[np.float32]:
        """Return the inner products of rows, (n_queries, n_targets), in float32."""
        left = self.rows(queries)
        if isinstance(left, np.ndarray):
            return self.times(targets, left.T).T
        return sparse_products(left, left if _are_same(queries, targets) else self.rows(targets))

    def times(self, which: Rows, matrix: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the product of some dense rows, as `rows` gives them, and a matrix (dim, n), which is (n_rows, n) float32."""
        if self.metric == "euclidean" or not is_plain(self.vectors) or self.scales[which].max(initial=0.0) > LARGEST_LATE_SCALE:
            return np.asarray(self.rows(which) @ matrix, dtype=np.float32)
        products: NDArray[np.float32] = self.vectors[which] @ matrix  # are fewer numbers to scale than the rows are
        products *= self.scales[which][:, None].astype(np.float32)
        return products

    def closeness(self, queries: Rows, targets: Rows = slice(None)) -> NDArray[np.float32]:
        """Return inner products less the term, if there is one; what is left of half the targets' squared norms ranks as distance."""
        closeness = self.products(queries, targets)
        self._add_term(closeness, queries, targets, -1.0)
        return closeness

    def pair_distances(self, queries: NDArray[np.integer[Any]], candidates: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the precise distances between each query and its own candidates.

        Args:
            queries: (n_queries,) rows to ask for.
            candidates: (n_queries, n_candidates) rows to measure to.
        """
        if self._takes_differences():
            return _pair_differences(self.vectors, queries, candidates)
        return self._from_pair_products(queries, candidates, _pair_products(self.vectors, queries, candidates))

    def query_blocks(
        self, queries: NDArray[np.integer[Any]], *, limit_bytes: int = BLOCK_LIMIT_BYTES
    ) -> Iterator[NDArray[np.integer[Any]]]:
        """Cut `queries` into blocks whose distances to all rows fit into `limit_bytes` as float64."""
        block = max(1, limit_bytes // (8 * max(1, self.n_items)))
        for start in range(0, len(queries), block):
            yield queries[start : start + block]

    def _add_term(self, values: NDArray[Any], queries: Rows, targets: Rows, factor: float) -> None:
        """Add the term of each query and target, times a factor, to values (n_queries, n_targets) in place."""
        if self.term is None:
            return
        from vista.kernels.threads import over_rows

        term, own, theirs = self.term, self.term.values[queries], self.term.values[targets]

        def add(start: int, stop: int) -> None:
            for row in range(start, stop):
                values[row] += factor * term.between(own[row], theirs)

        over_rows(len(values), add)

    def _takes_differences(self) -> bool:
        return self.metric == "euclidean" and isinstance(self.vectors, np.ndarray) and self.vectors.shape[1] <= FEW_DIMENSIONS

    def _grid(self) -> float:
        """Return the steps a unit, a power of two so that multiplying by it is exact."""
        if self.metric != "euclidean":
            largest = 2.0 + (self.term.largest if self.term else 0.0)
            return float(2.0 ** -np.ceil(np.log2(largest / 2.0)) * COSINE_GRID)
        bits, largest = (STEP_BITS, self._diameter()) if self._takes_differences() else (SQUARED_BITS, self.squared_norms.max(initial=0.0))
        return float(2.0 ** (bits - np.ceil(np.log2(largest)))) if largest > 0 else 1.0

    def _diameter(self) -> float:
        """Return a bound on all distances: the diagonal of the box that holds all rows."""
        if self.n_items == 0:
            return 0.0
        return float(np.linalg.norm(self.vectors.max(axis=0).astype(np.float64) - self.vectors.min(axis=0)))

    def _fill_steps(
        self, products: NDArray[np.float64], queries: Rows, targets: Rows, first: int, grid: float, steps: NDArray[np.float64]
    ) -> None:
        from vista.kernels.distances import cosine_steps, squared_steps
        from vista.kernels.threads import over_rows

        fill, terms = (squared_steps, self.squared_norms) if self.metric == "euclidean" else (cosine_steps, self.scales)
        own, theirs = terms[queries], terms[targets][first : first + products.shape[1]]
        over_rows(len(products), lambda start, stop: fill(products, own, theirs, grid, first, steps, start, stop))

    def _from_steps(self, steps: NDArray[np.float64]) -> NDArray[np.float32]:
        grid = self._grid()
        if self._takes_differences():  # nothing cancels, so there is no noise to round away
            return np.asarray(steps / grid, dtype=np.float32)
        rounded = np.maximum(np.rint(steps) / grid, 0.0)
        return np.asarray(np.sqrt(rounded) if self.metric == "euclidean" else rounded, dtype=np.float32)

    def _from_pair_products(
        self, queries: NDArray[np.integer[Any]], candidates: NDArray[np.int32], products: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        if self.metric != "euclidean":
            distances = 1.0 - products * self.scales[queries][:, None] * self.scales[candidates]
            if self.term is not None:
                distances += self.term.between(self.term.values[queries][:, None], self.term.values[candidates])
        else:
            distances = self.squared_norms[queries][:, None] + self.squared_norms[candidates] - 2.0 * products
        return self._from_steps(distances * self._grid())


def metric_space(vectors: Vectors, metric: str | LatentMetric = "cosine") -> MetricSpace:
    """Make vectors ready for asking distances.

    Args:
        vectors: (n_items, dim) float32 or float16, dense or CSR, finite.
        metric: "cosine", "euclidean", or a latent metric.

    Raises:
        InputError: If the metric is unknown, or a latent metric does not fit the vectors.
    """
    if isinstance(metric, LatentMetric):
        term = activation_term(metric, vectors.shape[0])
        return _cosine_space(vectors if metric.left_out is None else without_column(vectors, metric.left_out), term)
    if metric == "latent":
        raise InputError("the latent metric needs the activations of a latent; give LatentMetric(activations) as the metric.")
    if metric not in METRICS:
        raise InputError(f"no metric '{metric}'.{nearest_name_hint(metric, METRICS)}")
    if metric == "cosine":
        return _cosine_space(vectors, None)
    vectors = _canonical(vectors)
    norms = _squared_norms(vectors)
    return MetricSpace("euclidean", vectors, np.ones(len(norms)), norms, int(np.count_nonzero(norms == 0)))


def _cosine_space(vectors: Vectors, term: ActivationTerm | None) -> MetricSpace:
    vectors = _canonical(vectors)
    norms = _squared_norms(vectors)
    scales = np.divide(1.0, np.sqrt(norms), out=np.zeros_like(norms), where=norms > 0)
    n_zero = int(np.count_nonzero(norms == 0))
    return MetricSpace("latent" if term else "cosine", vectors, scales, (norms > 0).astype(np.float64), n_zero, term)


def _canonical(vectors: Vectors) -> Vectors:
    """Return CSR rows with one entry for each number, as all that follows takes for granted."""
    if isinstance(vectors, np.ndarray) or vectors.has_canonical_format:
        return vectors
    summed = vectors.copy()
    summed.sum_duplicates()
    return summed


def _are_same(queries: Rows, targets: Rows) -> bool:
    return isinstance(queries, slice) and isinstance(targets, slice) and queries == targets


def _squared_norms(vectors: Vectors) -> NDArray[np.float64]:
    if isinstance(vectors, np.ndarray):
        return np.asarray(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
    return np.asarray(np.bincount(_row_of_entries(vectors), np.square(vectors.data, dtype=np.float64), vectors.shape[0]), dtype=np.float64)


def _scale_rows(vectors: Vectors, scales: NDArray[np.float64]) -> Vectors:
    if isinstance(vectors, np.ndarray):
        rows = np.empty(vectors.shape, np.float32)
        return np.multiply(vectors, scales[:, None], out=rows, dtype=np.float64, casting="unsafe")
    scaled = vectors.astype(np.float32)  # a copy
    scaled.data *= scales[_row_of_entries(vectors)].astype(np.float32)
    return scaled


def _row_of_entries(vectors: Any) -> NDArray[np.int64]:
    return np.repeat(np.arange(vectors.shape[0]), np.diff(vectors.indptr))


def is_plain(vectors: Vectors) -> bool:
    """Return whether vectors are as kernels take them, contiguous float32, without a copy."""
    return isinstance(vectors, np.ndarray) and vectors.dtype == np.float32 and vectors.flags.c_contiguous


def read_only(vectors: NDArray[Any]) -> NDArray[np.float32]:
    """Return vectors as kernels take them, contiguous float32.

    They are always marked as not to be written, which is a type of its own to the compiler.
    """
    plain = np.ascontiguousarray(vectors, dtype=np.float32).view()
    plain.flags.writeable = False
    return plain


def _float64_products(left: Vectors, right: Vectors) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Yield inner products, a range of right rows at a time, with the first of these rows."""
    if not isinstance(right, np.ndarray):
        wide = left.astype(np.float64)
        yield 0, sparse_products(wide, wide if left is right else right.astype(np.float64))
        return
    wide = np.asarray(left, dtype=np.float64)
    step = max(1, TARGET_LIMIT_BYTES // (8 * max(1, right.shape[1], left.shape[0])))
    for first in range(0, len(right), step):
        yield first, wide @ right[first : first + step].astype(np.float64).T


def _pair_differences(vectors: NDArray[Any], queries: NDArray[np.integer[Any]], candidates: NDArray[np.int32]) -> NDArray[np.float32]:
    distances = np.empty(candidates.shape, np.float32)
    step = max(1, TARGET_LIMIT_BYTES // (8 * max(1, vectors.shape[1] * candidates.shape[1])))
    for start in range(0, len(candidates), step):
        block = slice(start, start + step)
        apart = vectors[queries[block]][:, None, :] - vectors[candidates[block]].astype(np.float64)
        distances[block] = np.sqrt(np.square(apart).sum(axis=2))
    return distances


def _pair_products(vectors: Vectors, queries: NDArray[np.integer[Any]], candidates: NDArray[np.int32]) -> NDArray[np.float64]:
    from vista.kernels.distances import pair_products_csr
    from vista.kernels.threads import over_rows

    rows = np.asarray(queries, dtype=np.int64)
    if isinstance(vectors, np.ndarray):
        multiply = _dense_pair_products if is_plain(vectors) else _unready_pair_products
        return multiply(vectors, rows, candidates)
    products = np.empty(candidates.shape)
    parts = vectors.data, vectors.indices, vectors.indptr

    def fill(start: int, stop: int) -> None:
        pair_products_csr(*parts, rows, candidates, np.zeros(vectors.shape[1]), products, start, stop)

    over_rows(len(rows), fill)
    return products


def _dense_pair_products(vectors: NDArray[np.float32], queries: NDArray[np.int64], candidates: NDArray[np.int32]) -> NDArray[np.float64]:
    from vista.kernels.distances import pair_products
    from vista.kernels.threads import over_rows

    plain, products = read_only(vectors), np.empty(candidates.shape)
    over_rows(len(queries), lambda start, stop: pair_products(plain, queries, candidates, products, start, stop))
    return products


def _unready_pair_products(vectors: NDArray[Any], queries: NDArray[np.int64], candidates: NDArray[np.int32]) -> NDArray[np.float64]:
    """Do the same for vectors that no kernel takes, such as float16: the rows needed are converted, a few queries at a time."""
    products = np.empty(candidates.shape)
    for start in range(0, len(queries), PAIR_BLOCK_ROWS):
        block = slice(start, start + PAIR_BLOCK_ROWS)
        needed, places = np.unique(np.concatenate((queries[block], candidates[block].ravel())), return_inverse=True)
        own, theirs = places[: len(queries[block])], places[len(queries[block]) :].reshape(candidates[block].shape)
        products[block] = _dense_pair_products(read_only(vectors[needed]), own, theirs.astype(np.int32))
    return products
