"""From distances to affinities: UMAP's fuzzy graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vista.artifacts import NeighborGraph

if TYPE_CHECKING:
    import scipy.sparse as sp


def fuzzy_affinities(graph: NeighborGraph, n_neighbors: int) -> sp.csr_matrix:
    """Return the symmetric affinities of neighbors, (n_items, n_items) CSR float32 in (0, 1].

    Each item's edges get the strength exp(−max(0, d − ρ) / σ), which adapts to the density around the item; the two
    directions of an edge are joined as a fuzzy union, w + wᵀ − w·wᵀ (section 3.1 of McInnes et al. 2018).

    Args:
        graph: The nearest neighbors of every item.
        n_neighbors: Columns of the graph to use; all if it has fewer.
    """
    import scipy.sparse as sp

    from vista.kernels.umap import memberships, smooth_distances

    k = min(n_neighbors, graph.n_neighbors)
    distances = np.ascontiguousarray(graph.distances[:, :k])
    nearest, scales = np.empty((2, graph.n_items), np.float32)
    weights = np.empty_like(distances)
    smooth_distances(distances, nearest, scales)
    memberships(distances, nearest, scales, weights)
    row_starts = np.arange(0, graph.n_items * k + 1, k) if k else np.zeros(graph.n_items + 1, np.int32)
    directed = sp.csr_matrix((weights.ravel(), graph.indices[:, :k].ravel(), row_starts), shape=(graph.n_items, graph.n_items))
    reverse = directed.T.tocsr()
    union = directed + reverse - directed.multiply(reverse)
    union.eliminate_zeros()
    union.sort_indices()
    return union.tocsr()
