"""The slow twins of the kernels: the same results, written for reading.

Each function has the name of its kernel, takes what the kernel takes apart from slices and arrays to fill, and returns
what the kernel fills. Tests compare the two; nothing else calls them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Whole = NDArray[np.integer[Any]]


def cosine_steps(products: Floats, query_scales: Floats, target_scales: Floats, grid: float) -> Floats:
    """Return cosine distances in steps, from inner products."""
    return np.maximum((1.0 - products * query_scales[:, None] * target_scales) * grid, 0.0)


def squared_steps(products: Floats, query_norms: Floats, target_norms: Floats, grid: float) -> Floats:
    """Return squared euclidean distances in steps, from inner products."""
    return np.maximum((query_norms[:, None] + target_norms - 2.0 * products) * grid, 0.0)


def difference_steps(queries: Floats, targets: Floats, grid: float) -> Floats:
    """Return euclidean distances in steps, from differences."""
    differences = queries[:, None, :].astype(np.float64) - targets[None, :, :]
    return np.asarray(np.sqrt((differences**2).sum(axis=2)) * grid)


def pair_products(vectors: Floats, queries: Whole, candidates: Whole) -> Floats:
    """Return the inner products of each query and its own candidates; for CSR rows, give them densified."""
    wide = vectors.astype(np.float64)
    return np.array([wide[own] @ wide[query] for query, own in zip(queries, candidates, strict=True)])


def keep_nearest_of_rows(closeness: Floats, shifts: Floats, own: Whole, k: int) -> Whole:
    """Return the k columns of smallest remoteness of each row, its own left out, equal ones by column."""
    order = np.argsort(shifts - closeness, axis=1, kind="stable")
    return np.array([row[row != item][:k] for row, item in zip(order, own, strict=True)])


def keep_nearest_of_columns(closeness: Floats, shifts: Floats, k: int) -> Whole:
    """Return the k rows of smallest remoteness of each column, equal ones by row."""
    return np.argsort(shifts[:, None] - closeness, axis=0, kind="stable")[:k].T


def share_outside(near: Whole, wide: Whole) -> Floats:
    """Return the share of each row's `near` entries that its `wide` entries do not hold."""
    return np.array([len(set(a) - set(b)) / len(a) for a, b in zip(near.tolist(), wide.tolist(), strict=True)])


def ranks(steps: Floats, queries: Whole) -> Whole:
    """Return what the keys give, sorted, leveled and sorted again: ranks from 1, the query itself at n."""
    result = np.empty(steps.shape, np.int64)
    for i, query in enumerate(queries):
        whole = np.rint(steps[i])
        order = np.argsort(whole, kind="stable")
        order = order[order != query]
        run = np.cumsum(np.diff(whole[order], prepend=0) > 1)
        result[i, order[np.lexsort((order, run))]] = np.arange(1, len(whole))
        result[i, query] = len(whole)
    return result


def compare_ranks(near: Whole, drawn: Whole, sizes: Whole) -> tuple[Whole, Whole, Whole, Whole]:
    """Return the histogram of larger ranks, and the overlaps, intrusions and extrusions of each query and size."""
    n = near.shape[1]
    histogram = np.bincount(np.maximum(near, drawn).ravel(), minlength=n + 1)
    histogram[n] = 0  # the queries themselves
    x, y, k = near[:, :, None].astype(np.int64), drawn[:, :, None].astype(np.int64), sizes
    overlaps = ((x <= k) & (y <= k)).sum(axis=1)
    intrusions = np.where((y <= k) & (x > k), x - k, 0).sum(axis=1)
    extrusions = np.where((x <= k) & (y > k), y - k, 0).sum(axis=1)
    return histogram, overlaps, intrusions, extrusions


def count_shuffled(near: Whole, drawn: Whole, rows: Whole, columns: Whole) -> Whole:
    """Return the histogram of larger ranks for the map that the permutation gives."""
    return np.bincount(np.maximum(near, drawn[rows][:, columns]).ravel(), minlength=near.shape[1] + 1)


