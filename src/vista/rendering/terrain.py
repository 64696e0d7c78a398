"""A relief of one number an item: high where the items around a place have large values, lit from the north-west.

The height is the mean of the values around a place, by a Gaussian; where no items are near the land sinks into the page.
Shading follows the classic cosine law of hillshading (Horn 1981, "Hill shading and the reflectance map"), and the tint
rises from cool to warm with the height, in OKLab.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates
from vista.cartography.density import smoothed
from vista.cartography.extent import Extent, grid_cells
from vista.cartography.oklab import oklab_to_srgb

SIZE_PX = 1024
_GRID = 256
_BANDWIDTH = 0.022  # of the extent's side
_RELIEF = 26.0  # how tall the highest place stands, in grid cells
_LIGHT = np.array([-0.5, -0.6, 0.62]) / np.linalg.norm([-0.5, -0.6, 0.62])
_FULL_ITEMS = 1.2  # items within a bandwidth that make the land about two thirds as opaque as it gets
_OPACITY = 0.62
_CONTOURS = 8
_VALLEY, _PEAK = np.array([0.62, -0.02, -0.075]), np.array([0.86, 0.055, 0.125])  # OKLab


def render_terrain(extent: Extent, coordinates: Coordinates, values: NDArray[Any]) -> bytes:
    """Return the relief as WebP with transparency, over the same square as the ground.

    Args:
        extent: The square that the map shows.
        coordinates: (n_items, 2) layout.
        values: (n_items,) height of each item; what counts is its rank among them, so that one giant does not flatten the rest.
    """
    from PIL import Image

    heights, land = _heights(extent, coordinates, _ranks(values))
    pixels = np.concatenate([_colors(heights), (_OPACITY * land)[..., None]], axis=2)
    image = Image.fromarray(np.rint(255 * np.clip(pixels, 0, 1)).astype(np.uint8)).resize((SIZE_PX, SIZE_PX), Image.Resampling.BICUBIC)
    packed = BytesIO()
    image.save(packed, "WEBP", quality=80, alpha_quality=90, method=4)
    return packed.getvalue()


def _ranks(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return the rank of each value in [0, 1]; equal values share one."""
    _, place, counts = np.unique(np.asarray(values, np.float64), return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts + 1) / 2
    return np.asarray(middle[place] / max(1.0, len(values) - 1.0), dtype=np.float64)


def _heights(extent: Extent, coordinates: Coordinates, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how high each place is, the mean value around it times the land, and how much land there is, both in [0, 1]."""
    columns, rows = grid_cells(extent, coordinates, _GRID)
    cells = rows.astype(np.int64) * _GRID + columns
    reach = _BANDWIDTH * _GRID
    ones = np.ones(len(cells))
    counts, sums = (smoothed(np.bincount(cells, each, _GRID**2).astype(np.float64).reshape(_GRID, _GRID), reach) for each in (ones, values))
    mean = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 1e-9)
    land = 1 - np.exp(-counts * 2 * np.pi * reach**2 / _FULL_ITEMS)
    return mean * land, land


def _colors(heights: NDArray[np.float64]) -> NDArray[np.float64]:
    down, right = np.gradient(heights * _RELIEF)
    normals = np.stack([-right, -down, np.ones_like(heights)], axis=2)
    light = (normals @ _LIGHT) / np.linalg.norm(normals, axis=2)
    tint = _VALLEY + heights[..., None] * (_PEAK - _VALLEY)
    steps = heights * _CONTOURS
    on_contour = np.exp(-((np.abs(steps - np.rint(steps)) * 9) ** 2)) * (heights > 0.5 / _CONTOURS)
    tint[..., 0] *= 0.62 + 0.5 * np.clip(light, 0, 1) - 0.06 * on_contour
    return oklab_to_srgb(tint)
