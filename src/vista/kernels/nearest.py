"""Neighbor lists: keeping the nearest items of each row, their order, and what one list holds that another does not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vista.kernels.compiled import compiled
from vista.kernels.threads import over_rows


@compiled()
def _insert(value: np.float32, item: int, items: NDArray[np.int32], values: NDArray[np.float32]) -> None:
    # keeps one list ascending, the largest value drops out; an equal value goes behind those that came before it
    place = items.shape[0] - 1
    while place > 0 and values[place - 1] > value:
        values[place] = values[place - 1]
        items[place] = items[place - 1]
        place -= 1
    values[place] = value
    items[place] = item


@compiled()
def keep_nearest_of_rows(
    closeness: NDArray[np.float32],
    shifts: NDArray[np.float32],
    own: NDArray[np.int64],
    first_column: int,
    items: NDArray[np.int32],
    remoteness: NDArray[np.float32],
    start: int,
    stop: int,
) -> None:
    """Let the columns of a tile compete for the lists of its rows `start` … `stop` − 1.

    A list holds the k items of smallest remoteness so far, ascending, where remoteness is `shifts[column] − closeness`.

    Args:
        closeness: (n_rows, n_columns) one tile, large is near.
        shifts: (n_columns,) what each column adds to the remoteness.
        own: (n_rows,) the item that a row stands for, which never enters its own list.
        first_column: Item of the tile's first column; the others follow.
        items: (n_rows, k) the lists, changed in place.
        remoteness: (n_rows, k) their remoteness, +∞ where a list is not full; changed in place.
        start: First row.
        stop: Row after the last.
    """
    last = items.shape[1] - 1
    for i in range(start, stop):
        worst = remoteness[i, last]
        for j in range(closeness.shape[1]):
            value = shifts[j] - closeness[i, j]
            if value < worst and first_column + j != own[i]:
                _insert(value, first_column + j, items[i], remoteness[i])
                worst = remoteness[i, last]


@compiled()
def keep_nearest_of_columns(
    closeness: NDArray[np.float32],
    shifts: NDArray[np.float32],
    first_row: int,
    items: NDArray[np.int32],
    remoteness: NDArray[np.float32],
    worst: NDArray[np.float32],
    start: int,
    stop: int,
) -> None:
    """Let the rows of a tile compete for the lists of its columns `start` … `stop` − 1; no item is on both sides.

    Args:
        closeness: (n_rows, n_columns) one tile, large is near.
        shifts: (n_rows,) what each row adds to the remoteness.
        first_row: Item of the tile's first row; the others follow.
        items: (n_columns, k) the lists, changed in place.
        remoteness: (n_columns, k) their remoteness, +∞ where a list is not full; changed in place.
        worst: (n_columns,) the last of these, to work on.
        start: First column.
        stop: Column after the last.
    """
    last = items.shape[1] - 1
    for j in range(start, stop):
        worst[j] = remoteness[j, last]
    for i in range(closeness.shape[0]):
        for j in range(start, stop):
            value = shifts[i] - closeness[i, j]
            if value < worst[j]:
                _insert(value, first_row + i, items[j], remoteness[j])
                worst[j] = remoteness[j, last]


@compiled()
def share_outside(near: NDArray[np.int32], wide: NDArray[np.int32], shares: NDArray[np.float32], start: int, stop: int) -> None:
    """Fill `shares` with the share of each row's `near` entries that its `wide` entries do not hold.

    Args:
        near: (n_rows, k) item numbers.
        wide: (n_rows, k_wide) item numbers.
        shares: (n_rows,) the result, in [0, 1].
        start: First row.
        stop: Row after the last.
    """
    for i in range(start, stop):
        n_outside = 0
        for a in range(near.shape[1]):
            found = False
            for b in range(wide.shape[1]):
                if near[i, a] == wide[i, b]:
                    found = True
                    break
            if not found:
                n_outside += 1
        shares[i] = n_outside / near.shape[1]


@compiled()
def sort_lists(indices: NDArray[np.int32], distances: NDArray[np.float32], start: int, stop: int) -> None:
    """Sort rows `start` … `stop` − 1 of both by distance, equal distances by index; quick for rows that nearly are.

    Args:
        indices: (n_rows, k) changed in place.
        distances: (n_rows, k) changed in place.
        start: First row.
        stop: Row after the last.
    """
    for i in range(start, stop):
        items, values = indices[i], distances[i]
        for j in range(1, items.shape[0]):
            item, value = items[j], values[j]
            place = j
            while place > 0 and (values[place - 1] > value or (values[place - 1] == value and items[place - 1] > item)):
                values[place] = values[place - 1]
                items[place] = items[place - 1]
                place -= 1
            values[place] = value
            items[place] = item


def nearest_first(indices: NDArray[np.int32], distances: NDArray[np.float32]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return both (n_rows, k) arrays with each row sorted by distance, equal distances by index."""
    items, values = np.array(indices, dtype=np.int32, order="C"), np.array(distances, dtype=np.float32, order="C")
    over_rows(len(items), lambda start, stop: sort_lists(items, values, start, stop))
    return items, values
