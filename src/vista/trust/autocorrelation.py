"""Moran's I: whether items that lie side by side on the map have like values.

    I = (n / W) · Σᵢ Σⱼ wᵢⱼ zᵢ zⱼ / Σᵢ zᵢ²,   zᵢ = value − mean,   wᵢⱼ = 1 where j is one of the k nearest of i on the map

(Moran 1950, "Notes on continuous stochastic phenomena"). It is 1 where neighbors are equal, −1 / (n − 1) by chance.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Layout
from vista.errors import InputError
from vista.trust.plane import map_neighbors


def morans_i(layout: Layout, values: NDArray[Any], *, k: int = 10) -> float | None:
    """Return Moran's I of a value of each item on the graph of the k nearest items of the map.

    Args:
        layout: Where the items lie.
        values: (n_items,) finite.
        k: Neighbors an item; all others where there are fewer.

    Returns:
        I, or None where it is not defined: below three items, or where all values are equal.

    Raises:
        InputError: If there is not one value an item, or `k` is less than 1.
    """
    n = len(layout.coordinates)
    if np.shape(values) != (n,):
        raise InputError(f"the layout places {n} items, but there are values of shape {np.shape(values)}; give one an item.")
    if k < 1:
        raise InputError(f"k must be at least 1, not {k}.")
    if n < 3 or np.min(values) == np.max(values):
        return None
    apart = np.asarray(values, np.float64) - np.mean(values, dtype=np.float64)
    near = map_neighbors(layout.coordinates, min(k, n - 1))
    return float(apart @ apart[near].mean(axis=1) / (apart @ apart))
