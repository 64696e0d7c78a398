"""How many of an item's neighbors a place on the map has around it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vista.kernels.compiled import compiled


@compiled()
def score_shared(
    near: NDArray[np.int32], drawn: NDArray[np.int32], sizes: NDArray[np.int64], scores: NDArray[np.float64], start: int, stop: int
) -> None:
    """Fill `scores` with Σ_k (shared among the first k of both lists) / k, over all sizes k.

    Args:
        near: (n_rows, n_near) neighbors in the representation, near to far.
        drawn: (n_rows, n_drawn) neighbors on the map, near to far.
        sizes: (n_k,) the sizes, each at least 1.
        scores: (n_rows,) the result, 0 to n_k.
        start: First row.
        stop: Row after the last.
    """
    for row in range(start, stop):
        score = 0.0
        for a in range(near.shape[1]):
            for b in range(drawn.shape[1]):
                if near[row, a] == drawn[row, b]:
                    for k in sizes:
                        if max(a, b) < k:
                            score += 1.0 / k
                    break
        scores[row] = score
