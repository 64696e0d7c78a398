"""The approximate search for neighbors, its loops: rows in cell order, hits of a scan, and the nearest among candidates.

Remoteness is `shift − inner product`, small for near items: the shift is 0 for unit rows, half the squared norm for others.
Indices are unsigned, for a signed index could count from the end, and the check for it keeps loops from being vectorized.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vista.kernels.compiled import compiled
from vista.kernels.nearest import _insert

_GLANCE = 16  # columns that are compared at once before any of them is looked at
_ZERO = np.float32(0.0)


@compiled()
def _keep_smallest(values: NDArray[np.float32], items: NDArray[np.int32], n: int, k: int) -> None:
    # quickselect: the k smallest of the first n come first, in no order, the largest of them last; no branch to mispredict
    low, high = np.uint64(0), np.uint64(n - 1)
    wanted = np.uint64(k - 1)
    while low < high:
        middle = (low + high) >> np.uint64(1)
        a, b, c = values[low], values[middle], values[high]
        pivot = max(min(a, b), min(max(a, b), c))
        store = low
        for i in range(low, high + np.uint64(1)):
            value, item = values[i], items[i]
            values[i], items[i] = values[store], items[store]
            values[store], items[store] = value, item
            store += np.uint64(value < pivot)
        if wanted < store:
            high = store - np.uint64(1)
            continue
        first = store
        for i in range(first, high + np.uint64(1)):
            value, item = values[i], items[i]
            values[i], items[i] = values[store], items[store]
            values[store], items[store] = value, item
            store += np.uint64(value == pivot)
        if wanted < store:
            break
        low = store


@compiled()
def gather_scaled(
    vectors: NDArray[np.float32],
    scales: NDArray[np.float64],
    order: NDArray[np.int64],
    rows: NDArray[np.float32],
    start: int,
    stop: int,
) -> None:
    """Fill rows `start` … `stop` − 1 with vectors in another order, each times its scale.

    Args:
        vectors: (n_items, dim).
        scales: (n_items,) of the vectors.
        order: (n_items,) the vector of each row.
        rows: (n_items, dim) the result.
        start: First row.
        stop: Row after the last.
    """
    for i in range(start, stop):
        item = np.uint64(order[i])
        scale = scales[item]
        for c in range(rows.shape[1]):
            rows[i, c] = np.float32(np.float64(vectors[item, c]) * scale)


@compiled()
def gather_steps(
    vectors: NDArray[np.float32],
    scales: NDArray[np.float64],
    order: NDArray[np.int64],
    steps_a_unit: float,
    steps: NDArray[np.int16],
    start: int,
    stop: int,
) -> None:
    """Do what `gather_scaled` does, in whole steps."""
    for i in range(start, stop):
        item = np.uint64(order[i])
        scale = scales[item] * steps_a_unit
        for c in range(steps.shape[1]):
            steps[i, c] = np.int16(np.rint(np.float64(vectors[item, c]) * scale))


@compiled()
def keep_hits(
    closeness: NDArray[np.float32],
    shifts: NDArray[np.float32],
    first_item: int,
    queries: NDArray[np.int32],
    n_kept: int,
    items: NDArray[np.int32],
    remoteness: NDArray[np.float32],
    counts: NDArray[np.int32],
    worst: NDArray[np.float32],
) -> None:
    """Add the columns of a tile that come near enough to the lists of its rows' queries.

    A list is in no order. When it is full, its `n_kept` nearest stay, and only what is nearer than these is added then.

    Args:
        closeness: (n_rows, n_columns) inner products.
        shifts: (n_columns,) what to subtract them from.
        first_item: Item of the first column; the others follow.
        queries: (n_rows,) the list of each row.
        n_kept: How many items the search wants of a list.
        items: (n_lists, room) the lists, changed in place; the room is at least `n_kept` + 16.
        remoteness: (n_lists, room) their remoteness, changed in place.
        counts: (n_lists,) how long each list is, changed in place.
        worst: (n_lists,) the remoteness from which on nothing is added, +∞ at first; changed in place.
    """
    n_columns = closeness.shape[1]
    room = items.shape[1]
    for i in range(closeness.shape[0]):
        query = queries[i]
        row = closeness[i]
        limit = worst[query]
        count = counts[query]
        for start in range(0, n_columns, _GLANCE):
            stop = min(start + _GLANCE, n_columns)
            near = False
            if stop - start == _GLANCE:
                for j in range(_GLANCE):
                    column = np.uint64(start) + np.uint64(j)
                    near |= shifts[column] - row[column] < limit
            else:
                near = True
            if near:
                if count + _GLANCE > room:
                    _keep_smallest(remoteness[query], items[query], count, n_kept)
                    count = n_kept
                    limit = remoteness[query, n_kept - 1]
                for j in range(start, stop):  # every column is written down, but only a hit moves the end of the list
                    value = shifts[j] - row[j]
                    remoteness[query, count] = value
                    items[query, count] = first_item + j
                    count += value < limit
        counts[query] = count
        worst[query] = limit


@compiled()
def trim_lists(n_kept: int, items: NDArray[np.int32], remoteness: NDArray[np.float32], counts: NDArray[np.int32]) -> None:
    """Shorten every list to its `n_kept` nearest; arguments as those of `keep_hits`."""
    for query in range(counts.shape[0]):
        if counts[query] > n_kept:
            _keep_smallest(remoteness[query], items[query], counts[query], n_kept)
            counts[query] = n_kept


@compiled()
def gather_candidates(
    lists: NDArray[np.int32],
    n_near: int,
    reverse: NDArray[np.int32],
    first_query: int,
    stamps: NDArray[np.int32],
    candidates: NDArray[np.int32],
    counts: NDArray[np.int32],
) -> None:
    """Collect the neighbors of the neighbors of some items, in both directions, without those already in their lists.

    Args:
        lists: (n_items, k) the neighbors so far, near to far; −1 fills up.
        n_near: How many of them count as neighbors here.
        reverse: (n_items, n_reverse) items that an item is a neighbor of; −1 fills up.
        first_query: The first item to ask for; the others follow.
        stamps: (n_items,) marks of earlier queries, all below those of this one; changed in place.
        candidates: (n_queries, room) the result, different items.
        counts: (n_queries,) how many of them.
    """
    room = candidates.shape[1]
    for i in range(counts.shape[0]):
        query = first_query + i
        stamps[query] = query
        for place in range(lists.shape[1]):
            if lists[query, place] >= 0:
                stamps[lists[query, place]] = query
        count = 0
        for place in range(n_near + reverse.shape[1]):
            via = lists[query, place] if place < n_near else reverse[query, place - n_near]
            if via < 0:
                continue
            if place >= n_near and stamps[via] != query and count < room:
                stamps[via] = query
                candidates[i, count] = via
                count += 1
            for step in range(n_near + reverse.shape[1]):
                found = lists[via, step] if step < n_near else reverse[via, step - n_near]
                if found >= 0 and stamps[found] != query and count < room:
                    stamps[found] = query
                    candidates[i, count] = found
                    count += 1
        counts[i] = count


@compiled()
def reverse_neighbors(lists: NDArray[np.int32], n_near: int, counts: NDArray[np.int32], reverse: NDArray[np.int32]) -> None:
    """Fill `reverse` with the first items that have an item among their `n_near` neighbors, the nearest neighbors first.

    Args:
        lists: (n_items, k) neighbors, near to far; −1 fills up.
        n_near: How many of them count.
        counts: (n_items,) zeros, to work on.
        reverse: (n_items, n_reverse) the result; −1 fills up.
    """
    reverse[:] = -1
    for place in range(n_near):
        for item in range(lists.shape[0]):
            neighbor = lists[item, place]
            if neighbor >= 0 and counts[neighbor] < reverse.shape[1]:
                reverse[neighbor, counts[neighbor]] = item
                counts[neighbor] += 1


@compiled(fastmath=True)
def pair_remoteness(
    rows: NDArray[np.float32],
    shifts: NDArray[np.float32],
    first_query: int,
    candidates: NDArray[np.int32],
    counts: NDArray[np.int32],
    remoteness: NDArray[np.float32],
) -> None:
    """Fill `remoteness` for each query and its own candidates.

    Args:
        rows: (n_items, dim).
        shifts: (n_items,) what to subtract inner products from.
        first_query: The item of the first query; the others follow.
        candidates: (n_queries, room) items.
        counts: (n_queries,) how many of them count.
        remoteness: (n_queries, room) the result.
    """
    for i in range(counts.shape[0]):
        query = np.uint64(first_query + i)
        place = 0
        while place + 4 <= counts[i]:  # four at a time, since it is memory that is waited for
            one, two = np.uint64(candidates[i, place]), np.uint64(candidates[i, place + 1])
            three, four = np.uint64(candidates[i, place + 2]), np.uint64(candidates[i, place + 3])
            first, second, third, fourth = _ZERO, _ZERO, _ZERO, _ZERO
            for c in range(rows.shape[1]):
                value = rows[query, c]
                first += value * rows[one, c]
                second += value * rows[two, c]
                third += value * rows[three, c]
                fourth += value * rows[four, c]
            remoteness[i, place] = shifts[one] - first
            remoteness[i, place + 1] = shifts[two] - second
            remoteness[i, place + 2] = shifts[three] - third
            remoteness[i, place + 3] = shifts[four] - fourth
            place += 4
        while place < counts[i]:
            one = np.uint64(candidates[i, place])
            product = _ZERO
            for c in range(rows.shape[1]):
                product += rows[query, c] * rows[one, c]
            remoteness[i, place] = shifts[one] - product
            place += 1


@compiled(fastmath=True)
def pair_remoteness_of_steps(
    steps: NDArray[np.int16],
    steps_a_unit: float,
    first_query: int,
    candidates: NDArray[np.int32],
    counts: NDArray[np.int32],
    remoteness: NDArray[np.float32],
) -> None:
    """Do what `pair_remoteness` does, without shifts, for rows of length 1 or less in steps, of which a unit has at most 32 767.

    No sum leaves 32 bits then, and numba is told so at every step, for it would count in 64.
    """
    unit = np.float32(-1.0 / (steps_a_unit * steps_a_unit))
    for i in range(counts.shape[0]):
        query = np.uint64(first_query + i)
        place = 0
        while place + 4 <= counts[i]:
            one, two = np.uint64(candidates[i, place]), np.uint64(candidates[i, place + 1])
            three, four = np.uint64(candidates[i, place + 2]), np.uint64(candidates[i, place + 3])
            first, second, third, fourth = np.int32(0), np.int32(0), np.int32(0), np.int32(0)
            for c in range(steps.shape[1]):
                value = np.int32(steps[query, c])
                first = np.int32(first + value * np.int32(steps[one, c]))
                second = np.int32(second + value * np.int32(steps[two, c]))
                third = np.int32(third + value * np.int32(steps[three, c]))
                fourth = np.int32(fourth + value * np.int32(steps[four, c]))
            remoteness[i, place] = unit * np.float32(first)
            remoteness[i, place + 1] = unit * np.float32(second)
            remoteness[i, place + 2] = unit * np.float32(third)
            remoteness[i, place + 3] = unit * np.float32(fourth)
            place += 4
        while place < counts[i]:
            one = np.uint64(candidates[i, place])
            product = np.int32(0)
            for c in range(steps.shape[1]):
                product = np.int32(product + np.int32(steps[query, c]) * np.int32(steps[one, c]))
            remoteness[i, place] = unit * np.float32(product)
            place += 1


@compiled()
def pair_remoteness_csr(
    data: NDArray[np.float32],
    columns: NDArray[np.int32],
    row_starts: NDArray[np.int64],
    shifts: NDArray[np.float32],
    first_query: int,
    candidates: NDArray[np.int32],
    counts: NDArray[np.int32],
    query: NDArray[np.float32],
    remoteness: NDArray[np.float32],
) -> None:
    """Do what `pair_remoteness` does for the rows of a CSR matrix, given by its three arrays, with `query` (dim,) zeros to work on."""
    for i in range(counts.shape[0]):
        first, last = row_starts[first_query + i], row_starts[first_query + i + 1]
        for entry in range(first, last):
            query[columns[entry]] += data[entry]
        for place in range(counts[i]):
            product = np.float32(0.0)
            for entry in range(row_starts[candidates[i, place]], row_starts[candidates[i, place] + 1]):
                product += query[columns[entry]] * data[entry]
            remoteness[i, place] = shifts[candidates[i, place]] - product
        for entry in range(first, last):
            query[columns[entry]] = 0.0


@compiled()
def keep_nearest(
    first_query: int,
    candidates: NDArray[np.int32],
    counts: NDArray[np.int32],
    candidate_remoteness: NDArray[np.float32],
    items: NDArray[np.int32],
    remoteness: NDArray[np.float32],
) -> None:
    """Let the candidates of some queries compete for the queries' lists, which stay ascending; no item enters its own.

    Args:
        first_query: The item of the first query; the others follow.
        candidates: (n_queries, room) items that are not in the lists.
        counts: (n_queries,) how many of them count.
        candidate_remoteness: (n_queries, room).
        items: (n_queries, k) the lists, changed in place.
        remoteness: (n_queries, k) their remoteness, +∞ where a list is not full; changed in place.
    """
    last = items.shape[1] - 1
    for i in range(counts.shape[0]):
        worst = remoteness[i, last]
        for place in range(counts[i]):
            value = candidate_remoteness[i, place]
            if value < worst and candidates[i, place] != first_query + i:
                _insert(value, candidates[i, place], items[i], remoteness[i])
                worst = remoteness[i, last]
