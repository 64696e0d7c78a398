"""From inner products to distances in steps, and inner products of chosen pairs, in float64.

Sums of float64 products carry noise in the last bits, and the noise depends on the order of summation. Distances are
therefore counted in steps that are coarser than the noise and finer than what float32 vectors can tell apart. Whoever
rounds to whole steps, and takes neighboring ones for equal, has equal distances where rows are equally far.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vista.kernels.compiled import compiled


@compiled()
def cosine_steps(
    products: NDArray[np.float64],
    query_scales: NDArray[np.float64],
    target_scales: NDArray[np.float64],
    grid: float,
    first_column: int,
    steps: NDArray[np.float64],
    start: int,
    stop: int,
) -> None:
    """Fill rows `start` … `stop` − 1 of `steps` with 1 − cos in steps, from column `first_column` on.

    Args:
        products: (n_queries, n_targets) inner products of the vectors.
        query_scales: (n_queries,) 1 / norm, 0 for a zero vector.
        target_scales: (n_targets,) the same of the targets.
        grid: Steps a unit of distance, a power of two.
        first_column: Column of the first target in the result.
        steps: (n_queries, n_columns) the result, not rounded.
        start: First row.
        stop: Row after the last.
    """
    for i in range(start, stop):
        for j in range(products.shape[1]):
            distance = 1.0 - products[i, j] * query_scales[i] * target_scales[j]
            steps[i, first_column + j] = max(distance * grid, 0.0)


@compiled()
def squared_steps(
    products: NDArray[np.float64],
    query_norms: NDArray[np.float64],
    target_norms: NDArray[np.float64],
    grid: float,
    first_column: int,
    steps: NDArray[np.float64],
    start: int,
    stop: int,
) -> None:
    """Fill rows `start` … `stop` − 1 of `steps` with |q|² + |t|² − 2 q·t in steps, from column `first_column` on.

    Args:
        products: (n_queries, n_targets) inner products of the vectors.
        query_norms: (n_queries,) squared norms.
        target_norms: (n_targets,) squared norms.
        grid: Steps a unit of squared distance, a power of two.
        first_column: Column of the first target in the result.
        steps: (n_queries, n_columns) the result, not rounded.
        start: First row.
        stop: Row after the last.
    """
    for i in range(start, stop):
        for j in range(products.shape[1]):
            squared = query_norms[i] + target_norms[j] - 2.0 * products[i, j]
            steps[i, first_column + j] = max(squared * grid, 0.0)


@compiled()
def difference_steps(
    queries: NDArray[np.float32], targets: NDArray[np.float32], grid: float, steps: NDArray[np.float64], start: int, stop: int
) -> None:
    """Fill rows `start` … `stop` − 1 of `steps` with |q − t| in steps, without cancellation; for vectors of few dimensions.

    Args:
        queries: (n_queries, dim).
        targets: (n_targets, dim).
        grid: Steps a unit of distance, a power of two.
        steps: (n_queries, n_targets) the result, not rounded.
        start: First row.
        stop: Row after the last.
    """
    for i in range(start, stop):
        for j in range(targets.shape[0]):
            squared = 0.0
            for c in range(targets.shape[1]):
                difference = np.float64(queries[i, c]) - np.float64(targets[j, c])
                squared += difference * difference
            steps[i, j] = np.sqrt(squared) * grid


@compiled(fastmath=True)
def pair_products(
    vectors: NDArray[np.float32],
    queries: NDArray[np.int64],
    candidates: NDArray[np.int32],
    products: NDArray[np.float64],
    start: int,
    stop: int,
) -> None:
    """Fill rows `start` … `stop` − 1 of `products` with the inner products of each query and its own candidates.

    Args:
        vectors: (n_items, dim).
        queries: (n_queries,) rows of `vectors`.
        candidates: (n_queries, n_candidates) rows of `vectors`.
        products: (n_queries, n_candidates) the result.
        start: First row.
        stop: Row after the last.
    """
    for i in range(start, stop):
        query = vectors[queries[i]]
        for j in range(candidates.shape[1]):
            candidate = vectors[candidates[i, j]]
            product = 0.0
            for c in range(vectors.shape[1]):
                product += np.float64(query[c]) * np.float64(candidate[c])
            products[i, j] = product


@compiled()
def pair_products_csr(
    data: NDArray[np.float32],
    columns: NDArray[np.int32],
    row_starts: NDArray[np.int32],
    queries: NDArray[np.int64],
    candidates: NDArray[np.int32],
    query: NDArray[np.float64],
    products: NDArray[np.float64],
    start: int,
    stop: int,
) -> None:
    """Do what `pair_products` does for the rows of a CSR matrix, given by its three arrays, with `query` (dim,) zeros to work on."""
    for i in range(start, stop):
        first, last = row_starts[queries[i]], row_starts[queries[i] + 1]
        for entry in range(first, last):
            query[columns[entry]] += data[entry]
        for j in range(candidates.shape[1]):
            product = 0.0
            for entry in range(row_starts[candidates[i, j]], row_starts[candidates[i, j] + 1]):
                product += query[columns[entry]] * np.float64(data[entry])
            products[i, j] = product
        for entry in range(first, last):
            query[columns[entry]] = 0.0