def smooth_distances(distances: Floats) -> tuple[Floats, Floats]:
    """Return ρ and σ of every item, σ by bisection to the last bit."""
    n, k = distances.shape
    wide = distances.astype(np.float64)
    nearest = np.array([row[row > 0].min(initial=np.inf) for row in wide])
    nearest[np.isinf(nearest)] = 0.0
    low, high = np.zeros(n), np.full(n, 1e6 * (1.0 + wide.max(initial=0.0)))
    for _ in range(200):
        middle = np.maximum((low + high) / 2, 1e-300)
        too_wide = np.exp(-np.maximum(wide - nearest[:, None], 0.0) / middle[:, None]).sum(axis=1) > np.log2(k + 1)
        low, high = np.where(too_wide, low, middle), np.where(too_wide, middle, high)
    mean = np.where(nearest > 0, wide.sum(axis=1), wide.sum() / n) / (k + 1)
    return nearest, np.maximum((low + high) / 2, 1e-3 * mean)


def memberships(distances: Floats, nearest: Floats, scales: Floats) -> Floats:
    """Return exp(−max(0, d − ρ) / σ); 1 where σ is 0."""
    beyond = np.maximum(distances - nearest[:, None], 0.0)
    weights = np.exp(-beyond / np.where(scales > 0, scales, 1.0)[:, None])
    return np.where((beyond == 0) | (scales == 0)[:, None], 1.0, weights)


def optimize_epochs(
    coordinates: Floats,
    heads: Whole,
    tails: Whole,
    periods: Floats,
    a: float,
    b: float,
    negative_rate: int,
    n_done: int,
    n_epochs: int,
    state: int,
) -> Floats:
    """Return the coordinates after the first `n_done` epochs, in float64."""
    y = coordinates.astype(np.float64)
    next_attraction, next_repulsion = periods.copy(), periods / negative_rate
    for epoch in range(n_done):
        rate = 1.0 - epoch / n_epochs
        for edge in np.flatnonzero(next_attraction <= epoch):
            head, tail = heads[edge], tails[edge]
            difference = y[head] - y[tail]
            d2 = difference @ difference
            if d2 > 0:
                step = rate * np.clip(-2 * a * b * d2 ** (b - 1) / (a * d2**b + 1) * difference, -4, 4)
                y[head] += step
                y[tail] -= step
            next_attraction[edge] += periods[edge]
            n_negative = int((epoch - next_repulsion[edge]) / (periods[edge] / negative_rate))
            next_repulsion[edge] += n_negative * (periods[edge] / negative_rate)
            for _ in range(n_negative):
                state, other = _next_random(state, len(y))
                difference = y[head] - y[other]
                d2 = difference @ difference
                if other != head and d2 > 0:
                    y[head] += rate * np.clip(2 * b / ((0.001 + d2) * (a * d2**b + 1)) * difference, -4, 4)
    return y


def _next_random(state: int, n: int) -> tuple[int, int]:
    state ^= state >> 12
    state = (state ^ (state << 25)) % 2**64
    state ^= state >> 27
    return state, ((state * 2685821657736338717 % 2**64) >> 32) * n >> 32


def sort_lists(indices: Whole, distances: Floats) -> tuple[Whole, Floats]:
    """Return both with each row sorted by distance, equal distances by index."""
    order = np.lexsort((indices, distances))
    return np.take_along_axis(indices, order, axis=1), np.take_along_axis(distances, order, axis=1)


def gather_scaled(vectors: Floats, scales: Floats, order: Whole) -> Floats:
    """Return vectors in another order, each times its scale."""
    return (vectors.astype(np.float64) * scales[:, None])[order]


def in_steps(rows: Floats, steps_a_unit: float) -> Whole:
    """Return rows in whole steps."""
    steps: Whole = np.rint(rows * steps_a_unit).astype(np.int64)
    return steps


def keep_hits(closeness: Floats, shifts: Floats, n_kept: int) -> list[set[int]]:
    """Return the `n_kept` columns of smallest remoteness of each row."""
    return [set(np.argsort(row, kind="stable")[:n_kept].tolist()) for row in shifts - closeness]


def gather_candidates(lists: Whole, n_near: int, reverse: Whole) -> list[set[int]]:
    """Return each item's neighbors of neighbors, in both directions, without itself and those in its list."""
    around = [{item for item in [*near[:n_near], *back] if item >= 0} for near, back in zip(lists.tolist(), reverse.tolist(), strict=True)]
    reached = [set().union(around[i], *(around[via] for via in around[i])) for i in range(len(lists))]
    return [found - {i, *row} for i, (found, row) in enumerate(zip(reached, lists.tolist(), strict=True))]


