"""A latent as a small picture: where its items lie on the map of all items, the more of its activation the brighter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates
from vista.cartography.density import smoothed
from vista.cartography.extent import Extent, grid_cells
from vista.cartography.oklab import oklab_to_srgb
from vista.execution import in_order, thread_pool

if TYPE_CHECKING:
    import scipy.sparse as sp

SIDE_PX = 128
_GRID = 64
_REACH = 2.0  # grid cells; the picture is a density, since single items would drown at its size
_FLOOR = 0.25  # of the mean density of all items: how many items a place needs before its share counts
_LAND = np.array([0.66, 0.0, -0.02])  # OKLab
_SHADES = 512  # of a place's share of the brightest
_COLORS = np.array([[0.58, 0.02, -0.12], [0.62, 0.16, -0.03], [0.78, 0.12, 0.13], [0.93, 0.0, 0.16]])  # from blue over red to gold


class Miniatures:
    """Draws the miniature of any latent.

    Args:
        extent: The square of the map of all items.
        coordinates: (n_items, 2) where they lie.
        codes: (n_items, d_sae) their codes.
    """

    def __init__(self, extent: Extent, coordinates: Coordinates, codes: sp.csr_matrix) -> None:
        columns, rows = grid_cells(extent, coordinates, _GRID)
        self._cells = rows.astype(np.int64) * _GRID + columns
        self._by_latent = codes.tocsc()
        self._all = self._density(self._cells, np.ones(len(self._cells)))
        self._land = 1 - np.exp(-3 * self._all / self._all[self._all > 0].mean())
        self._shades = _shades()

    def draw_all(self, latents: Iterable[int]) -> Iterator[bytes]:
        """Draw the miniatures of many latents in threads and yield them in order."""
        with thread_pool() as pool:
            yield from in_order(pool, self.draw, latents)

    def draw(self, latent: int) -> bytes:
        """Return the miniature as WebP with transparency."""
        from PIL import Image

        picture = Image.fromarray(self._pixels(latent)).resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC)
        packed = BytesIO()
        picture.save(packed, "WEBP", quality=80, alpha_quality=80, method=2)
        return packed.getvalue()

    def _pixels(self, latent: int) -> NDArray[np.uint8]:
        """Return the land, tinted by the mean activation around each place, (grid, grid, 4)."""
        entries = slice(*self._by_latent.indptr[latent : latent + 2])
        activation = self._density(self._cells[self._by_latent.indices[entries]], self._by_latent.data[entries].astype(np.float64))
        mean = activation / (self._all + _FLOOR * self._all.mean())
        shade = np.rint((_SHADES - 1) / (mean.max() or 1.0) * mean).astype(np.intp)
        pixels = self._shades[shade]
        pixels[..., 3] *= self._land
        return np.asarray(np.rint(pixels), dtype=np.uint8)

    def _density(self, cells: NDArray[np.int64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
        counts = np.bincount(cells, weights, _GRID**2).astype(np.float64)
        return smoothed(counts.reshape(_GRID, _GRID), _REACH)


def _shades() -> NDArray[np.float64]:
    """Return what is seen at each share of the brightest place, (shades, 4): color, and alpha on full land, 0 to 255."""
    share = np.linspace(0, 1, _SHADES)
    ramp = np.stack([np.interp(share, np.linspace(0, 1, len(_COLORS)), channel) for channel in _COLORS.T], axis=1)
    glow = np.minimum(1.0, 2.2 * share)[:, None]
    return 255 * np.concatenate([oklab_to_srgb(_LAND + glow * (ramp - _LAND)), 0.30 + 0.66 * glow], axis=1)
