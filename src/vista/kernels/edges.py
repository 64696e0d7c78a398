"""Edges of a symmetric graph, from lists of neighbors: row after row, each edge stored at both of its ends.

Item numbers that index an array are unsigned: a signed index could count from the end, and the check for it keeps the
compiler from using vector instructions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vista.kernels.compiled import compiled

HALF = np.float32(0.5)
ONE = np.uint64(1)
TWO = np.uint64(2)


@compiled()
def first_repeat(indices: NDArray[np.uint32], last_row: NDArray[np.int64]) -> int:
    """Return the first row of (n_items, k) neighbors that holds an item twice, or −1; `last_row` (n_items,) is all −1 to work on."""
    for i in range(indices.shape[0]):
        for j in range(indices.shape[1]):
            if last_row[indices[i, j]] == i:
                return i
            last_row[indices[i, j]] = i
    return -1


@compiled()
def calibrate(
    distances: NDArray[np.float32],
    perplexity: float,
    squared: NDArray[np.float64],
    weights: NDArray[np.float32],
    start: int,
    stop: int,
) -> None:
    """Fill rows `start` … `stop` − 1 of `weights` with exp(−β d²), scaled to sum to 1, with β such that 2^entropy = `perplexity`.

    A row whose weights stay equal for every β, because its distances are equal, gets equal weights.

    Args:
        distances: (n_items, k) ascending.
        perplexity: The effective number of neighbors, at most k.
        squared: (k,) to work on.
        weights: (n_items, k) the result.
        start: First row.
        stop: Row after the last.
    """
    k = distances.shape[1]
    target = np.log(perplexity)
    for i in range(start, stop):
        mean = 0.0
        for j in range(k):
            squared[j] = np.float64(distances[i, j]) ** 2 - np.float64(distances[i, 0]) ** 2
            mean += squared[j] / k
        beta = 1.0 / mean if mean > 0.0 else 1.0
        low = 0.0
        high = np.inf
        total = 0.0
        for _ in range(64):
            total = 0.0
            moment = 0.0
            second_moment = 0.0
            for j in range(k):
                weight = np.exp(-beta * squared[j])
                total += weight
                moment += weight * squared[j]
                second_moment += weight * squared[j] * squared[j]
            mean = moment / total
            excess = np.log(total) + beta * mean - target
            if abs(excess) < 1e-6:
                break
            if excess > 0.0:
                low = beta
            else:
                high = beta
            fall = beta * (second_moment / total - mean * mean)  # of the entropy, a unit of β
            if fall <= 0.0:  # as where many items are equally near: the entropy goes no lower
                break
            beta += excess / fall  # Newton's step, where it stays between what is known
            if high == np.inf:
                beta = min(beta, 8.0 * low)
            elif not low < beta < high:
                beta = (low + high) / 2.0
        for j in range(k):
            weights[i, j] = np.exp(-beta * squared[j]) / total


@compiled()
def reverse_edges(indices: NDArray[np.uint32], starts: NDArray[np.uint64], sources: NDArray[np.uint32], places: NDArray[np.uint32]) -> None:
    """List for every item the rows that hold it, in the order of these rows.

    Args:
        indices: (n_items, k) neighbors.
        starts: (n_items + 1,) where each item's list begins; afterwards every entry but the last is where it ends.
        sources: (n_items · k,) the result: rows.
        places: (n_items · k,) the result: the column at which the row holds the item.
    """
    for i in range(indices.shape[0]):
        for j in range(indices.shape[1]):
            item = indices[i, j]
            free = starts[item]
            sources[free] = i
            places[free] = j
            starts[item] = free + ONE


@compiled()
def _place_of(item: np.uint32, row: NDArray[np.uint32]) -> int:
    place = -1
    for j in range(row.shape[0]):  # to the end, which vector instructions do faster than a search that stops
        if row[j] == item:
            place = j
    return place


@compiled()
def count_one_sided(
    indices: NDArray[np.uint32],
    starts: NDArray[np.uint64],
    sources: NDArray[np.uint32],
    counts: NDArray[np.int64],
    start: int,
    stop: int,
) -> None:
    """Count for each item the rows that hold it without being among its own neighbors.

    Args:
        indices: (n_items, k) neighbors.
        starts: (n_items + 1,) where each item's list of rows that hold it begins in `sources`.
        sources: (n_items · k,) these rows.
        counts: (n_items,) the result.
        start: First item.
        stop: Item after the last.
    """
    for i in range(start, stop):
        n_outside = 0
        for entry in range(starts[i], starts[i + 1]):
            if _place_of(sources[entry], indices[i]) < 0:
                n_outside += 1
        counts[i] = n_outside


@compiled()
def join_directions(
    indices: NDArray[np.uint32],
    weights: NDArray[np.float32],
    starts: NDArray[np.uint64],
    sources: NDArray[np.uint32],
    places: NDArray[np.uint32],
    row_starts: NDArray[np.uint64],
    others: NDArray[np.uint32],
    joined: NDArray[np.float32],
    start: int,
    stop: int,
) -> None:
    """Fill the rows of a symmetric graph with (w_ij + w_ji) / 2, own neighbors first.

    Args:
        indices: (n_items, k) neighbors.
        weights: (n_items, k) weights of the directed edges.
        starts: (n_items + 1,) where each item's list of rows that hold it begins in `sources`.
        sources: (n_items · k,) these rows.
        places: (n_items · k,) the column at which each row holds the item.
        row_starts: (n_items + 1,) where each row of the result begins.
        others: (n_edges,) the result: the other end of each edge.
        joined: (n_edges,) the result: its weight.
        start: First item.
        stop: Item after the last.
    """
    k = indices.shape[1]
    for i in range(start, stop):
        first = row_starts[i]
        for j in range(k):
            others[first + np.uint64(j)] = indices[i, j]
            joined[first + np.uint64(j)] = HALF * weights[i, j]
        free = first + np.uint64(k)
        for entry in range(starts[i], starts[i + 1]):
            source = sources[entry]
            weight = HALF * weights[source, places[entry]]
            place = _place_of(source, indices[i])
            if place >= 0:
                joined[first + np.uint64(place)] += weight
            else:
                others[free] = source
                joined[free] = weight
                free += ONE


@compiled()
def deal(
    row_starts: NDArray[np.uint64],
    others: NDArray[np.uint32],
    weights: NDArray[np.float32],
    dealt_others: NDArray[np.uint32],
    dealt_weights: NDArray[np.float32],
    start: int,
    stop: int,
) -> None:
    """Deal the edges of the items `start` … `stop` − 1 into two halves.

    The places 0, 3, 4, 7, 8 … come first, then 1, 2, 5, 6, 9 … Edges are given near to far, and this way the halves weigh nearly the same.

    Args:
        row_starts: (n_items + 1,) where each item's edges begin.
        others: (n_edges,) the other end of each edge.
        weights: (n_edges,) its weight.
        dealt_others: (n_edges,) the result.
        dealt_weights: (n_edges,) the result.
        start: First item.
        stop: Item after the last.
    """
    for i in range(start, stop):
        first, n = row_starts[i], row_starts[i + 1] - row_starts[i]
        middle = (n + ONE) // TWO
        for place in range(n):
            pair, second = place // TWO, (place + place // TWO) % TWO
            if place == n - ONE and n % TWO == ONE:
                second = np.uint64(0)  # what is left over belongs to the first half, the larger one
            kept = first + pair + second * middle
            dealt_others[kept] = others[first + place]
            dealt_weights[kept] = weights[first + place]


@compiled()
def renumber(
    row_starts: NDArray[np.uint64],
    others: NDArray[np.uint32],
    weights: NDArray[np.float32],
    order: NDArray[np.uint32],
    numbers: NDArray[np.uint32],
    new_row_starts: NDArray[np.uint64],
    new_others: NDArray[np.uint32],
    new_weights: NDArray[np.float32],
    start: int,
    stop: int,
) -> None:
    """Fill rows `start` … `stop` − 1 of a graph whose items are put into another order.

    Args:
        row_starts: (n_items + 1,) where each row begins.
        others: (n_edges,) the other end of each edge.
        weights: (n_edges,) its weight.
        order: (n_items,) the old number of each new row.
        numbers: (n_items,) the new number of each old row.
        new_row_starts: (n_items + 1,) where each new row begins.
        new_others: (n_edges,) the result.
        new_weights: (n_edges,) the result.
        start: First new row.
        stop: Row after the last.
    """
    for i in range(start, stop):
        free = new_row_starts[i]
        for entry in range(row_starts[order[i]], row_starts[order[i] + ONE]):
            new_others[free] = numbers[others[entry]]
            new_weights[free] = weights[entry]
            free += ONE


@compiled()
def connect(row_starts: NDArray[np.uint64], others: NDArray[np.uint32], waiting: NDArray[np.uint32], pieces: NDArray[np.int32]) -> int:
    """Number the connected pieces of a symmetric graph in the order of their first items, and return how many there are.

    Args:
        row_starts: (n_items + 1,) where each row begins.
        others: (n_edges,) the other end of each edge.
        waiting: (n_items,) to work on.
        pieces: (n_items,) all −1; the result.
    """
    n_pieces = 0
    for first in range(pieces.shape[0]):
        if pieces[first] >= 0:
            continue
        pieces[first] = n_pieces
        waiting[0] = first
        n_waiting = 1
        while n_waiting > 0:
            n_waiting -= 1
            item = waiting[n_waiting]
            for entry in range(row_starts[item], row_starts[item + ONE]):
                other = others[entry]
                if pieces[other] < 0:
                    pieces[other] = n_pieces
                    waiting[n_waiting] = other
                    n_waiting += 1
        n_pieces += 1
    return n_pieces
