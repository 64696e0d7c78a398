"""The loops of UMAP (McInnes, Healy & Melville 2018, arXiv 1802.03426).

The symbols are the paper's: ρ the distance to the nearest neighbor, σ the local scale, a and b the shape of the
low-dimensional affinity 1 / (1 + a·d^(2b)).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vista.kernels.compiled import compiled

SCALE_STEPS = 64
SCALE_TOLERANCE = 1e-5
SMALLEST_SCALE = 1e-3  # of the mean distance
LARGEST_STEP = np.float32(4.0)
MULTIPLIER = np.uint64(2685821657736338717)


@compiled()
def smooth_distances(distances: NDArray[np.float32], nearest: NDArray[np.float32], scales: NDArray[np.float32]) -> None:
    """Find ρ and σ of every item, with Σ_j exp(−max(0, d_j − ρ) / σ) = log₂(k + 1) (algorithm 3 of the paper).

    Args:
        distances: (n_items, k) ascending, the item itself left out.
        nearest: (n_items,) the resulting ρ: the smallest distance above 0, or 0.
        scales: (n_items,) the resulting σ.
    """
    n, k = distances.shape
    target = np.log2(k + 1)
    mean_distance = np.sum(distances) / (n * (k + 1))
    for i in range(n):
        nearest[i] = 0.0
        for j in range(k):
            if distances[i, j] > 0.0:
                nearest[i] = distances[i, j]
                break
        low = 0.0
        high = np.inf
        scale = 1.0
        for _ in range(SCALE_STEPS):
            total = 0.0
            for j in range(k):
                total += np.exp(-max(distances[i, j] - nearest[i], 0.0) / scale)
            if abs(total - target) < SCALE_TOLERANCE:
                break
            if total > target:
                high = scale
                scale = (low + high) / 2.0
            else:
                low = scale
                scale = scale * 2.0 if high == np.inf else (low + high) / 2.0
        mean = np.sum(distances[i]) / (k + 1) if nearest[i] > 0.0 else mean_distance
        scales[i] = max(scale, SMALLEST_SCALE * mean)


@compiled()
def memberships(
    distances: NDArray[np.float32], nearest: NDArray[np.float32], scales: NDArray[np.float32], weights: NDArray[np.float32]
) -> None:
    """Fill `weights` (n_items, k) with exp(−max(0, d − ρ) / σ), the strength of each directed edge."""
    for i in range(distances.shape[0]):
        for j in range(distances.shape[1]):
            beyond = distances[i, j] - nearest[i]
            weights[i, j] = 1.0 if beyond <= 0.0 or scales[i] == 0.0 else np.exp(-beyond / scales[i])


@compiled()
def _next_random(state: NDArray[np.uint64], n: int) -> np.int64:
    # xorshift64* (Vigna 2016); the upper half times n gives a number in 0 … n − 1 without a division
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return np.int64((((x * MULTIPLIER) >> np.uint64(32)) * np.uint64(n)) >> np.uint64(32))


@compiled()
def _clipped(step: np.float32) -> np.float32:
    return max(-LARGEST_STEP, min(LARGEST_STEP, step))


@compiled(fastmath=True)
def optimize_epochs(
    coordinates: NDArray[np.float32],
    heads: NDArray[np.int32],
    tails: NDArray[np.int32],
    periods: NDArray[np.float64],
    next_attraction: NDArray[np.float64],
    next_repulsion: NDArray[np.float64],
    a: float,
    b: float,
    negative_rate: int,
    first_epoch: int,
    last_epoch: int,
    n_epochs: int,
    state: NDArray[np.uint64],
) -> None:
    """Move the coordinates through epochs `first_epoch` … `last_epoch` − 1 of stochastic gradient descent.

    Each edge is drawn once in its period and pulls both ends together; each draw pushes the head away from about
    `negative_rate` random items. The learning rate falls from 1 to 0 over `n_epochs`. One thread, so that the result
    is the same for the same state.

    Args:
        coordinates: (n_items, 2), changed in place.
        heads: (n_edges,) items.
        tails: (n_edges,) items.
        periods: (n_edges,) epochs from one draw of an edge to the next, at least 1.
        next_attraction: (n_edges,) epoch at which the edge is due; changed in place.
        next_repulsion: (n_edges,) the same for its negative samples; changed in place.
        a: Shape of the affinity.
        b: Shape of the affinity.
        negative_rate: Negative samples for each draw of an edge.
        first_epoch: First epoch.
        last_epoch: Epoch after the last.
        n_epochs: Epochs of the whole optimization.
        state: (1,) state of the random numbers, not 0; changed in place.
    """
    n = coordinates.shape[0]
    a32 = np.float32(a)
    b32 = np.float32(b)
    one = np.float32(1.0)
    two_b = np.float32(2.0) * b32
    pull_scale = np.float32(-2.0) * a32 * b32
    for epoch in range(first_epoch, last_epoch):
        rate = np.float32(1.0 - epoch / n_epochs)
        for edge in range(heads.shape[0]):
            if next_attraction[edge] > epoch:
                continue
            head = heads[edge]
            tail = tails[edge]
            x = coordinates[head, 0]
            y = coordinates[head, 1]
            dx = x - coordinates[tail, 0]
            dy = y - coordinates[tail, 1]
            squared = dx * dx + dy * dy
            if squared > np.float32(0.0):
                power = squared**b32
                pull = pull_scale * (power / squared) / (a32 * power + one)
                step_x = _clipped(pull * dx) * rate
                step_y = _clipped(pull * dy) * rate
                x += step_x
                y += step_y
                coordinates[tail, 0] -= step_x
                coordinates[tail, 1] -= step_y
            next_attraction[edge] += periods[edge]
            negative_period = periods[edge] / negative_rate
            n_negative = int((epoch - next_repulsion[edge]) / negative_period)
            for _ in range(n_negative):
                other = _next_random(state, n)
                if other == head:
                    continue
                dx = x - coordinates[other, 0]
                dy = y - coordinates[other, 1]
                squared = dx * dx + dy * dy
                if squared > np.float32(0.0):
                    push = two_b / ((np.float32(0.001) + squared) * (a32 * squared**b32 + one))
                    x += _clipped(push * dx) * rate
                    y += _clipped(push * dy) * rate
            next_repulsion[edge] += n_negative * negative_period
            coordinates[head, 0] = x
            coordinates[head, 1] = y
