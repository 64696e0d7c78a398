"""A latent as a small picture: where its items lie on the map of all items, the stronger the brighter."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates
from vista.cartography.extent import Extent, grid_cells
from vista.cartography.oklab import oklab_to_srgb

if TYPE_CHECKING:
    import scipy.sparse as sp

SIDE_PX = 128
_GRID = 64
_LAND = (128, 132, 148)
_WEAK, _STRONG = np.array([0.62, 0.03, -0.13]), np.array([0.84, 0.06, 0.15])  # OKLab: from blue to gold


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
        counts = np.bincount(self._cells, minlength=_GRID**2)
        self._land = np.clip(34 * np.sqrt(counts), 0, 90)

    def draw(self, latent: int) -> bytes:
        """Return the miniature as WebP with transparency."""
        from PIL import Image

        entries = slice(*self._by_latent.indptr[latent : latent + 2])
        strongest = np.zeros(_GRID**2)
        np.maximum.at(strongest, self._cells[self._by_latent.indices[entries]], self._by_latent.data[entries])
        share = (strongest / (strongest.max() or 1.0)).reshape(_GRID, _GRID)
        small = np.empty((_GRID, _GRID, 4), np.uint8)
        small[..., :3], small[..., 3] = _LAND, self._land.reshape(_GRID, _GRID)
        picture = Image.fromarray(small).resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC)
        picture.alpha_composite(Image.fromarray(_dots(share)))
        packed = BytesIO()
        picture.save(packed, "WEBP", quality=70, alpha_quality=80, method=2)
        return packed.getvalue()


def _dots(share: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return a dot of three pixels across for every cell in which the latent fires, (SIDE_PX, SIDE_PX, 4)."""
    scale = SIDE_PX // _GRID
    rows, columns = np.nonzero(share)
    strength = np.sqrt(share[rows, columns])
    order = np.argsort(strength)  # the strongest on top
    rows, columns, strength = rows[order], columns[order], strength[order]
    colors = oklab_to_srgb(_WEAK + strength[:, None] * (_STRONG - _WEAK))
    dots = np.zeros((SIDE_PX + 2, SIDE_PX + 2, 4))
    for down in range(-1, 2):
        for right in range(-1, 2):
            at = rows * scale + 1 + down, columns * scale + 1 + right
            dots[at[0], at[1], :3] = colors
            dots[at[0], at[1], 3] = np.maximum(dots[at[0], at[1], 3], (0.55 + 0.45 * strength) * (1.0 if down == right == 0 else 0.7))
    return np.rint(255 * dots[1:-1, 1:-1]).astype(np.uint8)
