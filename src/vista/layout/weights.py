"""How strongly each item holds to each of its neighbors, before the two directions of an edge are joined.

All weights of an item sum to 1. Many items need little more than the rank of a neighbor; the fewer there are, the more a
weight that follows the distances is worth.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import NeighborGraph
from vista.kernels.crew import Crew

Weights = NDArray[np.float32]  # (n_items, k)


def equal_weights(n_items: int, k: int) -> Weights:
    """Return 1 / k for each of k neighbors."""
    return np.full((n_items, k), 1 / k, np.float32)


def rank_weights(n_items: int, k: int, steepness: float = 1.0) -> Weights:
    """Return weights in proportion to 1 / r^steepness for the neighbor of rank r = 1 … k; they hold to the nearest few above all."""
    weights = 1 / np.arange(1, k + 1) ** steepness
    return np.tile((weights / weights.sum()).astype(np.float32), (n_items, 1))


def perplexity_weights(graph: NeighborGraph, k: int, perplexity: float, crew: Crew) -> Weights:
    """Return t-SNE's weights exp(−d² / 2σ²) of the first k neighbors, with σ for each item such that 2^entropy is the perplexity.

    Args:
        graph: The neighbors, of which the first `k` are used.
        k: Neighbors an item.
        perplexity: The effective number of neighbors, at most `k`; below 1 it counts as 1 (van der Maaten & Hinton 2008).
        crew: Threads to work with.
    """
    from vista.kernels.edges import calibrate

    distances = np.ascontiguousarray(graph.distances[:, :k], dtype=np.float32)
    weights = np.empty_like(distances)
    crew.over_rows(len(weights), lambda a, b: calibrate(distances, max(1.0, float(perplexity)), np.empty(k), weights, a, b))
    return weights
