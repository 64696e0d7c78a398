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


@compiled(fastmath=True)
def repel_pairs(
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    push_x: NDArray[np.float32],
    push_y: NDArray[np.float32],
    nearness: NDArray[np.float32],
    start: int,
    stop: int,
) -> None:
    """Fill Σ_j q² (y_i − y_j) and Σ_{j≠i} q for the items `start` … `stop` − 1, from all pairs.

    Args:
        x: (n_items,) coordinates.
        y: (n_items,) coordinates.
        push_x: (n_items,) the result along x.
        push_y: (n_items,) the result along y.
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
        push_x[i] = sum_x
        push_y[i] = sum_y
        nearness[i] = total - ONE


@compiled(fastmath=True)
def move(
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    velocity_x: NDArray[np.float32],
    velocity_y: NDArray[np.float32],
    push_x: NDArray[np.float32],
    push_y: NDArray[np.float32],
    push_scale: np.float32,
    row_starts: NDArray[np.uint64],
    others: NDArray[np.uint32],
    weights: NDArray[np.float32],
    rates: NDArray[np.float32],
    momentum: np.float32,
    moved_x: NDArray[np.float32],
    moved_y: NDArray[np.float32],
    start: int,
    stop: int,
) -> None:
    """Take one step with momentum: v ← µ v − rate (Σ_j w q (y_i − y_j) − scale · push), y ← y + v.

    Args:
        x: (n_items,) coordinates.
        y: (n_items,) coordinates.
        velocity_x: (n_items,) changed in place.
        velocity_y: (n_items,) changed in place.
        push_x: (n_items,) repulsion along x.
        push_y: (n_items,) repulsion along y.
        push_scale: Factor of the repulsion.
        row_starts: (n_items + 1,) where each item's edges begin.
        others: (n_edges,) the other end of each edge.
        weights: (n_edges,) its weight w.
        rates: (n_items,) learning rate of each item.
        momentum: Share µ of the velocity that is kept.
        moved_x: (n_items,) the new coordinates.
        moved_y: (n_items,) the new coordinates.
        start: First item.
        stop: Item after the last.
    """
    for i in range(start, stop):
        xi = x[i]
        yi = y[i]
        pull_x = ZERO
        pull_y = ZERO
        for entry in range(row_starts[i], row_starts[i + 1]):
            other = others[entry]
            dx = xi - x[other]
            dy = yi - y[other]
            strength = weights[entry] / (ONE + dx * dx + dy * dy)
            pull_x += strength * dx
            pull_y += strength * dy
        rate = rates[i]
        velocity_x[i] = momentum * velocity_x[i] - rate * (pull_x - push_scale * push_x[i])
        velocity_y[i] = momentum * velocity_y[i] - rate * (pull_y - push_scale * push_y[i])
        moved_x[i] = xi + velocity_x[i]
        moved_y[i] = yi + velocity_y[i]
