"""Bringing the pieces of a layout together that no edge holds.

Repulsion alone acts between the connected pieces of a graph, so they drift apart, the more so the more attraction
contracts each of them. A map is a square around everything; far pieces would leave it empty. So pieces are taken for
discs and moved, without being turned, toward the middle of the largest until they nearly touch.

        ○                              ╭───╮
             ╭───╮                     │   │○
             │   │          →          ╰───╯
             ╰───╯                       ○
                            ○
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates

GAP = 0.1  # between two pieces, as a share of the radius of the largest


def gathered(coordinates: Coordinates, pieces: NDArray[np.int32]) -> Coordinates:
    """Return the coordinates with every piece as near to the largest as the pieces between them allow; none moves outward.

    Args:
        coordinates: (n_items, 2).
        pieces: (n_items,) the number of each item's piece, from 0.
    """
    if pieces.max(initial=0) == 0:
        return coordinates
    centers, radii = _discs(coordinates, pieces)
    largest = int(np.bincount(pieces).argmax())
    offsets = centers - centers[largest]
    ways = np.hypot(*offsets.T)
    ways[largest] = -1  # so that it is the first
    order = np.argsort(ways, kind="stable")
    gap = GAP * radii[largest]
    shifts = np.zeros_like(centers)
    placed, sizes = np.zeros((len(order), 2)), np.zeros(len(order))
    sizes[0] = radii[largest]
    for rank, piece in enumerate(order.tolist()[1:], start=1):
        direction = offsets[piece] / ways[piece] if ways[piece] > 0 else np.array([1.0, 0.0])
        way = min(ways[piece], _nearest_free(direction, placed[:rank], sizes[:rank] + radii[piece] + gap))
        placed[rank], sizes[rank] = way * direction, radii[piece]
        shifts[piece] = (way - ways[piece]) * direction
    return np.asarray(coordinates + shifts[pieces], dtype=np.float32)


def _discs(coordinates: Coordinates, pieces: NDArray[np.int32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the middle of each piece and the distance of its farthest item from there."""
    sizes = np.bincount(pieces)
    centers = np.stack([np.bincount(pieces, axis) for axis in coordinates.T], axis=1) / sizes[:, None]
    radii = np.zeros(len(sizes))
    np.maximum.at(radii, pieces, np.hypot(*(coordinates - centers[pieces]).T))
    return centers, radii


def _nearest_free(direction: NDArray[np.float64], centers: NDArray[np.float64], keep_away: NDArray[np.float64]) -> float:
    """Return where a point that comes in along a ray to the origin is first stopped by a disc around one of the centers."""
    along = centers @ direction
    aside = (centers**2).sum(axis=1) - along**2
    reach = keep_away**2 - aside
    stops = np.where(reach > 0, along + np.sqrt(np.maximum(reach, 0)), 0.0)
    return float(max(stops.max(), 0.0))
