"""Which items stand where regions have their anchors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates


def items_at(places: Coordinates, coordinates: Coordinates) -> NDArray[np.int64]:
    """Return the item at each place, the lowest where several lie there.

    Args:
        places: (n_places, 2), each the place of some item.
        coordinates: (n_items, 2).

    Returns:
        (n_places,) rows of `coordinates`.
    """
    wanted, which = np.unique(_keys(places), return_inverse=True)
    keys = _keys(coordinates)
    near = np.minimum(np.searchsorted(wanted, keys), len(wanted) - 1)
    found = np.flatnonzero(wanted[near] == keys)[::-1]
    item = np.zeros(len(wanted), np.int64)
    item[near[found]] = found  # the lowest comes last, and stays
    return item[which.ravel()]


def _keys(places: Coordinates) -> NDArray[Any]:
    """Return the bits of each pair of numbers as one number."""
    return np.ascontiguousarray(places, np.float32).view(np.uint64).ravel()
