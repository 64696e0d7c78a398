"""Forces of the attraction–repulsion spectrum on items in the plane, and the step that follows them.

Throughout, q = 1 / (1 + r²) is t-SNE's kernel of the distance r between two items. Sums run in an order that depends on
nothing but the input, so that any slicing of the items gives the same bits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vista.kernels.compiled import compiled

ZERO = np.float32(0.0)
ONE = np.float32(1.0)
TWO = np.float32(2.0)
ALL_EDGES = 2  # in place of a half


@compiled(fastmath=True)
def repel_pairs(
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    push: NDArray[np.float32],
    nearness: NDArray[np.float32],
    start: int,
    stop: int,
) -> None:
    """Fill Σ_j q² (y_i − y_j) and Σ_{j≠i} q for the items `start` … `stop` − 1, from all pairs.

    Args:
        x: (n_items,) coordinates.
        y: (n_items,) coordinates.
        push: (n_items, 2) the result.
        nearness: (n_items,) the result Σ q.
        start: First item.
        stop: Item after the last.
    """
    for i in range(start, stop):
        xi = x[i]
        yi = y[i]
        sum_x = ZERO
        sum_y = ZERO
        total = ZERO
        for j in range(x.shape[0]):
            dx = xi - x[j]
            dy = yi - y[j]
            q = ONE / (ONE + dx * dx + dy * dy)
            total += q
            sum_x += q * q * dx
            sum_y += q * q * dy
        push[i, 0] = sum_x
        push[i, 1] = sum_y
        nearness[i] = total - ONE


@compiled(fastmath=True)
def move(
    places: NDArray[np.float32],
    velocity: NDArray[np.float32],
    push: NDArray[np.float32],
    push_scale: np.float32,
    older_push: NDArray[np.float32],
    older_scale: np.float32,
    row_starts: NDArray[np.uint64],
    others: NDArray[np.uint32],
    weights: NDArray[np.float32],
    rates: NDArray[np.float32],
    momentum: np.float32,
    half: int,
    moved: NDArray[np.float32],
    start: int,
    stop: int,
) -> None:
    """Take one step with momentum: v ← µ v − rate (Σ_j w q (y_i − y_j) − scale · push − older scale · older push), y ← y + v.

    Both coordinates of an item lie side by side, so that an edge costs one line of the cache where two arrays cost two.

    Args:
        places: (n_items, 2) coordinates.
        velocity: (n_items, 2) changed in place.
        push: (n_items, 2) repulsion.
        push_scale: Factor of the repulsion.
        older_push: (n_items, 2) repulsion of an earlier step.
        older_scale: Factor of that.
        row_starts: (n_items + 1,) where each item's edges begin.
        others: (n_edges,) the other end of each edge.
        weights: (n_edges,) its weight w.
        rates: (n_items,) learning rate of each item.
        momentum: Share µ of the velocity that is kept.
        half: 0 or 1 takes the first or the second half of each item's edges, twice as strong; `ALL_EDGES` takes all of them.
        moved: (n_items, 2) the new coordinates.
        start: First item.
        stop: Item after the last.
    """
    strengthening = ONE if half == ALL_EDGES else TWO
    for i in range(start, stop):
        xi = places[i, 0]
        yi = places[i, 1]
        pull_x = ZERO
        pull_y = ZERO
        first, last = row_starts[i], row_starts[i + 1]
        middle = first + (last - first + np.uint64(1)) // np.uint64(2)
        if half == 0:
            last = middle
        if half == 1:
            first = middle
        for entry in range(first, last):
            other = others[entry]
            dx = xi - places[other, 0]
            dy = yi - places[other, 1]
            strength = weights[entry] / (ONE + dx * dx + dy * dy)
            pull_x += strength * dx
            pull_y += strength * dy
        rate = rates[i]
        pull_x *= strengthening
        pull_y *= strengthening
        drive_x = push_scale * push[i, 0] + older_scale * older_push[i, 0]
        velocity[i, 0] = momentum * velocity[i, 0] - rate * (pull_x - drive_x)
        drive_y = push_scale * push[i, 1] + older_scale * older_push[i, 1]
        velocity[i, 1] = momentum * velocity[i, 1] - rate * (pull_y - drive_y)
        moved[i, 0] = xi + velocity[i, 0]
        moved[i, 1] = yi + velocity[i, 1]
