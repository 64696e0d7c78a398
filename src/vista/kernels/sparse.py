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


@compiled()
def multiply_with_sums(
    data: NDArray[np.float32],
    columns: NDArray[np.int32],
    row_starts: NDArray[np.int32],
    scales: NDArray[np.float32],
    members: NDArray[np.int64],
    group_starts: NDArray[np.int64],
    total: NDArray[np.float64],
    with_sums: NDArray[np.float64],
    with_own: NDArray[np.float64],
    start: int,
    stop: int,
) -> None:
    """Multiply each member of groups `start` … `stop` − 1 with the sum of its group, and with itself.

    Args:
        data: The numbers of the rows, CSR.
        columns: Their columns.
        row_starts: (n_rows + 1,) where each row's numbers start.
        scales: (n_rows,) what each row is multiplied by, in float32, before anything else.
        members: (n_members,) rows, one group after another.
        group_starts: (n_groups + 1,) where the members of each group start.
        total: (dim,) zeros to work on.
        with_sums: (n_members,) the result: x·S for each member x and the sum S of its group.
        with_own: (n_members,) the result: x·x.
        start: First group.
        stop: Group after the last.
    """
    for group in range(start, stop):
        for place in range(group_starts[group], group_starts[group + 1]):
            row = members[place]
            for entry in range(row_starts[row], row_starts[row + 1]):
                total[columns[entry]] += np.float64(data[entry] * scales[row])
        for place in range(group_starts[group], group_starts[group + 1]):
            row = members[place]
            with_sum = own = 0.0
            for entry in range(row_starts[row], row_starts[row + 1]):
                value = np.float64(data[entry] * scales[row])
                with_sum += value * total[columns[entry]]
                own += value * value
            with_sums[place] = with_sum
            with_own[place] = own
        for place in range(group_starts[group], group_starts[group + 1]):
            row = members[place]
            for entry in range(row_starts[row], row_starts[row + 1]):
                total[columns[entry]] = 0.0
