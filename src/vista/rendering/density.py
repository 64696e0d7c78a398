"""All items of a map as one picture of how densely they lie: what is seen before a point is loaded, and beneath the points."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates
from vista.cartography.density import density_grid
from vista.cartography.extent import Extent

_SIZES = ((1024, 90), (1024, 75), (1024, 60), (768, 60), (512, 60))  # px and quality of the ink; the first that fits the limit is taken
_LIMIT_BYTES = 150_000
_BLUR_PX = 0.7
_INK = (92, 124, 190)  # reads on a light and on a dark page
_FAINTEST, _STRONGEST = 0.16, 0.94  # opacity of a lone item, and where items lie most densely
_CONTRAST = 1.6  # more than 1 keeps ink for the dense parts, of which a logarithm alone makes one gray
_FULL_SHARE = 0.999  # of the inked pixels; the densest of all do not set the scale alone


def render_density(extent: Extent, coordinates: Coordinates) -> bytes:
    """Return the density of all items on a logarithmic scale, as WebP with a transparent ground, at most 150 KB.

    Args:
        extent: The square that the map shows.
        coordinates: (n_items, 2) layout.
    """
    packed = b""
    for size_px, quality in _SIZES:
        packed = _packed(_opacity(density_grid(coordinates, extent, size_px, _BLUR_PX)), quality)
        if len(packed) <= _LIMIT_BYTES:
            break
    return packed


def _opacity(density: NDArray[np.float64]) -> NDArray[np.uint8]:
    lone = 1 / (2 * np.pi * _BLUR_PX**2)  # the peak of one item
    steps = np.log1p(density / lone)
    inked = steps[density > lone / 8]
    full = max(float(np.quantile(inked, _FULL_SHARE)), 2 * np.log(2)) if inked.size else 1.0
    share = np.clip(steps / full, 0, 1)
    seen = np.clip(density / lone, 0, 1)  # below one item, ink fades out with the blur
    opacity = seen * (_FAINTEST + (_STRONGEST - _FAINTEST) * share**_CONTRAST)
    return np.asarray(np.rint(255 * opacity), dtype=np.uint8)


def _packed(opacity: NDArray[np.uint8], quality: int) -> bytes:
    from PIL import Image

    picture = Image.new("RGBA", opacity.shape[::-1], (*_INK, 0))
    picture.putalpha(Image.fromarray(opacity))
    packed = BytesIO()
    picture.save(packed, "WEBP", quality=40, alpha_quality=quality, method=4)
    return packed.getvalue()
