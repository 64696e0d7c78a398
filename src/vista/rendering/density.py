"""All items of a map as one picture of how densely they lie: what is seen before a point is loaded, and beneath the points."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates
from vista.cartography.density import density_grid
from vista.cartography.extent import Extent
from vista.cartography.ink import INK, full_ink, ink_opacity, ink_steps

_SIZES = ((1024, 90), (1024, 75), (1024, 60), (768, 60), (512, 60))  # px and quality of the ink; the first that fits the limit is taken
_LIMIT_BYTES = 150_000
_BLUR_PX = 0.7


def render_density(extent: Extent, coordinates: Coordinates) -> bytes:
    """Return the density of all items on a logarithmic scale, as WebP with a transparent ground, at most 150 KB.

    Args:
        extent: The square that the map shows.
        coordinates: (n_items, 2) layout.
    """
    packed = b""
    for size_px, quality in _SIZES:
        density = density_grid(coordinates, extent, size_px, _BLUR_PX)
        packed = _packed(ink_opacity(density, _BLUR_PX, full_ink(ink_steps(density, _BLUR_PX))), quality)
        if len(packed) <= _LIMIT_BYTES:
            break
    return packed


def _packed(opacity: NDArray[np.uint8], quality: int) -> bytes:
    from PIL import Image

    picture = Image.new("RGBA", opacity.shape[::-1], (*INK, 0))
    picture.putalpha(Image.fromarray(opacity))
    packed = BytesIO()
    picture.save(packed, "WEBP", quality=40, alpha_quality=quality, method=4)
    return packed.getvalue()
