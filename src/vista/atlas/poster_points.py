"""The items of a map without pictures on a poster: dots that are drawn at the poster's size, darker where more lie."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vista.cartography.density import smoothed
from vista.cartography.ink import FULL_SHARE, INK, LEAST_FULL, ink_opacity, ink_steps

if TYPE_CHECKING:
    from PIL.Image import Image

_REACH = 4.0  # standard deviations to which a dot is drawn
_N_BINS = 4_096
_LEAST_BLUR_PX = 0.7


class PosterPoints:
    """The items' places in pixels of a poster, by rows.

    Args:
        path: Table of the map, with `x` and `y` in layout units.
        extent: The square of the map.
        square_px: Its width on the poster.
        left_px, width_px: The columns of the square that the poster shows.
        page: How many times larger the poster is than a page of the usual width.
        bands: The first row of each band that is drawn, and the row after its last; the densest places in them get full ink.
    """

    def __init__(
        self, path: Path, extent: Any, square_px: float, left_px: int, width_px: int, page: float, bands: Iterable[tuple[int, int]]
    ) -> None:
        import pyarrow.parquet as pq

        table = pq.read_table(path, columns=["x", "y"])
        per_unit = square_px / extent["size"]
        y = (table["y"].to_numpy() - np.float32(extent["y0"])) * np.float32(per_unit)
        order = np.argsort(y)
        self._y = y[order]
        self._x = ((table["x"].to_numpy() - np.float32(extent["x0"])) * np.float32(per_unit))[order] - np.float32(left_px)
        self._width_px = width_px
        self._blur_px = blur_px(len(y), page)
        self._full = self._full_ink(bands)

    def _full_ink(self, bands: Iterable[tuple[int, int]]) -> float:
        """Do what `full_ink` does for bands that are never in memory together, by a histogram of their steps."""
        counts = np.zeros(_N_BINS, np.int64)
        highest = math.log1p(max(1, len(self._y)) * 2 * math.pi * self._blur_px**2)
        for top, bottom in bands:
            steps = ink_steps(self._density(top, bottom), self._blur_px)
            counts += np.histogram(steps, _N_BINS, (0, highest))[0]
        if not counts.any():
            return 1.0
        at = int(np.searchsorted(np.cumsum(counts), FULL_SHARE * counts.sum()))
        return max(highest * (at + 1) / _N_BINS, LEAST_FULL)

    def band(self, top: int, bottom: int) -> Image:
        """Return the rows of the poster from `top` to before `bottom`, on a transparent ground."""
        from PIL import Image

        drawn = Image.new("RGBA", (self._width_px, bottom - top), (*INK, 0))
        drawn.putalpha(Image.fromarray(ink_opacity(self._density(top, bottom), self._blur_px, self._full)))
        return drawn

    def _density(self, top: int, bottom: int) -> NDArray[np.float64]:
        reach = math.ceil(_REACH * self._blur_px)
        height, width = bottom - top + 2 * reach, self._width_px + 2 * reach
        first, last = np.searchsorted(self._y, [top - reach, bottom + reach])
        rows = (self._y[first:last] - (top - reach)).astype(np.int64)
        columns = np.floor(self._x[first:last] + reach).astype(np.int64)
        is_inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
        counts = np.bincount(rows[is_inside] * width + columns[is_inside], minlength=width * height)
        density = smoothed(counts.reshape(height, width).astype(np.float64), self._blur_px, reach=_REACH)
        return density[reach : height - reach, reach : width - reach]


def blur_px(n_items: int, page: float) -> float:
    """Return how softly a dot is drawn: the more items, the smaller, so that a larger poster shows more of them apart."""
    return max(_LEAST_BLUR_PX, page * max(0.25, 1.0 - 0.19 * math.log10(max(n_items, 1_000) / 1_000)))
