"""The soft ground under the collage, as one picture that is stretched over the map at every zoom."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates
from vista.cartography.extent import Extent
from vista.cartography.ground import paint_ground


def render_ground(extent: Extent, coordinates: Coordinates, continents: NDArray[np.int32]) -> bytes:
    """Return the ground as WebP with transparency; it has no edges, so that it can be enlarged freely.

    Args:
        extent: The square that the map shows.
        coordinates: (n_items, 2) layout.
        continents: (n_items,) coarsest region of each item.
    """
    from PIL import Image

    packed = BytesIO()
    Image.fromarray(paint_ground(extent, coordinates, continents)).save(packed, "WEBP", quality=80, alpha_quality=90, method=4)
    return packed.getvalue()