def reverse_neighbors(lists: Whole, n_near: int, n_reverse: int) -> list[list[int]]:
    """Return for each item the first `n_reverse` items that it is a neighbor of, by its rank there, then by row."""
    named = [(rank, item, neighbor) for item, row in enumerate(lists.tolist()) for rank, neighbor in enumerate(row[:n_near])]
    return [[item for _, item, neighbor in sorted(named) if neighbor == own][:n_reverse] for own in range(len(lists))]


def pair_remoteness(rows: Floats, shifts: Floats, candidates: Whole) -> Floats:
    """Return the remoteness of each query's own candidates, the queries being the first items; CSR rows densified."""
    return np.array([shifts[own] - rows[own] @ rows[query] for query, own in enumerate(candidates)])


def keep_nearest(candidates: Whole, candidate_remoteness: Floats, k: int) -> Whole:
    """Return the k nearest candidates of each query, the queries being the first items, itself left out."""
    order = np.argsort(candidate_remoteness, axis=1, kind="stable")
    ranked = np.take_along_axis(candidates, order, axis=1)
    return np.array([row[row != query][:k] for query, row in enumerate(ranked)])


def first_repeat(indices: Whole) -> int:
    """Return the first row that holds an item twice, or −1."""
    return next((i for i, row in enumerate(indices.tolist()) if len(set(row)) < len(row)), -1)


def calibrate(distances: Floats, perplexity: float) -> Floats:
    """Return t-SNE's conditional weights of each row, with the width that gives the perplexity."""
    from scipy.optimize import brentq

    def weights(squared: Floats, log_beta: float) -> Floats:
        raw = np.exp(-np.exp(log_beta) * squared)
        return np.asarray(raw / raw.sum())

    def excess(log_beta: float, squared: Floats) -> float:
        p = weights(squared, log_beta)
        return float(-(p * np.log(np.maximum(p, 1e-300))).sum() - np.log(perplexity))

    squared = distances.astype(np.float64) ** 2
    squared -= squared[:, :1]
    return np.array([weights(row, brentq(excess, -30, 30, args=(row,), xtol=1e-12)) for row in squared])


def join_directions(indices: Whole, weights: Floats) -> Floats:
    """Return the symmetric graph as a dense matrix, (W + Wᵀ) / 2."""
    directed = np.zeros((len(indices), len(indices)))
    np.put_along_axis(directed, indices.astype(np.int64), weights, axis=1)
    return (directed + directed.T) / 2


