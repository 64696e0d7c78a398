"""The formulas of fidelity, as functions of counts; `docs/fidelity.md` has them with their sources."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PERCENTAGES = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
PLAIN_SIZES = (10, 30, 100)
CURVE_POINTS = 100
NORMAL_95 = 1.959963984540054  # 97.5 % quantile of the normal distribution

Figures = NDArray[np.float64]  # (n_k,)
Sizes = NDArray[np.int64]  # (n_k,) neighborhood sizes


def neighborhood_sizes(n: int) -> tuple[Sizes, tuple[float | None, ...]]:
    """Return the sizes k at which fidelity is told, ascending, and the percentage of `n` items that each stands for.

    They are the percentages, max(1, floor(p·n / 100 + 1/2)), at most n − 2, and 10, 30 and 100 where these are less than
    n − 1. A size occurs once: of several percentages that give it the smallest is named. Below three items no size says
    anything, and there is none.
    """
    if n < 3:
        return np.empty(0, np.int64), ()
    percentage_of: dict[int, float | None] = {}
    for percentage in PERCENTAGES:
        percentage_of.setdefault(min(max(1, int(np.floor(percentage * n / 100 + 0.5))), n - 2), percentage)
    for k in PLAIN_SIZES:
        if k < n - 1:
            percentage_of.setdefault(k, None)
    sizes = sorted(percentage_of)
    return np.array(sizes, np.int64), tuple(percentage_of[k] for k in sizes)


def curve_sizes(n: int) -> Sizes:
    """Return about a hundred sizes from 1 to n − 2, evenly spaced in their logarithm."""
    if n < 3:
        return np.empty(0, np.int64)
    return np.unique(np.rint(np.geomspace(1, n - 2, CURVE_POINTS)).astype(np.int64))


def overlap_curve(histogram: NDArray[np.int64], n_queries: int) -> Figures:
    """Return Q(k) for k = 1 … n − 1 from the counts of the larger ranks, (n + 1,)."""
    sizes = np.arange(1, len(histogram) - 1)
    return np.cumsum(histogram[1:-1]) / (sizes * max(1, n_queries))


def gains(overlap: Figures, sizes: Sizes, n: int) -> Figures:
    """Return G(k) = Q(k) − k / (n − 1)."""
    return overlap - sizes / (n - 1)


def rescaled(overlap: Figures, sizes: Sizes, n: int) -> Figures:
    """Return R_NX(k) = ((n − 1) Q(k) − k) / (n − 1 − k) for k ≤ n − 2."""
    return ((n - 1) * overlap - sizes) / (n - 1 - sizes)


def area(curve: Figures, n: int) -> float:
    """Return Σ R(k) / k ÷ Σ 1 / k over k = 1 … n − 2, where `curve` holds Q(k) from k = 1; 0 below three items."""
    sizes = np.arange(1, n - 1)
    if len(sizes) == 0:
        return 0.0
    return float(np.sum(rescaled(curve[: len(sizes)], sizes, n) / sizes) / np.sum(1 / sizes))


def rank_penalty(excess: NDArray[np.int64], sizes: Sizes, n: int, n_queries: int) -> Figures:
    """Return 1 − (sum of excess ranks) / (its largest possible value): trustworthiness or continuity.

    The largest value for each query is k (2n − 3k − 1) / 2 below half of the items, and (n − k)(n − k − 1) / 2 from
    there on (Venna & Kaski 2001).
    """
    largest = np.where(2 * sizes < n, sizes * (2 * n - 3 * sizes - 1), (n - sizes) * (n - sizes - 1)) / 2
    return np.asarray(1.0 - excess / (largest * max(1, n_queries)))


def gain_interval(gain: Figures, overlaps: NDArray[np.int64], sizes: Sizes, n: int) -> NDArray[np.float64]:
    """Return the 95 % interval of the gain over all n items, (n_k, 2), from the overlaps of some of them.

    A normal interval of the mean with the correction for drawing without replacement from n items; it has no width
    when all were asked.

    Args:
        gain: (n_k,) their mean gain.
        overlaps: (n_queries, n_k) shared neighbors of each query.
        sizes: (n_k,) neighborhood sizes.
        n: Number of items.
    """
    n_queries = len(overlaps)
    shares = overlaps / sizes
    if n_queries == n:
        return np.stack([gain, gain], axis=1)
    variance = shares.var(axis=0, ddof=1) if n_queries > 1 else np.ones(len(sizes))
    half_width = NORMAL_95 * np.sqrt(variance / n_queries * (1 - n_queries / n))
    chance = sizes / (n - 1)
    return np.stack([np.maximum(gain - half_width, -chance), np.minimum(gain + half_width, 1 - chance)], axis=1)
