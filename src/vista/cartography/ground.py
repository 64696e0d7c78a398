"""The ground under everything: soft color that hugs the items, one hue for each of the coarsest regions.

All hues have one lightness and chroma in OKLCH (Ottosson 2020, "A perceptual color space for image processing"), at an
opacity that reads as a tint on a near-white page and as a glow on a near-black one. Regions that lie close together get
hues far apart, with blue against yellow counting more than red against green, which many people cannot tell apart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates
from vista.cartography.density import smoothed
from vista.cartography.extent import Extent, grid_cells
from vista.cartography.oklab import oklab_to_srgb

_GRID = 256
_CORE_BANDWIDTH = 0.011  # of the extent's side: the ground that hugs the items
_HALO_BANDWIDTH = 0.019  # a wider and fainter glow that joins neighbors
_HALO_SHARE = 0.5
_BORDER_FADE = 0.03  # of the extent's side: the glow ends before the picture does
_COLOR_BANDWIDTH = 0.035  # how softly one color passes into the next
_CORE_FULL_ITEMS = 1.5  # items within a bandwidth that make the ground about two thirds as opaque as it gets
_HALO_FULL_ITEMS = 8.0
_OPACITY = 0.34
_LIGHTNESS = 0.76
_CHROMA = 0.115
_FIRST_HUE_TURNS = 0.07
_RED_GREEN_WEIGHT = 0.5


def paint_ground(extent: Extent, coordinates: Coordinates, regions_level0: NDArray[np.int32], size_px: int = 1024) -> NDArray[np.uint8]:
    """Paint the ground of a map.

    Args:
        extent: The square that the picture covers.
        coordinates: (n_items, 2).
        regions_level0: (n_items,) the coarsest region of each item, from 0.
        size_px: Width and height of the picture.

    Returns:
        (size_px, size_px, 4) RGBA with straight alpha, rows downwards; transparent where no items are near.
    """
    columns, rows = grid_cells(extent, coordinates, _GRID)
    cells = (regions_level0.astype(np.int64) * _GRID + rows) * _GRID + columns
    n_regions = int(regions_level0.max()) + 1
    counts = np.bincount(cells, minlength=n_regions * _GRID * _GRID).reshape(n_regions, _GRID, _GRID).astype(np.float64)
    color = np.tensordot(_shares(counts), _region_colors(coordinates, regions_level0), axes=(0, 0))  # (grid, grid, 3) OKLab
    channels = [*np.moveaxis(oklab_to_srgb(color), 2, 0), _opacity(counts.sum(axis=0))]
    return np.stack([_enlarged(channel, size_px) for channel in channels], axis=2)


def region_hues(centers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a hue in radians for each region, evenly spaced, so that regions close together differ most.

    Args:
        centers: (n_regions, 2); earlier regions choose first.
    """
    n_regions = len(centers)
    hues = 2 * np.pi * (_FIRST_HUE_TURNS + np.arange(n_regions) / n_regions)
    seen = np.stack([_RED_GREEN_WEIGHT * np.cos(hues), np.sin(hues)], axis=1)
    contrast = np.linalg.norm(seen[:, None] - seen[None], axis=2)  # (n_hues, n_hues)
    distance = np.linalg.norm(centers[:, None] - centers[None], axis=2)
    closeness = 1 / (distance + (distance.mean() / 8 or 1.0)) ** 2
    chosen = [0]
    for region in range(1, n_regions):
        free = [hue for hue in range(n_regions) if hue not in chosen]
        chosen.append(max(free, key=lambda hue: (float(contrast[hue, chosen] @ closeness[region, : len(chosen)]), -hue)))
    return hues[chosen]


def _enlarged(channel: NDArray[np.float64], size_px: int) -> NDArray[np.uint8]:
    from PIL import Image

    image = Image.fromarray(channel.astype(np.float32) * 255)
    larger = np.asarray(image.resize((size_px, size_px), Image.Resampling.BILINEAR))
    return np.asarray(np.rint(larger), dtype=np.uint8)


def _opacity(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    core = _fullness(counts, _CORE_BANDWIDTH, _CORE_FULL_ITEMS)
    halo = _fullness(counts, _HALO_BANDWIDTH, _HALO_FULL_ITEMS)
    to_border = (np.minimum(np.arange(_GRID), np.arange(_GRID)[::-1]) + 0.5) / (_GRID * _BORDER_FADE)
    fade = np.clip(to_border, 0, 1)
    return _OPACITY * ((1 - _HALO_SHARE) * core + _HALO_SHARE * halo) * fade * fade[:, None]


def _fullness(counts: NDArray[np.float64], bandwidth: float, full_items: float) -> NDArray[np.float64]:
    """Return how full the surroundings are, in [0, 1]; it rises fast with the first items, so that sparse parts have ground too."""
    bandwidth_cells = bandwidth * _GRID
    nearby = smoothed(np.sqrt(counts), bandwidth_cells) * 2 * np.pi * bandwidth_cells**2
    return np.asarray(1 - np.exp(-nearby / full_items), dtype=np.float64)


def _shares(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how much of each region's color each cell gets, (n_regions, grid, grid), summing to 1."""
    soft = np.stack([smoothed(np.sqrt(grid), _COLOR_BANDWIDTH * _GRID, reach=6.0) for grid in counts])
    soft = soft**2 + np.finfo(np.float64).tiny
    return np.asarray(soft / soft.sum(axis=0), dtype=np.float64)


def _region_colors(coordinates: Coordinates, regions: NDArray[np.int32]) -> NDArray[np.float64]:
    sizes = np.maximum(1, np.bincount(regions))
    centers = np.stack([np.bincount(regions, weights=coordinates[:, axis]) / sizes for axis in (0, 1)], axis=1)
    hues = region_hues(centers)
    return np.stack([np.full(len(hues), _LIGHTNESS), _CHROMA * np.cos(hues), _CHROMA * np.sin(hues)], axis=1)
