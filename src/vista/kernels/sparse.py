"""Inner products of sparse rows, many with many, without making them dense."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.kernels.compiled import compiled


@compiled()
def add_sparse_products(
    data: NDArray[np.floating[Any]],
    columns: NDArray[np.int32],
    row_starts: NDArray[np.int32],
    target_data: NDArray[np.floating[Any]],
    targets: NDArray[np.int32],
    column_starts: NDArray[np.int32],
    products: NDArray[np.floating[Any]],
    start: int,
    stop: int,
) -> None:
    """Add to rows `start` … `stop` − 1 of `products` the inner products of each query with all targets.

    The targets are held by column, so that a query's number meets only the targets that share its column. The order of
    the sum is that of the query's numbers.

    Args:
        data: The numbers of the queries, CSR.
        columns: Their columns.
        row_starts: (n_queries + 1,) where each query's numbers start.
        target_data: The numbers of the targets, CSC.
        targets: The target of each.
        column_starts: (dim + 1,) where each column's numbers start.
        products: (n_queries, n_targets) changed in place.
        start: First row.
        stop: Row after the last.
    """
    for i in range(start, stop):
        row = products[i]
        for entry in range(np.uint64(row_starts[i]), np.uint64(row_starts[i + 1])):
            value = data[entry]
            column = np.uint64(columns[entry])
            for meeting in range(np.uint64(column_starts[column]), np.uint64(column_starts[column + np.uint64(1)])):
                row[np.uint64(targets[meeting])] += value * target_data[meeting]