def deal(row: Floats) -> Floats:
    """Deal a row into two halves, of each pair one to the first and one to the second, the other way round in every second pair."""
    firsts = [pair + (pair // 2) % 2 for pair in range(0, len(row) - 1, 2)] + [len(row) - 1] * (len(row) % 2)
    return np.concatenate([row[firsts], np.delete(row, firsts)])


def connect(matrix: Floats) -> Whole:
    """Return the connected pieces of a dense symmetric graph, numbered by their first items."""
    pieces = np.arange(len(matrix))
    for _ in range(len(matrix)):
        pieces = np.minimum(pieces, np.where(matrix > 0, pieces, len(matrix)).min(axis=1))
    return np.asarray(np.unique(pieces, return_inverse=True)[1])


def spline(distance_cells: Floats) -> Floats:
    """Return the cubic B-spline at a distance in cells."""
    r = np.abs(distance_cells)
    return np.asarray(np.where(r < 1, (4 - 6 * r**2 + 3 * r**3) / 6, np.where(r < 2, (2 - r) ** 3 / 6, 0)))


def spline_slope(distance_cells: Floats) -> Floats:
    """Return the derivative of the cubic B-spline."""
    r = np.abs(distance_cells)
    return np.asarray(np.sign(distance_cells) * np.where(r < 1, 1.5 * r**2 - 2 * r, np.where(r < 2, -((2 - r) ** 2) / 2, 0)))


def spread(x: Floats, y: Floats, left: float, top: float, cells_a_unit: float, shape: tuple[int, int]) -> Floats:
    """Return the charges on the nodes, of which the second row and column lie at `top` and `left`."""
    down, across = _cells_from_nodes(y, top, cells_a_unit, shape[0]), _cells_from_nodes(x, left, cells_a_unit, shape[1])
    return np.asarray(spline(down).T @ spline(across))


def read_slopes(x: Floats, y: Floats, left: float, top: float, cells_a_unit: float, factor: float, potential: Floats) -> Floats:
    """Return the slopes of the potential at the items, (n_items, 2)."""
    n_rows, n_columns = potential.shape
    down, across = _cells_from_nodes(y, top, cells_a_unit, n_rows), _cells_from_nodes(x, left, cells_a_unit, n_columns)
    slope_x = ((spline(down) @ potential) * spline_slope(across)).sum(axis=1)
    slope_y = ((spline_slope(down) @ potential) * spline(across)).sum(axis=1)
    return np.stack([slope_x, slope_y], axis=1) * cells_a_unit * factor


def _cells_from_nodes(places: Floats, first: float, cells_a_unit: float, n_nodes: int) -> Floats:
    return np.asarray((places.astype(np.float64) - first)[:, None] * cells_a_unit + 1 - np.arange(n_nodes))


def repel_pairs(places: Floats) -> tuple[Floats, Floats]:
    """Return Σ_j q² (y_i − y_j), (n_items, 2), and Σ_{j≠i} q, (n_items,)."""
    apart = places[:, None].astype(np.float64) - places
    q = 1 / (1 + (apart**2).sum(axis=2))
    return (q[:, :, None] ** 2 * apart).sum(axis=1), q.sum(axis=1) - 1


def move(places: Floats, velocity: Floats, push: Floats, push_scale: float, matrix: Floats, rates: Floats, momentum: float) -> Floats:
    """Return the new velocities, (n_items, 2), where attraction goes along a dense symmetric graph."""
    apart = places[:, None].astype(np.float64) - places
    strength = matrix / (1 + (apart**2).sum(axis=2))
    gradient = (strength[:, :, None] * apart).sum(axis=1) - push_scale * push
    return np.asarray(momentum * velocity - rates[:, None] * gradient)


def add_sparse_products(rows: Floats, targets: Floats) -> Floats:
    """Return the inner products that are added; both densified."""
    return np.asarray(rows.astype(np.float64) @ targets.astype(np.float64).T)


def multiply_with_sums(rows: Floats, groups: Whole) -> tuple[Floats, Floats]:
    """Return x·S and x·x of each row x, (n_rows,), where S sums the rows of the same group; densified."""
    wide = rows.astype(np.float64)
    sums = np.stack([wide[groups == group].sum(axis=0) for group in groups])
    return (wide * sums).sum(axis=1), (wide * wide).sum(axis=1)


def score_shared(near: NDArray[np.int32], drawn: NDArray[np.int32], sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Do what `shared.score_shared` does, a row and a size at a time."""
    return np.array([sum(len(np.intersect1d(a[:k], b[:k])) / k for k in sizes) for a, b in zip(near, drawn, strict=True)])


def group_by_latent(token_starts: Whole, code_starts: Whole, latents: Whole, values: Floats) -> tuple[Whole, Whole, Whole, Whole, Floats]:
    """Return where each item's runs start, the latent and the length of each run, and the position and value of each code."""
    tokens = np.repeat(np.arange(len(code_starts) - 1), np.diff(code_starts))
    items = np.repeat(np.arange(len(token_starts) - 1), np.diff(token_starts))[tokens]
    order = np.lexsort((tokens, latents, items))
    runs, lengths = np.unique(np.stack([items, latents])[:, order], axis=1, return_counts=True)
    run_starts = np.searchsorted(runs[0], np.arange(len(token_starts)))
    return run_starts, runs[1], lengths, (tokens - token_starts[items])[order], values[order]


def add_to_histograms(starts: Whole, values: Floats, maxima: Floats, n_bins: int) -> Whole:
    """Return the counts that are added, (d_sae, n_bins)."""
    parts = [
        values[start:stop].astype(np.float64) / np.float64(top) for start, stop, top in zip(starts[:-1], starts[1:], maxima, strict=True)
    ]
    return np.array([np.bincount(np.minimum((part * n_bins).astype(int), n_bins - 1), minlength=n_bins) for part in parts])


def fill_tiles(columns: Whole, rows: Whole, n_levels: int, capacity: int) -> Whole:
    """Return the level, the column and the row of each item's tile, (n_items, 3)."""
    held: dict[tuple[int, int, int], int] = {}
    found = []
    for column, row in zip(columns.tolist(), rows.tolist(), strict=True):
        way = [(level, column >> (n_levels - level), row >> (n_levels - level)) for level in range(n_levels + 1)]
        tile = next((tile for tile in way[:-1] if held.get(tile, 0) < capacity), way[-1])
        held[tile] = held.get(tile, 0) + 1
        found.append(tile)
    return np.array(found).reshape(-1, 3)
